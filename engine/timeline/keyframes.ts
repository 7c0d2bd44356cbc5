/**
 * Snapshots kept along a log, within a budget of memory. Neighbours share all that did not change
 * between them, so a keyframe costs what its events copied; that is estimated by counting, every so
 * often, what one does not share with the one before, and taking the mean. When the estimate is
 * over the budget every second keyframe is given up and the distance doubles: the log stays whole,
 * a seek folds more.
 */
import type { Table } from '../base/table.ts';
import type { Node } from '../base/table-node.ts';
import { WIDTH } from '../base/table-node.ts';
import type { Snapshot } from './snapshot.ts';

/** Events between keyframes, at first. */
const KEYFRAME_EVERY = 1_000;
/** Every so many keyframes one is measured. */
const SAMPLE_EVERY = 16;
/** Octets of a node of a table, and of the records in it, about. */
const NODE_BYTES = 176;
const CONN_BYTES = 1_000;
const TIME_WAIT_BYTES = 260;
const FLIGHT_BYTES = 400;
const PROCESS_BYTES = 140;
/** The snapshot itself; a host of it; an entry in a host's index of 4-tuples. */
const SNAPSHOT_BYTES = 400;
const HOST_BYTES = 1_200;

export type Keyframes = {
  readonly budget: number;
  every: number;
  readonly frames: Snapshot[];
  /** Octets of one, the mean of those measured since the distance last changed. */
  frameBytes: number;
  measured: number;
};

export function createKeyframes(first: Snapshot, budget: number): Keyframes {
  return { budget, every: KEYFRAME_EVERY, frames: [first], frameBytes: 0, measured: 0 };
}

/** Whether a keyframe is wanted after so many events. */
export function isKeyframeDue(k: Keyframes, length: number): boolean {
  return length % k.every === 0;
}

export function addKeyframe(k: Keyframes, snapshot: Snapshot): void {
  const before = k.frames[k.frames.length - 1] as Snapshot;
  k.frames.push(snapshot);
  if (k.frames.length % SAMPLE_EVERY === 2) measure(k, before, snapshot);
  while (k.frames.length > 2 && keyframeBytes(k) > k.budget) thin(k);
}

/** The last keyframe at or before a position. */
export function nearestKeyframe(k: Keyframes, n: number): { at: number; snapshot: Snapshot } {
  const frame = Math.min(Math.floor(n / k.every), k.frames.length - 1);
  return { at: frame * k.every, snapshot: k.frames[frame] as Snapshot };
}

export function keyframeBytes(k: Keyframes): number {
  return k.frames.length * k.frameBytes;
}

function measure(k: Keyframes, before: Snapshot, after: Snapshot): void {
  k.measured += 1;
  k.frameBytes += (ownBytes(before, after) - k.frameBytes) / k.measured;
}

function thin(k: Keyframes): void {
  const { frames } = k;
  const left = (frames.length + 1) >> 1;
  for (let i = 1; i < left; i += 1) frames[i] = frames[2 * i] as Snapshot;
  frames.length = left;
  k.every *= 2;
  // Sixteen over the whole log: its end may be unlike the rest.
  k.measured = 0;
  const step = Math.max(1, Math.floor(left / SAMPLE_EVERY));
  for (let i = 1; i < left; i += step) {
    measure(k, frames[i - 1] as Snapshot, frames[i] as Snapshot);
  }
}

/** Octets of a snapshot that it does not share with one before it, about. */
export function ownBytes(before: Snapshot, after: Snapshot): number {
  let bytes = SNAPSHOT_BYTES;
  bytes += tableBytes(before.flights, after.flights, FLIGHT_BYTES);
  bytes += tableBytes(before.processes, after.processes, PROCESS_BYTES);
  after.hosts.forEach((host, i) => {
    const old = before.hosts[i];
    if (old === undefined || old === host) return;
    bytes += HOST_BYTES;
    const conns = tableBytes(old.conns, host.conns, CONN_BYTES);
    const waits = tableBytes(old.timeWaits, host.timeWaits, TIME_WAIT_BYTES);
    bytes += conns + waits;
    // The index of 4-tuples and the set of ports copy about as many nodes as the tables do.
    if (old.demux !== host.demux) bytes += waits >> 1;
  });
  return bytes;
}

function tableBytes(before: Table<object>, after: Table<object>, record: number): number {
  if (before === after) return 0;
  return nodeBytes(
    before.shift === after.shift ? before.root : undefined,
    after.root,
    after.shift,
    record,
  );
}

function nodeBytes(a: Node | undefined, b: Node, shift: number, record: number): number {
  if (a === b) return 0;
  let bytes = NODE_BYTES;
  for (let i = 0; i < WIDTH; i += 1) {
    const x = a?.[i];
    const y = b[i];
    if (y === undefined || x === y) continue;
    bytes += shift === 0 ? record : nodeBytes(x as Node | undefined, y as Node, shift - 4, record);
  }
  return bytes;
}
