/**
 * Reading the fields of a line's JSON. Every function either gives a value of the promised type or
 * throws `Malformed` with the field's path, what was expected and what was found.
 */
import { canonicalAddress } from '../base/address.ts';
import { nearest } from './nearest.ts';
import { Malformed, show } from './problem.ts';

export type Json = Readonly<Record<string, unknown>>;

const SEQ_MAX = 0xffff_ffff;
const PORT_MAX = 0xffff;

export function objectAt(value: unknown, path: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new Malformed(path, 'an object', show(value));
}

export function listAt(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Malformed(path, 'a list', show(value));
}

export function textAt(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  throw new Malformed(path, 'a text', show(value));
}

export function flagAt(value: unknown, path: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new Malformed(path, 'true or false', show(value));
}

/** A whole number from `min` to `max`. */
export function wholeAt(
  value: unknown,
  path: string,
  min = 0,
  max = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
    // JSON can say -0, which is another value than 0.
    return value + 0;
  }
  // A larger one is not the number that was written any more.
  const beyond = typeof value === 'number' && value > Number.MAX_SAFE_INTEGER;
  const largest = max === Number.MAX_SAFE_INTEGER ? '2^53 - 1' : max;
  const bound = beyond || max !== Number.MAX_SAFE_INTEGER ? `from ${min} to ${largest}` : '';
  const found = beyond ? 'a larger one' : show(value);
  throw new Malformed(path, `a whole number ${bound || `of at least ${min}`}`, found);
}

export function seqAt(value: unknown, path: string): number {
  return wholeAt(value, path, 0, SEQ_MAX);
}

export function portAt(value: unknown, path: string): number {
  return wholeAt(value, path, 0, PORT_MAX);
}

/** A probability. */
export function shareAt(value: unknown, path: string): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw new Malformed(path, 'a number from 0 to 1', show(value));
}

export function choiceAt<const T extends string>(
  value: unknown,
  choices: readonly T[],
  path: string,
): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new Malformed(path, oneOf(choices), show(value));
}

export function oneOf(choices: readonly string[]): string {
  return `one of ${choices.join(', ')}`;
}

const NAMED_MAX = 12;

/** All the names where they are few, else those that a misspelt one may stand for. */
function someOf(key: string, known: readonly string[]): string {
  if (known.length <= NAMED_MAX) return oneOf(known);
  return `${oneOf(nearest(key, known))} (${known.length} in all)`;
}

/** Nothing but the fields that are known: a misspelt one would be lost in silence. */
export function onlyFields(object: Json, known: ReadonlySet<string>, path: string): void {
  for (const key in object) {
    if (!known.has(key)) {
      const where = path === '' ? key : `${path}.${key}`;
      throw new Malformed(
        where,
        `no field of this name, but ${someOf(key, [...known])}`,
        show(key),
      );
    }
  }
}

/** Addresses are few and stand in every line: each text is parsed once. */
const addresses = new Map<string, string>();
const ADDRESSES_MAX = 4096;

/** An address in any of its texts, made canonical. */
export function addressAt(text: string, path: string): string {
  const known = addresses.get(text);
  if (known !== undefined) return known;
  const canonical = canonicalAddress(text);
  if (canonical === undefined) throw new Malformed(path, 'an IPv4 or IPv6 address', show(text));
  if (addresses.size >= ADDRESSES_MAX) addresses.clear();
  addresses.set(text, canonical);
  return canonical;
}

/** The address of `10.0.0.1:80` or `[fd00::1]:80`; '' of `:80`, where it is left open. */
export function endpointAddress(text: string, path: string): string {
  const colon = text.lastIndexOf(':');
  if (colon === 0) return '';
  const bracketed = text.startsWith('[') && text[colon - 1] === ']';
  const bare = bracketed ? text.slice(1, colon - 1) : text.slice(0, Math.max(colon, 0));
  if (colon < 0 || bracketed !== bare.includes(':')) {
    throw new Malformed(path, 'an endpoint as 10.0.0.1:80 or [fd00::1]:80', show(text));
  }
  return addressAt(bare, path);
}

export function endpointPort(text: string, path: string): number {
  const port = digitsFrom(text, text.lastIndexOf(':') + 1, text.length);
  if (port >= 0 && port <= PORT_MAX) return port;
  throw new Malformed(path, 'an endpoint with a port from 0 to 65535', show(text));
}

/** The decimal number in `text` from `start` to `end`; -1 where there is none. */
export function digitsFrom(text: string, start: number, end: number): number {
  if (end <= start || end - start > 15) return -1;
  let value = 0;
  for (let i = start; i < end; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
