// Jumps to places all over a log that is loaded and folded. Beside them the fold of 1,000 events,
// which is what a jump between two keyframes costs at most while they stand so close.

import { foldAll, initialState } from '../../engine/index.ts';
import { batches, positions } from './load.ts';
import { longTimeline } from './long.ts';
import { either } from './options.ts';
import { report } from './report.ts';
import { find, percentile, ratio, row } from './rounds.ts';

const ROUNDS = either(5, 1);
const SEEKS = either(1_000, 100);

const { header, builder } = longTimeline();
const { timeline } = builder;
const [thousand = []] = batches(header, 1_000);
const first = initialState(header);

function timed(work: () => unknown): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}

const rounds = Array.from({ length: ROUNDS }, (_, round) => {
  const jumps = positions(SEEKS, timeline.length, round).map((n) => timed(() => timeline.at(n)));
  const folds = Array.from({ length: 20 }, () => timed(() => foldAll(header, first, thousand)));
  return {
    middle: percentile(jumps, 0.5),
    far: percentile(jumps, 0.99),
    worst: Math.max(...jumps),
    fold: percentile(folds, 0.5),
  };
});
const { keyframes, keyframeCount, keyframeEvery, events, index } = builder.memory();
const of = (key: keyof (typeof rounds)[number]) => rounds.map((round) => round[key]);
const rows = [
  row({ name: 'p99', what: 'p99 of seeks', unit: 'ms', aim: { most: 5 } }, of('far')),
  row({ name: 'median', what: 'median seek', unit: 'ms' }, of('middle')),
  row({ name: 'worst', what: 'slowest seek', unit: 'ms' }, of('worst')),
  row({ name: 'fold', what: '1,000 events folded', unit: 'ms' }, of('fold')),
  row({ name: 'events', what: 'events in the log', unit: '' }, timeline.length),
  row({ name: 'every', what: 'events between keyframes', unit: '' }, keyframeEvery),
  row({ name: 'keyframe', what: 'a keyframe', unit: 'B' }, keyframes / keyframeCount),
  row({ name: 'eventBytes', what: 'events, for each', unit: 'B' }, events / timeline.length),
  row({ name: 'indexBytes', what: 'index, for each event', unit: 'B' }, index / timeline.length),
];

report({
  bench: 'seek',
  headline: ['p99', 'p99Ms'],
  figures: rows,
  ratios: [
    ratio(
      { name: 'toFold', what: 'of the time to fold 1,000 events' },
      find(rows, 'p99'),
      find(rows, 'fold'),
    ),
  ],
});
