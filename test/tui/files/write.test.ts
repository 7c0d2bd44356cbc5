import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { openSource, readAll } from '../../../tui/files/read.ts';
import { openSink, removeScratches } from '../../../tui/files/write.ts';
import { scratchFolder } from './scratch.ts';

const stdout = () => Promise.reject(new Error('stdout was not asked for'));
const open = (path: string, force = false) => openSink({ path, name: 'out', force, stdout });

describe('a sink', () => {
  test('is a file that appears when it is whole', async () => {
    const folder = scratchFolder();
    const path = join(folder, 'a.jsonl');
    const sink = await open(path);
    await sink.write('one\n');
    expect(readdirSync(folder)).not.toContain('a.jsonl');
    await sink.write('two\n');
    await sink.close();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
    expect(readdirSync(folder)).toEqual(['a.jsonl']);
  });

  test.each(['a.jsonl.gz', 'a.jsonl.zst'])('%s is compressed by its name', async (name) => {
    const path = join(scratchFolder(), name);
    const sink = await open(path);
    const line = `${'long '.repeat(1000)}\n`;
    for (let i = 0; i < 200; i += 1) await sink.write(line);
    await sink.close();
    expect(readFileSync(path).length).toBeLessThan(20_000);
    const source = await openSource(path, name, Readable.from([]));
    expect(Buffer.from((await readAll(source)) ?? []).toString()).toBe(line.repeat(200));
    expect(source.warnings).toEqual([]);
  });

  test('replaces nothing unless told to', async () => {
    const folder = scratchFolder();
    const path = join(folder, 'a');
    writeFileSync(path, 'old');
    await expect(open(path)).rejects.toThrow('out: exists already. Name another file, or replace');
    const forced = await open(path, true);
    await forced.write('new');
    expect(readFileSync(path, 'utf8')).toBe('old');
    await forced.close();
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('replaces nothing that appeared while it was written', async () => {
    const folder = scratchFolder();
    const path = join(folder, 'a');
    const sink = await open(path);
    await sink.write('mine');
    writeFileSync(path, 'theirs');
    await expect(sink.close()).rejects.toThrow('out: exists already');
    expect(readFileSync(path, 'utf8')).toBe('theirs');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('that is discarded, or left when the process ends, leaves nothing', async () => {
    const folder = scratchFolder();
    const sink = await open(join(folder, 'a.gz'));
    await sink.write('text');
    await sink.discard();
    expect(readdirSync(folder)).toEqual([]);
    await open(join(folder, 'b'));
    expect(readdirSync(folder).length).toBe(1);
    removeScratches();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('where nothing can be written says why', async () => {
    const folder = scratchFolder();
    await expect(open(join(folder, 'none/a'))).rejects.toThrow(
      'out: cannot be written: there is no such file',
    );
    mkdirSync(join(folder, 'dir'));
    await expect(open(join(folder, 'dir'))).rejects.toThrow('out: exists already');
    const forced = await open(join(folder, 'dir'), true);
    await expect(forced.close()).rejects.toThrow('out: cannot be written: it is a folder');
    expect(readdirSync(folder)).toEqual(['dir']);
  });
});
