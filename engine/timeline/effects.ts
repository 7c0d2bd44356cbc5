/**
 * What an event did. Computed while folding when somebody looks, never stored in a snapshot.
 */
import type { Micros } from '../base/time.ts';
import type { RuleId } from '../tcp/rules.ts';
import type { Segment } from '../tcp/segment.ts';
import type { State } from '../tcp/states.ts';
import type { TcpError } from '../tcp/tcb.ts';

export type Fate =
  | { readonly kind: 'arrives'; readonly at: Micros }
  | { readonly kind: 'lost'; readonly at: Micros }
  /** A recording: what became of it is not known yet. */
  | { readonly kind: 'open' };

export type Emission = {
  readonly n: number;
  readonly host: number;
  /** Number of the connection; 0: none (RST of a host to what matches nothing). */
  readonly conn: number;
  readonly seg: Segment;
  readonly fate: Fate;
  /** Copies that the network made, by their numbers. */
  readonly copies: readonly number[];
};

export type Transition = {
  readonly host: number;
  readonly conn: number;
  readonly before: State;
  /** States passed through within this one event, in order. */
  readonly via: readonly State[];
  readonly after: State;
  /** The rule by which the last step was taken. */
  readonly rule: RuleId;
};

export type CallResult = {
  readonly host: number;
  readonly conn: number;
  /** Number of octets or of a connection, as the call gives; 0 otherwise. */
  readonly value: number;
  readonly error: TcpError | '';
};

/** Text that was handed over although the peer's incarnation did not send it there. */
export type Corruption = {
  readonly host: number;
  readonly conn: number;
  readonly stream: number;
  readonly from: number;
  readonly bytes: number;
};

export type Divergence = {
  readonly host: number;
  readonly conn: number;
  /** What our TCP would have done and what was seen, in words. */
  readonly expected: string;
  readonly seen: string;
};

export type Effects = {
  readonly emissions: readonly Emission[];
  readonly transitions: readonly Transition[];
  /** Rules applied, in order. */
  readonly rules: readonly RuleId[];
  readonly results: readonly CallResult[];
  readonly corruptions: readonly Corruption[];
  readonly divergences: readonly Divergence[];
  /** Connections touched, host and number. */
  readonly touched: readonly { readonly host: number; readonly conn: number }[];
};
