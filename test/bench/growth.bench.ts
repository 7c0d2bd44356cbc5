// Whether an event costs more when there are more connections, and what a connection costs in
// memory. In each log so many connections are ESTABLISHED at both ends while others come and go.
// Either they stay: then what an event touches was touched lately, however many there are beside
// it. Or the oldest go as others come: then half of what is touched was touched last when a million
// others had yet to come, and has to be fetched from far away.

import {
  churn,
  foldAll,
  type LogEvent,
  type LogHeader,
  type Snapshot,
  startSimulation,
} from '../../engine/index.ts';
import { type Crowd, idling, replacing } from './load.ts';
import { either, size } from './options.ts';
import { grouped, report } from './report.ts';
import { type Aim, median, perSecond, type Row, row } from './rounds.ts';

const ROUNDS = either(5, 1);
const MOST = size(1_000_000, 1_000);
const FEW = either(1_000, 100);
const EVENTS = either(100_000, 2_000);
const WARM = either(4, 0);
const BATCH = 1_000;

type Simulation = ReturnType<typeof startSimulation>;

const heap = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

function grown(header: LogHeader, until: number): Simulation {
  const simulation = startSimulation(header);
  for (let n = 1; simulation.next(until) !== undefined; n += 1) {
    if (n % BATCH === 0) simulation.snapshot();
  }
  return simulation;
}

function established({ hosts }: Snapshot): number {
  const ESTABLISHED = 4;
  return hosts.reduce((sum, { states }) => sum + (states[ESTABLISHED] as number), 0) / 2;
}

type Size = {
  readonly connections: number;
  /** Both ends of all connections, their processes and their agenda. */
  readonly bytes: number;
  readonly rss: number;
  readonly folds: readonly number[];
  readonly simulations: readonly number[];
};

/**
 * µs an event, of the simulation as it goes on, and of the fold of the same events. Nothing is let
 * go of or collected between the rounds: a collection takes code with it that was compiled for what
 * is gone, and then the compiler is what is measured.
 */
function costs(header: LogHeader, simulation: Simulation) {
  const start = simulation.snapshot();
  const parts: (readonly LogEvent[])[] = [];
  const simulations = timed(() => {
    const part: LogEvent[] = [];
    for (let n = 1; n <= EVENTS; n += 1) {
      part.push(simulation.next() as LogEvent);
      if (n % BATCH === 0) simulation.snapshot();
    }
    parts.push(part);
  });
  let snapshot = start;
  const folds = timed((round) => {
    const part = parts[round] as readonly LogEvent[];
    for (let i = 0; i < part.length; i += BATCH) {
      snapshot = foldAll(header, snapshot, part.slice(i, i + BATCH));
    }
  });
  if (snapshot.events !== simulation.snapshot().events) throw new Error('the fold has gone astray');
  return { folds, simulations };
}

/** The first rounds are for the compiler. */
function timed(run: (round: number) => void): readonly number[] {
  const found: number[] = [];
  for (let round = 0; round < WARM + ROUNDS; round += 1) {
    found.push(1_000_000 / perSecond(EVENTS, () => run(round)));
  }
  return found.slice(WARM);
}

function sized(wanted: number, { made, full }: Crowd): Size {
  const header = made.build();
  const empty = heap();
  const simulation = grown(header, full);
  const bytes = heap() - empty;
  const { rss } = process.memoryUsage();
  const connections = established(simulation.snapshot());
  if (Math.abs(connections - wanted) > wanted / 10) {
    throw new Error(`expected about ${wanted} connections, found ${connections}`);
  }
  return { connections, bytes, rss, ...costs(header, simulation) };
}

type Lingering = {
  readonly waiting: number;
  /** Of the whole simulation, its agenda included, and of its last snapshot alone. */
  readonly simulated: number;
  readonly held: number;
};

/** Heap when so many linger in TIME-WAIT: all came, and none has gone yet. */
function lingering(connections: number): Lingering {
  const rate = 10_000;
  const load = churn({ rate, connections, bytes: 100, clients: 16, ports: 4, profile: 'linux' });
  const header = load.build();
  const empty = heap();
  let simulation: Simulation | undefined = grown(
    header,
    (connections * 1_000_000) / rate + 1_000_000,
  );
  const snapshot = simulation.snapshot();
  const simulated = heap() - empty;
  // Asked for after the heap was, so that the simulation was still there.
  if (simulation.next(0) !== undefined) throw new Error('the simulation goes back');
  simulation = undefined;
  const held = heap() - empty;
  const waiting = snapshot.hosts.reduce((sum, host) => sum + host.timeWaits.size, 0);
  return { waiting, simulated, held };
}

