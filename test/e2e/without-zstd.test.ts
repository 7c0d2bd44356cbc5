// A runtime that does not know zstd, as Node 20: its functions are taken away before the start.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sampleLog } from '../tui/commands/sample.ts';
import { scratchFolder } from '../tui/files/scratch.ts';
import { commandOf, ensureBundle, start, twomsl } from './child.ts';

const sample = sampleLog();

const REMOVE = `import zlib from 'node:zlib';
for (const name of Object.keys(zlib)) if (/zstd/i.test(name)) delete zlib[name];`;
const OLD = `data:text/javascript,${encodeURIComponent(REMOVE)}`;

function old(args: readonly string[], cwd: string) {
  ensureBundle();
  const [node, ...rest] = commandOf('node');
  return start([node, '--import', OLD, ...rest], args, cwd).ended;
}

test('logs in bulk are written and read as long as they are not compressed', async () => {
  const cwd = scratchFolder();
  writeFileSync(join(cwd, 'a.jsonl'), sample.text);
  const there = await old(['convert', 'a.jsonl', 'b.arrows', '--compression', 'none'], cwd);
  expect(there).toMatchObject({ code: 0, err: '' });
  const back = await old(['convert', 'b.arrows', '-'], cwd);
  expect(back).toMatchObject({ code: 0, err: '', out: sample.text });
});

test('what would be compressed with zstd is refused, with what to do instead', async () => {
  const cwd = scratchFolder();
  writeFileSync(join(cwd, 'a.jsonl'), sample.text);
  const bulk = await old(['convert', 'a.jsonl', 'b.arrows'], cwd);
  expect(bulk).toMatchObject({ code: 2, out: '' });
  expect(bulk.err).toMatch(
    /^twomsl: b\.arrows: it would be compressed with zstd, which Node .* cannot do\. Use Node 22/,
  );
  expect(bulk.err).toMatch(/or --compression none, or a name in \.jsonl or \.jsonl\.gz\n$/);
  const text = await old(['convert', 'a.jsonl', 'b.jsonl.zst'], cwd);
  expect(text.code).toBe(2);
  expect(text.err).toMatch(/^twomsl: b\.jsonl\.zst: it would be .*, or a name in \.gz\n$/);
});

test('what is compressed with zstd is refused, and not called damaged', async () => {
  const cwd = scratchFolder();
  writeFileSync(join(cwd, 'a.jsonl'), sample.text);
  await twomsl('node', ['convert', 'a.jsonl', 'b.arrows'], cwd);
  await twomsl('node', ['convert', 'a.jsonl', 'b.jsonl.zst'], cwd);
  for (const name of ['b.arrows', 'b.jsonl.zst']) {
    const { code, err } = await old(['check', name], cwd);
    expect(code).toBe(2);
    expect(err).toMatch(
      /^twomsl: b\.[a-z.]+: it is compressed with zstd, which Node \S+ cannot do\. Use [^;]*\n$/,
    );
  }
});
