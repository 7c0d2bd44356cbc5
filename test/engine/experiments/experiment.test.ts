// How experiments are run and written out, on workloads small enough to count by hand.

import { describe, expect, test } from 'vitest';
import {
  experiment,
  pointsOf,
  type Row,
  runExperiment,
  stepExperiment,
} from '../../../engine/experiments/experiment.ts';
import { type Measured, measure } from '../../../engine/experiments/measure.ts';
import { seriesToCsv, toCsv, toJson } from '../../../engine/experiments/table.ts';
import { type Churn, churn } from '../../../engine/experiments/workload.ts';
import type { LogHeader } from '../../../engine/log/header.ts';

const small = experiment({
  name: 'small',
  about: 'Ten a second.',
  vary: { closes: ['client', 'server'], bytes: [0, 100] },
  build: ({ closes, bytes }) => churn({ closes, bytes, rate: 10, connections: 50 }),
  until: '10s',
  measure: {
    client: (run) => run.host('client').peak('TIME-WAIT'),
    server: (run) => run.host('server').peak('TIME-WAIT'),
  },
  series: { opened: (run) => run.host('client').counts('opened') },
});

function measured(header: LogHeader, until = Number.POSITIVE_INFINITY) {
  const steps = measure(header, until, 1_000_000);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

describe('an experiment', () => {
  test('runs the points of its grid in order, the last name fastest', () => {
    expect(pointsOf({ a: [1, 2], b: ['x', 'y'] })).toEqual([
      { a: 1, b: 'x' },
      { a: 1, b: 'y' },
      { a: 2, b: 'x' },
      { a: 2, b: 'y' },
    ]);
    const rows = runExperiment(small);
    expect(rows.map(({ point }) => point)).toEqual(pointsOf(small.vary));
    expect(rows.map(({ values }) => values)).toEqual([
      { client: 50, server: 0 },
      { client: 50, server: 0 },
      { client: 0, server: 50 },
      { client: 0, server: 50 },
    ]);
    // At 0 s none; connects at 1 ms + k × 100 ms: ten in each of five seconds.
    expect(rows[0]?.series['opened']).toEqual([0, 10, 20, 30, 40, 50, 50, 50, 50, 50, 50]);
  });

  test('gives the same rows for the same seed, and says how far it is', () => {
    const seen: number[] = [];
    const rows = runExperiment(small, { seed: 5, onProgress: ({ at }) => seen.push(at) });
    expect(new Set(seen)).toEqual(new Set([0, 1, 2, 3]));
    expect(runExperiment(small, { seed: 5 })).toEqual(rows);
    const big = { ...small, vary: { closes: ['client'], bytes: [0] } };
    const large = { ...big, build: () => churn({ rate: 1000, connections: 1000 }) };
    const steps = stepExperiment(large);
    const built = { at: 0, of: 1, events: 0, header: { title: 'Churn' } };
    expect(steps.next()).toMatchObject({ done: false, value: built });
    expect(steps.next()).toMatchObject({ done: false, value: { at: 0, of: 1, events: 4096 } });
  });

  test('runs points by number, each as in the whole grid', () => {
    const rows = runExperiment(small);
    const steps = stepExperiment(small, { only: [3, 1] });
    for (;;) {
      const step = steps.next();
      if (step.done !== true) continue;
      expect(step.value).toEqual([rows[3], rows[1]]);
      break;
    }
  });

  test('takes options for its hosts, but not for what it varies', () => {
    const spec = experiment({
      name: 'fixed',
      about: '',
      vary: { time_wait_ms: [1000] },
      build: ({ time_wait_ms }) => churn({ rate: 10, connections: 10, fixed: { time_wait_ms } }),
      measure: { end: (run) => run.time },
    });
    expect(runExperiment(spec, { profile: 'macos' })[0]?.values['end']).toBeLessThan(2_000_000);
    expect(() => runExperiment(spec, { knobs: { time_wait_ms: 5 } })).toThrow('cannot be set');
  });

  test('tells mistakes', () => {
    const { build, measure: what } = small;
    const wrong = (spec: object) => () => experiment(spec as typeof small);
    expect(wrong({ build, measure: what })).toThrow('expected a name');
    expect(wrong({ ...small, vary: { rate: 5 } })).toThrow('a list of values for rate');
    expect(wrong({ ...small, measure: {} })).toThrow('something to measure');
    expect(wrong({ ...small, until: 'soon' })).toThrow('until: expected a time');
    expect(() => churn({ connections: 5 } as Churn)).toThrow('either a rate or a concurrency');
    expect(() =>
      runExperiment({ ...small, measure: { x: (run) => run.host('y').peak('CLOSED') } }),
    ).toThrow("there is no host 'y'");
    expect(wrong({ ...small, vary: undefined })).toThrow('expected something to vary, such as');
    expect(wrong({ ...small, vary: { rate: [[1]] } })).toThrow('vary rate: expected a number');
    expect(wrong({ ...small, about: undefined })).toThrow(
      'experiment small: expected a text about',
    );
    expect(wrong({ ...small, measure: { x: 5 } })).toThrow('measure x: expected a function of');
    expect(wrong({ ...small, serie: {} })).toThrow(
      'experiment small: there is no field serie; there are name, about, vary, build, until, ',
    );
    expect(() => churn({ rate: 1, connections: 5, closez: 'client' } as Churn)).toThrow(
      'churn: there is no field closez; there are connections, rate, ',
    );
    expect(() => churn({ rate: 1, connections: 5, closes: 'both' } as unknown as Churn)).toThrow(
      'churn, closes: expected one of client, server, abort, found both',
    );
    expect(wrong({ ...small, measure: { bytes: () => 1 } })).toThrow(
      'experiment small, measure: bytes is varied already',
    );
    expect(wrong({ ...small, series: { time_s: () => [] } })).toThrow(
      'experiment small, series: time_s is the column of the time',
    );
    expect(wrong({ ...small, vary: { a: Array(2000).fill(1), b: Array(2000).fill(1) } })).toThrow(
      'experiment small, vary: expected at most 1000000 points, found 4000000',
    );
    const load = { rate: 1, connections: 5 };
    const refused = (wrongly: object) => () => churn({ ...load, ...wrongly } as Churn);
    expect(refused({ rate: '5' })).toThrow("rate: expected more than 0 a second, found '5'");
    expect(refused({ bytes: -4 })).toThrow('churn, bytes: expected a whole number of at least 0');
    expect(refused({ connections: '5' })).toThrow('churn, connections: expected a whole number');
    const lists = { x: (run: Measured) => run.host('client').series('CLOSED') };
    expect(() => runExperiment({ ...small, measure: lists as never })).toThrow(
      'measure x: expected a number, a text or true or false, found a list',
    );
  });
});

describe('what a script measures', () => {
  const tried = (of: (run: Measured) => unknown) => () =>
    runExperiment({ ...small, measure: { x: of } as never });
  const client = (run: Measured) => run.host('client');

  test.each([
    ['nothing', (run: Measured) => (client(run).totals as Record<string, unknown>)['foo']],
    ['NaN', (run: Measured) => (client(run).totals as Record<string, number>)['foo']! / 2],
  ])('%s is refused, with the totals that there are', (found, of) => {
    expect(tried(of)).toThrow(
      `measure x: expected a value, found ${found}; the totals are opened, established, ended,`,
    );
  });

  test('is told by a state, a counter and a time that are known', () => {
    const state = (run: Measured) => client(run).peak('FOO' as never);
    expect(tried(state)).toThrow("measure: there is no state 'FOO'; there are CLOSED, LISTEN, ");
    const counter = (run: Measured) => client(run).rate('foo' as never, 0, '1s');
    expect(tried(counter)).toThrow("measure: there is no counter 'foo'; there are opened, ");
    expect(tried((run) => client(run).mean('CLOSED', 'soon'))).toThrow('mean, from: expected a ti');
    expect(tried((run) => 1 / client(run).peak('CLOSING'))).toThrow('a number, a text or true or');
  });

  test('takes times as text', () => {
    const both = experiment({
      ...small,
      measure: {
        text: (run) => run.host('client').mean('TIME-WAIT', '6s', '8s'),
        micros: (run) => run.host('client').mean('TIME-WAIT', 6_000_000, 8_000_000),
        rate: (run) => run.host('client').rate('opened', '1s', '3s'),
      },
    });
    // All 50 wait then; ten are opened in each second.
    expect(runExperiment(both)[0]?.values).toEqual({ text: 50, micros: 50, rate: 10 });
  });

  test.each([
    ['null', () => null],
    ['a promise; it must not be async', async () => churn({ rate: 1, connections: 1 })],
    ['a value of type object', () => ({ hosts: [] })],
  ])('is nothing where build gives %s', (found, build) => {
    expect(() => runExperiment({ ...small, build: build as never })).toThrow(
      `experiment small, build: expected a scenario, found ${found}`,
    );
  });

  test('is not asked for beyond the end of the run', () => {
    // The run ends at 10 s, samples are a second apart.
    expect(tried((run) => client(run).rate('opened', '5s', '90s'))).toThrow(
      'rate, to: expected a time up to the end of the run at 10.000 s, found 90.000 s',
    );
    expect(tried((run) => client(run).mean('CLOSED', '50s'))).toThrow(
      'mean, from: expected a time',
    );
    expect(tried((run) => client(run).mean('CLOSED', 0, '50s'))).toThrow('mean, to: expected a ti');
    expect(tried((run) => client(run).rate('opened', '5s', '5s'))).toThrow(
      'rate: expected two samples at least from 5.000 s to 5.000 s; there is one each 1.000 s',
    );
    expect(tried((run) => client(run).mean('CLOSED', '3.2s', '3.8s'))).toThrow(
      'mean: expected a sample at least from 3.200 s to 3.800 s; there is one each 1.000 s',
    );
  });

  test('ends with the scenario where that ends before', () => {
    const build = () => churn({ rate: 10, connections: 50, until: '3s' });
    const short = {
      ...small,
      build,
      measure: { end: (run: Measured) => client(run).ports().length },
    };
    // At 0, 1, 2 and 3 s: what would be at 10 s is not known.
    expect(runExperiment(short)[0]?.values).toEqual({ end: 4 });
  });

  test('grows between samples, whatever lies beside them', () => {
    const rate = (run: Measured) => client(run).rate('opened', '1.4s', '3.6s');
    const odd = { ...small, measure: { rate } };
    // From 2 s to 3 s: ten are opened in each second.
    expect(runExperiment(odd)[0]?.values).toEqual({ rate: 10 });
  });

  test.each([
    ['a header that cannot be read', (h: LogHeader) => ({ ...h, hosts: 5 }), 'hosts is wrong: exp'],
    [
      'knobs of a wrong type',
      (h: LogHeader) => ({ ...h, hosts: [{ ...h.hosts[0], knobs: { tw_reuse: '1' } }] }),
      'hosts[0].knobs.tw_reuse is wrong: expected a whole number',
    ],
    [
      'knobs that cannot be in force together',
      (h: LogHeader) => ({
        ...h,
        hosts: h.hosts.map((host) => ({ ...host, knobs: { ephemeral_high: 40_000 } })),
      }),
      'a header with wrong knobs, host server: ephemeral_low: expected at most ephemeral_high',
    ],
  ])('is nothing where build gives %s', (_, change, message) => {
    const build = () => change(churn({ rate: 1, connections: 1 }).build()) as LogHeader;
    expect(() => runExperiment({ ...small, build })).toThrow(message);
  });

  test.each(['../x', 'a/b', 'a\\b', '.x', 'a\nb'])('has no files called %j', (name) => {
    expect(() => experiment({ ...small, name })).toThrow('expected the name of a file, without /');
  });
});

describe('a workload', () => {
  test('by concurrency keeps so many going', () => {
    const run = measured(churn({ concurrency: 5, connections: 100, delay: '10ms' }).build());
    expect(run.host('client').totals.opened).toBe(100);
    expect(run.host('client').peak('SYN-SENT')).toBe(5);
  });

  test.each([
    [{ concurrency: 10, connections: 5 }, 5, 5],
    [{ concurrency: 4, connections: 10 }, 10, 4],
    [{ concurrency: 4, connections: 10, clients: 3, ports: 2 }, 10, 4],
    [{ concurrency: 7, connections: 23, clients: 2, ports: 2 }, 23, 7],
    [{ rate: 5, connections: 10, clients: 4 }, 10, 10],
    [{ rate: 5, connections: 3, clients: 4, ports: 3 }, 3, 3],
  ])('%o tries as many connections as it says, no more at a time', (load, all, most) => {
    const run = measured(churn({ ...load, delay: '1s', pause: '1us' }).build());
    const names = run.header.hosts.map(({ name }) => name).filter((name) => name !== 'server');
    const sum = (of: (name: string) => number) => names.reduce((all, name) => all + of(name), 0);
    expect(sum((name) => run.host(name).totals.opened)).toBe(all);
    // Clients begin with all their places at once, and in the first second nothing is answered.
    if ('concurrency' in load) expect(sum((name) => run.host(name).peak('SYN-SENT'))).toBe(most);
  });

  test('over several clients and ports has a port space for each', () => {
    const load = { rate: 100, connections: 600, clients: 2, ports: 3 };
    const knobs = { ephemeral_low: 40_000, ephemeral_high: 40_049 };
    const run = measured(churn({ ...load, knobs }).build(), 10_000_000);
    for (const name of ['client1', 'client2']) {
      const { totals } = run.host(name);
      // 100 connections towards each of three ports, 50 local ports for each.
      expect([totals.opened, totals.addrNotAvail]).toEqual([150, 150]);
      expect(run.host(name).failures()).toEqual({ EADDRNOTAVAIL: 150 });
    }
  });

  test('with abort leaves no TIME-WAIT, and the server is reset', () => {
    const run = measured(churn({ rate: 10, connections: 20, closes: 'abort' }).build());
    expect(run.host('client').peak('TIME-WAIT')).toBe(0);
    expect(run.host('server').failures()).toEqual({ ECONNRESET: 20 });
  });
});

describe('results', () => {
  const rows: Row[] = [
    {
      point: { rate: 5, closes: 'a "b", c' },
      values: { peak: 7, first: 'never' },
      every: 500_000,
      series: { tw: [0, 3, 7] },
    },
  ];

  test('as CSV: a row per point', () => {
    expect(toCsv(rows)).toBe('rate,closes,peak,first\n5,"a ""b"", c",7,never\n');
  });

  test('as CSV: a row per sample', () => {
    expect(seriesToCsv(rows)).toBe(
      'rate,closes,time_s,tw\n5,"a ""b"", c",0,0\n5,"a ""b"", c",0.5,3\n5,"a ""b"", c",1,7\n',
    );
  });

  test('as JSON', () => {
    expect(JSON.parse(toJson(rows))).toMatchObject([{ values: { peak: 7 }, every_us: 500_000 }]);
  });
});
