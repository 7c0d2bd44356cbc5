// What only a process shows: exit codes, signals, pipes, and scripts that the runtime itself loads.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { sampleHeader, sampleLog } from '../tui/commands/sample.ts';
import { scratchFolder } from '../tui/files/scratch.ts';
import { commandOf, ensureBundle, ROOT, RUNTIMES, type Runtime, start, twomsl } from './child.ts';

const sample = sampleLog();

/** A grid that takes longer than workers need to start. */
const GRID = `export default ({ experiment, churn }: any) => experiment({
  name: 'mine', about: 'A grid.', vary: { rate: [40, 90, 60], closes: ['client', 'server'] },
  build: ({ rate, closes }: any) => churn({ rate, closes, connections: rate * 60 }),
  measure: { opened: (run: any) => run.host('client').totals.opened },
  series: { waiting: (run: any) => run.host('client').series('TIME-WAIT') },
});
`;

/** A folder with a TypeScript scenario of so many connections. */
function folderWith(connections: number): string {
  const cwd = scratchFolder();
  writeFileSync(
    join(cwd, 'scenario.ts'),
    `import type { LogHeader } from 'twomsl';
type Options = { seed?: number };
export default (twomsl: { SECOND: number }, options: Options): LogHeader => {
  const header = ${JSON.stringify(sampleHeader(connections))} as LogHeader;
  return { ...header, seed: options.seed ?? twomsl.SECOND / 1_000_000 };
};
`,
  );
  return cwd;
}

