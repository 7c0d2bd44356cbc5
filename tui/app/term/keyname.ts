/**
 * Names for what Ink reports of the keyboard and the mouse.
 *
 * Keys that arrive in one chunk come as one report, so a report is a list of names. Ink keeps
 * reports of the mouse (SGR 1006) to itself: they are found in what the stream gave it.
 */
import type { Key } from 'ink';

const NAMED: readonly (readonly [keyof Key, string])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'esc'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
];

const CONTROL: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u001B': 'esc',
  '\u007F': 'backspace',
  '\b': 'backspace',
};

function charName(char: string): string {
  const code = char.charCodeAt(0);
  if (code < 27 && CONTROL[char] === undefined) return `C-${String.fromCharCode(code + 96)}`;
  return CONTROL[char] ?? char;
}

/** A control sequence that Ink took for typed text, without its first byte. */
const SEQUENCE = /^\[[<?\d;]+[A-Za-z~]$/;

export function keyNames(input: string, key: Key): readonly string[] {
  for (const [flag, name] of NAMED) {
    if (key[flag] !== true) continue;
    const shifts = name === 'left' || name === 'right' || name === 'tab';
    return [shifts && key.shift ? `S-${name}` : name];
  }
  if (key.ctrl) return input === '' ? [] : [`C-${input}`];
  if (key.meta || SEQUENCE.test(input)) return [];
  return [...input].map(charName).filter((name) => name >= ' ');
}

export type Mouse = {
  readonly kind: 'press' | 'drag' | 'up' | 'down';
  /** From 0. */
  readonly x: number;
  readonly y: number;
};

const REPORT = /\u001B\[<(\d+);(\d+);(\d+)([Mm])/g;

/** Presses and moves of the left button and turns of the wheel, among other input. */
export function mouseReports(input: string): readonly Mouse[] {
  return [...input.matchAll(REPORT)].flatMap((found) => reportOf(found) ?? []);
}

function reportOf(found: RegExpExecArray): Mouse | undefined {
  if (found[4] === 'm') return undefined;
  const at = { x: Number(found[2]) - 1, y: Number(found[3]) - 1 };
  switch (Number(found[1])) {
    case 0:
      return { kind: 'press', ...at };
    case 32:
      return { kind: 'drag', ...at };
    case 64:
      return { kind: 'up', ...at };
    case 65:
      return { kind: 'down', ...at };
    default:
      return undefined;
  }
}

/** Reports of buttons and of moves while one is held, in the form of SGR. */
export const MOUSE_ON = '\u001B[?1002h\u001B[?1006h';
export const MOUSE_OFF = '\u001B[?1006l\u001B[?1002l';
