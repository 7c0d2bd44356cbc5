/** What is said of a knob, and of the numbers, switches and texts among them. */
import type { KnobRange } from './knob-range.ts';

export type KnobValue = number | boolean | string;

export type KnobInfo<T extends KnobValue> = {
  readonly value: T;
  /** The values a text knob may take; null for numbers and switches. */
  readonly choices: readonly T[] | null;
  /** Null for all but numbers. */
  readonly range: KnobRange | null;
  readonly says: string;
  readonly source: string;
};

/** In milliseconds nearly 25 days: what the timers of the stacks hold. */
const COUNT: KnobRange = { min: 0, max: 2_147_483_647 };
/** Of what would go on without end, or do nothing, at 0. */
export const AT_LEAST_1: KnobRange = { ...COUNT, min: 1 };
export const PORT: KnobRange = { min: 1, max: 65_535 };
export const ZERO_TO_TWO: KnobRange = { min: 0, max: 2 };
/** Linux MAX_TCP_SYNCNT. */
export const SYN_RETRIES: KnobRange = { min: 0, max: 127 };
/** A tick is a whole microsecond at least. */
export const TICKS: KnobRange = { min: 0, max: 1_000_000 };
/** The least leaves room for text after the headers of IPv6 and TCP and the timestamps. */
export const MTU: KnobRange = { min: 88, max: 65_535 };
export const NUMBER_32: KnobRange = { min: 0, max: 0xffff_ffff };

export const count = (
  value: number,
  says: string,
  source: string,
  range = COUNT,
): KnobInfo<number> => ({
  value,
  choices: null,
  range,
  says,
  source,
});

export const flag = (value: boolean, says: string, source: string): KnobInfo<boolean> => ({
  value,
  choices: null,
  range: null,
  says,
  source,
});

export function choice<const C extends readonly string[]>(
  choices: C,
  value: C[number],
  says: string,
  source: string,
): KnobInfo<C[number]> {
  return { value, choices, range: null, says, source };
}
