import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { Canvas } from '../../../tui/app/term/canvas.ts';
import {
  bothEnds,
  cut,
  exactly,
  line,
  pad,
  safe,
  widthOf,
  wrapWords,
} from '../../../tui/app/term/line.ts';
import { change, PLAIN, restyle, style } from '../../../tui/app/term/style.ts';

const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom('漢字かな', '\u001B[31mred', 'a\u0000b', '‮gnp', '👩‍👩‍👧'),
);
const red = style({ fg: 1, bold: true });

describe('a line', () => {
  test('has exactly its width, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(text), fc.integer({ min: 0, max: 60 }), (parts, width) => {
        const spans = parts.map((part, i) => (i % 2 === 0 ? part : ([part, red] as const)));
        expect(stringWidth(line(width, spans))).toBe(width);
        expect(stringWidth(bothEnds(width, spans, ['end']))).toBe(width);
        expect(stringWidth(pad(safe(parts[0] ?? ''), width))).toBe(width);
        expect(widthOf(cut(safe(parts[0] ?? ''), width))).toBeLessThanOrEqual(width);
      }),
    );
  });

  test('lets nothing through that a terminal would act on', () => {
    const out = line(20, ['\u001B]0;title\u0007\u009B2J\r\n‮x']);
    expect(out).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202E]/);
  });

  test('changes colours without switching off between them, and once at the end', () => {
    const blue = style({ fg: 4 });
    expect(
      line(4, [
        ['ab', red],
        ['cd', blue],
      ]),
    ).toBe('\u001B[1m\u001B[31mab\u001B[22m\u001B[34mcd\u001B[39m');
  });

  test('wraps words within the width and loses none', () => {
    fc.assert(
      fc.property(fc.lorem({ maxCount: 30 }), fc.integer({ min: 1, max: 50 }), (words, width) => {
        const lines = wrapWords(words, width);
        expect(lines.every((one) => widthOf(one) <= width)).toBe(true);
        expect(lines.join('').replaceAll(' ', '')).toBe(words.replaceAll(' ', ''));
      }),
    );
  });

  test('exactly gives as many lines as asked for', () => {
    expect(exactly(['ab'], 2, 3)).toEqual(['ab', '  ', '  ']);
    expect(exactly(['ab', 'cd'], 2, 1)).toEqual(['ab']);
  });
});

describe('a style', () => {
  test('is one object for one look', () => {
    expect(style({ fg: 1, bold: true })).toBe(red);
    expect(restyle(red, { bold: false, fg: -1 })).toBe(PLAIN);
  });

  test('dim after bold first switches the weight off', () => {
    expect(change(style({ bold: true }), style({ dim: true }))).toBe('\u001B[22m\u001B[2m');
    expect(change(style({ bg: 200 }), PLAIN)).toBe('\u001B[49m');
  });
});

describe('a canvas', () => {
  test('joins strokes where they meet', () => {
    const canvas = new Canvas(5, 3);
    canvas.stroke([
      [0, 1],
      [4, 1],
    ]);
    canvas.stroke([
      [2, 0],
      [2, 2],
    ]);
    expect(canvas.lines()).toEqual(['  ╷  ', '╶─┼─╴', '  ╵  ']);
  });

  test('keeps its width with wide characters and what lies outside', () => {
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: -10, max: 25 }),
        fc.integer({ min: -2, max: 5 }),
        (words, x, y) => {
          const canvas = new Canvas(20, 3);
          canvas.text(x, y, words, red);
          for (const one of canvas.lines()) expect(stringWidth(one)).toBe(20);
        },
      ),
    );
  });
});
