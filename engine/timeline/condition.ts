/**
 * Conditions on a moment of a log, as data: what may be searched for.
 *
 * Some hold for as long as a snapshot shows them (`count`, `state`); the others hold at the moment
 * after an event that did something. {@link holds} is the definition. The index (features.ts,
 * search.ts) only finds sooner what it says.
 */
import { unreachable } from '../base/assert.ts';
import type { HostTotals } from '../host/host.ts';
import type { EventKind, LogEvent } from '../log/event.ts';
import type { Segment } from '../tcp/segment.ts';
import { STATES, type State, stateNumber } from '../tcp/states.ts';
import type { Effects } from './effects.ts';
import type { Snapshot } from './snapshot.ts';

export const OPERATORS = ['>=', '<=', '!=', '>', '<', '='] as const;
export type Operator = (typeof OPERATORS)[number];

/** Totals whose growth can be searched for. */
export const SOUGHT_TOTALS = [
  'divergences',
  'retransmissions',
  'resetsSent',
  'addrNotAvail',
  'listenDrops',
  'refused',
  'timedOut',
  'timeWaitReused',
] as const satisfies readonly (keyof HostTotals)[];
export type SoughtTotal = (typeof SOUGHT_TOTALS)[number];

/** All of them together, without a walk through their names: it is asked after every event. */
export function soughtSum(t: Pick<HostTotals, SoughtTotal>): number {
  return (
    t.divergences +
    t.retransmissions +
    t.resetsSent +
    t.addrNotAvail +
    t.listenDrops +
    t.refused +
    t.timedOut +
    t.timeWaitReused
  );
}

export type Condition =
  /** Connections of a host in a state; `host` -1: of all hosts together. */
  | {
      readonly kind: 'count';
      readonly host: number;
      readonly state: State;
      readonly op: Operator;
      readonly value: number;
    }
  /** A connection is in a state, or (`is` false) in any other. One that is not there is CLOSED. */
  | {
      readonly kind: 'state';
      readonly host: number;
      readonly conn: number;
      readonly state: State;
      readonly is: boolean;
    }
  /** Any connection enters a state, passing through included. */
  | { readonly kind: 'enters'; readonly state: State }
  /** Any connection changes its state. */
  | { readonly kind: 'moves' }
  /** A segment with all these flags arrives or is sent. */
  | { readonly kind: 'flag'; readonly flags: number }
  /** A segment to or from a port arrives, or a connection with such an end is touched. */
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'event'; readonly ev: EventKind }
  /** One of the hosts' totals grows. */
  | { readonly kind: 'total'; readonly total: SoughtTotal };

/** What led to a position. Before the first event there is only the snapshot. */
export type Moment = {
  readonly after: Snapshot;
  readonly cause?: {
    readonly before: Snapshot;
    readonly event: LogEvent;
    readonly effects: Effects;
  };
};

/** Whether a condition holds at a moment. */
export function holds(condition: Condition, moment: Moment): boolean {
  const { after, cause } = moment;
  if (condition.kind === 'count') {
    return compares(countIn(after, condition.host, condition.state), condition.op, condition.value);
  }
  if (condition.kind === 'state') {
    const now = stateIn(after, condition.host, condition.conn);
    return (now === condition.state) === condition.is;
  }
  if (cause === undefined) return false;
  const { before, event, effects } = cause;
  switch (condition.kind) {
    case 'enters':
      return effects.transitions.some(
        ({ via, after: to }) => to === condition.state || via.includes(condition.state),
      );
    case 'moves':
      return effects.transitions.length > 0 || !sameStates(before, after);
    case 'flag':
      return (
        hasAll(segmentOf(event)?.flags, condition.flags) ||
        effects.emissions.some(({ seg }) => hasAll(seg.flags, condition.flags))
      );
    case 'port':
      return (
        isOfPort(segmentOf(event), condition.port) ||
        effects.touched.some(({ host, conn }) =>
          [before, after].some((one) => hasPort(one, host, conn, condition.port)),
        )
      );
    case 'event':
      return event.ev === condition.ev;
    case 'total':
      return after.hosts.some(
        ({ totals }, i) =>
          totals[condition.total] > (before.hosts[i]?.totals[condition.total] ?? 0),
      );
    default:
      return unreachable(condition);
  }
}

/** The condition that holds where this one does not; none where it holds only after an event. */
export function opposite(condition: Condition): Condition | undefined {
  if (condition.kind === 'state') return { ...condition, is: !condition.is };
  if (condition.kind !== 'count') return undefined;
  return { ...condition, op: OPPOSITES[condition.op] };
}

const OPPOSITES: Readonly<Record<Operator, Operator>> = {
  '>': '<=',
  '<=': '>',
  '<': '>=',
  '>=': '<',
  '=': '!=',
  '!=': '=',
};

export function compares(count: number, op: Operator, value: number): boolean {
  switch (op) {
    case '>':
      return count > value;
    case '>=':
      return count >= value;
    case '<':
      return count < value;
    case '<=':
      return count <= value;
    case '=':
      return count === value;
    case '!=':
      return count !== value;
  }
}

/** The segment that an event is about. */
export function segmentOf(event: LogEvent): Segment | undefined {
  return 'seg' in event ? event.seg : undefined;
}

function countIn({ hosts }: Snapshot, host: number, state: State): number {
  const at = stateNumber(state);
  if (host >= 0) return hosts[host]?.states[at] ?? 0;
  return hosts.reduce((sum, { states }) => sum + (states[at] ?? 0), 0);
}

function stateIn({ hosts }: Snapshot, host: number, conn: number): State {
  const there = hosts[host];
  if (there?.timeWaits.has(conn)) return 'TIME-WAIT';
  return there?.conns.get(conn)?.state ?? 'CLOSED';
}

function sameStates(a: Snapshot, b: Snapshot): boolean {
  return a.hosts.every(({ states }, i) =>
    STATES.every((_, s) => states[s] === b.hosts[i]?.states[s]),
  );
}

function hasAll(flags: number | undefined, wanted: number): boolean {
  return flags !== undefined && (flags & wanted) === wanted;
}

function isOfPort(seg: Segment | undefined, port: number): boolean {
  return seg !== undefined && (seg.srcPort === port || seg.dstPort === port);
}

/** A port of 0 is none: an end that is not known yet. */
function hasPort({ hosts }: Snapshot, host: number, conn: number, port: number): boolean {
  if (port === 0) return false;
  const there = hosts[host];
  const t = there?.conns.get(conn) ?? there?.timeWaits.get(conn);
  return t !== undefined && (t.localPort === port || t.remotePort === port);
}
