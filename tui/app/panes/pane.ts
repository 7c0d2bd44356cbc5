/** What a pane is given, and what it gives: exactly `height` lines of exactly `width` cells. */
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

export type View = (scene: Scene, width: number, height: number) => string[];
