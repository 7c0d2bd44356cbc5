/**
 * Points on workers against points in this process. The clock of these tests jumps at each look, so
 * that workers are asked for at once.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { churn, steps as instructions, scenario } from '../../../engine/index.ts';
import { weightOf } from '../../../tui/commands/point-weight.ts';
import { scratchFolder } from '../files/scratch.ts';
import { twomsl } from './fake-io.ts';

const TICK = 500;

/** What ships, on grids that take a moment, and one with every kind of value. */
const SCRIPTS = {
  'who.mjs': `export default ({ EXPERIMENTS, churn }) => ({
    ...EXPERIMENTS['who-closes-first'],
    vary: { closes: ['client', 'server', 'abort'], rate: [2, 5] },
  });`,
  'exhaustion.mjs': `export default ({ EXPERIMENTS, churn }) => ({
    ...EXPERIMENTS['port-exhaustion'],
    vary: { rate: [3, 6, 4] },
  });`,
  'length.mjs': `export default ({ EXPERIMENTS, churn }) => ({
    ...EXPERIMENTS['time-wait-length'],
    vary: { time_wait_ms: [2_000, 60_000], tw_reuse: [0, 1] },
    build: ({ time_wait_ms, tw_reuse }) =>
      churn({ rate: 3, connections: 300, profile: 'linux', fixed: { time_wait_ms, tw_reuse } }),
  });`,
  'values.mjs': `export default ({ experiment, churn }) => experiment({
    name: 'values', about: 'Values that JSON or CSV would change.',
    vary: { word: ['a, "b"', 'ü'], on: [true, false] },
    build: ({ on }) => churn({ rate: 10, connections: on ? 9 : 3, delay: '30ms' }),
    until: '3s', every: '500ms',
    measure: {
      least: () => -0,
      third: () => 1 / 3, text: (_, { word }) => word + word, yes: (_, { on }) => on,
      end: (run) => run.time, seed: (run) => run.header.seed,
    },
    series: { opened: (run) => run.host('client').counts('opened'), empty: () => [] },
  });`,
};

function folderWith(script: string, name = 'mine.mjs'): string {
  const cwd = scratchFolder();
  writeFileSync(join(cwd, name), script);
  return cwd;
}

function contents(folder: string): Record<string, string> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

describe('on workers', () => {
  test.each(Object.keys(SCRIPTS))('%s gives the same, octet for octet', async (name) => {
    const cwd = folderWith(SCRIPTS[name as keyof typeof SCRIPTS], name);
    const args = ['experiment', name, '--seed', '7'];
    const table = await twomsl([...args, '--jobs', '1', '--out', 'one'], { cwd });
    const crew = await twomsl([...args, '--jobs', '2', '--out', 'two'], { cwd, tick: TICK });
    expect(table).toMatchObject({ code: 0, err: '' });
    expect(crew.err).toMatch(/^\d of \d points done, /m);
    expect(crew).toMatchObject({ code: 0, out: table.out });
    expect(contents(join(cwd, 'two'))).toEqual(contents(join(cwd, 'one')));
  });

  test('the first point that fails is told, as on one core', async () => {
    // The last point is begun first, because it is the longest, and fails at once.
    const cwd = folderWith(`export default ({ experiment, churn }) => experiment({
      name: 'fails', about: '', vary: { n: [1, 2, 3, 4] },
      build: ({ n }) => churn({ rate: 100, connections: n * 100 }),
      measure: {
        x: (run, { n }) => { if (n > 1) throw new Error('no luck at ' + n); return n; },
      },
    });`);
    const args = ['experiment', 'mine.mjs', '--out', 'results', '--jobs'];
    const one = await twomsl([...args, '1'], { cwd });
    const two = await twomsl([...args, '3'], { cwd, tick: TICK });
    expect(one.code).toBe(2);
    expect(one.err).toBe('twomsl: mine.mjs:5:47: the script throws: no luck at 2\n');
    expect(two.code).toBe(2);
    expect(two.err.split('\n').at(-2)).toBe(one.err.trimEnd());
    expect(contents(join(cwd, 'results'))).toEqual({});
  });

  test.each([
    [
      'ends its thread',
      'x: () => process.exit(3)',
      '[1, 2]',
      /point \d: its worker has ended: .*3.* With --jobs 1 there are no workers/,
    ],
    [
      'varies something else each time',
      'x: () => 1',
      '[1, process.hrtime.bigint().toString()]',
      /varies other values when it is loaded again\. .*--jobs 1/,
    ],
  ])('a script that %s is refused', async (_, measure, values, message) => {
    const cwd = folderWith(`export default ({ experiment, churn }) => experiment({
      name: 'odd', about: '', vary: { n: ${values} },
      build: () => churn({ rate: 100, connections: 10 }), measure: { ${measure} },
    });`);
    const args = ['experiment', 'mine.mjs', '--jobs', '2'];
    const { code, out, err } = await twomsl(args, { cwd, tick: TICK });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });

  test('one that never comes to an end is ended', async () => {
    const cwd = folderWith(`import { writeFileSync } from 'node:fs';
    import { isMainThread } from 'node:worker_threads';
    const loop = () => { writeFileSync('${'FOLDER'}/begun', ''); while (true); };
    export default ({ experiment, churn }) => experiment({
      name: 'loops', about: '', vary: { n: [1, 2, 3] },
      build: () => isMainThread ? churn({ rate: 9, connections: 9 }) : loop(),
      measure: { x: () => 1 },
    });`);
    const path = join(cwd, 'mine.mjs');
    writeFileSync(path, readFileSync(path, 'utf8').replace('FOLDER', cwd));
    const abort = new AbortController();
    const setting = { cwd, tick: TICK, interrupted: abort.signal };
    const run = twomsl(['experiment', 'mine.mjs', '--jobs', '2', '--out', 'results'], setting);
    while (!existsSync(join(cwd, 'begun'))) await new Promise((done) => setTimeout(done, 10));
    abort.abort();
    expect(await run).toMatchObject({ code: 130, out: '' });
    expect(contents(join(cwd, 'results'))).toEqual({});
  });
});

test.each(['0', '-1', 'x', '1.5', '257', ''])('--jobs %j is refused', async (count) => {
  const { code, err } = await twomsl(['experiment', 'who-closes-first', '--jobs', count]);
  expect(code).toBe(2);
  expect(err).toContain("option '--jobs <n>'");
  expect(err).toContain('Expected a whole number');
});

describe('the weight of a point', () => {
  const { connect, repeat, spawn, wait } = instructions;
  const until = 60_000_000;

  test('grows with its connections, as far as they are in time', () => {
    const load = (rate: number) => churn({ rate, connections: rate * 60 }).build();
    expect(weightOf(load(200), until) / weightOf(load(100), until)).toBeCloseTo(2);
    expect(weightOf(load(100), until / 2) / weightOf(load(100), until)).toBeCloseTo(0.5, 1);
    const loop = (count: number) => churn({ concurrency: 5, connections: count }).build();
    expect(weightOf(loop(400), until) / weightOf(loop(100), until)).toBeCloseTo(4, 0);
  });

  test('counts loops within loops', () => {
    const weigh = (count: number) =>
      weightOf(
        scenario({ title: 'Loops', about: 'None.' })
          .host('a')
          .app('a', [
            repeat(10, [repeat(count, [wait(1)]), connect('a', 1)]),
            spawn(3, 0, [wait(1)]),
          ])
          .build(),
        until,
      );
    expect(weigh(7) - weigh(6)).toBe(10);
  });
});