/** Octets for each connection that lingers, its places in tables and indexes included. */
function timeWaitBytes(): { readonly simulated: number; readonly held: number } {
  // The first time what is loaded and compiled on the way counts too.
  const [, few, many] = either([5_000, 50_000, 250_000], [1_000, 1_000, 4_000]).map(lingering);
  if (few === undefined || many === undefined) throw new Error('there are two sizes');
  const more = many.waiting - few.waiting;
  return {
    simulated: (many.simulated - few.simulated) / more,
    held: (many.held - few.held) / more,
  };
}

const timeWait = timeWaitBytes();
const near = (connections: number): Size => sized(connections, idling(connections));
const far = (connections: number): Size =>
  sized(connections, replacing(connections, (WARM + ROUNDS) * EVENTS));
const sizes: Size[] = [];
for (let connections = FEW; connections <= MOST; connections *= 10) sizes.push(far(connections));
const first = sizes[0] as Size;
const last = sizes[sizes.length - 1] as Size;
// Once more at the end, when the heap has been large: a machine that has grown slower shows here.
const again = far(FEW);
const before = sizes[sizes.length - 2] ?? first;
const slope = (last.bytes - before.bytes) / (last.connections - before.connections);
const nearSizes = [near(FEW), near(MOST), near(FEW)] as const;

const cost = (kind: string, name: string, values: readonly number[], n: number): Row =>
  row({ name: `${name}${n}`, what: `${kind} among ${grouped(n)}`, unit: 'µs/ev' }, values);
const costRows = sizes.flatMap(({ folds, simulations }, i) => [
  cost('fold, the oldest go,', 'foldedFar', folds, FEW * 10 ** i),
  cost('simulate, the oldest go,', 'simulatedFar', simulations, FEW * 10 ** i),
]);
const nearRows = nearSizes
  .slice(0, 2)
  .flatMap(({ folds, simulations }, i) => [
    cost('fold', 'folded', folds, [FEW, MOST][i] as number),
    cost('simulate', 'simulated', simulations, [FEW, MOST][i] as number),
  ]);

function gibibytes(name: string, what: string, bytes: number, aim?: Aim): Row {
  return row({ name, what, unit: 'GiB', ...(aim === undefined ? {} : { aim }) }, bytes / 1024 ** 3);
}

function octets(name: string, what: string, bytes: number, aim?: Aim): Row {
  return row({ name, what, unit: 'B', ...(aim === undefined ? {} : { aim }) }, bytes);
}

/** How much more an event costs among the most than among the few, before and after. */
function growth(
  { name, what, aim }: { readonly name: string; readonly what: string; readonly aim?: Aim },
  [few, many, again]: readonly [Size, Size, Size],
): Row[] {
  return (['folds', 'simulations'] as const).map((key) => {
    const kind = key === 'folds' ? 'fold' : 'simulate';
    const base = median([...few[key], ...again[key]]);
    return row(
      {
        name: `${kind}${name}`,
        what: `cost of an event, ${kind}${what}: among ${grouped(MOST)} for among ${grouped(FEW)}`,
        unit: '×',
        ...(aim === undefined ? {} : { aim }),
      },
      many[key].map((each) => each / base),
    );
  });
}

// 3 GB, which are 2.79 GiB.
const MEMORY = { most: 3e9 / 1024 ** 3 };
const most = `${grouped(MOST)} connections`;
report({
  bench: 'growth',
  headline: ['foldGrowth', 'costRatio'],
  figures: [
    ...nearRows,
    ...costRows,
    gibibytes('heap', `heap, ${most}`, last.bytes, MEMORY),
    gibibytes('rss', `the whole process, ${most}`, last.rss, MEMORY),
    octets('connection', 'one connection more, both ends', slope),
    octets('timeWait', 'one more in TIME-WAIT, in a snapshot', timeWait.held, { most: 300 }),
    octets('timeWaitSimulated', 'one more in TIME-WAIT, simulated', timeWait.simulated),
    gibibytes(
      'tenMillion',
      'heap for ten million, by the slope',
      last.bytes + slope * (10_000_000 - last.connections),
    ),
  ],
  ratios: [
    ...growth({ name: 'Growth', what: '', aim: { most: 1.5 } }, nearSizes),
    ...growth({ name: 'GrowthFar', what: ', the oldest go' }, [first, last, again]),
  ],
});
