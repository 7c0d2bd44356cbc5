// Runs the measurements: every *.bench.ts beside this file, or those whose name holds one of the
// arguments. Each has a process of its own, so that no heap or compiled code is shared, and may
// ask for a collection of garbage. Node strips their types itself: tsx would give each function
// its name again whenever it is made, which what users run does not. What options.ts knows is
// handed on: `npm run -s bench -- seek 1000000 --json` measures with a log so long, and prints one
// object. The objects of several measurements stand in one, by their names.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { json } from './options.ts';

/** A million connections need more than what a process may take by itself. */
const HEAP_MIB = 12_288;
const SUFFIX = '.bench.ts';

const folder = dirname(fileURLToPath(import.meta.url));
const rest = process.argv.slice(2);
const passed = rest.filter((word) => /^(\d+|--.*)$/.test(word));
const wanted = rest.filter((word) => !passed.includes(word));
const benches = readdirSync(folder)
  .filter((name) => name.endsWith(SUFFIX))
  .map((name) => name.slice(0, -SUFFIX.length))
  .filter((name) => wanted.length === 0 || wanted.some((word) => name.includes(word)))
  .sort();

if (benches.length === 0) {
  console.error(`no measurement is called ${wanted.join(' or ')}`);
  process.exitCode = 1;
}
const found: [string, unknown][] = [];
for (const name of benches) {
  if (!json) console.log(`\n${name}`);
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      '--expose-gc',
      // As the program has it (tui/main.ts).
      '--no-allocation-site-pretenuring',
      `--max-old-space-size=${HEAP_MIB}`,
      join(folder, name + SUFFIX),
      ...passed,
    ],
    {
      stdio: ['ignore', json ? 'pipe' : 'inherit', 'inherit'],
      encoding: 'utf8',
      env: { ...process.env, NODE_ENV: 'production' },
    },
  );
  if (status !== 0) process.exitCode = 1;
  else if (json) found.push([name, JSON.parse(stdout)]);
}
if (found.length === 1) console.log(JSON.stringify(found[0]?.[1]));
else if (found.length > 1) console.log(JSON.stringify(Object.fromEntries(found)));
