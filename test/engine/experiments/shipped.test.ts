// The experiments that ship against the closed forms: Little's law, and ports / TIME-WAIT.

import { describe, expect, test } from 'vitest';
import { experiment, type Row, runExperiment } from '../../../engine/experiments/experiment.ts';
import { EXPERIMENTS, portExhaustionOn } from '../../../engine/experiments/shipped.ts';
import { churn } from '../../../engine/experiments/workload.ts';

function run(name: string): Row[] {
  const spec = EXPERIMENTS[name];
  if (spec === undefined) throw new Error(`there is no experiment ${name}`);
  return runExperiment(spec);
}

function expectWithin(share: number, value: unknown, expected: number): void {
  expect(Math.abs(Number(value) - expected)).toBeLessThanOrEqual(expected * share);
}

describe('who closes first', () => {
  const rows = run('who-closes-first');

  test("the side that closes first holds rate × 60 s in TIME-WAIT (Little's law)", () => {
    for (const { point, values } of rows) {
      const little = Number(point['rate']) * 60;
      const client = point['closes'] === 'client' ? little : 0;
      const server = point['closes'] === 'server' ? little : 0;
      expectWithin(0.01, values['client_time_wait'], client);
      expectWithin(0.01, values['server_time_wait'], server);
      expectWithin(0.01, values['connects_per_s'], Number(point['rate']));
      expect(values['failed']).toBe(0);
    }
    expect(rows.length).toBe(6);
  });

  test('the series rises for 60 s and stays', () => {
    const [first] = rows;
    const series = first?.series['client_time_wait'] ?? [];
    expect(first?.point).toEqual({ closes: 'client', rate: 50 });
    expect(series.length).toBe(91);
    for (let s = 1; s <= 60; s += 1) expectWithin(0.02, series[s], 50 * s);
    for (let s = 61; s <= 90; s += 1) expectWithin(0.01, series[s], 3000);
  });
});

// A tenth of the ports at a tenth of the rates; kernel.test.ts holds the whole range.
describe('ephemeral ports run out', () => {
  const rows = runExperiment(portExhaustionOn(2_824, [30, 60]));
  const [below, above] = rows.map(({ values }) => values);

  test('after ports / rate where that is shorter than TIME-WAIT, else never', () => {
    expect(below).toMatchObject({ first_failure_s: 'never', failed: 0 });
    expect(below).toMatchObject({ ports_over_rate_s: 'never' });
    expectWithin(0.01, above?.['first_failure_s'], 2_824 / 60);
    expectWithin(0.01, above?.['ports_over_rate_s'], 2_824 / 60);
  });

  test('no more than ports / TIME-WAIT a second get through', () => {
    expectWithin(0.01, below?.['connects_per_s'], 30);
    expectWithin(0.01, below?.['time_wait_peak'], 30 * 60);
    expectWithin(0.01, above?.['connects_per_s'], 2_824 / 60);
    expect(above?.['ports_peak']).toBe(2_824);
    expectWithin(0.01, above?.['time_wait_peak'], 2_824);
  });

  test('as many connects fail as do not get through', () => {
    // In each minute 2,824 get through in the first 47 s and none after.
    expectWithin(0.01, 60 * 180 - Number(above?.['failed']), 2_824 * 3);
  });
});

describe('the length of TIME-WAIT, and tw_reuse', () => {
  const rows = run('time-wait-length');
  const row = (time_wait_ms: number, tw_reuse: number) =>
    rows.find(
      ({ point }) => point['time_wait_ms'] === time_wait_ms && point['tw_reuse'] === tw_reuse,
    )?.values;

  test('without reuse ports / TIME-WAIT a second get through, or all', () => {
    expectWithin(0.01, row(60_000, 0)?.['connects_per_s'], 2_000 / 60);
    expectWithin(0.01, row(30_000, 0)?.['connects_per_s'], 2_000 / 30);
    expectWithin(0.01, row(10_000, 0)?.['connects_per_s'], 100);
    expectWithin(0.01, row(10_000, 0)?.['time_wait'], 100 * 10);
    expectWithin(0.01, row(60_000, 0)?.['time_wait'], 2_000);
  });

  test('with reuse all get through', () => {
    for (const time_wait_ms of [60_000, 30_000, 10_000]) {
      expectWithin(0.01, row(time_wait_ms, 1)?.['connects_per_s'], 100);
      expect(row(time_wait_ms, 1)?.['failed']).toBe(0);
    }
  });

  test('with reuse the reuse delay stands in for TIME-WAIT', () => {
    const [over] = runExperiment(
      experiment({
        name: 'over',
        about: '',
        vary: { rate: [400] },
        build: ({ rate }) =>
          churn({
            rate,
            connections: rate * 20,
            profile: 'linux',
            knobs: { ephemeral_low: 40_000, ephemeral_high: 40_099, tw_reuse: 1 },
          }),
        until: '20s',
        measure: {
          through: (measured) => measured.host('client').rate('established', 5e6, 20e6),
        },
      }),
    );
    expectWithin(0.01, over?.values['through'], 100 / 1);
  });
});
