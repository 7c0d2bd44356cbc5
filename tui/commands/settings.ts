/** Options that several commands have: knobs, profiles, seeds, and names of what ships. */

import { Failure } from '../files/failure.ts';
import { type Knobs, nearest, PROFILES, parseKnob, seedOf } from './engine.ts';

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

/** A seed is any text; whole numbers stand for themselves. */
export function seedNamed(text: string): number {
  if (text === '') throw new Failure('--seed: expected a number or a word, found nothing');
  return seedOf(text);
}

export function unknownName(what: string, name: string, names: readonly string[]): string {
  const near = nearest(name, names).join(', ');
  return `there is no ${what} "${name}". The nearest: ${near}. "twomsl list" names them all`;
}
