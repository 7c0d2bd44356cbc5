/**
 * The text of a script and a place in it. The dialect has no tokens that hold everywhere — `.` is a
 * flag, a fraction or half of `...` — so each rule of the parser says what it takes next.
 *
 * Before that, comments and the branches of `#ifdef` that are not wanted are overwritten by blanks:
 * every place keeps its line and column.
 */
import type { Place } from './ast.ts';

/** Stops the parser: the text is wrong, or means something that is not here. */
export class Stop extends Error {
  override readonly name = 'Stop';
  readonly at: number;
  readonly expected: string;
  /** Set where the text is right, but cannot be run. */
  readonly missing: string;

  constructor(at: number, expected: string, missing = '') {
    super(`at ${at}: ${missing === '' ? `expected ${expected}` : missing}`);
    this.at = at;
    this.expected = expected;
    this.missing = missing;
  }
}

export type Scanner = { readonly text: string; at: number };

const BLANKS = /[\s]*/y;

export function skipBlanks(s: Scanner): void {
  BLANKS.lastIndex = s.at;
  BLANKS.test(s.text);
  s.at = BLANKS.lastIndex;
}

/** What a sticky expression matches after blanks; then the scanner stands behind it. */
export function take(s: Scanner, what: RegExp): RegExpExecArray | null {
  skipBlanks(s);
  what.lastIndex = s.at;
  const found = what.exec(s.text);
  if (found !== null) s.at += found[0].length;
  return found;
}

/** Whether the next characters are these; if so the scanner stands behind them. */
export function takeText(s: Scanner, text: string): boolean {
  skipBlanks(s);
  if (!s.text.startsWith(text, s.at)) return false;
  s.at += text.length;
  return true;
}

/** Whether the next characters are these. */
export function sees(s: Scanner, text: string): boolean {
  skipBlanks(s);
  return s.text.startsWith(text, s.at);
}

export function atEnd(s: Scanner): boolean {
  skipBlanks(s);
  return s.at >= s.text.length;
}

export function expectText(s: Scanner, text: string): void {
  if (!takeText(s, text)) fail(s, `'${text}'`);
}

export function fail(s: Scanner, expected: string): never {
  skipBlanks(s);
  throw new Stop(s.at, expected);
}

/** The text is packetdrill's, but says something that cannot be run here. */
export function missing(at: number, what: string): never {
  throw new Stop(at, '', what);
}

const DECIMAL = /\d+/y;
const WHOLE = /0[xX][0-9a-fA-F]+|\d+/y;

/** A whole number up to `max`. */
export function takeWhole(s: Scanner, what: string, max: number): number {
  const found = take(s, WHOLE);
  if (found === null) fail(s, what);
  const value = Number(found[0]);
  if (value > max) {
    s.at -= found[0].length;
    fail(s, `${what} up to ${max}`);
  }
  return value;
}

/** A decimal number up to `max`: in places where `0x` cannot stand. */
export function takeDecimal(s: Scanner, what: string, max: number): number {
  const found = take(s, DECIMAL);
  if (found === null) fail(s, what);
  const value = Number(found[0]);
  if (value > max) {
    s.at -= found[0].length;
    fail(s, `${what} up to ${max}`);
  }
  return value;
}

export function placeOf(text: string, at: number): Place {
  let line = 1;
  let start = 0;
  for (;;) {
    const end = text.indexOf('\n', start);
    if (end < 0 || end >= at) return { line, column: at - start + 1 };
    line += 1;
    start = end + 1;
  }
}

/** What stands at a place, for messages. */
export function foundAt(text: string, at: number): string {
  if (at >= text.length) return 'the end of the script';
  const word = /^(?:[\w.]+|\S)/.exec(text.slice(at, at + 40));
  return word === null ? 'a blank' : `'${word[0]}'`;
}

/** Overwrites comments and unwanted branches; `defines` are the names that are defined. */
export function prepare(text: string, defines: ReadonlySet<string>): string {
  return withoutBranches(withoutComments(text), defines);
}

function blanked(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

/**
 * Comments hold anything, backticks too; so they are found first, from left to right. In a command
 * a comment begins only after a blank, or every path with two slashes would be cut.
 */
function withoutComments(text: string): string {
  let result = '';
  let at = 0;
  let inCommand = false;
  while (at < text.length) {
    const end = commentEnd(text, at, inCommand);
    if (end < 0) {
      const c = text[at] as string;
      if (c === '`') inCommand = !inCommand;
      result += c;
      at += 1;
      continue;
    }
    result += blanked(text.slice(at, end));
    at = end;
  }
  return result;
}

/** Where the comment that begins here ends; -1: none begins. */
function commentEnd(text: string, at: number, inCommand: boolean): number {
  if (text[at] !== '/') return -1;
  if (inCommand && at > 0 && !/\s/.test(text[at - 1] as string)) return -1;
  if (text[at + 1] === '/') {
    const end = text.indexOf('\n', at);
    return end < 0 ? text.length : end;
  }
  if (text[at + 1] !== '*') return -1;
  const end = text.indexOf('*/', at + 2);
  if (end >= 0) return end + 2;
  if (inCommand) return -1;
  throw new Stop(text.length, "'*/', the end of the comment");
}

const DIRECTIVE = /^[ \t]*#[ \t]*(\w*)[ \t]*(.*?)[ \t\r]*$/gm;

const DIRECTIVES = new Set(
  'if ifdef ifndef else elif elifdef elifndef endif define undef include'.split(' '),
);

/** `#ifdef NAME` to `#endif`: kept where the name is defined; no `#else`, no nesting. */
function withoutBranches(text: string, defines: ReadonlySet<string>): string {
  let result = '';
  let kept = 0;
  let open: { readonly wanted: boolean; readonly from: number } | null = null;
  for (const found of text.matchAll(DIRECTIVE)) {
    const at = found.index + found[0].indexOf('#');
    const end = found.index + found[0].length;
    const [, word = '', rest = ''] = found;
    if (!DIRECTIVES.has(word)) continue;
    if (open === null) {
      if (word !== 'ifdef') throw new Stop(at, '#ifdef, the only directive here');
      if (!/^\w+$/.test(rest)) throw new Stop(end, 'one name after #ifdef');
      result += text.slice(kept, found.index) + blanked(found[0]);
      open = { wanted: defines.has(rest), from: end };
    } else {
      if (word !== 'endif') throw new Stop(at, '#endif: there is no #else, and no nesting');
      const branch = text.slice(open.from, found.index);
      result += (open.wanted ? branch : blanked(branch)) + blanked(found[0]);
      open = null;
    }
    kept = end;
  }
  if (open !== null) throw new Stop(text.length, '#endif');
  return result + text.slice(kept);
}
