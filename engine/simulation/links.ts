/** The rules of a link, as a person writes them. */
import { cleanLink, type LinkRules } from '../network/topology.ts';
import { type Duration, fail, found, micros } from './steps.ts';

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
  if (typeof rules !== 'object' || rules === null) {
    fail(`link: expected rules, such as { delay: '20ms' }, found ${found(rules)}`);
  }
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
        if (typeof value !== 'number' || !(value >= 0 && value <= 1)) {
          fail(`link, ${name}: expected a share from 0 to 1, found ${found(value)}`);
        }
        known[name] = value;
        break;
      default:
        fail(`link: there is no rule ${name}; there are ${Object.keys(DEFAULT_LINK).join(', ')}`);
    }
  }
  return known;
}
