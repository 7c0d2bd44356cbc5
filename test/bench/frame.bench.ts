// Frames of the dashboard: a step through a log, and all lines of the screen that it gives. Beside
// it the step alone, which any dashboard would have to take.

import { createTimeline, simulate } from '../../engine/index.ts';
import { createData } from '../../tui/app/data.ts';
import { moreMarks, noMarks } from '../../tui/app/marks.ts';
import { reduce } from '../../tui/app/model.ts';
import type { Scene } from '../../tui/app/panes/pane.ts';
import { screenParts } from '../../tui/app/screen.ts';
import { themeFor } from '../../tui/app/theme.ts';
import { initial, type Ui } from '../../tui/app/ui.ts';
import { churnOf } from './load.ts';
import { either } from './options.ts';
import { report } from './report.ts';
import { find, inRounds, type Measure, ratio } from './rounds.ts';

const ROUNDS = either(5, 1);
const FRAMES = either(300, 20);

const header = churnOf(either(2_000, 100), 1_000).build();
const timeline = createTimeline(header, simulate(header));
const data = createData(timeline);
const rest = {
  data,
  theme: themeFor({ FORCE_COLOR: '3' }),
  marks: moreMarks(noMarks(data), data, () => false),
  title: header.title,
  file: null,
};

/** Milliseconds of a step from the middle of the log on, by the mean of many. */
function steps(view: Ui['view'], draw: (scene: Scene) => void): number {
  let ui: Ui = { ...initial(data, 0), view, selected: { host: 0, conn: 20 } };
  ui = reduce(ui, { type: 'goto', n: timeline.length >> 1 }, data);
  const from = performance.now();
  for (let i = 0; i < FRAMES; i += 1) {
    ui = reduce(ui, { type: 'step', by: 1 }, data);
    data.snapshot(ui.n);
    draw({ ...rest, ui });
  }
  return (performance.now() - from) / FRAMES;
}

/** A frame may take 12 ms, of which the terminal is to have half. */
const frame = (name: string, view: Ui['view'], width: number, height: number): Measure => ({
  name,
  what: `a frame of the ${view}, ${width}×${height}`,
  unit: 'ms',
  aim: { most: 6 },
  run: () => steps(view, (scene) => screenParts(scene, width, height)),
});

const rows = await inRounds(ROUNDS, [
  frame('overview', 'overview', 200, 50),
  frame('connection', 'connection', 200, 50),
  frame('small', 'overview', 80, 24),
  { name: 'step', what: 'the step alone', unit: 'ms', run: () => steps('overview', () => {}) },
]);

report({
  bench: 'frame',
  headline: ['overview', 'frameMs'],
  figures: rows,
  ratios: [
    ratio(
      { name: 'toStep', what: 'of the step alone' },
      find(rows, 'overview'),
      find(rows, 'step'),
    ),
  ],
});
