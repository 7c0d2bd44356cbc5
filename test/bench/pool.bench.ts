// A grid of an experiment on one core and on two, as its users run it: `twomsl experiment` as a
// process, with the start of its workers. What counts is the ratio in the same round, since a
// machine that is shared is never equally fast twice; `--quick` is one round of a small grid. On a
// machine whose two cores are not free the ratio says how busy they are, so what they give at the
// most is measured beside it: the same work on one core twice, one after another and at once. The
// grid takes long, because each worker compiles the engine for itself in its first seconds.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const quick = process.argv.includes('--quick');
const asJson = process.argv.includes('--json');
const rounds = quick ? 1 : 3;
/** Points of equal length, an even number: what is lost is the pool's doing, not the grid's. */
const points = quick ? 4 : 8;
const connections = quick ? 6_000 : 36_000;

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = mkdtempSync(join(tmpdir(), 'twomsl-pool-'));
writeFileSync(
  join(folder, 'grid.mjs'),
  `export default ({ experiment, churn }) => experiment({
    name: 'grid', about: '', vary: { seed: ${JSON.stringify([...Array(points).keys()])} },
    build: ({ seed }) => churn({ seed, rate: 200, connections: ${connections}, profile: 'linux' }),
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

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

const rounded = (value: number): number => Number(value.toFixed(3));

try {
  await run([process.execPath, join(root, 'tui/build.ts'), '--if-stale']);
  await grid(2); // The caches of compiled code are filled.
  const one: number[] = [];
  const two: number[] = [];
  const speedups: number[] = [];
  const ceilings: number[] = [];
  let events = 0;
  for (let round = 0; round < rounds; round += 1) {
    const alone = await grid(1);
    const pool = await grid(2);
    if (pool.out !== alone.out) throw new Error('two workers give another result than one core');
    const rows: { values: { events: number } }[] = JSON.parse(alone.out).rows;
    events = rows.reduce((sum, { values }) => sum + values.events, 0);
    one.push(alone.ms);
    two.push(pool.ms);
    speedups.push(alone.ms / pool.ms);
    const from = performance.now();
    await Promise.all([grid(1), grid(1)]);
    ceilings.push((2 * alone.ms) / (performance.now() - from));
  }
  const report = {
    points,
    events,
    rounds,
    cores: availableParallelism(),
    one_core_ms: Math.round(median(one)),
    two_workers_ms: Math.round(median(two)),
    two_processes_speedup: rounded(median(ceilings)),
    speedup: rounded(median(speedups)),
  };
  if (asJson) console.log(JSON.stringify(report));
  else
    for (const [name, value] of Object.entries(report)) console.log(`${value}`.padStart(12), name);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
