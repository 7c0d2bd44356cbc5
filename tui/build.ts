// Bundles the command line into one file, which starts three times faster than the sources do, and
// puts dist/twomsl.js before it: it turns on the runtime's cache of compiled code, which a file
// cannot do for itself. What knows Apache Arrow is a second file, dist/arrow.js, so that nothing
// reads that library unless a log is in its format. What a worker of an experiment runs is a third,
// dist/point-worker.js with its bundle: the engine without the terminal. With --if-stale the bundle
// is left alone unless a source is newer, so that nobody who edits one runs yesterday's program.

import { mkdirSync, readdirSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const outfile = join(dist, 'twomsl.js');

const cached = `import * as modules from 'node:module';
modules.enableCompileCache?.();
`;
const starter = `#!/usr/bin/env node
${cached}await import(new URL('bundle.js', import.meta.url).href);
`;
// The pool requires this file, which it could not if it waited for the import. A thread has a cache
// of its own to turn on; with it a worker is ready in two thirds of the time.
const workerStarter = `${cached}
const bundle = import(new URL('point-bundle.js', import.meta.url).href);
export const runPoint = async (task) => (await bundle).runPoint(task);
`;

const banner = `import { createRequire as bundleRequire } from 'node:module';
const require = bundleRequire(import.meta.url);`;

/** Ink's bridge to React's developer tools, which are not installed, is left empty. */
const withoutDevtools: Plugin = {
  name: 'without-devtools',
  setup(build) {
    build.onResolve({ filter: /^\.\/devtools\.js$/ }, ({ path }) => {
      return { path, namespace: 'empty' };
    });
    build.onLoad({ filter: /./, namespace: 'empty' }, () => ({ contents: '' }));
  },
};

/** Leaves the import of what knows Arrow for the moment in which it is called. */
const arrowApart: Plugin = {
  name: 'arrow-apart',
  setup(build) {
    build.onResolve({ filter: /\/arrow-ipc\.ts$/ }, ({ kind }) => {
      return kind === 'dynamic-import' ? { path: './arrow.js', external: true } : undefined;
    });
  },
};

/** Whether a source, or the set of packages, is newer than the bundle, or there is no bundle. */
function isStale(): boolean {
  const built = statSync(outfile, { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return true;
  const sources = ['package.json', 'package-lock.json', 'engine', 'tui'];
  for (const folder of ['engine', 'tui']) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      sources.push(join(folder, name));
    }
  }
  return sources.some((name) => {
    const found = statSync(join(root, name), { throwIfNoEntry: false });
    return found === undefined || found.mtimeMs > built;
  });
}

async function bundle(entry: string, outfile: string): Promise<Uint8Array> {
  // Imported late: a bundle that is fresh needs no bundler.
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    write: false,
    bundle: true,
    platform: 'node',
    // The pool starts its threads from a file of its own, so it stays the package that it is.
    external: ['piscina'],
    format: 'esm',
    target: 'node22',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    plugins: [withoutDevtools, arrowApart],
    banner: { js: banner },
  });
  const file = outputFiles[0];
  if (file === undefined) throw new Error('the bundler wrote nothing');
  return file.contents;
}

/** Puts a file in its place in one step: another process may be starting from it. */
function put(file: string, contents: string | Uint8Array, time: Date): void {
  const scratch = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(scratch, contents, { mode: 0o755 });
  // As old as the sources it was made of: what was edited meanwhile is newer.
  utimesSync(scratch, time, time);
  renameSync(scratch, file);
}

async function build(): Promise<void> {
  const started = new Date();
  const bundles = [
    ['tui/files/arrow-ipc.ts', 'arrow.js'],
    ['tui/commands/point-worker.ts', 'point-bundle.js'],
    ['tui/main.ts', 'bundle.js'],
  ] as const;
  for (const [entry, name] of bundles) {
    put(join(dist, name), await bundle(entry, join(dist, name)), started);
  }
  put(join(dist, 'point-worker.js'), workerStarter, started);
  put(outfile, starter, started);
}

if (!process.argv.includes('--if-stale') || isStale()) await build();
