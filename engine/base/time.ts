/**
 * Virtual time: a whole number of microseconds since the start of a simulation, or the length of
 * an interval. Integers make every comparison exact and every runtime agree; a double holds them
 * exactly for 285 years. Text has one written form, in seconds with a point, whatever the locale:
 * seconds can be subtracted by eye, which minutes and hours cannot.
 */

/** A point in virtual time or an interval, in whole microseconds. */
export type Micros = number;

const MILLISECOND: Micros = 1_000;
export const SECOND: Micros = 1_000_000;
export const MINUTE: Micros = 60 * SECOND;
const HOUR: Micros = 60 * MINUTE;

const UNITS: Readonly<Record<string, Micros>> = {
  us: 1,
  µs: 1, // U+00B5, the micro sign
  μs: 1, // U+03BC, the Greek letter
  ms: MILLISECOND,
  s: SECOND,
  m: MINUTE,
  min: MINUTE,
  h: HOUR,
};

const PART = /^(\d+(?:\.\d*)?|\.\d+)\s*(us|µs|μs|ms|s|min|m|h)\s*/;
const PLAIN = /^(?:\d+(?:\.\d*)?|\.\d+)$/;

/**
 * Reads an interval: `1.5s`, `20ms`, `300us`, `2m`, `1h`, several parts as in `1m 30s`, or a plain
 * number of seconds. Rounded to the nearest microsecond. Undefined when the text is none of these.
 */
export function parseTime(text: string): Micros | undefined {
  let rest = text.trim();
  if (PLAIN.test(rest)) return wholeMicros(Number(rest) * SECOND);
  if (rest === '') return undefined;
  let total = 0;
  while (rest !== '') {
    const part = PART.exec(rest);
    const unit = UNITS[part?.[2] ?? ''];
    if (part === null || unit === undefined) return undefined;
    total += Number(part[1]) * unit;
    rest = rest.slice(part[0].length);
  }
  return wholeMicros(total);
}

function wholeMicros(us: number): Micros | undefined {
  const rounded = Math.round(us);
  return Number.isSafeInteger(rounded) ? rounded : undefined;
}

/**
 * Seconds with three decimals, or with six where milliseconds would hide something: `0.204 s`,
 * `61.200 s`, `0.204017 s`. `parseTime` reads it back exactly.
 */
export function formatTime(us: Micros): string {
  const sign = us < 0 ? '-' : '';
  const size = Math.abs(Math.round(us));
  const seconds = Math.floor(size / SECOND);
  const micros = String(size % SECOND).padStart(6, '0');
  const decimals = micros.endsWith('000') ? micros.slice(0, 3) : micros;
  return `${sign}${seconds}.${decimals} s`;
}
