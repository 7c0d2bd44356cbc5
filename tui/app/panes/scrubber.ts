/**
 * The log from end to end, by events: how many connections are in TIME-WAIT, and below it marks.
 *
 * By events and not by time: TIME-WAIT is a minute in which nothing happens, and all that happens
 * would stand in its first column.
 */
import type { Bucket, Marks } from '../marks.ts';
import { exactly, line, type Span } from '../term/line.ts';
import { GLYPHS, type Theme } from '../theme.ts';
import type { Scene, View } from './pane.ts';

const BLOCKS = '▁▂▃▄▅▆▇█';

export const scrubber: View = (scene, width, height) => {
  const columns = Math.max(1, width - 2);
  const at = columnOf(scene.ui.n, scene.data.length, columns);
  const letters = lettersOf(scene, columns);
  // While a log is read its marks are of the part that was there when they were begun.
  const { marks, data } = scene;
  const part = data.length === 0 ? 1 : marks.length / data.length;
  const marked = Math.max(1, Math.round(columns * part));
  const top: Span[] = [' '];
  const bottom: Span[] = [' '];
  for (let x = 0; x < columns; x += 1) {
    const bucket = bucketAt(scene.marks, x, marked);
    const letter = letters.get(x);
    if (x === at) {
      top.push([GLYPHS.self, scene.theme.cursor]);
      bottom.push([letter ?? GLYPHS.up, scene.theme.cursor]);
      continue;
    }
    // In a long log each column holds many events: that states change in it says nothing.
    const exact = scene.marks.size === scene.data.length;
    top.push(densityCell(bucket, scene.marks, scene.theme, x < at));
    bottom.push(
      letter === undefined ? markCell(bucket, scene.theme, exact) : [letter, scene.theme.focus],
    );
  }
  return exactly([line(width, top), line(width, bottom)], width, height);
};

/** The column of a position. */
function columnOf(n: number, length: number, columns: number): number {
  return length === 0 ? 0 : Math.round((n / length) * (columns - 1));
}

function lettersOf({ ui, data }: Scene, columns: number): ReadonlyMap<number, string> {
  return new Map(
    Object.entries(ui.marks).map(([letter, { n }]) => [columnOf(n, data.length, columns), letter]),
  );
}

/** All buckets that share a column, as one; undefined: not looked at yet. */
function bucketAt(marks: Marks, x: number, columns: number): Bucket | undefined {
  const from = Math.floor((x * marks.size) / columns);
  const to = Math.max(from + 1, Math.floor(((x + 1) * marks.size) / columns));
  let all: Bucket | undefined;
  for (let i = from; i < to; i += 1) {
    const one = marks.buckets[i];
    if (one === undefined) return all;
    // Few buckets on many columns: a mark stands in the first column of its bucket.
    const starts = to - from > 1 || Math.floor(((x - 1) * marks.size) / columns) !== i || x === 0;
    const shown = starts ? one : { ...one, entered: false, changed: false, lost: false };
    all = all === undefined ? shown : join(all, shown);
  }
  return all;
}

function join(a: Bucket, b: Bucket): Bucket {
  return {
    timeWait: Math.max(a.timeWait, b.timeWait),
    entered: a.entered || b.entered,
    changed: a.changed || b.changed,
    lost: a.lost || b.lost,
    diverged: a.diverged || b.diverged,
  };
}

function densityCell(
  bucket: Bucket | undefined,
  marks: Marks,
  theme: Theme,
  played: boolean,
): Span {
  const count = bucket?.timeWait ?? 0;
  if (count === 0) return played ? ['━', theme.bar] : ['─', theme.faint];
  const level = Math.ceil((count / Math.max(1, marks.timeWaitMax)) * BLOCKS.length) - 1;
  return [BLOCKS[level] ?? '█', theme.state['TIME-WAIT']];
}

function markCell(bucket: Bucket | undefined, theme: Theme, exact: boolean): Span {
  if (bucket === undefined) return ' ';
  if (bucket.lost) return [GLYPHS.lost, theme.lost];
  if (bucket.diverged) return ['!', theme.warn];
  if (!exact) return ' ';
  if (bucket.entered) return ['T', theme.state['TIME-WAIT']];
  return bucket.changed ? ['·', theme.plain] : ' ';
}
