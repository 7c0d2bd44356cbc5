/**
 * The capture seen from its ends: every packet leaves one host and enters another, and each of the
 * two was seen, follows from the other, or never happened.
 */
import type { Micros } from '../../base/time.ts';
import type { Segment } from '../../tcp/segment.ts';
import type { IcmpError } from '../capture/icmp.ts';

/** One segment on its way from one host to another. */
export type Packet = {
  /** As decoded; its text gets its name when the sender is known. */
  seg: Segment;
  /** Number of its emission in the log; -1: not seen leaving. */
  n: number;
  /** It left a host whose TCP cannot have sent it. */
  forged: boolean;
};

/** One end of a connection: a socket of a host and the socket it talks to. */
export type End = {
  readonly id: number;
  readonly host: number;
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
  /** Whether a connection of this end was opened in the log before. */
  known: boolean;
};

export type Action = {
  readonly t: Micros;
  /**
   * `leave`, `enter`: at the end it happens to. `lost`: it left and never entered. `forged`: it
   * enters and never left. `copy`: it enters once more.
   */
  readonly kind: 'leave' | 'enter' | 'lost' | 'forged' | 'copy';
  readonly end: End;
  readonly packet: Packet;
};

export type IcmpAction = {
  readonly t: Micros;
  readonly kind: 'icmp';
  readonly host: number;
  readonly error: IcmpError;
};

/** Whether an action is a segment that comes in. */
export function entersHost(action: Action): boolean {
  return action.kind === 'enter' || action.kind === 'forged' || action.kind === 'copy';
}
