// Where the time goes: a sampling profile of simulating end to end and of opening a log, by the
// part of the program that is at work. What is inlined counts for the file that it stands in. The
// profiler itself costs time, so how fast each is the other measurements tell.

import { type Profiler, Session } from 'node:inspector/promises';
import { buildTimeline } from '../../engine/index.ts';
import { streamArrow, writeArrow } from './arrow-log.ts';
import { churnOf, eventsOf, LONG } from './load.ts';
import { either, size } from './options.ts';
import { report } from './report.ts';
import { find, type Row, ratio, row } from './rounds.ts';
import { simulated } from './simulated.ts';
import { arrow } from './sinks.ts';

const ROUNDS = either(5, 1);
const CONNECTIONS = size(40_000, 300);
const EVENTS = either(500_000, 5_000);
const INTERVAL_US = 200;

type Part = {
  readonly name: string;
  readonly what: string;
  /** Which code: what its address or its name holds. */
  readonly of: RegExp;
};

/** The first that fits is meant. */
const PARTS: readonly Part[] = [
  { name: 'Tcp', what: 'TCP of one connection', of: /\/engine\/tcp\// },
  { name: 'Host', what: 'connections of a host, its ports and queues', of: /\/engine\/host\// },
  { name: 'Tables', what: 'persistent tables, indexes', of: /\/engine\/base\/|\/immer\// },
  {
    name: 'Index',
    what: 'the index of a log that is opened',
    of: /\/timeline\/(biographies|create|features|keyframes|lives|postings|statistics|store)\./,
  },
  {
    name: 'Events',
    what: 'events, their delivery, programs, commits',
    of: /\/engine\/(timeline|network)\//,
  },
  { name: 'Next', what: 'what comes next', of: /\/engine\/simulation\// },
  {
    name: 'Log',
    what: 'the log: columns and file',
    of: /\/engine\/log\/|\/tui\/files\/|\/apache-arrow\/|\/test\/bench\/sinks|^node:/,
  },
  { name: 'Garbage', what: 'collection of garbage', of: /^\(garbage collector\)$/ },
  { name: 'Rest', what: 'the rest', of: /^/ },
];

/** Time by part, and that of the function that took most, µs. */
type Shares = { readonly parts: readonly number[]; readonly largest: number };

function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Shares {
  const parts = PARTS.map(() => 0);
  const functions = new Map<string, number>();
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  for (const [i, id] of samples.entries()) {
    const { functionName, url, lineNumber } = frames.get(id) as Profiler.ProfileNode['callFrame'];
    if (url === 'node:inspector') continue;
    const took = timeDeltas[i] as number;
    const part = PARTS.findIndex(({ of }) => of.test(url === '' ? functionName : url));
    parts[part] = (parts[part] as number) + took;
    if (url === '') continue;
    const name = `${url}:${lineNumber}:${functionName}`;
    functions.set(name, (functions.get(name) ?? 0) + took);
  }
  return { parts, largest: Math.max(...functions.values()) };
}

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });

async function profiled(work: () => unknown): Promise<Shares> {
  await session.post('Profiler.start');
  await work();
  return sharesOf((await session.post('Profiler.stop')).profile);
}

type Subject = {
  readonly name: string;
  readonly unit: string;
  readonly what: string;
  /** What one unit of time is told for, connections or events; and the µs in it. */
  readonly count: number;
  readonly micros: number;
  readonly run: () => unknown;
};

const busy = { scenario: () => churnOf(CONNECTIONS), before: 0, each: CONNECTIONS };
const header = LONG.build();

const bytes = await writeArrow(header, eventsOf(header, EVENTS), EVENTS);
const sinkOf = () => arrow(busy.scenario().build(), false);

const SUBJECTS: readonly Subject[] = [
  {
    name: 'simulate',
    unit: 'µs',
    what: 'a connection simulated to a log uncompressed',
    count: CONNECTIONS,
    micros: 1,
    run: async () => simulated(busy, await sinkOf()),
  },
  {
    name: 'open',
    unit: 'ns',
    what: 'an event of a log that is opened',
    count: EVENTS,
    micros: 1_000,
    run: () => streamArrow(header, bytes, buildTimeline(header)),
  },
];

/** Its whole, its parts, and the function that takes most. */
async function rowsOf({ name, unit, what, count, micros, run }: Subject): Promise<Row[]> {
  const found: Shares[] = [];
  if (ROUNDS > 1) await run();
  for (let round = 0; round < ROUNDS; round += 1) found.push(await profiled(run));
  const each = (value: number): number => (value * micros) / count;
  const sum = ({ parts }: Shares): number => parts.reduce((a, b) => a + b, 0);
  return [
    row(
      { name, what, unit },
      found.map((shares) => each(sum(shares))),
    ),
    ...PARTS.flatMap((part, i) => {
      const values = found.map(({ parts }) => each(parts[i] as number));
      // Nothing is opened while there is a simulation, and nothing comes next in a log.
      if (values.every((value) => value === 0)) return [];
      return [row({ name: name + part.name, what: `… ${part.what}`, unit }, values)];
    }),
    row(
      { name: `${name}Largest`, what: '… the function that takes most', unit },
      found.map(({ largest }) => each(largest)),
    ),
  ];
}

const figures: Row[] = [];
for (const subject of SUBJECTS) figures.push(...(await rowsOf(subject)));
const share = (name: string, what: string, part: string, whole: string): Row =>
  ratio({ name, what }, find(figures, part), find(figures, whole));

report({
  bench: 'profile',
  headline: ['simulate', 'microsPerConnection'],
  figures,
  ratios: [
    share('tcpShare', 'of a connection is TCP', 'simulateTcp', 'simulate'),
    share('largestShare', 'of it is the function that takes most', 'simulateLargest', 'simulate'),
    share('openTcpShare', 'of an event that is opened is TCP', 'openTcp', 'open'),
    share('openLargestShare', 'of it is the function that takes most', 'openLargest', 'open'),
  ],
});
