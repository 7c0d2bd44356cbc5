// The dashboard after some actions on a small log, ready to draw.

import type { Timeline } from '../../../engine/index.ts';
import { createData, type Data } from '../../../tui/app/data.ts';
import { moreMarks, noMarks } from '../../../tui/app/marks.ts';
import { reduce } from '../../../tui/app/model.ts';
import type { Scene } from '../../../tui/app/panes/pane.ts';
import { themeFor } from '../../../tui/app/theme.ts';
import { type Action, initial, type Ui } from '../../../tui/app/ui.ts';

export const COLOURS = themeFor({ FORCE_COLOR: '3' });
export const NO_COLOURS = themeFor({ NO_COLOR: '1' });

/** The dashboard after some actions, ready to draw. */
export function sceneOf(
  data: Data,
  actions: readonly Action[] = [],
  from: Partial<Ui> = {},
): Scene {
  const ui = actions.reduce((now, action) => reduce(now, action, data), {
    ...initial(data, 0),
    ...from,
  });
  const marks = moreMarks(noMarks(data), data, () => false);
  return { ui, data, theme: COLOURS, marks, title: data.timeline.header.title, file: null };
}

export function dataOf(timeline: Timeline): Data {
  return createData(timeline);
}
