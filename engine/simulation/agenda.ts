/**
 * Pending work in order of time. An entry is only a hint: what is really due is in the snapshot, so
 * entries that have become untrue are dropped when they come up, and a timer that was put off is
 * entered again. The order of two things at one time is fixed by their kind and number alone, so
 * that an agenda rebuilt from a snapshot gives the same order as one that was kept.
 */
import { createHeap, type Heap, pop, push } from '../base/heap.ts';
import { append, createRun, type Run, shift } from '../base/run.ts';
import { createSparse, type Sparse, sparseGet, sparseSet } from '../base/sparse.ts';
import type { Micros } from '../base/time.ts';
import { unboxed } from '../base/unboxed.ts';

/** Kinds of work, in the order in which they happen at one time. */
export const PLANNED = 0;
export const ARRIVAL = 1;
export const TIMER = 2;
export const WAKE = 3;
export const CALL = 4;

/**
 * Most things are entered in the order in which they are due: what a link with one delay brings,
 * the ends of TIME-WAIT, the calls of the moment. They stand in runs, one for each kind; what is
 * due before the last of its run is in a heap. What is due beyond the horizon waits in a heap of
 * its own, for there may be millions of it, as processes that wait for long. The horizon moves on
 * when nothing before it is left.
 */
export type Agenda = {
  /** By kind. */
  readonly runs: readonly Run[];
  readonly near: Heap;
  readonly far: Heap;
  horizon: Micros;
  /** By host: when the entry of each connection with a timer stands, by its number; 0: none. */
  readonly timers: Sparse[];
  /** What {@link seek} has found: the run, if it is in one. */
  run: Run | undefined;
  time: Micros;
  key: number;
};

/** How far the horizon is, µs: further than a segment travels on most links. */
const SIGHT = 131_072;

/** Number of things of a kind at most; keys stay exact integers below 2^53. */
const SPAN = 2 ** 50;

export function createAgenda(): Agenda {
  return {
    runs: [PLANNED, ARRIVAL, TIMER, WAKE, CALL].map(createRun),
    near: createHeap(),
    far: createHeap(),
    horizon: 0,
    timers: [],
    run: undefined,
    time: 0,
    key: 0,
  };
}

export function kindOf(key: number): number {
  return Math.floor(key / SPAN);
}

/** Without the remainder of a division, which is slow for numbers so large. */
export function numberOf(key: number, kind: number): number {
  return unboxed(key - kind * SPAN);
}

/** When the entry of a connection with a timer stands; 0: it has none. */
export function timerEntry(a: Agenda, host: number, conn: number): Micros {
  const timers = a.timers[host];
  return timers === undefined ? 0 : sparseGet(timers, conn);
}

export function setTimerEntry(a: Agenda, host: number, conn: number, at: Micros): void {
  let timers = a.timers[host];
  if (timers === undefined) {
    timers = createSparse();
    a.timers[host] = timers;
  }
  sparseSet(timers, conn, at);
}

export function enter(a: Agenda, time: Micros, kind: number, number: number): void {
  const key = kind * SPAN + number;
  if (append(a.runs[kind] as Run, time, key)) return;
  push(time < a.horizon ? a.near : a.far, time, key);
}

/** Finds the first of all entries. False: there is none. */
export function seek(a: Agenda): boolean {
  const { near, far, runs } = a;
  if (near.size === 0 && far.size > 0) moveHorizon(a);
  let found: Run | undefined;
  let time = Number.POSITIVE_INFINITY;
  let key = 0;
  if (near.size > 0) {
    time = near.times[0] as number;
    key = near.keys[0] as number;
  }
  for (let kind = 0; kind < runs.length; kind += 1) {
    const run = runs[kind] as Run;
    if (run.head === run.tail) continue;
    const t = run.times[run.head] as number;
    if (t > time) continue;
    const k = run.keys[run.head] as number;
    if (t === time && k > key) continue;
    found = run;
    time = t;
    key = k;
  }
  a.run = found;
  a.time = unboxed(time);
  a.key = key;
  return found !== undefined || near.size > 0;
}

/** Takes away the entry that was found. */
export function take(a: Agenda): void {
  if (a.run === undefined) pop(a.near);
  else shift(a.run);
}

/** Brings near what is due within sight of the first thing beyond the horizon. */
function moveHorizon(a: Agenda): void {
  const { near, far } = a;
  a.horizon = (far.times[0] as number) + SIGHT;
  while (far.size > 0 && (far.times[0] as number) < a.horizon) {
    push(near, far.times[0] as number, far.keys[0] as number);
    pop(far);
  }
}
