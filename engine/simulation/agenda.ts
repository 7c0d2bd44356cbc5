/**
 * Pending work in order of time. An entry is only a hint: what is really due is in the snapshot, so
 * entries that have become untrue are dropped when they come up, and a timer that was put off is
 * entered again. The order of two things at one time is fixed by their kind and number alone, so
 * that an agenda rebuilt from a snapshot gives the same order as one that was kept.
 */
import { createHeap, type Heap, isSooner, pop, push } from '../base/heap.ts';
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
 * Three heaps, so that those which are used most are small. Calls are entered for the present
 * moment and are nearly always made next. What is due beyond the horizon waits in a heap of its
 * own, for there may be millions of it: connections that linger in TIME-WAIT, processes that wait
 * for long. The horizon moves on when nothing before it is left.
 */
export type Agenda = {
  readonly calls: Heap;
  readonly near: Heap;
  readonly far: Heap;
  horizon: Micros;
  /** By host: when the entry of each connection with a timer stands, by its number; 0: none. */
  readonly timers: Sparse[];
};

/** How far the horizon is, µs: further than a segment travels on most links. */
const SIGHT = 131_072;

/** Number of things of a kind at most; keys stay exact integers below 2^53. */
const SPAN = 2 ** 50;

export function createAgenda(): Agenda {
  return { calls: createHeap(), near: createHeap(), far: createHeap(), horizon: 0, timers: [] };
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
  push(heapFor(a, time, kind), time, kind * SPAN + number);
}

function heapFor(a: Agenda, time: Micros, kind: number): Heap {
  if (kind === CALL) return a.calls;
  return time < a.horizon ? a.near : a.far;
}

/** The heap on whose top the first of all entries is; undefined: there is none. */
export function first(a: Agenda): Heap | undefined {
  const { calls, near, far } = a;
  if (near.size === 0 && far.size > 0) moveHorizon(a);
  if (calls.size === 0) return near.size === 0 ? undefined : near;
  if (near.size === 0) return calls;
  return isSooner(near, calls) ? near : calls;
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
