// One event at a time, as somebody who steps through a log meets it: evolve() gives the next
// immutable snapshot by one `produce`, and what the event did. Beside it the libraries that keep
// immutable state an event at a time, over the same log, and the plain fold as the measure.

import { evolve } from '../../engine/index.ts';
import type { Log } from './load.ts';
import { either, size } from './options.ts';
import { foldsOf } from './peers/folds.ts';
import { grouped, report } from './report.ts';
import { find, inRounds, perSecond, ratio } from './rounds.ts';

const ROUNDS = either(5, 1);
const COUNT = size(100_000, 1_000);
const SIZES = either([1_000, 10_000] as const, [50, 100] as const);
const UNIT = 'ev/s';

function stepped({ header, start, events }: Log): number {
  return perSecond(events.length, () => {
    let snapshot = start;
    for (const event of events) ({ snapshot } = evolve(header, snapshot, event));
  });
}

/**
 * Two copies of the log stepped in turn, so that no step begins where the last one ended: as when
 * somebody jumps about, and nothing can be kept from the step before.
 */
function elsewhere({ header, start, events }: Log): number {
  return perSecond(2 * events.length, () => {
    let one = start;
    let other = start;
    for (const event of events) {
      ({ snapshot: one } = evolve(header, one, event));
      ({ snapshot: other } = evolve(header, other, event));
    }
  });
}

const [few, many] = SIZES;
const small = foldsOf(few, COUNT);
const large = foldsOf(many, COUNT);
const at = (what: string, connections: number) => `${what}, ${grouped(connections)} connections`;
const rows = await inRounds(ROUNDS, [
  {
    name: 'step',
    what: at('evolve(), with effects', few),
    unit: UNIT,
    aim: { least: 200_000 },
    run: () => stepped(small.log),
  },
  {
    name: 'stepMany',
    what: at('evolve(), with effects', many),
    unit: UNIT,
    run: () => stepped(large.log),
  },
  {
    name: 'elsewhere',
    what: at('evolve(), each step in another place', few),
    unit: UNIT,
    run: () => elsewhere(small.log),
  },
  { name: 'plain', what: at('plain records in place', few), unit: UNIT, run: small.plain },
  { name: 'plainMany', what: at('plain records in place', many), unit: UNIT, run: large.plain },
  { name: 'xstate', what: at('XState', few), unit: UNIT, run: small.xstate },
  { name: 'xstateMany', what: at('XState', many), unit: UNIT, run: large.xstate },
  { name: 'redux', what: at('Redux Toolkit', few), unit: UNIT, run: small.redux },
  { name: 'reduxMany', what: at('Redux Toolkit', many), unit: UNIT, run: large.redux },
]);
const times = (name: string, what: string, over: string, under: string) =>
  ratio({ name, what }, find(rows, over), find(rows, under));

report({
  bench: 'step',
  headline: ['step', 'eventsPerSecond'],
  figures: rows,
  ratios: [
    times('elsewhereToStep', 'of the speed, each step in another place', 'elsewhere', 'step'),
    times('plainToStep', at('slower than plain records', few), 'plain', 'step'),
    times('plainToStepMany', at('slower than plain records', many), 'plainMany', 'stepMany'),
    times('toXstate', at('times XState', few), 'step', 'xstate'),
    times('toXstateMany', at('times XState', many), 'stepMany', 'xstateMany'),
    times('toRedux', at('times Redux Toolkit', few), 'step', 'redux'),
    times('toReduxMany', at('times Redux Toolkit', many), 'stepMany', 'reduxMany'),
    times(
      'manyToFew',
      `of the speed, ${grouped(many)} for ${grouped(few)} connections`,
      'stepMany',
      'step',
    ),
  ],
});
