/**
 * Running a network forward: the fold with the next event decided from the snapshot (the "decide"
 * of event sourcing). Nothing is kept here that is not in the snapshot; the agenda is an index of
 * it.
 */
import { InvariantError } from '../base/assert.ts';
import type { Micros } from '../base/time.ts';
import type { HostEdit } from '../host/edit.ts';
import type { Process } from '../host/host.ts';
import { type Wish, wants } from '../host/process.ts';
import type { Instruction } from '../host/program.ts';
import type { Call, LogEvent } from '../log/event.ts';
import type { LogHeader } from '../log/header.ts';
import type { Flight } from '../network/flight.ts';
import { HOSTS_MAX } from '../tcp/segment.ts';
import type { Tcb } from '../tcp/tcb.ts';
import { deadlineOf, firstDeadline, TIMERS, type TimerName } from '../tcp/timers.ts';
import { applyEvent } from '../timeline/evolve.ts';
import { initialState } from '../timeline/initial.ts';
import type { Snapshot } from '../timeline/snapshot.ts';
import { commit, hostOf, openWorld, type World } from '../timeline/world.ts';
import {
  type Agenda,
  ARRIVAL,
  CALL,
  createAgenda,
  enter,
  kindOf,
  numberOf,
  PLANNED,
  seek,
  setTimerEntry,
  TIMER,
  take,
  timerEntry,
  WAKE,
} from './agenda.ts';

export type SimulationOptions = {
  /** Stops before the first event after this time; Infinity: when nothing is left to happen. */
  readonly until?: Micros;
  /** Stops after so many events in all. */
  readonly eventsMax?: number;
  /** Notes the effects of each event, for `effectsOf` the world. */
  readonly explain?: boolean;
};

/** A simulation under way. */
export type Simulation = {
  readonly world: World;
  /**
   * The next event, already folded; undefined: nothing is left within the limits, nor up to the
   * time `until` where it is given.
   */
  next(until?: Micros): LogEvent | undefined;
  /** Folds an event from outside: of a script, or a person. Nothing before its time may be left. */
  apply(event: LogEvent): void;
  /** The snapshot after the events so far. */
  snapshot(): Snapshot;
};

/** Starts, or goes on from any snapshot of the log with this header. */
export function startSimulation(
  header: LogHeader,
  from: Snapshot = initialState(header),
  options: SimulationOptions = {},
): Simulation {
  const world = openWorld(header, from, options.explain === true);
  const agenda = createAgenda();
  fillAgenda(world, agenda, from);
  const ends = header.until ?? Number.POSITIVE_INFINITY;
  const until = Math.min(options.until ?? ends, ends);
  const most = options.eventsMax ?? Number.POSITIVE_INFINITY;
  const apply = (event: LogEvent): void => {
    const { planned } = world;
    applyEvent(world, event);
    note(world, agenda);
    if (world.planned !== planned) notePlanned(world, agenda);
  };
  return {
    world,
    next(sooner = until) {
      if (world.events >= most) return undefined;
      const event = decide(world, agenda, sooner < until ? sooner : until);
      if (event !== undefined) apply(event);
      return event;
    },
    apply,
    snapshot: () => commit(world),
  };
}

/** All events of a simulation to its end. */
export function* simulate(
  header: LogHeader,
  options: SimulationOptions = {},
): Generator<LogEvent, Snapshot> {
  const simulation = startSimulation(header, undefined, options);
  for (;;) {
    const event = simulation.next();
    if (event === undefined) return simulation.snapshot();
    yield event;
  }
}

/**
 * A connection has one entry, for whichever of its timers is due first. A deadline that is put off
 * leaves the entry where it is: when it comes up too early, it is entered again.
 */
function enterTimers(agenda: Agenda, host: number, conn: number, due: Micros): void {
  if (due === 0) return;
  const entered = timerEntry(agenda, host, conn);
  if (entered !== 0 && entered <= due) return;
  setTimerEntry(agenda, host, conn, due);
  enter(agenda, due, TIMER, conn * HOSTS_MAX + host);
}

/** Enters everything pending of a snapshot. */
function fillAgenda(w: World, agenda: Agenda, from: Snapshot): void {
  for (const [n, flight] of from.flights.entries()) {
    if (flight.at >= 0) enter(agenda, flight.at, ARRIVAL, n);
  }
  from.hosts.forEach((host, number) => {
    for (const t of host.conns.values()) enterTimers(agenda, number, t.num, firstDeadline(t));
    for (const t of host.timeWaits.values()) enterTimers(agenda, number, t.num, t.timeWaitAt);
  });
  for (const p of from.processes.values()) noteProcess(w, agenda, p);
  notePlanned(w, agenda);
}

/** One planned event at a time: the next that has not happened. */
function notePlanned(w: World, agenda: Agenda): void {
  const plan = w.header.planned?.[w.planned];
  if (plan !== undefined) enter(agenda, Math.max(plan.t, w.time), PLANNED, w.planned);
}

function noteProcess(w: World, agenda: Agenda, p: Process): void {
  if (p.wakeAt > 0) enter(agenda, Math.max(p.wakeAt, w.time), WAKE, p.id);
  else if (wants(w.view, p) !== null) enter(agenda, w.time, CALL, p.id);
}

