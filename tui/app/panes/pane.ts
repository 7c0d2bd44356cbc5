/** What a pane is given, and what it gives: exactly `height` lines of exactly `width` cells. */
import { SECOND } from '../../../engine/index.ts';
import type { Data } from '../data.ts';
import type { Marks } from '../marks.ts';
import type { Theme } from '../theme.ts';
import type { Scrolling, Ui } from '../ui.ts';

export type Scene = {
  readonly ui: Ui;
  readonly data: Data;
  readonly theme: Theme;
  readonly marks: Marks;
  readonly title: string;
  readonly file: string | null;
  /** How far the log is read; absent or '': to its end. */
  readonly status?: string;
  /** Told where a pane is scrolled past its last line: only the pane knows how many it has. */
  readonly past?: (pane: Scrolling, last: number) => void;
};

/** Cells of a column of times, in which that of every event has room: `12.345678 s`. */
export function timeWidth({ end }: Data): number {
  const seconds = Math.max(2, String(Math.floor(end / SECOND)).length);
  return seconds + '.345678 s'.length;
}

/** What is seen of the lines of a pane, as far down as it is scrolled. */
export function scrolled(
  { ui, past }: Pick<Scene, 'ui' | 'past'>,
  pane: Scrolling,
  lines: readonly string[],
  height: number,
): readonly string[] {
  const last = Math.max(0, lines.length - height);
  const by = ui.scroll[pane] ?? 0;
  if (by > last) past?.(pane, last);
  return lines.slice(Math.min(by, last));
}

export type View = (scene: Scene, width: number, height: number) => string[];
