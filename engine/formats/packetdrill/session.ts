/**
 * A script's world: one host with the engine's own TCP, the peer's address, and the virtual clock.
 *
 * All that happens is an event of a log, so that every run is one: calls, segments that the script
 * injects, timers in the simulation's own order. What the host sends is delivered to the peer,
 * where nobody answers, and waits in a queue for the script to expect it.
 */
import type { Micros } from '../../base/time.ts';
import type { Call, LogEvent } from '../../log/event.ts';
import type { LogHeader } from '../../log/header.ts';
import { type Simulation, startSimulation } from '../../simulation/simulate.ts';
import type { Knobs } from '../../tcp/knobs.ts';
import type { Segment } from '../../tcp/segment.ts';
import type { Tcb, TcpError, TimeWait } from '../../tcp/tcb.ts';
import { hostOf } from '../../timeline/world.ts';
import { createNumbers, type Numbers, startLearning } from './numbers.ts';
import { LOCAL } from './settings.ts';

/** The script's time 0: virtual time 0 means "never" to many deadlines. */
export const EPOCH: Micros = 1_000_000;

/** A segment that the host sent, and when. */
export type Sent = { readonly seg: Segment; readonly at: Micros; readonly conn: number };

export type Session = {
  readonly header: LogHeader;
  readonly simulation: Simulation;
  readonly events: LogEvent[];
  readonly numbers: Numbers;
  /** Sent, and not expected yet; the oldest first. */
  readonly queue: Sent[];
  /** The clock; it never runs back. */
  now: Micros;
  /** Called after each event. */
  watch: (() => void) | null;
};

export function openSession(header: LogHeader): Session {
  return {
    header,
    simulation: startSimulation(header, undefined, { explain: true }),
    events: [],
    numbers: createNumbers(),
    queue: [],
    now: EPOCH,
    watch: null,
  };
}

/** Makes an event happen now. */
export function perform(s: Session, event: LogEvent): void {
  s.simulation.apply(event);
  note(s, event);
}

function note(s: Session, event: LogEvent): void {
  s.events.push(event);
  s.now = Math.max(s.now, event.t);
  const { effects } = s.simulation.world;
  if (effects === null) return;
  for (const { host, conn, seg } of effects.emissions) {
    if (host === LOCAL) s.queue.push({ seg, at: event.t, conn });
  }
  for (const { host, before, via, after } of effects.transitions) {
    if (host !== LOCAL) continue;
    const met = via[0] ?? after;
    const opens = before === 'LISTEN' || before === 'SYN-SENT';
    if (opens && event.ev === 'inject' && met !== 'CLOSED') s.numbers.peer = event.seg.seq;
    const begins = before === 'LISTEN' ? met === 'SYN-RECEIVED' : met === 'SYN-SENT';
    if (begins && before !== 'SYN-SENT') startLearning(s.numbers);
  }
  s.watch?.();
}

/** Runs the clock to a time; timers that are due by then fire. `stop` ends it sooner. */
export function runTo(s: Session, time: Micros, stop?: () => boolean): void {
  while (stop?.() !== true) {
    const event = s.simulation.next(time);
    if (event === undefined) {
      if (Number.isFinite(time)) s.now = Math.max(s.now, time);
      return;
    }
    note(s, event);
  }
}

/** What a call gave. */
export type Given = { readonly value: number; readonly error: TcpError | '' };

/** Makes a call on a connection of the host (0: one that opens one). */
export function call(s: Session, conn: number, what: Call): Given {
  perform(s, { t: s.now, ev: 'call', host: LOCAL, conn, process: -1, call: what });
  const given = s.simulation.world.effects?.results[0];
  return { value: given?.value ?? 0, error: given?.error ?? '' };
}

export function inject(s: Session, seg: Segment): void {
  perform(s, { t: s.now, ev: 'inject', host: LOCAL, seg });
}

export function setKnobs(s: Session, knobs: Partial<Knobs>): void {
  if (Object.keys(knobs).length > 0) perform(s, { t: s.now, ev: 'knob', host: LOCAL, knobs });
}

export function knobs(s: Session): Knobs {
  return hostOf(s.simulation.world, LOCAL).knobs;
}

/** A connection of the host; undefined where it is gone, or only a record of TIME-WAIT is left. */
export function tcbOf(s: Session, conn: number): Tcb | undefined {
  return hostOf(s.simulation.world, LOCAL).conns.get(conn);
}

export function timeWaitOf(s: Session, conn: number): TimeWait | undefined {
  return hostOf(s.simulation.world, LOCAL).timeWaits.get(conn);
}

/** All connections of the host, half-open ones too. */
export function connections(s: Session): { readonly tcbs: Tcb[]; readonly timeWaits: TimeWait[] } {
  const h = hostOf(s.simulation.world, LOCAL);
  return {
    tcbs: [...h.conns.done().entries()].map(([, t]) => t),
    timeWaits: [...h.timeWaits.done().entries()].map(([, w]) => w),
  };
}

export function addresses(s: Session): { readonly local: string; readonly peer: string } {
  const [local, peer] = s.header.hosts;
  return { local: local?.addresses[0] ?? '', peer: peer?.addresses[0] ?? '' };
}
