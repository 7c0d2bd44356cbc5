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
import { CONCURRENT, type Crowd, idling, replacing } from './load.ts';
import { either, size } from './options.ts';
import { grouped, report } from './report.ts';
import { type Aim, perSecond, type Row, row } from './rounds.ts';

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

type Cost = { readonly fold: number; readonly simulate: number };

type Size = {
  readonly connections: number;
  /** Both ends of all connections, their processes and their agenda. */
  readonly bytes: number;
  readonly rss: number;
  /** µs an event, of the next so many: of the simulation as it goes on, and of their fold. */
  readonly round: () => Cost;
};

function rounds(header: LogHeader, simulation: Simulation): Size['round'] {
  let snapshot = simulation.snapshot();
  return () => {
    const events: LogEvent[] = [];
    const simulated = perSecond(EVENTS, () => {
      for (let n = 1; n <= EVENTS; n += 1) {
        events.push(simulation.next() as LogEvent);
        if (n % BATCH === 0) simulation.snapshot();
      }
    });
    const folded = perSecond(EVENTS, () => {
      for (let i = 0; i < EVENTS; i += BATCH) {
        snapshot = foldAll(header, snapshot, events.slice(i, i + BATCH));
      }
    });
    return { fold: 1_000_000 / folded, simulate: 1_000_000 / simulated };
  };
}

function sized(wanted: number, { made, full }: Crowd): Size {
  const header = made.build();
  const empty = heap();
  const simulation = grown(header, full);
  const bytes = heap() - empty;
  const { rss } = process.memoryUsage();
  const connections = established(simulation.snapshot());
  if (Math.abs(connections - wanted) > wanted / 10 + CONCURRENT) {
    throw new Error(`expected about ${wanted} connections, found ${connections}`);
  }
  return { connections, bytes, rss, round: rounds(header, simulation) };
}

type Compared = { readonly few: readonly Cost[]; readonly many: readonly Cost[] };

/**
 * Both in turn, so that what befalls the machine befalls both. Nothing is collected by force in
 * between: that takes code with it that was compiled for what is gone, and then the compiler is
 * what is measured. The first rounds are for the compiler.
 */
function compared(few: Size, many: Size): Compared {
  const found = Array.from({ length: WARM + ROUNDS }, () => [few.round(), many.round()] as const);
  const told = found.slice(WARM);
  return { few: told.map(([cost]) => cost), many: told.map(([, cost]) => cost) };
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

const near = (connections: number): Size => sized(connections, idling(connections));
const far = (connections: number): Size => {
  return sized(connections, replacing(connections, (WARM + ROUNDS) * EVENTS));
};
const numbers: number[] = [];
for (let connections = FEW; connections <= MOST; connections *= 10) numbers.push(connections);
let rss = 0;
// The most come first: what the process takes for them is not what others have left behind.
const steps = numbers
  .toReversed()
  .map((wanted) => {
    const many = far(wanted);
    const { connections, bytes } = many;
    rss ||= many.rss;
    return { connections, bytes, costs: compared(far(FEW), many) };
  })
  .reverse();
const timeWait = timeWaitBytes();
const last = steps[steps.length - 1] as (typeof steps)[number];
const before = steps[steps.length - 2] ?? last;
const slope = (last.bytes - before.bytes) / (last.connections - before.connections);
const beside = compared(near(FEW), near(MOST));

const KINDS = ['fold', 'simulate'] as const;
const cost = (name: string, what: string, costs: readonly Cost[], n: number): Row[] =>
  KINDS.map((kind) =>
    row(
      { name: `${kind}${name}${n}`, what: `${kind}${what} among ${grouped(n)}`, unit: 'µs/ev' },
      costs.map((each) => each[kind]),
    ),
  );
const costRows = [
  ...cost('', '', beside.few, FEW),
  ...cost('', '', beside.many, MOST),
  ...steps.flatMap(({ costs }, i) => cost('Far', ', the oldest go,', costs.many, FEW * 10 ** i)),
];

function gibibytes(name: string, what: string, bytes: number, aim?: Aim): Row {
  return row({ name, what, unit: 'GiB', ...(aim === undefined ? {} : { aim }) }, bytes / 1024 ** 3);
}

function octets(name: string, what: string, bytes: number, aim?: Aim): Row {
  return row({ name, what, unit: 'B', ...(aim === undefined ? {} : { aim }) }, bytes);
}

/** How much more an event costs among the most than among the few. */
function growth(name: string, what: string, { few, many }: Compared, aim?: Aim): Row[] {
  return KINDS.map((kind) =>
    row(
      {
        name: `${kind}${name}`,
        what: `cost of an event, ${kind}${what}: among ${grouped(MOST)} for among ${grouped(FEW)}`,
        unit: '×',
        ...(aim === undefined ? {} : { aim }),
      },
      many.map((each, i) => each[kind] / (few[i] as Cost)[kind]),
    ),
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
    gibibytes('rss', `the whole process, ${most}`, rss, MEMORY),
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
    ...growth('Growth', '', beside, { most: 1.5 }),
    ...growth('GrowthFar', ', the oldest go', last.costs),
  ],
});
