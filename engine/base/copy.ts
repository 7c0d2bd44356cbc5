/** A copy of a list that may be frozen: V8 slices such a list many times slower than it is read. */
export function copyOf<T>(list: readonly T[]): T[] {
  const copy: T[] = [];
  for (let i = 0; i < list.length; i += 1) copy.push(list[i] as T);
  return copy;
}
