import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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

  test('has in its file what it has taken, for a process may be killed at any moment', async () => {
    const folder = scratchFolder();
    const sink = await open(join(folder, 'a.arrows'));
    for (let n = 1; n <= 20; n += 1) {
      await sink.write(new Uint8Array(50_000));
      const part = readdirSync(folder).find((name) => name.endsWith('.part')) ?? '';
      expect(statSync(join(folder, part)).size).toBe(50_000 * n);
    }
    await sink.close();
  });

  test.each(['a.jsonl.gz', 'a.arrows.zst'])(
    '%s can be read up to what it has taken',
    async (name) => {
      const folder = scratchFolder();
      const sink = await open(join(folder, name));
      let all = '';
      for (let n = 0; n < 20; n += 1) {
        const text = `${Math.sin(n)} ${'long '.repeat(n * 100)}\n`;
        await sink.write(text);
        all += text;
        const part = readdirSync(folder).find((each) => each.endsWith('.part')) ?? '';
        const copy = join(scratchFolder(), name);
        copyFileSync(join(folder, part), copy);
        const source = await openSource(copy, name, Readable.from([]));
        expect(Buffer.from((await readAll(source)) ?? []).toString()).toBe(all);
      }
      await sink.close();
    },
  );

  test.each(['a.jsonl.gz', 'a.jsonl.zst', 'A.JSONL.GZ'])(
    '%s is compressed by its name',
    async (name) => {
      const path = join(scratchFolder(), name);
      const sink = await open(path);
      const line = `${'long '.repeat(1000)}\n`;
      for (let i = 0; i < 200; i += 1) await sink.write(line);
      await sink.close();
      expect(readFileSync(path).length).toBeLessThan(20_000);
      const source = await openSource(path, name, Readable.from([]));
      expect(Buffer.from((await readAll(source)) ?? []).toString()).toBe(line.repeat(200));
      expect(source.warnings).toEqual([]);
    },
  );

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

  test('that ends with a part stands beside what is there, or in a free place', async () => {
    const folder = scratchFolder();
    const path = join(folder, 'a.jsonl.gz');
    const options = { path, name: 'sub/a.jsonl.gz', force: true, stdout };
    const parts = async (): Promise<string> => {
      const sink = await openSink(options);
      await sink.write('part');
      return sink.closePart();
    };
    expect(await parts()).toBe('sub/a.jsonl.gz');
    const before = readFileSync(path);
    expect(await parts()).toBe('sub/a.part.jsonl.gz');
    expect(await parts()).toBe('sub/a.part2.jsonl.gz');
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(folder).sort()).toEqual([
      'a.jsonl.gz',
      'a.part.jsonl.gz',
      'a.part2.jsonl.gz',
    ]);
  });

  test('that replaces a file has its rights from the beginning', async () => {
    const folder = scratchFolder();
    const path = join(folder, 'a');
    for (const mode of [0o600, 0o666]) {
      writeFileSync(path, 'old');
      chmodSync(path, mode);
      const sink = await open(path, true);
      const part = readdirSync(folder).find((name) => name.endsWith('.part')) ?? '';
      expect(statSync(join(folder, part)).mode & 0o777).toBe(mode);
      await sink.close();
      expect(statSync(path).mode & 0o777).toBe(mode);
    }
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

  test('leaves a device and a link what they are', async () => {
    const device = await open('/dev/null');
    await device.write('gone');
    await device.close();
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    if (existsSync('/dev/full')) {
      const full = await open('/dev/full');
      await full.write('too much');
      await expect(full.close()).rejects.toThrow('out: cannot be written: the disk is full');
    }
    const folder = scratchFolder();
    writeFileSync(join(folder, 'file'), 'old');
    symlinkSync('file', join(folder, 'link'));
    const linked = await open(join(folder, 'link'), true);
    await linked.write('new');
    await linked.close();
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('new');
    expect(readdirSync(folder).sort()).toEqual(['file', 'link']);
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
  });

  test('where nothing can be written says why', async () => {
    const folder = scratchFolder();
    await expect(open(join(folder, 'none/a'))).rejects.toThrow(
      'out: cannot be written: there is no folder',
    );
    mkdirSync(join(folder, 'dir'));
    for (const force of [false, true]) {
      await expect(open(join(folder, 'dir'), force)).rejects.toThrow(
        'out: cannot be written: it is a folder',
      );
    }
    expect(readdirSync(folder)).toEqual(['dir']);
  });
});
