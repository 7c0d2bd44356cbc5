// A grid of an experiment on one core and on two, as its users run it: `twomsl experiment` as a
// process, with the start of its workers. What counts is the ratio in the same round, since a
// machine that is shared is never equally fast twice; `--quick` is one round of a small grid. On a
// machine whose two cores are not free the ratio says how busy they are, so what they give at the
// most is measured beside it: the same work on one core twice, one after another and at once. The
// grid takes long, because each worker compiles the engine for itself in its first seconds.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { either } from './options.ts';
import { report } from './report.ts';
import { find, inRounds, type Measure, ratio } from './rounds.ts';

const ROUNDS = either(3, 1);
/** Points of equal length, an even number: what is lost is the pool's doing, not the grid's. */
const POINTS = either(16, 4);
const CONNECTIONS = either(90_000, 3_000);

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = mkdtempSync(join(tmpdir(), 'twomsl-pool-'));
writeFileSync(
  join(folder, 'grid.mjs'),
  `export default ({ experiment, churn }) => experiment({
    name: 'grid', about: '', vary: { seed: ${JSON.stringify([...Array(POINTS).keys()])} },
    build: ({ seed }) => churn({ seed, rate: 200, connections: ${CONNECTIONS}, profile: 'linux' }),
    measure: { events: (run) => run.events },
  });`,
);

async function run(command: readonly string[]): Promise<{ out: string; ms: number }> {
  const [file = '', ...args] = command;
  const from = performance.now();
  const child = spawn(file, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${command.join(' ')}: ended with ${code}`);
  return { out, ms: performance.now() - from };
}

function grid(jobs: number): Promise<{ out: string; ms: number }> {
  const args = ['experiment', 'grid.mjs', '--json', '--jobs', String(jobs)];
  return run([process.execPath, join(root, 'dist/twomsl.js'), ...args]);
}

type Grid = { readonly rows: readonly { readonly values: { readonly events: number } }[] };

const eventsOf = (out: string): number =>
  (JSON.parse(out) as Grid).rows.reduce((sum, { values }) => sum + values.events, 0);

let alone = '';

/** Events a second of a grid; that of several workers must come to the same as one core's. */
async function speed(jobs: number): Promise<number> {
  const { out, ms } = await grid(jobs);
  if (jobs === 1) alone = out;
  else if (out !== alone) throw new Error('two workers give another result than one core');
  return (eventsOf(out) * 1_000) / ms;
}

async function twoAtOnce(): Promise<number> {
  const from = performance.now();
  await Promise.all([grid(1), grid(1)]);
  return (2 * eventsOf(alone) * 1_000) / (performance.now() - from);
}

const measure = (name: string, what: string, work: () => Promise<number>): Measure => ({
  ...{ name, what, unit: 'ev/s', run: work, outside: true },
});

try {
  await run([process.execPath, join(root, 'tui/build.ts'), '--if-stale']);
  await grid(2); // The caches of compiled code are filled.
  const figures = await inRounds(ROUNDS, [
    measure('oneCore', 'a grid on one core', () => speed(1)),
    measure('twoWorkers', 'the same on two workers', () => speed(2)),
    measure('twoProcesses', 'the same twice at once, a process each', twoAtOnce),
  ]);
  const times = (name: string, what: string, over: string) =>
    ratio({ name, what }, find(figures, over), find(figures, 'oneCore'));
  const gain = times('toOneCore', 'times one core, two workers', 'twoWorkers');
  const most = times('mostToOneCore', 'times one core, two processes', 'twoProcesses');
  report({
    bench: 'pool',
    headline: ['toOneCore', 'speedup'],
    figures,
    ratios: [gain, most],
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
