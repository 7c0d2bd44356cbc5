/**
 * Fuzzing: the network of a seed is run, in some of them with strokes from outside; after each
 * event all that it touched is checked, and now and then the whole snapshot. A failure is told by
 * its seed and by a log of as few events as could be found, which fails in the same way.
 */
import type { LogEvent } from '../log/event.ts';
import type { LogHeader } from '../log/header.ts';
import { startSimulation } from '../simulation/simulate.ts';
import { deadlineOf, TIMERS } from '../tcp/timers.ts';
import { applyEvent, foldAll } from '../timeline/evolve.ts';
import { initialState } from '../timeline/initial.ts';
import { checkInvariants, checkTcb } from '../timeline/invariants.ts';
import type { Snapshot } from '../timeline/snapshot.ts';
import { commit, openWorld, type World } from '../timeline/world.ts';
import { stroke } from './fuzz-forge.ts';
import { drawer, fuzzNetwork } from './fuzz-network.ts';
import { minimize } from './minimize.ts';

export type Failure = {
  readonly seed: number;
  /** What broke, without names and numbers: a smaller log must break the same. */
  readonly kind: string;
  readonly says: string;
  readonly header: LogHeader;
  readonly events: readonly LogEvent[];
};

export type FuzzCase = { readonly events: number; readonly failure: Failure | undefined };

/** Events of one network at most: more of the same find less than another network. */
const EVENTS_MAX = 2_000;
/** Events between two checks of the whole snapshot. */
const WHOLE_EVERY = 250;

type Problem = { readonly kind: string; readonly says: string };

/** Names and numbers taken out. */
function kindOf(says: string): string {
  return says.replace(/^[^:]*#\d+: /, '').replace(/\d+/g, 'N');
}

function problemOf(says: string | undefined): Problem | undefined {
  return says === undefined ? undefined : { kind: kindOf(says), says };
}

/** What is wrong after an event; `forged`: octets may rightly be out of place. */
function problemAfter(w: World, forged: boolean): Problem | undefined {
  for (const h of w.touched) {
    for (const num of h.touched) {
      const t = h.conns.get(num);
      const says = t === undefined ? undefined : checkTcb(t, h.base)[0];
      if (says !== undefined) return problemOf(says);
    }
  }
  const [corrupt] = forged ? [] : w.step.corruptions;
  if (corrupt === undefined) return undefined;
  const { conn, stream, from } = corrupt;
  const says = `connection ${conn} was handed octet ${from} of stream ${stream} out of its place`;
  return { kind: 'octets out of place', says };
}

const MUST_MOVE = ['SYN-SENT', 'SYN-RECEIVED', 'FIN-WAIT-1', 'CLOSING', 'LAST-ACK', 'TIME-WAIT'];

/** Nothing is left to happen: whoever waits for the network now waits for ever. */
function stuckIn(w: World): Problem | undefined {
  const snapshot = commit(w);
  for (const host of snapshot.hosts) {
    for (const t of host.conns.values()) {
      if (!MUST_MOVE.includes(t.state)) continue;
      return { kind: `stuck in ${t.state}`, says: `${host.name}#${t.num} is stuck in ${t.state}` };
    }
  }
  return undefined;
}

/** A thrown error is a failure too; what throws after it is not asked. */
function guarded(run: () => Problem | undefined): Problem | undefined {
  try {
    return run();
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    return { kind: `throws: ${kindOf(says)}`, says: `throws: ${says}` };
  }
}

/** The network of a seed, run to its end or the limit. */
export function fuzzOne(seed: number, eventsMax = EVENTS_MAX): FuzzCase {
  const header = fuzzNetwork(seed);
  const draw = drawer(seed, 2);
  const rate = draw(3) === 0 ? 2 + draw(30) : 0;
  const simulation = startSimulation(header, undefined, { eventsMax });
  const { world } = simulation;
  const events: LogEvent[] = [];
  const problem = guarded(() => {
    while (events.length < eventsMax) {
      const struck = rate > 0 && events.length > 2 && draw(rate) === 0 && stroke(draw, world);
      let event = struck || undefined;
      // Noted before it is folded: it may throw.
      if (event !== undefined) {
        events.push(event);
        simulation.apply(event);
      } else {
        event = simulation.next();
        if (event === undefined) return stuckIn(world);
        events.push(event);
      }
      const found = problemAfter(world, rate > 0);
      if (found !== undefined) return found;
      if (events.length % WHOLE_EVERY === 0) {
        const whole = problemOf(checkInvariants(simulation.snapshot())[0]);
        if (whole !== undefined) return whole;
      }
    }
    return problemOf(checkInvariants(simulation.snapshot())[0]);
  });
  if (problem === undefined) return { events: events.length, failure: undefined };
  const last = problem.kind.startsWith('throws') ? lastStraw(header, events, problem) : [];
  const failure = { seed, header, events: [...events, ...last], ...problem };
  return { events: events.length, failure };
}

/** A simulation that throws does not tell its last event: of what could come next, what throws. */
function lastStraw(header: LogHeader, events: LogEvent[], problem: Problem): LogEvent[] {
  const fails = (event: LogEvent): boolean =>
    guarded(() => {
      foldAll(header, before, [event]);
      return undefined;
    })?.kind === problem.kind;
  const before = foldAll(header, initialState(header), events);
  const next = [...nextEvents(header, before)].sort((a, b) => a.t - b.t);
  return next.filter(fails).slice(0, 1);
}

/** Arrivals, timers and calls of processes that a snapshot holds. */
function* nextEvents(header: LogHeader, from: Snapshot): Generator<LogEvent> {
  for (const { n, to, at, seg, lost } of from.flights.values()) {
    if (!lost) yield { t: at, ev: 'arrive', host: to, n, seg };
  }
  for (const [host, { conns }] of from.hosts.entries()) {
    for (const t of conns.values()) {
      for (const timer of TIMERS) {
        const due = deadlineOf(t, timer);
        if (due > 0) yield { t: due, ev: 'timer', host, conn: t.num, timer };
      }
      const { process, num } = t;
      if (t.acceptQueue.length > 0) {
        yield { t: from.time, ev: 'call', host, conn: num, process, call: { call: 'ACCEPT' } };
      }
    }
  }
  for (const plan of header.planned ?? []) if (plan.t >= from.time) yield plan;
}

/** How a log of events fails; undefined: it does not. Every snapshot is checked as a whole. */
export function problemIn(header: LogHeader, events: readonly LogEvent[]): Problem | undefined {
  const world = openWorld(header, initialState(header), false);
  const forged = events.some(({ ev }) => ev === 'inject');
  return guarded(() => {
    for (const event of events) {
      applyEvent(world, event);
      const found = problemAfter(world, forged) ?? problemOf(checkInvariants(commit(world))[0]);
      if (found !== undefined) return found;
    }
    return undefined;
  });
}

/** A failure of fewer events, of the same kind. */
export function minimizeFailure(failure: Failure, most?: number): Failure {
  const { header, kind } = failure;
  const fails = (events: readonly LogEvent[]) => problemIn(header, events)?.kind === kind;
  if (!fails(failure.events)) return failure;
  const events = minimize(failure.events, fails, most);
  const says = problemIn(header, events)?.says ?? failure.says;
  const title = `Fuzzing, seed ${failure.seed}: ${kind}`;
  return { ...failure, says, events, header: { ...header, title, about: `${says}.` } };
}
