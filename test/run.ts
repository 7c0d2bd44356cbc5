// The whole check of the project, in order: style, lint, types, dead code, the bundle, every
// test on Node, the engine's tests and the command line on Deno. `check` as an argument stops
// before the tests. A step without tests of its own counts as one test. The last line is always
// "N passed, N failed".

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Count, countReport } from './report.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const scratch = mkdtempSync(join(tmpdir(), 'twomsl-test-'));
const tool = (name: string): string => join(root, 'node_modules/.bin', name);
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const deno = [tool('deno'), 'run', '-A', '--cached-only'] as const;

/** A step that passes or fails as a whole. */
type Check = { name: string; command: readonly string[]; expect?: RegExp };

/** A step that runs vitest and counts by its report. */
type Suite = { name: string; runtime: 'node' | 'deno'; command: readonly string[] };

const checks: readonly Check[] = [
  { name: 'format', command: [tool('biome'), 'check', '--linter-enabled=false', '.'] },
  { name: 'lint', command: [tool('biome'), 'lint', '--error-on-warnings', '.'] },
  { name: 'types', command: [tool('tsc'), '--project', '.'] },
  { name: 'types of the engine alone', command: [tool('tsc'), '--project', 'engine'] },
  { name: 'dead code', command: [tool('knip')] },
  { name: 'bundle', command: [process.execPath, 'tui/build.ts'] },
];

const commandLines: readonly Check[] = [
  {
    name: 'command line on Node',
    command: [process.execPath, 'dist/twomsl.js', '--version'],
    expect: /^\d+\.\d+\.\d+\s*$/,
  },
  {
    name: 'command line on Deno',
    command: [tool('deno'), 'task', '--quiet', 'twomsl', '--version'],
    expect: /^\d+\.\d+\.\d+\s*$/,
  },
];

// Only the engine's tests run on Deno a second time: the rest is about files and terminals, where
// Deno is met by end-to-end tests that start it.
const suites: readonly Suite[] = [
  { name: 'tests on Node', runtime: 'node', command: [process.execPath, vitest, 'run'] },
  {
    name: 'engine tests on Deno',
    runtime: 'deno',
    command: [...deno, vitest, 'run', 'test/engine/'],
  },
];

type Outcome = { code: number; output: string };

/** Runs a command from the project's root; its output is kept, or shown as it comes. */
function run(command: readonly string[], show: boolean, env: NodeJS.ProcessEnv): Promise<Outcome> {
  const [file, ...args] = command;
  if (file === undefined) throw new Error('an empty command');
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', (error) => resolve({ code: 1, output: String(error) }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

async function runCheck({ name, command, expect }: Check): Promise<Count> {
  const started = performance.now();
  const { code, output } = await run(command, false, {});
  const passed = code === 0 && (expect === undefined || expect.test(output));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (!passed) console.log(output.trimEnd() || `(no output, exit code ${code})`);
  return passed ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function runSuite({ name, runtime, command }: Suite): Promise<Count> {
  console.log(`\n${name}`);
  const report = join(scratch, `${runtime}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const plain = process.stdout.isTTY ? {} : { NO_COLOR: '1' };
  const { code } = await run([...command, ...reporters], true, { TEST_RUNTIME: runtime, ...plain });
  let text: string | undefined;
  try {
    text = readFileSync(report, 'utf8');
  } catch {
    // No report: vitest did not come to its end. Counted as a failure.
  }
  const count = countReport(text, code);
  for (const problem of count.problems) console.log(`FAILED ${name}: ${problem}`);
  console.log(`${name}: ${count.passed} passed, ${count.failed} failed`);
  return count;
}

const total: Count = { passed: 0, failed: 0 };
const add = (count: Count): void => {
  total.passed += count.passed;
  total.failed += count.failed;
};

const checksOnly = process.argv.includes('check');
try {
  for (const check of checks) add(await runCheck(check));
  if (!checksOnly) {
    for (const suite of suites) add(await runSuite(suite));
    for (const check of commandLines) add(await runCheck(check));
  }
} catch (error) {
  console.log(error);
  add({ passed: 0, failed: 1 });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
