/** How a run ends before the end of its script. Caught by the runner alone. */
import type { Place } from './ast.ts';

/** What the script expected is not what happened. */
export class Failed extends Error {
  override readonly name = 'Failed';
  readonly expected: string;
  readonly got: string;

  constructor(expected: string, got: string) {
    super(`expected ${expected} got ${got}`);
    this.expected = expected;
    this.got = got;
  }
}

/** The script wants something that cannot be run here. */
export class Missing extends Error {
  override readonly name = 'Missing';
  readonly what: string;

  constructor(what: string) {
    super(what);
    this.what = what;
  }
}

export type Outcome =
  | { readonly kind: 'passed' }
  | {
      readonly kind: 'failed';
      readonly place: Place;
      readonly expected: string;
      readonly got: string;
    }
  | { readonly kind: 'missing'; readonly place: Place; readonly what: string };
