/**
 * The parser of `%{ assert tcpi_state == TCPI_ESTABLISHED, "message"; assert … }%`: the comparisons
 * of Python that scripts make with the fields of TCP_INFO, by precedence.
 */
import type { Assertion, Comparison, Expression } from './ast.ts';
import {
  fail,
  missing,
  placeOf,
  type Scanner,
  sees,
  skipBlanks,
  take,
  takeText,
  takeWhole,
} from './scan.ts';

const NAME = /[A-Za-z_]\w*/y;
const WORD_ASSERT = /assert\b/y;
const WORD = /(and|or|not)\b/y;
const COMPARES = /==|!=|<=|>=|<(?!<)|>(?!>)/y;
const QUOTED = /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'/y;
/** Anything up to the end of the assertion. */
const MESSAGE = /(?:(?!\}%)[^;\n])*/y;
const JOINED = /(?:;|\\[ \t\r]*\n)+/y;
const STATEMENT = /[A-Za-z_]\w*/y;

/** Reads up to `}%`, which is left. */
export function parseAssertions(s: Scanner): readonly Assertion[] {
  const assertions: Assertion[] = [];
  for (;;) {
    while (take(s, JOINED) !== null);
    if (sees(s, '}%')) return assertions;
    skipBlanks(s);
    const { at } = s;
    if (take(s, WORD_ASSERT) === null) {
      const word = take(s, STATEMENT)?.[0];
      if (word !== undefined) missing(at, `${word} in %{ … }%, where only assert is known`);
      fail(s, "assert, or '}%'");
    }
    const that = parseOr(s);
    const text = s.text
      .slice(at, s.at)
      .replace(/(?:\\?\s)+/g, ' ')
      .trim();
    const message = parseMessage(s);
    assertions.push({ place: placeOf(s.text, at), text, that, message });
  }
}

function parseMessage(s: Scanner): string {
  if (!takeText(s, ',')) return '';
  join(s);
  const quoted = take(s, QUOTED);
  if (quoted !== null) return quoted[0].slice(1, -1);
  return take(s, MESSAGE)?.[0].trim() ?? '';
}

/** A line that ends in a backslash goes on. */
const CONTINUED = /\\[ \t\r]*\n/y;

function join(s: Scanner): void {
  while (take(s, CONTINUED) !== null);
}

function takeWord(s: Scanner, word: string): boolean {
  join(s);
  const { at } = s;
  if (take(s, WORD)?.[1] === word) return true;
  s.at = at;
  return false;
}

function parseOr(s: Scanner): Expression {
  let left = parseAnd(s);
  while (takeWord(s, 'or')) left = { kind: 'logic', op: 'or', left, right: parseAnd(s) };
  return left;
}

function parseAnd(s: Scanner): Expression {
  let left = parseNot(s);
  while (takeWord(s, 'and')) left = { kind: 'logic', op: 'and', left, right: parseNot(s) };
  return left;
}

function parseNot(s: Scanner): Expression {
  if (takeWord(s, 'not')) return { kind: 'not', of: parseNot(s) };
  return parseComparison(s);
}

/** A chain `a < b < c` is `a < b and b < c`. */
function parseComparison(s: Scanner): Expression {
  let left = parseBinary(s, 0);
  let whole: Expression | null = null;
  for (;;) {
    join(s);
    const op = take(s, COMPARES)?.[0] as Comparison | undefined;
    if (op === undefined) return whole ?? left;
    const right = parseBinary(s, 0);
    const step: Expression = { kind: 'binary', op, left, right };
    whole = whole === null ? step : { kind: 'logic', op: 'and', left: whole, right: step };
    left = right;
  }
}

/** Python's operators that bind tighter than comparisons, from the loosest. */
const LEVELS = [/\|/y, /\^/y, /&/y, /<<|>>/y, /[+-]/y, /[*/%](?!\{)/y] as const;
type Operator = '&' | '|' | '^' | '+' | '-' | '*' | '/' | '%' | '<<' | '>>';

function parseBinary(s: Scanner, level: number): Expression {
  const operator = LEVELS[level];
  if (operator === undefined) return parseUnary(s);
  let left = parseBinary(s, level + 1);
  for (;;) {
    join(s);
    if (sees(s, '}%')) return left;
    const op = take(s, operator)?.[0] as Operator | undefined;
    if (op === undefined) return left;
    left = { kind: 'binary', op, left, right: parseBinary(s, level + 1) };
  }
}

function parseUnary(s: Scanner): Expression {
  join(s);
  if (takeText(s, '-')) return { kind: 'minus', of: parseUnary(s) };
  if (takeText(s, '(')) {
    const inner = parseOr(s);
    join(s);
    if (!takeText(s, ')')) fail(s, "')'");
    return inner;
  }
  skipBlanks(s);
  const { at } = s;
  const name = take(s, NAME)?.[0];
  if (name !== undefined) return { kind: 'name', name, place: placeOf(s.text, at) };
  return {
    kind: 'number',
    value: takeWhole(s, 'a number, a field of TCP_INFO or TCPI_…', 2 ** 53),
  };
}
