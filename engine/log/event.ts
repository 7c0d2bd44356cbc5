/**
 * The events of a log: what happened at the edges of TCP. What follows from them — segments sent,
 * states entered — is not in the log but derived by folding it.
 *
 * In memory hosts are numbers (positions in the header's list); in JSONL they are names (codec.ts).
 */

import type { Micros } from '../base/time.ts';
import type { ConnectionCall } from '../host/calls.ts';
import type { LinkRules } from '../network/topology.ts';
import type { Knobs } from '../tcp/knobs.ts';
import type { Segment } from '../tcp/segment.ts';
import type { SocketOptions } from '../tcp/tcb.ts';
import type { TimerName } from '../tcp/timers.ts';

/** A call of an application (RFC 9293 §3.9.1; accept and socket options from the sockets API). */
export type Call =
  | {
      readonly call: 'OPEN';
      readonly mode: 'active' | 'passive';
      /** Foreign address; '' where unspecified (passive). */
      readonly to: string;
      readonly toPort: number;
      /** Local address; '' any. */
      readonly from: string;
      /** Local port; 0: ephemeral. */
      readonly fromPort: number;
      /** Bound of the accept queue; -1: an RFC OPEN of one connection. */
      readonly backlog: number;
      /** ISS given; -1: by the clock (RFC 6528). */
      readonly iss: number;
      readonly nowait: boolean;
      /** Socket options that were set before; the SYN shows some of them. */
      readonly options?: Partial<SocketOptions>;
    }
  | { readonly call: 'ACCEPT' }
  | ConnectionCall;

type At = {
  /** Virtual time. */
  readonly t: Micros;
  /** Not seen in the recording, but concluded from it. */
  readonly inferred?: true;
};

export type CallEvent = At & {
  readonly ev: 'call';
  readonly host: number;
  /** Number of the connection; 0 for an OPEN. */
  readonly conn: number;
  /** The process that calls; -1: none (imports, forks by hand). */
  readonly process: number;
  readonly call: Call;
};

export type ArriveEvent = At & {
  readonly ev: 'arrive';
  readonly host: number;
  /** Number of the emission it comes from; -1: unknown. */
  readonly n: number;
  readonly seg: Segment;
};

export type LoseEvent = At & { readonly ev: 'lose'; readonly n: number };

/** A forged segment that reaches a host at once. */
export type InjectEvent = At & {
  readonly ev: 'inject';
  readonly host: number;
  readonly seg: Segment;
};

export type TimerEvent = At & {
  readonly ev: 'timer';
  readonly host: number;
  readonly conn: number;
  readonly timer: TimerName;
};

export type KnobEvent = At & {
  readonly ev: 'knob';
  readonly host: number;
  readonly knobs: Partial<Knobs>;
};

export type LinkEvent = At & {
  readonly ev: 'link';
  readonly a: number;
  readonly b: number;
  readonly rules: Partial<LinkRules>;
};

export type CrashEvent = At & { readonly ev: 'crash'; readonly host: number };
export type RestartEvent = At & { readonly ev: 'restart'; readonly host: number };

/** A recorded host was seen to send this. */
export type ObserveEvent = At & {
  readonly ev: 'observe';
  readonly host: number;
  readonly seg: Segment;
};

/** A process that waited for a time goes on. */
export type WakeEvent = At & { readonly ev: 'wake'; readonly process: number };

/** An ICMP error that quotes a segment reached a host (RFC 9293 §3.9.2.2). */
export type IcmpEvent = At & {
  readonly ev: 'icmp';
  readonly host: number;
  readonly hard: boolean;
  readonly what: string;
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
  readonly seq: number;
};

export type LogEvent =
  | CallEvent
  | ArriveEvent
  | LoseEvent
  | InjectEvent
  | TimerEvent
  | KnobEvent
  | LinkEvent
  | CrashEvent
  | RestartEvent
  | ObserveEvent
  | WakeEvent
  | IcmpEvent;

export type EventKind = LogEvent['ev'];

/**
 * What a scenario may plan for a time: events that come from outside of all applications. A plan is
 * in the header; what of it has happened is counted in the snapshot.
 */
export type PlannedEvent =
  | InjectEvent
  | KnobEvent
  | LinkEvent
  | CrashEvent
  | RestartEvent
  | IcmpEvent;

export const PLANNED_KINDS: readonly PlannedEvent['ev'][] = [
  'inject',
  'knob',
  'link',
  'crash',
  'restart',
  'icmp',
];

/** Whether an event is the one that was planned; only the moment may have moved. */
export function isAsPlanned(plan: PlannedEvent, event: LogEvent): boolean {
  if (plan.ev !== event.ev || event.t < plan.t) return false;
  if (plan.ev === 'link') return event.ev === 'link' && plan.a === event.a && plan.b === event.b;
  return 'host' in event && plan.host === event.host;
}
