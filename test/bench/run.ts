// Runs the measurements: every *.bench.ts beside this file, or those whose name holds one of the
// arguments. Each has a process of its own, so that no heap or compiled code is shared, and may
// ask for a collection of garbage. `npm run bench -- seek 10000000 --json`: of a log so long.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const rest = process.argv.slice(2);
// A number of events, and --json, are for the measurements themselves.
const wanted = rest.filter((word) => !/^(\d+|--json)$/.test(word));
const passed = rest.filter((word) => !wanted.includes(word));
const benches = readdirSync(folder)
  .filter((name) => name.endsWith('.bench.ts'))
  .filter((name) => wanted.length === 0 || wanted.some((word) => name.includes(word)))
  .sort();

if (benches.length === 0) console.log('no measurement has such a name');
for (const name of benches) {
  if (!passed.includes('--json')) console.log(`\n${name.replace(/\.bench\.ts$/, '')}`);
  const { status } = spawnSync(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', join(folder, name), ...passed],
    { stdio: 'inherit', env: { ...process.env, NODE_ENV: 'production' } },
  );
  if (status !== 0) process.exitCode = 1;
}
