/** What `--find` asks for: a state of A, of B, or of both. */
import { nearest } from '../log/codec.ts';
import { isState, STATES, type State } from '../tcp/states.ts';
import type { Pair } from './explore.ts';

/** Undefined: any state. */
export type PairQuery = { readonly a: State | undefined; readonly b: State | undefined };

/** Reads `A=CLOSING, B=TIME-WAIT`; an error is a sentence. */
export function parsePairQuery(text: string): PairQuery | { readonly error: string } {
  const found = new Map<string, State>();
  for (const part of text.split(',')) {
    const [side, name, ...rest] = part.split('=').map((word) => word.trim().toUpperCase());
    if (name === undefined || rest.length > 0 || (side !== 'A' && side !== 'B')) {
      const example = 'A=CLOSING, B=TIME-WAIT';
      return { error: `expected states of A, B or both, such as "${example}"; found "${text}"` };
    }
    const state = name.replaceAll('_', '-');
    if (!isState(state)) {
      const near = nearest(state, STATES)[0] ?? 'CLOSED';
      const all = STATES.join(', ');
      return { error: `there is no state "${name}"; the nearest is ${near}. The eleven: ${all}` };
    }
    if (found.has(side)) return { error: `${side} is given twice in "${text}"` };
    found.set(side, state);
  }
  return { a: found.get('A'), b: found.get('B') };
}

export function matchesQuery(query: PairQuery, [a, b]: Pair): boolean {
  return (query.a === undefined || query.a === a) && (query.b === undefined || query.b === b);
}

export function queryText({ a, b }: PairQuery): string {
  const sides = [a === undefined ? '' : `A=${a}`, b === undefined ? '' : `B=${b}`];
  return sides.filter((side) => side !== '').join(', ');
}
