/**
 * Writes what has changed on the screen since the last frame, line by line of each part.
 *
 * Ink would split every row of the screen into cells again for each frame: 6 ms at 200×50 on an
 * idle machine. So Ink lays out one empty box as large as the screen, and the parts that cover it
 * are written over it here. The cursor is put back where Ink left it, as Ink moves it from there.
 */

/** A rectangle of the screen: its lines are all of one width. */
export type Part = { readonly x: number; readonly y: number; readonly lines: readonly string[] };

const SAVE = '\u001B7';
const RESTORE = '\u001B8';
/** The terminal shows nothing of a frame before its end (synchronized output, mode 2026). */
const BEGIN = '\u001B[?2026h';
const END = '\u001B[?2026l';

export type Painter = {
  /** The codes that make the screen show these parts; '' if it does already. */
  readonly update: (parts: readonly Part[]) => string;
  /** The screen may show anything: the next update writes all. */
  readonly forget: () => void;
};

export function createPainter(): Painter {
  let shown = new Map<string, string>();
  let places = '';
  return {
    update(parts) {
      const now = parts.map(({ x, y, lines }) => `${x},${y},${lines.length}`).join(' ');
      // Where parts stand elsewhere than before, what stood there is none of theirs.
      if (now !== places) shown = new Map();
      places = now;
      let out = '';
      for (const { x, y, lines } of parts) {
        for (const [i, text] of lines.entries()) {
          const place = `${y + i + 1};${x + 1}`;
          if (shown.get(place) === text) continue;
          shown.set(place, text);
          out += `\u001B[${place}H${text}`;
        }
      }
      return out === '' ? '' : `${BEGIN}${SAVE}${out}${RESTORE}${END}`;
    },
    forget() {
      shown = new Map();
    },
  };
}
