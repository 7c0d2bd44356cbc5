import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tableOf } from '../../../tui/commands/table.ts';
import { PROJECT } from '../../../tui/files/paths.ts';
import { scratchFolder } from '../files/scratch.ts';
import { twomsl } from './fake-io.ts';

const SCRIPT = `export default ({ experiment, churn }) =>
  experiment({
    name: 'mine',
    about: 'TIME-WAIT against the number of connections.',
    vary: { connections: [2, 5] },
    build: ({ connections }) => churn({ rate: 10, connections, profile: 'linux' }),
    until: '5s',
    measure: { opened: (run) => run.host('client').totals.opened },
    series: { waiting: (run) => run.host('client').series('TIME-WAIT') },
  });
`;

function folderWith(script = SCRIPT): string {
  const cwd = scratchFolder();
  writeFileSync(join(cwd, 'mine.mjs'), script);
  return cwd;
}

test('gives a table, and files if asked for', async () => {
  const cwd = folderWith();
  const args = ['experiment', 'mine.mjs', '--out', 'results/a'];
  const { code, out, err } = await twomsl(args, { cwd });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain(`connections  opened\n───────────  ──────\n${' '.repeat(10)}2       2\n`);
  const folder = join(cwd, 'results/a');
  expect(readdirSync(folder).sort()).toEqual(['mine.csv', 'mine.json', 'mine.series.csv']);
  expect(readFileSync(join(folder, 'mine.csv'), 'utf8')).toBe('connections,opened\n2,2\n5,5\n');
  const report = JSON.parse(readFileSync(join(folder, 'mine.json'), 'utf8'));
  expect(report).toMatchObject({ name: 'mine', rows: [{ point: { connections: 2 } }, {}] });
  const series = readFileSync(join(folder, 'mine.series.csv'), 'utf8').split('\n');
  expect(series[0]).toBe('connections,time_s,waiting');
  expect(series[1]).toBe('2,0,0');

  const again = await twomsl(args, { cwd });
  expect(again.code).toBe(2);
  expect(again.err).toContain('results/a/mine.csv: exists already');
  const forced = await twomsl([...args, '--force', '--json'], { cwd });
  expect(forced.code).toBe(0);
  expect(JSON.parse(forced.out)).toEqual(report);
});

test('the example of the README does what it says', async () => {
  const readme = readFileSync(join(PROJECT, 'tui/commands/README.md'), 'utf8');
  const [, example] = /```ts\n(\/\/ mine\/rates\.ts.*?)```/s.exec(readme) ?? [];
  const { code, out, err } = await twomsl(['experiment', 'mine.mjs', '--json'], {
    cwd: folderWith(example),
  });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const { rows } = JSON.parse(out) as { rows: { values: object; series: { waiting: [] } }[] };
  // Little's law: rate × 60 s wait at the end that closes first, and none at the other.
  expect(rows.map(({ values }) => values)).toEqual([
    { waiting: 300, failed: 0 },
    { waiting: 0, failed: 0 },
    { waiting: 600, failed: 0 },
    { waiting: 0, failed: 0 },
  ]);
  // A sample a second, at both ends of the 90.
  expect(rows[0]?.series.waiting).toHaveLength(91);
});

test('interrupted, leaves no file and says so', async () => {
  const cwd = folderWith();
  const abort = new AbortController();
  abort.abort();
  const interrupted = abort.signal;
  const args = ['experiment', 'mine.mjs', '--out', 'r'];
  const { code, err } = await twomsl(args, { cwd, interrupted });
  expect(code).toBe(130);
  expect(err).toBe('interrupted after 0 of 2 points; nothing of them is kept\n');
  expect(existsSync(join(cwd, 'r')) ? readdirSync(join(cwd, 'r')) : []).toEqual([]);
});

test.each([
  ['nothing', 'export default () => 1;', 'expected an experiment from the script'],
  ['a wrong one', SCRIPT.replace("'5s'", "'soon'"), 'mine.mjs:2:3: the script throws: '],
  [
    'a function that throws',
    SCRIPT.replace("run.host('client').totals.opened", "{ throw new Error('no luck'); }"),
    'mine.mjs:8:41: the script throws: no luck',
  ],
  [
    'plain data',
    SCRIPT.replace('experiment({', '({').replace('until', 'untill'),
    'no field untill',
  ],
  ['a name elsewhere', SCRIPT.replace("'mine'", "'../mine'"), 'expected the name of a file'],
])('a script that gives %s is refused', async (_, script, message) => {
  const { code, err } = await twomsl(['experiment', 'mine.mjs'], { cwd: folderWith(script) });
  expect(code).toBe(2);
  expect(err).toContain(message);
});

test('a file where a folder is wanted is told before the run', async () => {
  const cwd = folderWith();
  const args = ['experiment', 'mine.mjs', '--out', 'mine.mjs'];
  const { code, err } = await twomsl(args, { cwd });
  expect(code).toBe(2);
  expect(err).toBe('twomsl: mine.mjs: expected a folder, or a name for one, found a file\n');
});

test('a name that is not known', async () => {
  const { code, err } = await twomsl(['experiment', 'nosuch'], { cwd: '/' });
  expect(code).toBe(2);
  expect(err).toContain('there is no experiment "nosuch"');
});

test('tables keep text to the left and numbers to the right', () => {
  const rows = [
    { point: { os: 'linux' }, values: { x: 1.23456, ok: true }, every: 1, series: {} },
    { point: { os: 'a "b", c' }, values: { x: 100, ok: false }, every: 1, series: {} },
  ];
  expect(tableOf(rows)).toBe(
    'os            x  ok\n────────  ─────  ─────\nlinux     1.235  true\na "b", c    100  false\n',
  );
});