/** Enters what the last event may have made pending. */
function note(w: World, agenda: Agenda): void {
  for (const n of w.launched) {
    const flight = w.flights.get(n) as Flight;
    enter(agenda, flight.at, ARRIVAL, n);
  }
  for (const h of w.touched) {
    for (const num of h.touched) noteConn(agenda, h, num);
  }
  for (const id of w.poked) {
    const p = w.processes.get(id);
    if (p !== undefined) noteProcess(w, agenda, p);
  }
}

function noteConn(agenda: Agenda, h: HostEdit, num: number): void {
  const t = h.conns.get(num);
  if (t !== undefined) enterTimers(agenda, h.index, num, firstDeadline(t));
  else enterTimers(agenda, h.index, num, h.timeWaits.get(num)?.timeWaitAt ?? 0);
}

// Made outside the hot path: a closure there would cost an allocation per event.
function goesBack(from: Micros, to: Micros): InvariantError {
  return new InvariantError(`the agenda goes back from ${from} to ${to}`);
}

/** The next event that is really due. */
function decide(w: World, agenda: Agenda, until: Micros): LogEvent | undefined {
  while (seek(agenda)) {
    const { time, key } = agenda;
    if (time > until) return undefined;
    take(agenda);
    if (time < w.time) throw goesBack(w.time, time);
    const event = eventFor(w, agenda, time, key);
    if (event !== undefined) return event;
  }
  return undefined;
}

function eventFor(w: World, agenda: Agenda, t: Micros, key: number): LogEvent | undefined {
  const kind = kindOf(key);
  const number = numberOf(key, kind);
  switch (kind) {
    case PLANNED: {
      const plan = number === w.planned ? w.header.planned?.[number] : undefined;
      return plan === undefined ? undefined : { ...plan, t };
    }
    case ARRIVAL: {
      const flight = w.flights.get(number);
      if (flight === undefined || flight.at !== t) return undefined;
      if (flight.lost) return { t, ev: 'lose', n: number };
      return { t, ev: 'arrive', host: flight.to, n: number, seg: flight.seg };
    }
    case TIMER:
      return timerEvent(w, agenda, t, number);
    case WAKE: {
      const p = w.processes.get(number);
      if (p === undefined || p.wakeAt === 0 || p.wakeAt > t) return undefined;
      return { t, ev: 'wake', process: number };
    }
    case CALL:
      return callEvent(w, t, number);
    default:
      return undefined;
  }
}

function timerEvent(w: World, agenda: Agenda, t: Micros, number: number): LogEvent | undefined {
  const conn = Math.floor(number / HOSTS_MAX);
  const host = number - conn * HOSTS_MAX;
  // An earlier entry of the connection has taken this one's place.
  if (timerEntry(agenda, host, conn) !== t) return undefined;
  setTimerEntry(agenda, host, conn, 0);
  const h = hostOf(w, host);
  const tcb = h.conns.get(conn);
  if (tcb === undefined) {
    const due = h.timeWaits.get(conn)?.timeWaitAt ?? 0;
    if (due === t) return { t, ev: 'timer', host, conn, timer: 'TIME-WAIT' };
    enterTimers(agenda, host, conn, due);
    return undefined;
  }
  const timer = timerDue(tcb, t);
  if (timer !== undefined) return { t, ev: 'timer', host, conn, timer };
  enterTimers(agenda, host, conn, firstDeadline(tcb));
  return undefined;
}

/** The first timer that is due at a time. */
function timerDue(tcb: Tcb, t: Micros): TimerName | undefined {
  for (const name of TIMERS) if (deadlineOf(tcb, name) === t) return name;
  return undefined;
}

function callEvent(w: World, t: Micros, id: number): LogEvent | undefined {
  const p = w.processes.get(id);
  if (p === undefined || !hostOf(w, p.host).up) return undefined;
  const wish = wants(w.view, p);
  if (wish === null) return undefined;
  const conn = wish.call === 'OPEN' ? 0 : wish.call === 'ACCEPT' ? wish.conn : p.conn || p.listener;
  return { t, ev: 'call', host: p.host, conn, process: id, call: callOf(w, wish) };
}

function callOf(w: World, wish: Wish): Call {
  switch (wish.call) {
    case 'OPEN':
      return openOf(w, wish.instruction);
    case 'ACCEPT':
      return ACCEPT;
    default:
      return wish;
  }
}

const ACCEPT: Call = Object.freeze({ call: 'ACCEPT' });

const PASSIVE = {
  call: 'OPEN',
  mode: 'passive',
  to: '',
  toPort: 0,
  from: '',
  nowait: false,
} as const;

function openOf(w: World, i: Instruction): Call {
  switch (i.op) {
    case 'connect':
      return {
        call: 'OPEN',
        mode: 'active',
        to: addressOf(w, i.to),
        toPort: i.port,
        from: '',
        fromPort: i.from ?? 0,
        backlog: -1,
        iss: i.iss ?? -1,
        nowait: i.nowait ?? false,
      };
    case 'listen':
      return { ...PASSIVE, fromPort: i.port, backlog: i.backlog, iss: -1 };
    case 'open_passive':
      return { ...PASSIVE, fromPort: i.port, backlog: -1, iss: i.iss ?? -1 };
    default:
      throw new Error(`${i.op} opens nothing`);
  }
}

/** A host's name stands for its first address. */
function addressOf(w: World, to: string): string {
  const number = w.hostNumber.get(to);
  if (number === undefined) return to;
  return (w.header.hosts[number]?.addresses[0] as string | undefined) ?? to;
}