describe.each(RUNTIMES)('the command line on %s', (runtime: Runtime) => {
  test('ends with 0, 1 or 2', async () => {
    const cwd = scratchFolder();
    const wrong = sample.text.replace(sample.digest, 'f'.repeat(64));
    const [version, bad, missing, no] = await Promise.all([
      twomsl(runtime, ['--version'], cwd),
      twomsl(runtime, ['replay'], cwd),
      twomsl(runtime, ['replay', 'none.jsonl'], cwd),
      twomsl(runtime, ['check', '-'], cwd, wrong),
    ]);
    expect(version).toMatchObject({ code: 0, err: '' });
    expect(bad).toMatchObject({ code: 2, out: '' });
    expect(missing).toMatchObject({ code: 2, out: '' });
    expect(missing.err).toBe('twomsl: none.jsonl: cannot be read: there is no such file\n');
    expect(no).toMatchObject({ code: 1, err: '' });
  });

  test('runs a TypeScript scenario, the same log on every runtime', async () => {
    const cwd = folderWith(3);
    const { code, out, err } = await twomsl(runtime, ['run', 'scenario.ts'], cwd);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe(sample.text);
  });

  test('tells where a script is wrong', async () => {
    const cwd = scratchFolder();
    writeFileSync(join(cwd, 'syntax.ts'), 'const a: number = 1;\nconst = 2;\n');
    writeFileSync(join(cwd, 'throws.ts'), 'type A = 1;\n\nthrow new Error("no luck");\n');
    const [syntax, throws] = await Promise.all([
      twomsl(runtime, ['run', 'syntax.ts'], cwd),
      twomsl(runtime, ['run', 'throws.ts'], cwd),
    ]);
    expect(syntax.code).toBe(2);
    expect(syntax.err).toMatch(/^twomsl: syntax\.ts:2(:\d+)?: the script cannot be loaded: /);
    expect(syntax.err.trimEnd().split('\n')).toHaveLength(1);
    expect(throws.code).toBe(2);
    expect(throws.err).toBe('twomsl: throws.ts:3:7: the script cannot be loaded: no luck\n');
  });

  test.each([
    ['in a timer', "setTimeout(() => {\n  throw new Error('late');\n}, 0);", 5],
    ['in a promise', "(async () => {\n  throw new Error('late');\n})();", 5],
  ])('tells what a script throws late, %s', async (_, late, line) => {
    const cwd = scratchFolder();
    const script = `export default async ({ experiment, churn }) => {\n//\n//\n${late}
  await new Promise((resolve) => setTimeout(resolve, 100));
};\n`;
    writeFileSync(join(cwd, 'late.mjs'), script);
    const { code, out, err } = await twomsl(runtime, ['run', 'late.mjs'], cwd);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toBe(`twomsl: late.mjs:${line}:9: the script throws: late\n`);
  });

  test.each(['run', 'experiment'])(
    '%s refuses a script that never gives a result',
    async (what) => {
      const cwd = scratchFolder();
      writeFileSync(join(cwd, 'never.mjs'), 'export default () => new Promise(() => {});\n');
      const { code, out, err } = await twomsl(runtime, [what, 'never.mjs'], cwd);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(/^twomsl: never\.mjs: the script never gives a result: it waits for /);
      // While it is loaded; Deno itself ends the process then, and says why.
      const wait = 'await new Promise(() => {});\nexport default () => 1;\n';
      writeFileSync(join(cwd, 'await.mjs'), wait);
      const loading = await twomsl(runtime, [what, 'await.mjs'], cwd);
      expect(loading.code).toBe(runtime === 'node' ? 2 : 1);
      expect(loading.err).toMatch(/never gives a result|await promise never resolved/);
    },
  );

  test('a closed pipe is no error', async () => {
    const cwd = folderWith(3000);
    if (runtime === 'node') ensureBundle();
    const words = commandOf(runtime)
      .map((word) => `'${word}'`)
      .join(' ');
    const line = `{ ${words} run scenario.ts; echo "code $?" >&2; } | head -n 1`;
    const { out, err } = await start(['sh', '-c', line], [], cwd).ended;
    expect(out.split('\n')).toHaveLength(2);
    expect(err).toBe('code 0\n');
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s closes the file and ends with %i', async (signal, code) => {
    const cwd = folderWith(200_000);
    if (runtime === 'node') ensureBundle();
    const child = start(commandOf(runtime), ['run', 'scenario.ts', '--out', 'a.jsonl'], cwd);
    while (!readdirSync(cwd).some((name) => name.endsWith('.part'))) await pause(10);
    await pause(200);
    child.kill(signal);
    const ended = await child.ended;
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toMatch(/interrupted after \d+ events; a\.jsonl holds them\n$/);
    expect(readdirSync(cwd).sort()).toEqual(['a.jsonl', 'scenario.ts']);
    const checked = await twomsl(runtime, ['replay', 'a.jsonl', '--json'], cwd);
    expect(checked).toMatchObject({ code: 0, err: '' });
    const last = readFileSync(join(cwd, 'a.jsonl'), 'utf8').trimEnd().split('\n').at(-1) ?? '';
    expect(JSON.parse(checked.out).digest).toBe(JSON.parse(last).digest);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends a script that never comes to an end',
    async (signal) => {
      const cwd = scratchFolder();
      const body = "writeFileSync('begun', ''); while (true) {}";
      const script = `export default () => { ${body} };\n`;
      writeFileSync(join(cwd, 'loop.mjs'), `import { writeFileSync } from 'node:fs';\n${script}`);
      if (runtime === 'node') ensureBundle();
      const child = start(commandOf(runtime), ['run', 'loop.mjs', '--out', 'a.jsonl'], cwd);
      while (!existsSync(join(cwd, 'begun'))) await pause(10);
      child.kill(signal);
      expect(await child.ended).toMatchObject({ signal, out: '' });
      expect(readdirSync(cwd).sort()).toEqual(['begun', 'loop.mjs']);
    },
  );

  test('an experiment gives the same files on one core and on two', async () => {
    const cwd = scratchFolder();
    writeFileSync(join(cwd, 'mine.ts'), GRID);
    const args = ['experiment', 'mine.ts', '--json', '--jobs'];
    const one = await twomsl(runtime, [...args, '1', '--out', 'one'], cwd);
    const two = await twomsl(runtime, [...args, '2', '--out', 'two'], cwd);
    expect(one).toMatchObject({ code: 0 });
    expect(two).toMatchObject({ code: 0, out: one.out });
    const names = readdirSync(join(cwd, 'one')).sort();
    expect(names).toEqual(['mine.csv', 'mine.json', 'mine.series.csv']);
    expect(readdirSync(join(cwd, 'two')).sort()).toEqual(names);
    for (const name of names) {
      const [a, b] = ['one', 'two'].map((folder) => readFileSync(join(cwd, folder, name), 'utf8'));
      expect(b).toBe(a);
    }
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends workers that never come to an end with %i', async (signal, code) => {
    const cwd = scratchFolder();
    // Without workers it takes long; a worker says that there is one, and loops.
    const loop = "if (!isMainThread) { writeFileSync('begun', ''); while (true) {} }";
    const imports =
      "import { writeFileSync } from 'node:fs';\n" +
      "import { isMainThread } from 'node:worker_threads';\n";
    const build = `build: () => { ${loop} return churn({ rate: 1000, connections: 1e6 }); },`;
    writeFileSync(join(cwd, 'loop.ts'), imports + GRID.replace(/build: .*\n/, `${build}\n`));
    if (runtime === 'node') ensureBundle();
    const args = ['experiment', 'loop.ts', '--jobs', '2', '--out', 'results'];
    const child = start(commandOf(runtime), args, cwd);
    while (!existsSync(join(cwd, 'begun'))) await pause(10);
    child.kill(signal);
    expect(await child.ended).toMatchObject({ code, out: '' });
    expect(readdirSync(join(cwd, 'results'))).toEqual([]);
  });

  test('a cut log, compressed or not, gives what is before the cut', async () => {
    const cwd = scratchFolder();
    const text = sampleLog(300).text;
    const cuts: [string, Uint8Array][] = [
      ['a.jsonl', Buffer.from(text)],
      ['a.jsonl.gz', zlib.gzipSync(text)],
      ['a.jsonl.zst', zlib.zstdCompressSync(text)],
    ];
    for (const [name, bytes] of cuts) {
      writeFileSync(join(cwd, name), bytes.subarray(0, Math.floor(bytes.length * 0.9)));
      const { code, out, err } = await twomsl(runtime, ['replay', name, '--json'], cwd);
      expect({ name, code }).toEqual({ name, code: 0 });
      expect(err).toContain(`warning: ${name}: the `);
      expect(JSON.parse(out).events).toBeGreaterThan(100);
    }
  });

  test('damaged compressed data is refused', async () => {
    const cwd = scratchFolder();
    for (const kind of ['gz', 'zst']) {
      const checked = { params: { [zlib.constants.ZSTD_c_checksumFlag]: 1 } };
      const { text } = sample;
      const bytes = kind === 'gz' ? zlib.gzipSync(text) : zlib.zstdCompressSync(text, checked);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 0x55;
      writeFileSync(join(cwd, `a.${kind}`), bytes);
      const { code, err } = await twomsl(runtime, ['replay', `a.${kind}`], cwd);
      expect(code).toBe(2);
      expect(err).toMatch(/^twomsl: a\.(gz|zst): its \.(gz|zst) data is damaged .*\n$/);
    }
  });
});

describe('from a checkout', () => {
  test.each([
    ['npm run', ['npm', 'run', '-s', '--prefix', ROOT, 'twomsl', '--']],
    [
      'deno task',
      [join(ROOT, 'node_modules/.bin/deno'), 'task', '-q', '--config', join(ROOT, 'deno.json')],
    ],
  ])('%s: paths begin where the user is', async (name, words) => {
    const cwd = scratchFolder();
    writeFileSync(join(cwd, 'a.jsonl'), sample.text);
    const args = ['replay', 'a.jsonl', '--json'];
    const command = words as [string, ...string[]];
    const task = name === 'deno task' ? ['twomsl', ...args] : args;
    const { code, out } = await start(command, task, cwd).ended;
    expect(code).toBe(0);
    expect(JSON.parse(out).digest).toBe(sample.digest);
  });
});

test('every log that ships folds to the same digest on every runtime', async () => {
  const folder = join(ROOT, 'logs');
  const names = existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
    : [];
  for (const name of names.filter((path) => /\.jsonl(\.gz|\.zst)?$/.test(path))) {
    const [node, deno] = await Promise.all(
      RUNTIMES.map((runtime) => twomsl(runtime, ['replay', name, '--json'], folder)),
    );
    for (const ended of [node, deno]) expect(ended, ended?.err).toMatchObject({ code: 0 });
    expect(JSON.parse(node?.out ?? '')).toMatchObject({ warnings: [] });
    expect(deno?.out).toBe(node?.out);
  }
}, 120_000);

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
