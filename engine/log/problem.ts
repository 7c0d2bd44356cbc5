/**
 * What is wrong with a log, as a value: where it is, what was expected there, what was found, and
 * what one can do about it. Inside the decoder a fault travels as an exception up to the line that
 * holds it; nothing of that leaves the folder.
 */

export type LogProblem = {
  /** From 1. */
  readonly line: number;
  /** Path in the line's JSON, such as `seg.opt.mss`; '' the line as a whole. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;
  /** What to do about it; '' where nothing better than the rest can be said. */
  readonly todo: string;
};

/** A fault in the line that is being read. Caught by the decoder alone. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
  readonly field: string;
  readonly expected: string;
  readonly found: string;
  readonly todo: string;

  constructor(field: string, expected: string, found: string, todo = '') {
    super(`${field}: expected ${expected}, found ${found}`);
    this.field = field;
    this.expected = expected;
    this.found = found;
    this.todo = todo;
  }
}

const SHOWN_MAX = 60;

/** A value as it stands in a message: its JSON, cut where it is long. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

/** A stretch of raw text as it stands in a message. */
export function showText(text: string): string {
  return show(text.length > SHOWN_MAX ? text.slice(0, SHOWN_MAX) : text);
}

/** One line for a person: `file:12: seg.seq: expected …, found …. What to do.` */
export function problemText(problem: LogProblem, file: string): string {
  const field = problem.field === '' ? '' : `${problem.field}: `;
  const todo = problem.todo === '' ? '' : `. ${problem.todo}`;
  const { line, expected, found } = problem;
  return `${file}:${line}: ${field}expected ${expected}, found ${found}${todo}`;
}
