/** What the numbers among the knobs may be. */

/** The values that a number may take, both ends included. */
export type KnobRange = { readonly min: number; readonly max: number };

export function inRange(value: number, { min, max }: KnobRange): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

export function rangeText({ min, max }: KnobRange): string {
  return `a whole number from ${min} to ${max}`;
}
