/** packetdrill scripts: text to a script, a script to its outcome. */
import type { Parsed, Place } from './ast.ts';
import type { Outcome } from './failure.ts';
import { parseScript } from './parse.ts';
import { type Run, runScript } from './run.ts';

export type { Place } from './ast.ts';
export { type Exported, exportScript } from './export.ts';
export type { Outcome } from './failure.ts';
export type { Run };

/** What became of a script's text: an outcome, or why it could not be read. */
export type Verdict =
  | Outcome
  | {
      readonly kind: 'error';
      readonly place: Place;
      readonly expected: string;
      readonly found: string;
    };

export type Drilled = {
  readonly verdict: Verdict;
  readonly warnings: readonly string[];
  /** The run as a log; null where it was not run. */
  readonly run: Run | null;
};

/** What holds no event would pass whatever our TCP does. */
const NOTHING: Verdict = {
  kind: 'error',
  place: { line: 1, column: 1 },
  expected: 'a script',
  found: 'no event in it',
};

/** Reads a script and runs it. */
export function drill(
  text: string,
  options: {
    readonly name: string;
    readonly profile: string;
    readonly defines: readonly string[];
  },
): Drilled {
  const parsed: Parsed = parseScript(text, options.defines);
  if (parsed.kind !== 'script') return { verdict: parsed, warnings: [], run: null };
  if (parsed.script.events.length === 0) return { verdict: NOTHING, warnings: [], run: null };
  const run = runScript(parsed.script, options);
  return { verdict: run.outcome, warnings: run.warnings, run };
}

function failureText(file: string, failed: Extract<Verdict, { kind: 'failed' }>): string {
  const { place, expected, got } = failed;
  return `not ok ${file}:${place.line}: expected ${expected} got ${got}`;
}

/**
 * One line for a person and for a program: `ok FILE`, `not ok FILE:LINE: …`, `skip FILE:LINE: …`.
 */
export function verdictText(file: string, verdict: Verdict): string {
  switch (verdict.kind) {
    case 'passed':
      return `ok ${file}`;
    case 'failed':
      return failureText(file, verdict);
    case 'missing':
      return `skip ${file}:${verdict.place.line}: ${verdict.what}`;
    case 'error': {
      const { line, column } = verdict.place;
      const where = `${file}:${line}:${column}`;
      return `not ok ${where}: expected ${verdict.expected}, found ${verdict.found}`;
    }
  }
}
