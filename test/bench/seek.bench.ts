// Jumps to places all over a log that is loaded and folded: aim p99 of 5 ms at ten million events.

import { folded, percentile, positions, type Rounds, report } from './load.ts';

const SEEKS = 1_000;
const builder = folded();
const { timeline } = builder;
const middle: Rounds = { what: 'median seek', unit: 'ms', values: [] };
const far: Rounds = { what: 'p99 of seeks', unit: 'ms', values: [] };
const worst: Rounds = { what: 'slowest seek', unit: 'ms', values: [] };
for (let round = 0; round < 5; round += 1) {
  const times = positions(SEEKS, timeline.length, round).map((n) => {
    const from = performance.now();
    timeline.at(n);
    return performance.now() - from;
  });
  middle.values.push(percentile(times, 0.5));
  far.values.push(percentile(times, 0.99));
  worst.values.push(Math.max(...times));
}
const { keyframes, keyframeCount, keyframeEvery, events, index } = builder.memory();
report([middle, far, worst], {
  'events between keyframes': keyframeEvery,
  keyframes: keyframeCount,
  'octets of a keyframe': keyframes / keyframeCount,
  'octets of events, for each': events / timeline.length,
  'octets of index, for each event': index / timeline.length,
});
