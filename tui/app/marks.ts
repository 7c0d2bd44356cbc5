/**
 * What the scrubber shows of the whole log: changes of state, losses, how TIME-WAIT grows.
 *
 * The log is cut into so many buckets of events; each needs the snapshots at its two ends. They are
 * made little by little between frames, so that a long log opens as fast as a short one.
 */

import { countState, type Snapshot, sameCounts } from '../../engine/index.ts';
import type { Data } from './data.ts';

export type Bucket = {
  readonly timeWait: number;
  readonly entered: boolean;
  readonly changed: boolean;
  readonly lost: boolean;
  readonly diverged: boolean;
};

export type Marks = {
  readonly buckets: readonly Bucket[];
  /** Buckets there will be, and the events that they are of: the log may have grown since. */
  readonly size: number;
  readonly length: number;
  readonly timeWaitMax: number;
};

const BUCKETS_MAX = 400;

export function noMarks(data: Data): Marks {
  return {
    buckets: [],
    size: Math.min(BUCKETS_MAX, data.length),
    length: data.length,
    timeWaitMax: 0,
  };
}

export function isComplete(marks: Marks): boolean {
  return marks.buckets.length >= marks.size;
}

/** Adds buckets until `enough` says so; at least one. */
export function moreMarks(marks: Marks, data: Data, enough: () => boolean): Marks {
  const { size, length } = marks;
  const buckets = [...marks.buckets];
  let { timeWaitMax } = marks;
  while (buckets.length < size) {
    const bucket = makeBucket(data, size, length, buckets.length);
    buckets.push(bucket);
    timeWaitMax = Math.max(timeWaitMax, bucket.timeWait);
    if (enough()) break;
  }
  return { buckets, size, length, timeWaitMax };
}

function makeBucket(data: Data, size: number, length: number, index: number): Bucket {
  const from = Math.floor((index * length) / size);
  const to = Math.floor(((index + 1) * length) / size);
  const before = data.timeline.at(from);
  const after = data.timeline.at(to);
  const timeWait = countState(after, 'TIME-WAIT');
  let lost = false;
  for (let n = from; n < to && !lost; n += 1) lost = data.timeline.event(n).ev === 'lose';
  return {
    timeWait,
    entered: timeWait > countState(before, 'TIME-WAIT'),
    changed: !sameCounts(before, after),
    lost,
    diverged: divergences(after) > divergences(before),
  };
}

function divergences(snapshot: Snapshot): number {
  return snapshot.hosts.reduce((sum, host) => sum + host.totals.divergences, 0);
}
