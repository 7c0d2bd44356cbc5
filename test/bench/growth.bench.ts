// Whether an event costs more when there are more connections, and what a connection costs in
// memory. In each log so many connections are ESTABLISHED at both ends while others come and go:
// what an event touches lies close together, however many there are beside it.

import {
  churn,
  foldAll,
  type LogEvent,
  type LogHeader,
  type Snapshot,
  startSimulation,
} from '../../engine/index.ts';
import { holding, take } from './load.ts';
import { either, quick, size } from './options.ts';
import { grouped, report } from './report.ts';
import { type Aim, median, perSecond, type Row, row } from './rounds.ts';

const ROUNDS = either(5, 1);
const MOST = size(1_000_000, 1_000);
const FEW = either(1_000, 100);
const EVENTS = either(100_000, 2_000);
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

/** µs an event; what is measured starts from the same snapshot in every round. */
function costs(header: LogHeader, start: Snapshot, events: readonly LogEvent[]) {
  const parts: (readonly LogEvent[])[] = [];
  for (let i = 0; i < events.length; i += BATCH) parts.push(events.slice(i, i + BATCH));
  const folds: number[] = [];
  const simulations: number[] = [];
  // The first round is for the compiler.
  for (let round = 0; round <= ROUNDS; round += 1) {
    globalThis.gc?.();
    const folded = perSecond(events.length, () =>
      parts.reduce((snapshot, part) => foldAll(header, snapshot, part), start),
    );
    // To go on from a snapshot the agenda is made once, from all there is: that is not timed.
    const simulation = startSimulation(header, start);
    globalThis.gc?.();
    const simulated = perSecond(events.length, () => {
      for (let n = 1; n <= events.length && simulation.next() !== undefined; n += 1) {
        if (n % BATCH === 0) simulation.snapshot();
      }
    });
    if (round === 0 && !quick) continue;
    folds.push(1_000_000 / folded);
    simulations.push(1_000_000 / simulated);
  }
  return { folds, simulations };
}

function sized(wanted: number): Size {
  const { made, full } = holding(wanted, EVENTS);
  const header = made.build();
  const empty = heap();
  let simulation: Simulation | undefined = grown(header, full);
  const start = simulation.snapshot();
  const bytes = heap() - empty;
  const { rss } = process.memoryUsage();
  const connections = established(start);
  if (Math.abs(connections - wanted) > wanted / 10) {
    throw new Error(`expected about ${wanted} connections, found ${connections}`);
  }
  const events = take(simulation.next, EVENTS);
  simulation = undefined;
  return { connections, bytes, rss, ...costs(header, start, events) };
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
const sizes: Size[] = [];
for (let connections = FEW; connections <= MOST; connections *= 10) {
  sizes.push(sized(connections));
}
const first = sizes[0] as Size;
const last = sizes[sizes.length - 1] as Size;
// Once more at the end, when the heap has been large: a machine that has grown slower shows here.
const again = sized(FEW);
const before = sizes[sizes.length - 2] ?? first;
const slope = (last.bytes - before.bytes) / (last.connections - before.connections);

const cost = (kind: string, name: string, values: readonly number[], n: number): Row =>
  row({ name: `${name}${n}`, what: `${kind} among ${grouped(n)}`, unit: 'µs/ev' }, values);
const costRows = sizes.flatMap(({ folds, simulations }, i) => [
  cost('folded', 'fold', folds, FEW * 10 ** i),
  cost('simulated', 'simulate', simulations, FEW * 10 ** i),
]);

function gibibytes(name: string, what: string, bytes: number, aim?: Aim): Row {
  return row({ name, what, unit: 'GiB', ...(aim === undefined ? {} : { aim }) }, bytes / 1024 ** 3);
}

function octets(name: string, what: string, bytes: number, aim?: Aim): Row {
  return row({ name, what, unit: 'B', ...(aim === undefined ? {} : { aim }) }, bytes);
}

/** How much more an event costs among the most than among the few, before and after. */
function growth(name: 'fold' | 'simulate', key: 'folds' | 'simulations'): Row {
  const what = `cost of an event, ${name}: among ${grouped(MOST)} for among ${grouped(FEW)}`;
  const few = median([...first[key], ...again[key]]);
  return row(
    { name: `${name}Growth`, what, unit: '×', aim: { most: 1.5 } },
    last[key].map((each) => each / few),
  );
}

// 3 GB, which are 2.79 GiB.
const MEMORY = { most: 3e9 / 1024 ** 3 };
const most = `${grouped(MOST)} connections`;
report({
  bench: 'growth',
  headline: ['foldGrowth', 'costRatio'],
  figures: [
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
  ratios: [growth('fold', 'folds'), growth('simulate', 'simulations')],
});
