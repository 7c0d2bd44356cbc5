// Peers in C++: each is one source file, built when it is first asked for, into a folder of the
// system's temporary files that is named after what was built. What cannot be built or run is
// missing, for a reason that is told: no measurement depends on a compiler.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Missing = { readonly missing: string };

/** As makefiles have it: who has another compiler names it. */
const COMPILER = process.env['CXX'] ?? 'g++';
const FLAGS = ['-O2', '-std=c++17'];
const folder = dirname(fileURLToPath(import.meta.url));

/** The path of the built program. `libraries` are what it is linked with. */
export function build(
  source: string,
  libraries: readonly string[],
): { readonly program: string } | Missing {
  const path = join(folder, source);
  const flags = [...FLAGS, path, ...libraries.map((name) => `-l${name}`)];
  const key = createHash('sha256')
    .update(readFileSync(path))
    .update([COMPILER, ...FLAGS, ...libraries].join(' '))
    .digest('hex')
    .slice(0, 16);
  const cache = join(tmpdir(), 'twomsl-bench');
  const program = join(cache, `${source.replace(/\.cc$/, '')}-${key}`);
  if (existsSync(program)) return { program };
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(cache, 'build-'));
  try {
    const made = join(scratch, 'program');
    const { status, stderr, error } = spawnSync(COMPILER, [...flags, '-o', made], {
      encoding: 'utf8',
    });
    if (error !== undefined) return { missing: `${COMPILER} cannot be started: ${error.message}` };
    if (status !== 0)
      return { missing: `${COMPILER} cannot build ${source}: ${firstError(stderr)}` };
    // Whoever builds at the same time builds the same.
    renameSync(made, program);
    return { program };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function firstError(text: string): string {
  const lines = text.split('\n');
  return (lines.find((line) => /error|cannot find/.test(line)) ?? lines[0] ?? '').trim();
}

/** What a program prints as JSON. */
export function run<T extends object>(program: string, args: readonly number[]): T | Missing {
  const { status, stdout, stderr, error } = spawnSync(program, args.map(String), {
    encoding: 'utf8',
  });
  if (error !== undefined) return { missing: `it cannot be started: ${error.message}` };
  if (status !== 0) return { missing: `it ended with status ${status}: ${stderr.trim()}` };
  return JSON.parse(stdout) as T;
}
