/**
 * A binary heap of pairs of numbers, a time and a key, in two parallel arrays: the least time is on
 * top, and of equal times the least key. Whoever pops looks at `times[0]` and `keys[0]` before.
 */

export type Heap = { times: Float64Array; keys: Float64Array; size: number };

const INITIAL = 1024;

export function createHeap(): Heap {
  return { times: new Float64Array(INITIAL), keys: new Float64Array(INITIAL), size: 0 };
}

export function push(heap: Heap, time: number, key: number): void {
  if (heap.size === heap.times.length) enlarge(heap);
  const { times, keys } = heap;
  let at = heap.size;
  heap.size += 1;
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

/** Removes the top. */
export function pop(heap: Heap): void {
  const { times, keys } = heap;
  heap.size -= 1;
  const size = heap.size;
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

function enlarge(heap: Heap): void {
  const times = new Float64Array(heap.times.length * 2);
  const keys = new Float64Array(heap.keys.length * 2);
  times.set(heap.times);
  keys.set(heap.keys);
  heap.times = times;
  heap.keys = keys;
}
