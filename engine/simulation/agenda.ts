/**
 * Pending work in order of time. An entry is only a hint: what is really due is in the snapshot, so
 * entries that have become untrue are dropped when they come up, and a timer that was put off is
 * entered again. The order of two things at one time is fixed by their kind and number alone, so
 * that an agenda rebuilt from a snapshot gives the same order as one that was kept.
 */
import { createHeap, type Heap, push } from '../base/heap.ts';
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
 * Timers have a heap of their own: thousands of connections wait in TIME-WAIT for each thing that
 * is to happen soon, which then is found in a heap that is small.
 */
export type Agenda = {
  readonly soon: Heap;
  readonly timed: Heap;
  /** By host: when the entry of each connection with a timer stands, by its number; 0: none. */
  readonly timers: Sparse[];
};

/** Number of things of a kind at most; keys stay exact integers below 2^53. */
const SPAN = 2 ** 50;

export function createAgenda(): Agenda {
  return { soon: createHeap(), timed: createHeap(), timers: [] };
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
  push(kind === TIMER ? a.timed : a.soon, time, kind * SPAN + number);
}

/** The heap on whose top the first of all entries is; undefined: there is none. */
export function first({ soon, timed }: Agenda): Heap | undefined {
  if (soon.size === 0) return timed.size === 0 ? undefined : timed;
  if (timed.size === 0) return soon;
  const d = (soon.times[0] as number) - (timed.times[0] as number);
  return d < 0 || (d === 0 && (soon.keys[0] as number) < (timed.keys[0] as number)) ? soon : timed;
}
