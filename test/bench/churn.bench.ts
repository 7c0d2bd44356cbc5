// Connections simulated a second, from the scenario to a log in a file and snapshots at most 1,000
// events apart, on one core; against ns-3 and the kernel of this machine with the same work: 64
// under way at a time, each connecting, sending 100 bytes and closing. And the same beside 10,000
// that linger in TIME-WAIT. What the log costs is shown by runs without it, and with other forms.
//
// Where a core is shared, the clock on the wall tells of the others too. So ours and ns-3 are also
// measured by the time that their process was given. For the kernel that would be unfair: what it
// does for a process is not all counted as the time of that process.

import { CONCURRENT, churnOf, DELAY_MS, RATE, timeWaitFor } from './load.ts';
import { either, size } from './options.ts';
import { kernel } from './peers/kernel.ts';
import type { Missing } from './peers/native.ts';
import { type Ns3, ns3 } from './peers/ns3.ts';
import { grouped, report } from './report.ts';
import { find, inRounds, type Measure, type Row, ratio, row } from './rounds.ts';
import { type Load, type Speed, simulated } from './simulated.ts';
import { arrow, nowhere, type OpenSink, text } from './sinks.ts';

const ROUNDS = either(5, 1);
/** So many that the time until hot code is compiled counts for little. */
const CONNECTIONS = size(40_000, 300);
const LINGERING = either(10_000, 200);
const BESIDE = `beside ${grouped(LINGERING)} in TIME-WAIT`;
const UNIT = 'conn/s';

const busy: Load = { scenario: () => churnOf(CONNECTIONS), before: 0, each: CONNECTIONS };
const crowded: Load = {
  scenario: () => churnOf(2 * LINGERING + CONNECTIONS, timeWaitFor(LINGERING)),
  before: LINGERING + 2 * CONCURRENT,
  each: CONNECTIONS,
};

/** What was found by the time of the process; the last rounds are those that inRounds() tells. */
const processor: Record<'endToEnd' | 'crowded' | 'ns3' | 'ns3Crowded', number[]> = {
  endToEnd: [],
  crowded: [],
  ns3: [],
  ns3Crowded: [],
};

function noted(name: keyof typeof processor, speed: Speed): number {
  processor[name].push(speed.processor);
  return speed.wall;
}

function told(name: keyof typeof processor, rounds = ROUNDS): readonly number[] {
  return processor[name].slice(-rounds);
}

function ns3Of(lingering: number, timed: number): Ns3 | Missing {
  const before = lingering + 2 * CONCURRENT;
  const timeWaitMs = timeWaitFor(lingering);
  const found = ns3({ rate: RATE, delayMs: DELAY_MS, timeWaitMs, before, timed });
  if ('timeWaitMost' in found && found.timeWaitMost < lingering * 0.95) {
    throw new Error(`ns-3: expected ${lingering} in TIME-WAIT, found ${found.timeWaitMost}`);
  }
  return found;
}

function ns3Round(name: 'ns3' | 'ns3Crowded'): number | Missing {
  const found = name === 'ns3' ? ns3Of(0, either(1_500, 200)) : ns3Of(LINGERING, either(300, 100));
  if ('missing' in found) return found;
  const { connectionsPerSecond: wall, perProcessorSecond: processor } = found;
  return noted(name, { wall, processor });
}

function kernelRound(): number | Missing {
  const found = kernel({ concurrent: CONCURRENT, connections: either(20_000, 640) });
  return 'missing' in found ? found : found.connectionsPerSecond;
}

/** A peer is asked once whether it is there; if so, it takes part in every round. */
function peer(name: string, what: string, run: () => number | Missing): Measure | Row {
  const first = run();
  if (typeof first !== 'number') return row({ name, what, unit: UNIT }, first);
  return { name, what, unit: UNIT, run: () => run() as number, outside: true };
}

/** To a log of Arrow, uncompressed. */
async function logged(load: Load): Promise<Speed> {
  return simulated(load, await arrow(load.scenario().build(), false));
}

