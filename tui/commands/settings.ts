/** Options that several commands have: knobs, profiles, seeds, and names of what ships. */

import { InvalidArgumentError } from 'commander';
import { Failure } from '../files/failure.ts';
import { type Knobs, type Micros, near, PROFILES, parseKnob, parseTime, seedOf } from './engine.ts';

/** Each worker has a thread, a heap and an engine of its own. */
export const JOBS_MAX = 256;

export type KnobSettings = Partial<Knobs>;

/** Collects `--set` options as they come: `knob=value`. */
export function collectKnobs(text: string, before: KnobSettings): KnobSettings {
  const equals = text.indexOf('=');
  if (equals < 1) {
    throw new Failure(`--set ${text}: expected knob=value, such as time_wait_ms=1000`);
  }
  const name = text.slice(0, equals).trim();
  const dot = name.indexOf('.');
  if (dot > 0) {
    const todo =
      `--set sets ${name.slice(dot + 1)} on every host; for ${name.slice(0, dot)} alone ` +
      'write a scenario script, or let "twomsl fork" set it with --host';
    throw new Failure(`--set ${text}: expected a knob without a host. ${todo}`);
  }
  const parsed = parseKnob(name, text.slice(equals + 1).trim());
  if ('error' in parsed) throw new Failure(`--set ${text}: ${parsed.error}`);
  return { ...before, ...parsed.knobs };
}

export function profileNamed(name: string): string {
  if (Object.hasOwn(PROFILES, name)) return name;
  throw new Failure(unknownName('profile', name, Object.keys(PROFILES)));
}

/** A seed is any text; whole numbers stand for themselves. One that is no such number is a slip. */
export function seedNamed(text: string): number {
  if (text.trim() === '') throw new Failure('--seed: expected a number or a word, found nothing');
  const seed = seedOf(text);
  if (Number.isNaN(Number(text)) || String(seed) === text) return seed;
  const range = 'a whole number from 0 to 4294967295, or a word';
  throw new Failure(`--seed ${text}: expected ${range}`);
}

export function timeNamed(option: string, text: string): Micros {
  const time = parseTime(text);
  if (time !== undefined) return time;
  const units = 'in us, ms, s, m or h; a number alone is in seconds';
  throw new Failure(`${option} ${text}: expected a time such as 1.5s, 20ms or 1m 30s: ${units}`);
}

export function unknownName(what: string, name: string, names: readonly string[]): string {
  // Names that have nothing in common with it would only mislead.
  const alike = near(name, names);
  const hint = alike.length === 0 ? '' : ` The nearest: ${alike.join(', ')}.`;
  return `there is no ${what} "${name}".${hint} "twomsl list" names them all`;
}

// What commander is given to read the values of options.

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('Expected a whole number.');
}

export function jobCount(text: string): number {
  const value = wholeNumber(text);
  if (value >= 1 && value <= JOBS_MAX) return value;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${JOBS_MAX}.`);
}

export function count(text: string): number {
  const value = wholeNumber(text);
  if (value >= 0) return value;
  throw new InvalidArgumentError('Expected a whole number that is not negative.');
}

export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
