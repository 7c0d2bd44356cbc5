// Events folded in bulk, a second: in one batch, with a snapshot every 1,000 events, and with all
// that a timeline keeps. The ratio to a fold that changes plain records in place, in the same
// round, tells more than the number does on a machine that is shared.

import {
  buildTimeline,
  createTimeline,
  foldAll,
  initialState,
  type LogEvent,
} from '../../engine/index.ts';
import { openPlain } from '../engine/timeline/plain.ts';
import type { Log } from './load.ts';
import { either, size } from './options.ts';
import { foldsOf } from './peers/folds.ts';
import { grouped, report } from './report.ts';
import { find, inRounds, type Measure, perSecond, type Row, ratio } from './rounds.ts';

const ROUNDS = either(5, 1);
const COUNT = size(100_000, 2_000);
const SIZES = either([1_000, 10_000] as const, [50, 100] as const);
const BATCH = 1_000;
const UNIT = 'ev/s';

function inOneBatch({ header, start, events }: Log): number {
  return perSecond(events.length, () => foldAll(header, start, events));
}

function inBatches({ header, start, events }: Log): number {
  const parts: LogEvent[][] = [];
  for (let from = 0; from < events.length; from += BATCH) {
    parts.push(events.slice(from, from + BATCH));
  }
  return perSecond(events.length, () =>
    parts.reduce((snapshot, part) => foldAll(header, snapshot, part), start),
  );
}

function inPlace({ header, start, events }: Log): number {
  const plain = openPlain(header, start);
  return perSecond(events.length, () => plain.fold(events));
}

/** From the beginning of the log, as a timeline is made. */
function asTimeline({ header, before, events }: Log): number {
  const whole = [...before, ...events];
  return perSecond(whole.length, () => {
    const builder = buildTimeline(header);
    for (const event of whole) builder.add(event);
  });
}

const [few, many] = SIZES;
const small = foldsOf(few, COUNT);
const large = foldsOf(many, COUNT);

// The timeline that is measured comes to the state that the fold comes to.
const timeline = createTimeline(small.log.header, [...small.log.before, ...small.log.events]);
const end = foldAll(small.log.header, initialState(small.log.header), [
  ...small.log.before,
  ...small.log.events,
]);
if (timeline.at(timeline.length).nextFlight !== end.nextFlight) throw new Error('folds differ');

const measure = (name: string, what: string, n: number, run: () => number): Measure => ({
  ...{ name, what: `${what}, ${grouped(n)} connections`, unit: UNIT, run },
});

const rows = await inRounds(ROUNDS, [
  measure('batch', 'in one batch', few, () => inOneBatch(small.log)),
  measure('batchMany', 'in one batch', many, () => inOneBatch(large.log)),
  measure('batches', 'a snapshot every 1,000 events', few, () => inBatches(small.log)),
  measure('batchesMany', 'a snapshot every 1,000 events', many, () => inBatches(large.log)),
  measure('timeline', 'with keyframes and index', few, () => asTimeline(small.log)),
  measure('recipes', 'the same recipes on records in place', few, () => inPlace(small.log)),
  measure('recipesMany', 'the same recipes on records in place', many, () => inPlace(large.log)),
  measure('plain', 'plain records in place', few, small.plain),
  measure('plainMany', 'plain records in place', many, large.plain),
  measure('xstate', 'XState', few, small.xstate),
  measure('xstateMany', 'XState', many, large.xstate),
  measure('redux', 'Redux Toolkit', few, small.redux),
  measure('reduxMany', 'Redux Toolkit', many, large.redux),
]);
const times = (name: string, what: string, over: string, under: string, least?: number): Row =>
  ratio(
    { name, what, ...(least === undefined ? {} : { aim: { least } }) },
    find(rows, over),
    find(rows, under),
  );
const OF_RECIPES = 'of the same recipes on records in place';

report({
  bench: 'fold',
  headline: ['batch', 'eventsPerSecond'],
  figures: rows,
  ratios: [
    times('toRecipes', `${OF_RECIPES}, in one batch`, 'batch', 'recipes', 0.5),
    times('toRecipesMany', `${OF_RECIPES}, in one batch`, 'batchMany', 'recipesMany', 0.5),
    times('batchesToRecipes', `${OF_RECIPES}, with snapshots`, 'batches', 'recipes', 0.5),
    times(
      'batchesToRecipesMany',
      `${OF_RECIPES}, with snapshots`,
      'batchesMany',
      'recipesMany',
      0.5,
    ),
    times('plainToBatch', 'slower than plain records, in one batch', 'plain', 'batch'),
    times('plainToBatches', 'slower than plain records, with snapshots', 'plain', 'batches'),
    times('plainToTimeline', 'slower than plain records, with keyframes', 'plain', 'timeline'),
    times('toXstate', `times XState, ${grouped(few)} connections`, 'batch', 'xstate'),
    times('toXstateMany', `times XState, ${grouped(many)} connections`, 'batchMany', 'xstateMany'),
    times('toRedux', `times Redux Toolkit, ${grouped(few)} connections`, 'batch', 'redux'),
    times(
      'toReduxMany',
      `times Redux Toolkit, ${grouped(many)} connections`,
      'batchMany',
      'reduxMany',
    ),
  ],
});
