/** Lines of an exact width out of styled pieces of text. */
import stringWidth from 'string-width';
import { change, PLAIN, type Style } from './style.ts';

export type Span = string | readonly [text: string, style: Style];

// One cell and one UTF-16 unit each: ASCII, Latin letters, dashes and quotes, arrows, operators,
// strokes, blocks and shapes. Nearly all that is drawn; asking string-width costs far more.
const NARROW =
  /^[ -~\u00A1-\u00AC\u00AE-\u024F\u2010-\u2027\u2030-\u205E\u2190-\u22FF\u2500-\u25FC\u2717]*$/;
// Controls, and the marks that turn the direction of text or take no room: what comes from a file
// must not move the cursor nor disguise other text.
const UNSAFE =
  /[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]/g;

/** Text from outside without anything that a terminal would act on. */
export function safe(text: string): string {
  return NARROW.test(text) ? text : text.replace(UNSAFE, '·');
}

export function widthOf(text: string): number {
  return NARROW.test(text) ? text.length : stringWidth(text);
}

/** Cells of one character: 0, 1 or 2. */
const charWidths = new Map<string, number>();

export function charWidth(char: string): number {
  if (char.length === 1 && char >= ' ' && char <= '~') return 1;
  let width = charWidths.get(char);
  if (width === undefined) {
    width = stringWidth(char);
    charWidths.set(char, width);
  }
  return width;
}

/** As much of a text as fits, with `…` where it was cut. */
export function cut(text: string, width: number): string {
  if (width <= 0) return '';
  if (NARROW.test(text)) {
    return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
  }
  if (stringWidth(text) <= width) return text;
  let out = '';
  let used = 0;
  for (const char of text) {
    const next = charWidth(char);
    if (used + next > width - 1) break;
    out += char;
    used += next;
  }
  return `${out}…`;
}

/** As much of the end of a text as fits, with `…` where it was cut. */
export function cutStart(text: string, width: number): string {
  if (width <= 0) return '';
  if (widthOf(text) <= width) return text;
  const kept: string[] = [];
  let room = width - 1;
  for (const char of [...text].reverse()) {
    room -= charWidth(char);
    if (room < 0) break;
    kept.unshift(char);
  }
  return `…${kept.join('')}`;
}

/** As much of both ends of a text as fits: names in a row often differ in one of them. */
export function cutMiddle(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const end = Math.max(0, Math.floor((width - 1) / 2));
  return cut(text, width - end) + cutStart(text, end + 1).slice(1);
}

/** A text in exactly `width` cells. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fitted = cut(text, width);
  const room = ' '.repeat(Math.max(0, width - widthOf(fitted)));
  return align === 'left' ? fitted + room : room + fitted;
}

/** One line of exactly `width` cells; what does not fit is cut. */
export function line(width: number, spans: readonly Span[], fill: Style = PLAIN): string {
  let out = '';
  let used = 0;
  let now = PLAIN;
  for (const span of spans) {
    if (used >= width) break;
    const [raw, style] = typeof span === 'string' ? [span, PLAIN] : span;
    const text = cut(safe(raw), width - used);
    if (text === '') continue;
    out += change(now, style) + text;
    now = style;
    used += widthOf(text);
  }
  if (used < width) {
    out += change(now, fill) + ' '.repeat(width - used);
    now = fill;
  }
  return out + change(now, PLAIN);
}

/** `left` at the left and `right` at the right end; the left one gives way. */
export function bothEnds(
  width: number,
  left: readonly Span[],
  right: readonly Span[],
  fill: Style = PLAIN,
): string {
  const rightWidth = Math.min(width, spansWidth(right));
  return line(width - rightWidth, left, fill) + line(rightWidth, right, fill);
}

export function spansWidth(spans: readonly Span[]): number {
  let sum = 0;
  for (const span of spans) sum += widthOf(safe(typeof span === 'string' ? span : span[0]));
  return sum;
}

/** Words in lines of at most `width` cells; a longer word is cut into pieces. */
export function wrapWords(text: string, width: number): string[] {
  if (width <= 0) return [];
  const lines: string[] = [];
  let now = '';
  for (let word of safe(text).split(/ +/)) {
    if (now !== '' && widthOf(now) + 1 + widthOf(word) <= width) {
      now += ` ${word}`;
      continue;
    }
    if (now !== '') lines.push(now);
    while (widthOf(word) > width) {
      const head = headOf(word, width);
      lines.push(head);
      word = word.slice(head.length);
    }
    now = word;
  }
  if (now !== '' || lines.length === 0) lines.push(now);
  return lines;
}

function headOf(word: string, width: number): string {
  let head = '';
  let used = 0;
  for (const char of word) {
    const next = charWidth(char);
    if (head !== '' && used + next > width) break;
    head += char;
    used += next;
  }
  return head;
}

/** Exactly `height` lines: the rest is cut off or filled with empty ones. */
export function exactly(lines: readonly string[], width: number, height: number): string[] {
  const out = lines.slice(0, Math.max(0, height));
  const blank = ' '.repeat(Math.max(0, width));
  while (out.length < height) out.push(blank);
  return out;
}
