// Every measurement runs, in a small size, and prints what it is there for. How fast anything is
// plays no part: a machine that is busy must not fail a test.

import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Row } from './rounds.ts';

const folder = dirname(fileURLToPath(import.meta.url));

type Printed = {
  readonly bench: string;
  readonly ratios: Readonly<Record<string, number>>;
  readonly rows: readonly (Omit<Row, 'values'> & { readonly median?: number })[];
  readonly [headline: string]: unknown;
};

/** One run of them all. One that fails is not in the object; the rest are. */
function runAll(): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const args = [join(folder, 'run.ts'), '--quick', '--json'];
  const child = spawn(process.execPath, args, { cwd: join(folder, '../..') });
  const told = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      told[name] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(told));
  });
}

/** What only some machines have: a row of theirs may say why it is missing. */
const PEERS = ['kernel', 'ns3', 'ns3Crowded', 'ns3Processor'];

/** The figure that each is about, and rows that it must have. */
const BENCHES: Readonly<Record<string, readonly [headline: string, ...rows: string[]]>> = {
  churn: ['connectionsPerSecond', 'endToEnd', 'compressed', 'text', 'noLog', 'crowded', ...PEERS],
  fold: ['eventsPerSecond', 'batch', 'batches', 'timeline', 'recipes', 'plain', 'xstate', 'redux'],
  frame: ['frameMs', 'overview', 'connection', 'small', 'step'],
  growth: ['costRatio', 'fold100', 'fold1000', 'heap', 'connection', 'timeWait', 'tenMillion'],
  'log-files': ['bytesPerEvent', 'arrowBytes', 'decodeArrow', 'openArrow'],
  pool: ['speedup'],
  profile: ['microsPerConnection', 'simulate', 'simulateTcp', 'open', 'openIndex'],
  search: ['slowestMs', 'slowest', 'fold'],
  seek: ['p99Ms', 'p99', 'fold'],
  step: ['eventsPerSecond', 'step', 'plain', 'xstate', 'redux'],
};

describe('measurements', () => {
  let all: Readonly<Record<string, Printed>> = {};
  let complaint = '';

  beforeAll(async () => {
    const { stdout, stderr } = await runAll();
    complaint = stderr;
    all = JSON.parse(stdout) as typeof all;
  });

  it.each(Object.entries(BENCHES))('%s prints its figures', (name, [headline, ...names]) => {
    const found = all[name];
    if (found === undefined) throw new Error(complaint);
    expect(found.bench).toBe(name);
    expect(found[headline]).toBeGreaterThan(0);
    for (const wanted of names) {
      const row = found.rows.find((each) => each.name === wanted);
      expect(row, wanted).toBeDefined();
      if (PEERS.includes(wanted) && row?.median === undefined) {
        expect(row?.missing, wanted).toMatch(/\w/);
      } else {
        expect(row?.median, wanted).toBeGreaterThan(0);
      }
    }
    expect(Object.keys(found.ratios).length).toBeGreaterThan(0);
    for (const [what, value] of Object.entries(found.ratios)) {
      expect(value, what).toBeGreaterThan(0);
    }
  });
});
