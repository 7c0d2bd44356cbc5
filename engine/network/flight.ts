/** A segment between two hosts. */
import type { Micros } from '../base/time.ts';
import type { Segment } from '../tcp/segment.ts';

export type Flight = {
  /** Number of the emission, from 1; a copy made on the way has a number of its own. */
  n: number;
  /** Number of the emission this is a copy of; 0: it is the original. */
  copyOf: number;
  from: number;
  /** Host it is addressed to; -1: nobody has the address. */
  to: number;
  seg: Segment;
  sentAt: Micros;
  /** When it arrives or is lost; -1: not known (recordings). */
  at: Micros;
  lost: boolean;
};
