/**
 * Delta debugging (Zeller's ddmin): of a list that fails, a shorter one that still fails, from
 * which no chunk, at last no single item, can be left out.
 */

/** `fails` is asked at most `most` times; what is best by then is given. */
export function minimize<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => boolean,
  most = 2_000,
): readonly T[] {
  let best = items;
  let asked = 0;
  let chunk = Math.max(1, best.length >> 1);
  while (asked < most) {
    let shorter = false;
    for (let from = 0; from < best.length && asked < most; ) {
      const without = [...best.slice(0, from), ...best.slice(from + chunk)];
      asked += 1;
      if (fails(without)) {
        best = without;
        shorter = true;
      } else from += chunk;
    }
    if (chunk === 1 && !shorter) return best;
    chunk = Math.max(1, Math.min(chunk, best.length) >> 1);
  }
  return best;
}
