// The next and the previous moment of conditions of every kind, from places all over a long log.
// What is told of a kind is the slowest of a round: that is what somebody waits for.

import { type Condition, foldAll, initialState, parseCondition } from '../../engine/index.ts';
import { batches, positions } from './load.ts';
import { longTimeline } from './long.ts';
import { either } from './options.ts';
import { report } from './report.ts';
import { ratio, row } from './rounds.ts';

const ROUNDS = either(5, 1);
const SOUGHT = [
  'TIME-WAIT > 1000000',
  'client1 TIME-WAIT > 3000',
  'TIME-WAIT = 3000',
  'client1#50 = TIME-WAIT',
  'server#1 != LISTEN',
  'enters CLOSING',
  'flag R',
  'port 40001',
  'port 80',
  'lost',
  'divergence',
];

const { header, builder } = longTimeline();
const { timeline } = builder;
const names = header.hosts.map((host) => host.name);

function conditionOf(text: string): Condition {
  const parsed = parseCondition(text, names);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error}`);
  return parsed.condition;
}

function timed(work: () => unknown): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}

function slowest(text: string, round: number): number {
  const condition = conditionOf(text);
  const places = [0, timeline.length, ...positions(2, timeline.length, round)];
  const times = places.flatMap((n) => [
    timed(() => timeline.search(n, 1, condition)),
    timed(() => timeline.search(n, -1, condition)),
  ]);
  return Math.max(...times);
}

const [thousand = []] = batches(header, 1_000);
const first = initialState(header);
const found = SOUGHT.map((): number[] => []);
const folds: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [i, text] of SOUGHT.entries()) found[i]?.push(slowest(text, round));
  folds.push(timed(() => foldAll(header, first, thousand)));
}
const all = row(
  { name: 'slowest', what: 'slowest search of all', unit: 'ms', aim: { most: 200 } },
  folds.map((_, round) => Math.max(...found.map((times) => times[round] as number))),
);
const fold = row({ name: 'fold', what: '1,000 events folded', unit: 'ms' }, folds);

report({
  bench: 'search',
  headline: ['slowest', 'slowestMs'],
  figures: [
    all,
    ...SOUGHT.map((text, i) => row({ name: text, what: text, unit: 'ms' }, found[i] ?? [])),
    fold,
    row({ name: 'events', what: 'events in the log', unit: '' }, timeline.length),
  ],
  ratios: [ratio({ name: 'toFold', what: 'of the time to fold 1,000 events' }, all, fold)],
});
