// Bundles the command line into one file, dist/twomsl.js, which starts three times faster than
// the sources do. With --if-stale the bundle is left alone unless a source is newer than it, so
// that nobody who edits a source runs yesterday's program.

import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outfile = join(root, 'dist/twomsl.js');

/** Whether a source, or the set of packages, is newer than the bundle, or there is no bundle. */
function isStale(): boolean {
  const built = statSync(outfile, { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return true;
  const sources = ['package.json', 'package-lock.json'];
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

async function build(): Promise<void> {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: root,
    entryPoints: ['tui/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    sourcemap: false,
    legalComments: 'none',
    logLevel: 'warning',
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    // Ink asks for React's developer tools, which are not installed, only when DEV is "true".
    external: ['react-devtools-core'],
    banner: {
      js: [
        '#!/usr/bin/env node',
        "import { createRequire as bundleRequire } from 'node:module';",
        'const require = bundleRequire(import.meta.url);',
      ].join('\n'),
    },
  });
}

if (!process.argv.includes('--if-stale') || isStale()) await build();
