/**
 * Pending work in order of time. An entry is only a hint: what is really due is in the snapshot, so
 * entries that have become untrue are dropped when they come up, and a timer that was put off is
 * entered again. The order of two things at one time is fixed by their kind and number alone, so
 * that an agenda rebuilt from a snapshot gives the same order as one that was kept.
 */
import type { Micros } from '../base/time.ts';

/** Kinds of work, in the order in which they happen at one time. */
export const PLANNED = 0;
export const ARRIVAL = 1;
export const TIMER = 2;
export const WAKE = 3;
export const CALL = 4;

/** A binary heap in two parallel arrays: the time, and kind and number in one key. */
export type Agenda = {
  times: Float64Array;
  keys: Float64Array;
  size: number;
  /** When the entry of each connection with a timer stands, by its key. */
  readonly timers: Map<number, Micros>;
};

const INITIAL = 1024;
/** Number of things of a kind at most; keys stay exact integers below 2^53. */
const SPAN = 2 ** 50;

export function createAgenda(): Agenda {
  return {
    times: new Float64Array(INITIAL),
    keys: new Float64Array(INITIAL),
    size: 0,
    timers: new Map(),
  };
}

export function keyOf(kind: number, number: number): number {
  return kind * SPAN + number;
}

export function kindOf(key: number): number {
  return Math.floor(key / SPAN);
}

export function numberOf(key: number): number {
  return key % SPAN;
}

export function push(a: Agenda, time: Micros, key: number): void {
  if (a.size === a.times.length) enlarge(a);
  const { times, keys } = a;
  let at = a.size;
  a.size += 1;
  while (at > 0) {
    const up = (at - 1) >> 1;
    const upTime = times[up] as number;
    if (upTime < time || (upTime === time && (keys[up] as number) <= key)) break;
    times[at] = upTime;
    keys[at] = keys[up] as number;
    at = up;
  }
  times[at] = time;
  keys[at] = key;
}

/** Removes the first entry; look at `times[0]` and `keys[0]` before. */
export function pop(a: Agenda): void {
  const { times, keys } = a;
  a.size -= 1;
  const size = a.size;
  if (size === 0) return;
  const time = times[size] as number;
  const key = keys[size] as number;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= size) break;
    if (child + 1 < size && before(times, keys, child + 1, child)) child += 1;
    const childTime = times[child] as number;
    if (time < childTime || (time === childTime && key <= (keys[child] as number))) break;
    times[at] = childTime;
    keys[at] = keys[child] as number;
    at = child;
  }
  times[at] = time;
  keys[at] = key;
}

function before(times: Float64Array, keys: Float64Array, a: number, b: number): boolean {
  const d = (times[a] as number) - (times[b] as number);
  return d < 0 || (d === 0 && (keys[a] as number) < (keys[b] as number));
}

function enlarge(a: Agenda): void {
  const times = new Float64Array(a.times.length * 2);
  const keys = new Float64Array(a.keys.length * 2);
  times.set(a.times);
  keys.set(a.keys);
  a.times = times;
  a.keys = keys;
}
