/**
 * A grid of cells to draw on: text, and strokes that join where they meet.
 *
 * A stroke is kept as the sides of a cell that it touches, so that two strokes in one cell become
 * the corner, tee or cross that they form together.
 */
import { charWidth, safe } from './line.ts';
import { change, PLAIN, type Style } from './style.ts';

const UP = 1;
const RIGHT = 2;
const DOWN = 4;
const LEFT = 8;
/** By the sum of the sides. */
const STROKES = ' ╵╶╰╷│╭├╴╯─┴╮┤┬┼';

export type Point = readonly [x: number, y: number];

export class Canvas {
  readonly width: number;
  readonly height: number;
  /** A character, '' behind a wide one, or undefined for what the sides say. */
  private readonly chars: (string | undefined)[];
  private readonly sides: Uint8Array;
  private readonly styles: Style[];

  constructor(width: number, height: number) {
    this.width = Math.max(0, width);
    this.height = Math.max(0, height);
    const size = this.width * this.height;
    this.chars = new Array<string | undefined>(size).fill(undefined);
    this.sides = new Uint8Array(size);
    this.styles = new Array<Style>(size).fill(PLAIN);
  }

  private at(x: number, y: number): number {
    return x >= 0 && y >= 0 && x < this.width && y < this.height ? y * this.width + x : -1;
  }

  /** Text over whatever is there; what is outside of the canvas is left out. */
  text(x: number, y: number, text: string, style: Style = PLAIN): void {
    let column = x;
    for (const char of safe(text)) {
      const width = charWidth(char);
      if (width === 0) continue;
      const at = this.at(column, y);
      const fits = width === 1 || this.at(column + 1, y) >= 0;
      if (at >= 0) {
        this.chars[at] = fits ? char : ' ';
        this.styles[at] = style;
        if (width === 2 && fits) {
          this.chars[at + 1] = '';
          this.styles[at + 1] = style;
        }
      }
      column += width;
    }
  }

  /** A stroke along points that lie on common rows or columns. */
  stroke(points: readonly Point[], style: Style = PLAIN): void {
    for (let i = 1; i < points.length; i += 1) {
      const [x1, y1] = points[i - 1] as Point;
      const [x2, y2] = points[i] as Point;
      const dx = Math.sign(x2 - x1);
      const dy = Math.sign(y2 - y1);
      const out = dx > 0 ? RIGHT : dx < 0 ? LEFT : dy > 0 ? DOWN : UP;
      const back = dx > 0 ? LEFT : dx < 0 ? RIGHT : dy > 0 ? UP : DOWN;
      let x = x1;
      let y = y1;
      while (x !== x2 || y !== y2) {
        this.side(x, y, out, style);
        x += dx;
        y += dy;
        this.side(x, y, back, style);
      }
    }
  }

  private side(x: number, y: number, side: number, style: Style): void {
    const at = this.at(x, y);
    if (at < 0) return;
    this.sides[at] = (this.sides[at] as number) | side;
    this.styles[at] = style;
  }

  /** Whether nothing stands in a cell yet. */
  isFree(x: number, y: number): boolean {
    const at = this.at(x, y);
    return at >= 0 && this.chars[at] === undefined && this.sides[at] === 0;
  }

  lines(): string[] {
    const out: string[] = [];
    for (let y = 0; y < this.height; y += 1) {
      let text = '';
      let now = PLAIN;
      for (let x = 0; x < this.width; x += 1) {
        const at = y * this.width + x;
        const char = this.chars[at] ?? (STROKES[this.sides[at] as number] as string);
        const style = this.styles[at] as Style;
        if (style !== now) {
          text += change(now, style);
          now = style;
        }
        text += char;
      }
      out.push(text + change(now, PLAIN));
    }
    return out;
  }
}
