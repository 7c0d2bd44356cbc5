/**
 * A number that came out of an array of doubles, as the small whole number that it mostly is.
 * Engines hold those in place; a double gets a box of its own in every record that it is copied to,
 * and makes all records of that shape have boxes there.
 */
export function unboxed(x: number): number {
  const small = x | 0;
  return small === x ? small : x;
}
