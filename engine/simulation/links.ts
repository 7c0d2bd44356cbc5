/** The rules of a link, as a person writes them. */
import { cleanLink, type LinkRules } from '../network/topology.ts';
import { type Duration, fail, micros } from './steps.ts';

export type LinkOptions = {
  readonly delay?: Duration;
  readonly jitter?: Duration;
  readonly loss?: number;
  readonly duplicate?: number;
  readonly reorder?: number;
  readonly reorderDelay?: Duration;
};

export const DEFAULT_LINK: LinkRules = Object.freeze(cleanLink(10_000));

/** The rules that are given, in microseconds and shares. */
export function rulesOf(rules: LinkOptions): Partial<LinkRules> {
  const known: Record<string, number> = {};
  for (const [name, value] of Object.entries(rules)) {
    switch (name) {
      case 'delay':
      case 'jitter':
      case 'reorderDelay':
        known[name] = micros(value, `link, ${name}`);
        break;
      case 'loss':
      case 'duplicate':
      case 'reorder':
        if (!(Number(value) >= 0 && Number(value) <= 1)) {
          fail(`link, ${name}: expected a share from 0 to 1, found ${value}`);
        }
        known[name] = Number(value);
        break;
      default:
        fail(`link: there is no rule ${name}; there are ${Object.keys(DEFAULT_LINK).join(', ')}`);
    }
  }
  return known;
}
