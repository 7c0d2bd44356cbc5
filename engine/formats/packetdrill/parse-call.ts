/** The parser of calls: `fcntl(7, F_SETFL, O_RDWR | O_NONBLOCK) = 0`. */
import type { Value, WrittenCall } from './ast.ts';
import {
  expectText,
  fail,
  type Scanner,
  sees,
  skipBlanks,
  take,
  takeText,
  takeWhole,
} from './scan.ts';

const NAME = /[A-Za-z_]\w*/y;
const ERRNO = /E[A-Z0-9]{2,}/y;
const NOTE = /\((?:[^()]|\([^()]*\))*\)/y;
const TEXT = /"((?:[^"\\\n]|\\.)*)"/y;
const NUMBER_AHEAD = /-?\s*\d/y;

export function parseCall(s: Scanner): WrittenCall {
  const name = take(s, NAME)?.[0];
  if (name === undefined) fail(s, 'the name of a call');
  expectText(s, '(');
  const args = parseArguments(s, ')');
  expectText(s, '=');
  const result = parseResult(s);
  const errno = take(s, ERRNO)?.[0] ?? '';
  if (sees(s, '(') && take(s, NOTE) === null) fail(s, "')', the end of the note");
  return { name, args, result, errno };
}

function parseResult(s: Scanner): number | null {
  if (takeText(s, '...') || takeText(s, '?')) return null;
  const negative = takeText(s, '-');
  const value = takeWhole(s, 'the result of the call', Number.MAX_SAFE_INTEGER);
  return negative ? -value : value;
}

/** Values up to the closing bracket. */
function parseArguments(s: Scanner, close: ')' | ']'): readonly Value[] {
  const values: Value[] = [];
  if (takeText(s, close)) return values;
  do values.push(parseValue(s));
  while (takeText(s, ','));
  if (!takeText(s, close)) fail(s, `',' or '${close}' after an argument`);
  return values;
}

function parseValue(s: Scanner): Value {
  if (takeText(s, '...')) return { kind: 'any' };
  if (takeText(s, '[')) return { kind: 'list', items: parseArguments(s, ']') };
  if (takeText(s, '{')) return { kind: 'struct', fields: parseFields(s) };
  const quoted = take(s, TEXT);
  if (quoted !== null) return { kind: 'text', text: quoted[1] ?? '' };
  const parts: (number | string)[] = [parsePart(s)];
  const first = parts[0];
  if (typeof first === 'string' && takeText(s, '(')) {
    return { kind: 'apply', name: first, args: parseArguments(s, ')') };
  }
  while (takeText(s, '|')) parts.push(parsePart(s));
  return { kind: 'set', parts };
}

function parsePart(s: Scanner): number | string {
  skipBlanks(s);
  NUMBER_AHEAD.lastIndex = s.at;
  if (NUMBER_AHEAD.test(s.text)) {
    const negative = takeText(s, '-');
    const value = takeWhole(s, 'a number', Number.MAX_SAFE_INTEGER);
    return negative ? -value : value;
  }
  const name = take(s, NAME)?.[0];
  if (name === undefined) fail(s, "an argument: a number, a name, '...', '[' or '{'");
  return name;
}

function parseFields(s: Scanner): ReadonlyMap<string, Value> {
  const fields = new Map<string, Value>();
  if (takeText(s, '}')) return fields;
  do {
    const name = take(s, NAME)?.[0];
    if (name === undefined) fail(s, 'the name of a field');
    if (!takeText(s, '=')) expectText(s, ':');
    fields.set(name, parseValue(s));
  } while (takeText(s, ','));
  if (!takeText(s, '}')) fail(s, "',' or '}' after a field");
  return fields;
}
