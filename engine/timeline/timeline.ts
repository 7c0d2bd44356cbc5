/**
 * A log that can be travelled: any moment of it is the nearest keyframe and the fold of the rest.
 *
 * A position `n` is a number of events: `at(0)` is the state before the first, `at(length)` after
 * the last; event `n` (from 0) leads from `at(n)` to `at(n + 1)`.
 */
import type { Micros } from '../base/time.ts';
import type { LogEvent } from '../log/event.ts';
import type { LogHeader } from '../log/header.ts';
import type { State } from '../tcp/states.ts';
import type { Condition } from './condition.ts';
import type { Effects } from './effects.ts';
import type { Snapshot } from './snapshot.ts';

export type Explained = {
  readonly n: number;
  readonly event: LogEvent;
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly effects: Effects;
};

/** One connection over the whole log. */
export type Biography = {
  readonly host: number;
  readonly conn: number;
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
  /** Positions of the event that created it and of the one that ended it; -1: still there. */
  readonly born: number;
  readonly died: number;
  /** Number of the connection at the other end; 0: not known. */
  readonly peerHost: number;
  readonly peerConn: number;
};

export type Timeline = {
  readonly header: LogHeader;
  readonly length: number;
  /** What was wrong with the log without being fatal. */
  readonly warnings: readonly string[];
  at(n: number): Snapshot;
  event(n: number): LogEvent;
  /** Virtual time of event `n`. */
  timeOf(n: number): Micros;
  /** Position after the last event whose time is at most `time`. */
  indexAt(time: Micros): number;
  explain(n: number): Explained;
  /**
   * Number of connections of a host (-1: all hosts) in a state, after each of `columns` slices of
   * time.
   */
  series(host: number, state: State, columns: number): readonly number[];
  biography(host: number, conn: number): Biography | undefined;
  /** All connections that ever were, by host and number. */
  biographies(): readonly Biography[];
  /** Positions of the events that touched a connection, ascending. */
  eventsOf(host: number, conn: number): readonly number[];
  /**
   * The nearest position after (`step` 1) or before (-1) `n` at which the condition holds; -1:
   * none. Found by indexes: what is folded does not grow with the log.
   */
  search(n: number, step: 1 | -1, condition: Condition): number;
  /** Whether a condition holds at a position. */
  holds(n: number, condition: Condition): boolean;
};
