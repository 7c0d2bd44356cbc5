/**
 * A state of the exploration: the snapshot, the segments on the way, and ghost variables, which no
 * TCP has but claims speak of: what was used up of the budgets, what happened to incarnations that
 * are over.
 */
import type { Host } from '../host/host.ts';
import type { Flight } from '../network/flight.ts';
import { type State, stateNumber } from '../tcp/states.ts';
import type { Tcb, TimeWait } from '../tcp/tcb.ts';
import type { Snapshot } from '../timeline/snapshot.ts';
import { type Bounds, BUDGETS, type Budget } from './bounds.ts';

/** Why one side may be gone without the other knowing; a set of bits. */
export const GAVE_UP = 1;
export const CRASHED = 2;
/** Or a lost segment that an RST would have answered. */
export const RST_LOST = 4;
/** ABORT in CLOSING and LAST-ACK sends no RST (RFC 9293 §3.10.5), though the FIN may be lost. */
export const SILENT_ABORT = 8;

/** What is remembered of an incarnation that has entered TIME-WAIT or is over. */
export type Past = {
  readonly host: number;
  readonly conn: number;
  /** Octets that its user wrote. */
  readonly written: number;
  readonly timeWait: boolean;
  /** Number of the peer's connection, while it is in TIME-WAIT; 0: not known. */
  readonly peer: number;
};

export type Ghost = {
  /** Used of each budget, in their order. */
  readonly used: readonly number[];
  readonly excuse: number;
  readonly past: readonly Past[];
  /** Every ISS of each side so far, in order. */
  readonly iss: readonly (readonly number[])[];
};

type Reader<T> = { get(id: number): T | undefined; has(id: number): boolean };

/** What is read of a host, be it of a snapshot or still being written. */
export type Side = Pick<Host, 'nextConn' | 'knobs'> & {
  readonly conns: Reader<Tcb>;
  readonly timeWaits: Reader<TimeWait>;
};

/** What is read of a network. */
export type Net = {
  readonly time: number;
  readonly hosts: readonly Side[];
  readonly flights: Reader<Flight>;
};

export type Node = {
  readonly snapshot: Snapshot;
  readonly ghost: Ghost;
  /** Numbers of the flights on the way, ascending. */
  readonly flights: readonly number[];
};

const NAMES = Object.keys(BUDGETS) as Budget[];

export const NO_GHOST: Ghost = { used: NAMES.map(() => 0), excuse: 0, past: [], iss: [[], []] };

function usedOf(ghost: Ghost, budget: Budget): number {
  return ghost.used[NAMES.indexOf(budget)] as number;
}

export function isLeft(ghost: Ghost, bounds: Bounds, budget: Budget): boolean {
  return usedOf(ghost, budget) < bounds[budget];
}

export function spend(ghost: Ghost, budget: Budget | '', excuse: number): Ghost {
  if (budget === '' && (ghost.excuse | excuse) === ghost.excuse) return ghost;
  const used = ghost.used.slice();
  const at = budget === '' ? -1 : NAMES.indexOf(budget);
  if (at >= 0) used[at] = (used[at] as number) + 1;
  return { ...ghost, used, excuse: ghost.excuse | excuse };
}

export function pastOf(ghost: Ghost, host: number, conn: number): Past | undefined {
  return ghost.past.find((p) => p.host === host && p.conn === conn);
}

/** A side has chosen an ISS. */
export function noteIss(ghost: Ghost, host: number, iss: number): Ghost {
  const known = ghost.iss[host] as readonly number[];
  if (known[known.length - 1] === iss) return ghost;
  return { ...ghost, iss: ghost.iss.map((list, i) => (i === host ? [...list, iss] : list)) };
}

/** Adds to what is remembered of an incarnation. */
export function remember(ghost: Ghost, host: number, conn: number, more: Partial<Past>): Ghost {
  const known = pastOf(ghost, host, conn) ?? { host, conn, written: 0, timeWait: false, peer: 0 };
  const others = ghost.past.filter((p) => p.host !== host || p.conn !== conn);
  const past = [...others, { ...known, ...more }];
  past.sort((a, b) => a.host - b.host || a.conn - b.conn);
  return { ...ghost, past };
}

/** The connections of a host that are not CLOSED, by number; at most a few. */
export function liveConns(host: Side): Tcb[] {
  const live: Tcb[] = [];
  for (let num = 1; num < host.nextConn; num += 1) {
    const t = host.conns.get(num);
    if (t !== undefined && t.state !== 'CLOSED') live.push(t);
  }
  return live;
}

export function timeWaits(host: Side): TimeWait[] {
  const live: TimeWait[] = [];
  for (let num = 1; num < host.nextConn; num += 1) {
    const w = host.timeWaits.get(num);
    if (w !== undefined) live.push(w);
  }
  return live;
}

/** The state of a side: of its connection with the other; if there is none LISTEN, or CLOSED. */
export function stateOfSide(host: Side): State {
  let state: State = 'CLOSED';
  for (let num = 1; num < host.nextConn; num += 1) {
    if (host.timeWaits.has(num)) return 'TIME-WAIT';
    const t = host.conns.get(num);
    if (t === undefined || t.state === 'CLOSED') continue;
    if (t.state !== 'LISTEN') return t.state;
    state = 'LISTEN';
  }
  return state;
}

/** States of both sides as one number: 11·A + B. */
export function pairOf(net: Net): number {
  const [a, b] = net.hosts as readonly [Side, Side];
  return stateNumber(stateOfSide(a)) * 11 + stateNumber(stateOfSide(b));
}

/** When TIME-WAIT of a host began, or began again; -1: none. */
export function timeWaitSince(host: Side): number {
  const length = host.knobs.time_wait_ms * 1000;
  for (let num = 1; num < host.nextConn; num += 1) {
    const w = host.timeWaits.get(num) ?? host.conns.get(num);
    if (w !== undefined && w.timeWaitAt > 0) return w.timeWaitAt - length;
  }
  return -1;
}
