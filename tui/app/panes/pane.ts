/** What a pane is given, and what it gives: exactly `height` lines of exactly `width` cells. */
import { SECOND } from '../../../engine/index.ts';
import type { Data } from '../data.ts';
import type { Marks } from '../marks.ts';
import type { Theme } from '../theme.ts';
import type { Ui } from '../ui.ts';

export type Scene = {
  readonly ui: Ui;
  readonly data: Data;
  readonly theme: Theme;
  readonly marks: Marks;
  readonly title: string;
  readonly file: string | null;
  /** How far the log is read; absent or '': to its end. */
  readonly status?: string;
};

/** Cells of a column of times, in which that of every event has room: `12.345678 s`. */
export function timeWidth({ end }: Data): number {
  const seconds = Math.max(2, String(Math.floor(end / SECOND)).length);
  return seconds + '.345678 s'.length;
}

export type View = (scene: Scene, width: number, height: number) => string[];
