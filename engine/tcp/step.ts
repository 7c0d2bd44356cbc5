/**
 * What the TCP code is given to work in, and where it leaves what it does.
 *
 * The recipe mutates the records that it is handed and pushes results on this step; it knows
 * nothing of snapshots, tables or other connections. One step object serves one event.
 */
import type { Micros } from '../base/time.ts';
import type { Knobs } from './knobs.ts';
import type { RuleId } from './rules.ts';
import type { Segment } from './segment.ts';
import type { State } from './states.ts';
import type { Tcb } from './tcb.ts';

/** One step of a connection along an edge. */
export type Move = {
  readonly tcb: Tcb;
  readonly from: State;
  readonly to: State;
  readonly rule: RuleId;
};

export type Step = {
  now: Micros;
  /** Number of the host. */
  host: number;
  knobs: Knobs;
  /** Secret key of the host, for ISS, timestamps and ports. */
  key: number;
  /**
   * Segments sent, in order; beside each the number of its connection (0: none), and what tells it
   * from an equal one that was sent before.
   */
  sent: Segment[];
  sentBy: number[];
  sentAgain: number[];
  moves: Move[];
  /** Rules applied; null where nobody asks. */
  rules: RuleId[] | null;
  /** Octets delivered that another incarnation sent: connection, stream, offset, count. */
  corruptions: { conn: number; stream: number; from: number; bytes: number }[];
  retransmissions: number;
  resetsSent: number;
  /** A recorded host does not send by itself: emissions are expectations only. */
  observed: boolean;
};

export function createStep(): Step {
  return {
    now: 0,
    host: 0,
    knobs: undefined as unknown as Knobs,
    key: 0,
    sent: [],
    sentBy: [],
    sentAgain: [],
    moves: [],
    rules: null,
    corruptions: [],
    retransmissions: 0,
    resetsSent: 0,
    observed: false,
  };
}

/** Notes a rule, once, for whoever wants an explanation. */
export function because(s: Step, rule: RuleId): void {
  if (s.rules !== null && !s.rules.includes(rule)) s.rules.push(rule);
}

/** Takes back a rule whose consequence did not come, as something else came first. */
export function notBecause(s: Step, rule: RuleId): void {
  const at = s.rules?.indexOf(rule) ?? -1;
  if (at >= 0) s.rules?.splice(at, 1);
}

/** Takes a connection to another state. */
export function enter(s: Step, t: Tcb, to: State, rule: RuleId): void {
  because(s, rule);
  s.moves.push({ tcb: t, from: t.state, to, rule });
  t.state = to;
  t.changedAt = s.now;
}

/** Stops every timer. */
export function stopTimers(t: Tcb): void {
  t.rtxAt = 0;
  t.delackAt = 0;
  t.keepAt = 0;
  t.userAt = 0;
  t.finWait2At = 0;
  t.timeWaitAt = 0;
}

/** The connection is over: CLOSED, with the error that the user is told. */
export function endConnection(s: Step, t: Tcb, error: Tcb['error'], rule: RuleId): void {
  stopTimers(t);
  t.ackOwed = false;
  t.unackedSegments = 0;
  if (error !== '') t.error = error === 'ETIMEDOUT' && t.softError !== '' ? t.softError : error;
  enter(s, t, 'CLOSED', rule);
}

/**
 * When a timer that is set now for `delay` will fire. Exact, or at the next slot of a coarse timer
 * wheel strictly after it: 63 slots of one tick, then 8 times wider ones, and so on (Linux kernel).
 */
export function deadline(s: Step, delay: Micros): Micros {
  const at = s.now + delay;
  if (s.knobs.timer_wheel === 0) return at;
  let slot = 1_000_000 / s.knobs.timer_wheel;
  while (delay >= 63 * slot) slot *= 8;
  return Math.ceil((Math.floor(at / slot) + 1) * slot);
}

/** A deadline in milliseconds, as the knobs give them; 0: off. */
export function deadlineMs(s: Step, ms: number): Micros {
  return ms === 0 ? 0 : deadline(s, ms * 1000);
}
