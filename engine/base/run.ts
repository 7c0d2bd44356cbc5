/**
 * Pairs of numbers, a time and a key, that came in their order: the last goes to the end, the first
 * is at the front. Where things come in order this does in a step what a heap does in many. Whoever
 * takes looks at `times[head]` and `keys[head]` before.
 */

export type Run = { times: Float64Array; keys: Float64Array; head: number; tail: number };

const INITIAL = 1024;

export function createRun(): Run {
  return { times: new Float64Array(INITIAL), keys: new Float64Array(INITIAL), head: 0, tail: 0 };
}

/** Puts a pair at the end. False: it comes before the last one, so that it cannot stand there. */
export function append(run: Run, time: number, key: number): boolean {
  const { head, tail } = run;
  if (tail > head) {
    const last = run.times[tail - 1] as number;
    if (time < last || (time === last && key < (run.keys[tail - 1] as number))) return false;
  }
  if (tail === run.times.length) makeRoom(run);
  run.times[run.tail] = time;
  run.keys[run.tail] = key;
  run.tail += 1;
  return true;
}

/** Takes the first pair away. */
export function shift(run: Run): void {
  run.head += 1;
  if (run.head < run.tail) return;
  run.head = 0;
  run.tail = 0;
}

/** Moves all to the beginning; if they take half of the arrays, to larger ones. */
function makeRoom(run: Run): void {
  const { head, tail, times, keys } = run;
  const size = tail - head;
  const large = size * 2 > times.length;
  const into = (from: Float64Array): Float64Array => {
    const to = large ? new Float64Array(from.length * 2) : from;
    to.set(from.subarray(head, tail));
    return to;
  };
  run.times = into(times);
  run.keys = into(keys);
  run.head = 0;
  run.tail = size;
}