const mine = (name: string, what: string, run: Measure['run'], least?: number): Measure => ({
  ...{ name, what, unit: UNIT, run },
  ...(least === undefined ? {} : { aim: { least } }),
});

const to = (open: OpenSink) => () => simulated(busy, open).wall;

// Those that are compared stand close together: a round is long.
const all: readonly (Measure | Row)[] = [
  peer('kernel', 'the kernel over loopback, one core', kernelRound),
  mine(
    'endToEnd',
    'to a log uncompressed',
    async () => noted('endToEnd', await logged(busy)),
    70_000,
  ),
  peer('ns3', 'ns-3', () => ns3Round('ns3')),
  mine('noLog', 'without a log', to(nowhere)),
  mine('eventsOnly', 'without log and snapshots', () => simulated(busy, nowhere, false).wall),
  mine('text', 'to a log of text', to(text)),
  mine('compressed', 'to a log of Arrow, compressed by zstd', async () =>
    to(await arrow(busy.scenario().build(), true))(),
  ),
];

/** In rounds of their own, and fewer: ns-3 needs long to come to so many. */
const CROWDED_ROUNDS = either(3, 1);
const beside: readonly (Measure | Row)[] = [
  mine('crowded', BESIDE, async () => noted('crowded', await logged(crowded))),
  peer('ns3Crowded', `ns-3, ${BESIDE}`, () => ns3Round('ns3Crowded')),
];

async function measure(rounds: number, what: readonly (Measure | Row)[]): Promise<Row[]> {
  const found = await inRounds(
    rounds,
    what.filter((each) => 'run' in each),
  );
  return [...found, ...what.filter((each) => 'values' in each)];
}

const measured = [...(await measure(ROUNDS, all)), ...(await measure(CROWDED_ROUNDS, beside))];
const byProcessor = (name: string, what: string, found: readonly number[] | Missing): Row =>
  row({ name, what: `${what}, a second of the processor`, unit: UNIT }, found);
const { missing } = find(measured, 'ns3');
const ofNs3 = (values: readonly number[]) => (missing === undefined ? values : { missing });
const figures = [
  ...measured,
  byProcessor('endToEndProcessor', 'to a log uncompressed', told('endToEnd')),
  byProcessor('crowdedProcessor', BESIDE, told('crowded', CROWDED_ROUNDS)),
  byProcessor('ns3Processor', 'ns-3', ofNs3(told('ns3'))),
  byProcessor('ns3CrowdedProcessor', `ns-3, ${BESIDE}`, ofNs3(told('ns3Crowded', CROWDED_ROUNDS))),
];
const times = (name: string, what: string, over: string, under: string, least?: number): Row =>
  ratio(
    { name, what, ...(least === undefined ? {} : { aim: { least } }) },
    find(figures, over),
    find(figures, under),
  );
const OF_PROCESSOR = 'by time of the processor';

report({
  bench: 'churn',
  headline: ['endToEnd', 'connectionsPerSecond'],
  figures,
  ratios: [
    times('toNs3', 'times ns-3', 'endToEnd', 'ns3', 10),
    times('toNs3Processor', `times ns-3, ${OF_PROCESSOR}`, 'endToEndProcessor', 'ns3Processor', 10),
    times('toNs3Crowded', `times ns-3, ${BESIDE}`, 'crowded', 'ns3Crowded', 100),
    times(
      'toNs3CrowdedProcessor',
      `times ns-3, ${BESIDE}, ${OF_PROCESSOR}`,
      'crowdedProcessor',
      'ns3CrowdedProcessor',
      100,
    ),
    times('toKernel', 'of the kernel', 'endToEnd', 'kernel'),
    times('crowdedToFree', 'of the speed without TIME-WAIT', 'crowded', 'endToEnd'),
    times('logToNoLog', 'of the speed without a log', 'endToEnd', 'noLog'),
    times('compressedToPlain', 'of the speed uncompressed', 'compressed', 'endToEnd'),
  ],
});
