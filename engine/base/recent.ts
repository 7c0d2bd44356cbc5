/**
 * The few values that were asked for last, by a number. Two small arrays and not a map: a map that
 * things go in and out of leaves its old tables behind, each of which holds on to what it held, and
 * a collector of young garbage takes it all to be in use.
 */

export type Recent<V> = {
  readonly keys: number[];
  readonly values: V[];
  readonly max: number;
};

export function createRecent<V>(max: number): Recent<V> {
  return { keys: [], values: [], max };
}

/** The value of a key, which then was asked for last; undefined: it is not among the few. */
export function recall<V>(r: Recent<V>, key: number): V | undefined {
  const at = r.keys.indexOf(key);
  if (at < 0) return undefined;
  const value = r.values[at] as V;
  moveUp(r, at, key, value);
  return value;
}

/** Puts a value in; the one that nobody asked for longest goes if there are too many. */
export function remember<V>(r: Recent<V>, key: number, value: V): void {
  const known = r.keys.indexOf(key);
  const at = known >= 0 ? known : r.keys.length < r.max ? r.keys.length : r.max - 1;
  moveUp(r, at, key, value);
}

/** What stands before place `at` moves down by one; the pair comes to the front. */
function moveUp<V>({ keys, values }: Recent<V>, at: number, key: number, value: V): void {
  for (let i = at; i > 0; i -= 1) {
    keys[i] = keys[i - 1] as number;
    values[i] = values[i - 1] as V;
  }
  keys[0] = key;
  values[0] = value;
}
