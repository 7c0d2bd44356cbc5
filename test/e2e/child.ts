/** The command line as a process of its own: the bundle on Node, the sources on Deno. */
import { execFileSync, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const DENO = join(ROOT, 'node_modules/.bin/deno');

export type Runtime = 'node' | 'deno';
export const RUNTIMES: readonly Runtime[] = ['node', 'deno'];

/** Program and first arguments that start the command line. */
export function commandOf(runtime: Runtime): readonly [string, ...string[]] {
  if (runtime === 'node') return [process.execPath, join(ROOT, 'dist/twomsl.js')];
  // A child runs in a folder of its own: the project's settings have to be named.
  const config = ['--config', join(ROOT, 'deno.json')];
  return [DENO, 'run', '-A', '--cached-only', ...config, join(ROOT, 'tui/main.ts')];
}

let fresh = false;

/** Brings the bundle up to date, once in each test file. */
export function ensureBundle(): void {
  if (!fresh) execFileSync(process.execPath, [join(ROOT, 'tui/build.ts'), '--if-stale']);
  fresh = true;
}

export type Ended = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  /** Without word of progress, which comes after a second and so tells how busy the machine is. */
  readonly err: string;
};

const PROGRESS =
  /^(((reading|converting) .*: [\d.]+ |(folding|preparing)\b.*: ).*|\d+ events, clock .*)\n/gm;

/** The environment of a child: ours without what a script runner left in it. */
export function childEnv(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { INIT_CWD: _, npm_lifecycle_event: __, NODE_ENV: ___, ...env } = process.env;
  return { ...env, CI: 'false', NO_COLOR: '1', ...more };
}

export type Child = {
  readonly pid: number | undefined;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
};

export function start(
  command: readonly [string, ...string[]],
  args: readonly string[],
  cwd: string,
  stdin: string | Uint8Array = '',
): Child {
  const [file, ...first] = command;
  const child = spawn(file, [...first, ...args], { cwd, env: childEnv(), stdio: 'pipe' });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code, signal, out, err: err.replace(PROGRESS, '') });
    });
  });
  return { pid: child.pid, kill: (signal) => child.kill(signal), ended };
}

export function twomsl(
  runtime: Runtime,
  args: readonly string[],
  cwd: string,
  stdin: string | Uint8Array = '',
): Promise<Ended> {
  if (runtime === 'node') ensureBundle();
  return start(commandOf(runtime), args, cwd, stdin).ended;
}
