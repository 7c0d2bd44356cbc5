// Connections simulated a second, from the scenario to a log in a file and snapshots at most 1,000
// events apart, on one core; against ns-3 and the kernel of this machine with the same work: 64
// under way at a time, each connecting, sending 100 bytes and closing. And the same beside 10,000
// that linger in TIME-WAIT. What the log costs is shown by runs without it, and with other forms.

import type { Scenario, Snapshot } from '../../engine/index.ts';
import { startSimulation } from '../../engine/index.ts';
import { CONCURRENT, churnOf, DELAY_MS, RATE, timeOf, timeWaitFor } from './load.ts';
import { either, size } from './options.ts';
import { kernel } from './peers/kernel.ts';
import type { Missing } from './peers/native.ts';
import { type Ns3, ns3 } from './peers/ns3.ts';
import { grouped, report } from './report.ts';
import { find, inRounds, type Measure, type Row, ratio, row } from './rounds.ts';
import { compressedArrow, nowhere, type OpenSink, plainColumns, text } from './sinks.ts';

const ROUNDS = either(5, 1);
const CONNECTIONS = size(20_000, 300);
const LINGERING = either(10_000, 200);
const SNAPSHOT_EVERY = 1_000;
const UNIT = 'conn/s';

type Load = { readonly scenario: () => Scenario; readonly before: number; readonly each: number };

const busy: Load = { scenario: () => churnOf(CONNECTIONS), before: 0, each: CONNECTIONS };
const crowded: Load = {
  scenario: () => churnOf(2 * LINGERING + CONNECTIONS, timeWaitFor(LINGERING)),
  before: LINGERING + 2 * CONCURRENT,
  each: Math.ceil(CONNECTIONS / 2),
};

const completed = ({ hosts }: Snapshot): number =>
  hosts.find((host) => host.name === 'server')?.totals.ended ?? 0;

/** Connections a second; those before the first that counts are simulated, but not timed. */
function simulated(load: Load, open: OpenSink, snapshots = true): number {
  let from = performance.now();
  const header = load.scenario().build();
  const simulation = startSimulation(header);
  const sink = open(header);
  const kept: Snapshot[] = [];
  let count = 0;
  const runTo = (until: number): void => {
    for (let e = simulation.next(until); e !== undefined; e = simulation.next(until)) {
      sink.add(e);
      count += 1;
      if (snapshots && count % SNAPSHOT_EVERY === 0) kept.push(simulation.snapshot());
    }
  };
  let first = 0;
  if (load.before > 0) {
    runTo(timeOf(load.before));
    first = completed(simulation.snapshot());
    from = performance.now();
    runTo(timeOf(load.before + load.each));
  } else {
    runTo(Number.POSITIVE_INFINITY);
  }
  sink.end();
  const done = completed(simulation.snapshot()) - first;
  const took = performance.now() - from;
  if (Math.abs(done - load.each) > CONCURRENT) {
    throw new Error(`expected ${load.each} connections, found ${done}`);
  }
  return (done * 1_000) / took;
}

async function simulatedCompressed(): Promise<number> {
  const open = await compressedArrow(busy.scenario().build());
  return simulated(busy, open);
}

/** The rounds of a peer that is there, or the reason why it is not. */
function peerOf(found: { readonly connectionsPerSecond: readonly number[] } | Missing) {
  if ('missing' in found) return found;
  const [speed = Number.NaN] = found.connectionsPerSecond;
  return speed;
}

function ns3Of(lingering: number, before: number, each: number, rounds: number): Ns3 | Missing {
  const timeWaitMs = timeWaitFor(lingering);
  return ns3({ rate: RATE, delayMs: DELAY_MS, timeWaitMs, before, each, rounds });
}

const kernelRound = () =>
  peerOf(kernel({ concurrent: CONCURRENT, each: either(50_000, 640), rounds: 1 }));
const ns3Round = () => peerOf(ns3Of(0, 4 * CONCURRENT, either(2_000, 200), 1));

/** A peer is asked once whether it is there; if so, it takes part in every round. */
function peer(name: string, what: string, run: () => number | Missing): Measure | Row {
  const first = run();
  if (typeof first !== 'number') return row({ name, what, unit: UNIT }, first);
  return { name, what, unit: UNIT, run: () => run() as number };
}

const mine = (name: string, what: string, run: Measure['run'], least?: number): Measure => ({
  ...{ name, what, unit: UNIT, run },
  ...(least === undefined ? {} : { aim: { least } }),
});

const all: readonly (Measure | Row)[] = [
  mine('endToEnd', 'to a log uncompressed', () => simulated(busy, plainColumns), 70_000),
  mine('compressed', 'to a log of Arrow, compressed by zstd', simulatedCompressed),
  mine('text', 'to a log of text', () => simulated(busy, text)),
  mine('noLog', 'without a log', () => simulated(busy, nowhere)),
  mine('eventsOnly', 'without log and snapshots', () => simulated(busy, nowhere, false)),
  mine('crowded', `beside ${grouped(LINGERING)} in TIME-WAIT`, () =>
    simulated(crowded, plainColumns),
  ),
  peer('kernel', 'the kernel over loopback, one core', kernelRound),
  peer('ns3', 'ns-3', ns3Round),
];

// Until the code that is hot is compiled, nothing is measured.
simulated(busy, plainColumns);
const measured = await inRounds(
  ROUNDS,
  all.filter((each) => 'run' in each),
);
// ns-3 needs long to come to so many, so it does that once, for all of its rounds.
const few = either(300, 100);
const slow = ns3Of(LINGERING, LINGERING + 2 * CONCURRENT, few, either(3, 1));
const rows = [
  ...measured,
  ...all.filter((each) => 'values' in each),
  row(
    { name: 'ns3Crowded', what: `ns-3, beside ${grouped(LINGERING)} in TIME-WAIT`, unit: UNIT },
    'missing' in slow ? slow : slow.connectionsPerSecond,
  ),
];
const times = (name: string, what: string, over: string, under: string, least?: number): Row =>
  ratio(
    { name, what, ...(least === undefined ? {} : { aim: { least } }) },
    find(rows, over),
    find(rows, under),
  );

report({
  bench: 'churn',
  headline: ['endToEnd', 'connectionsPerSecond'],
  figures: rows,
  ratios: [
    times('ns3', 'times ns-3', 'endToEnd', 'ns3', 10),
    times(
      'ns3Crowded',
      `times ns-3, beside ${grouped(LINGERING)} in TIME-WAIT`,
      'crowded',
      'ns3Crowded',
      100,
    ),
    times('kernel', 'of the kernel', 'endToEnd', 'kernel'),
    times('crowded', 'of the speed without TIME-WAIT', 'crowded', 'endToEnd'),
    times('log', 'of the speed without a log', 'endToEnd', 'noLog'),
    times('compressed', 'of the speed uncompressed', 'compressed', 'endToEnd'),
  ],
});
