import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openSource, readAll } from '../../../tui/files/read.ts';
import { walkZstd } from '../../../tui/files/zstd-frames.ts';
import { scratchFolder } from './scratch.ts';

const TEXT = Buffer.from(
  Array.from({ length: 20_000 }, (_, i) => `{"t":${(i * 37) % 1000},"n":${i}}\n`).join(''),
);
const checked = { params: { [zlib.constants.ZSTD_c_checksumFlag]: 1 } };
const COMPRESSED = { gz: zlib.gzipSync(TEXT), zst: zlib.zstdCompressSync(TEXT, checked) };

/** What is read from a pipe that hands the bytes over in pieces. */
async function piped(bytes: Uint8Array, piece = 4096) {
  const pieces = [];
  for (let at = 0; at < bytes.length; at += piece) pieces.push(bytes.subarray(at, at + piece));
  const source = await openSource('-', '-', Readable.from(pieces));
  const content = (await readAll(source)) ?? [];
  return { content: Buffer.from(content), warnings: source.warnings };
}

describe('a source', () => {
  test('is a file or stdin, as it is or decompressed, by its bytes and not its name', async () => {
    const folder = scratchFolder();
    for (const bytes of [TEXT, COMPRESSED.gz, COMPRESSED.zst]) {
      const path = join(folder, 'any.name');
      writeFileSync(path, bytes);
      const source = await openSource(path, 'any.name', Readable.from([]));
      expect(Buffer.from((await readAll(source)) ?? []).equals(TEXT)).toBe(true);
      expect(source.warnings).toEqual([]);
      expect(source.progress()).toEqual({ done: bytes.length, of: bytes.length });
      const { content, warnings } = await piped(bytes);
      expect(content.equals(TEXT)).toBe(true);
      expect(warnings).toEqual([]);
    }
  });

  test('may be empty, or shorter than what tells its kind', async () => {
    for (const size of [0, 1, 2, 3]) {
      expect((await piped(TEXT.subarray(0, size))).content.length).toBe(size);
      expect((await piped(TEXT.subarray(0, size), 1)).content.length).toBe(size);
    }
  });

  test('that holds several frames in a row is read to its end', async () => {
    for (const bytes of [COMPRESSED.gz, COMPRESSED.zst]) {
      const { content, warnings } = await piped(Buffer.concat([bytes, bytes]));
      expect(content.length).toBe(2 * TEXT.length);
      expect(warnings).toEqual([]);
    }
  });

  test.each(['gz', 'zst'] as const)(
    'a cut .%s gives what it holds, and a warning',
    async (kind) => {
      const whole = COMPRESSED[kind];
      for (const cut of [whole.length - 1, whole.length >> 1]) {
        const { content, warnings } = await piped(whole.subarray(0, cut));
        expect(content.equals(TEXT.subarray(0, content.length))).toBe(true);
        expect(warnings).toEqual([`stdin: the compressed data ends too early, after ${cut} bytes`]);
      }
      const most = await piped(whole.subarray(0, whole.length - 1));
      expect(most.content.length).toBeGreaterThan(TEXT.length / 2);
    },
  );

  test.each(['gz', 'zst'] as const)(
    'a .%s that is cut before its first text is refused, and not called empty',
    async (kind) => {
      for (const cut of [5, 15]) {
        const message = `stdin: the compressed data ends after ${cut} bytes, before anything could`;
        await expect(piped(COMPRESSED[kind].subarray(0, cut))).rejects.toThrow(message);
      }
    },
  );

  test('damaged data ends with a message, not with wrong bytes', async () => {
    for (const kind of ['gz', 'zst'] as const) {
      const bytes = Buffer.from(COMPRESSED[kind]);
      const at = bytes.length >> 1;
      bytes[at] = (bytes[at] as number) ^ 0x10;
      await expect(piped(bytes)).rejects.toThrow(/^stdin: its \.(gz|zst) data is damaged within/);
    }
  });

  test.each(['gz', 'zst'] as const)(
    'what follows .%s data and is none is refused, not passed over',
    async (kind) => {
      const whole = COMPRESSED[kind];
      const second = Buffer.from(whole);
      second[1] = (second[1] as number) ^ 1;
      for (const after of [Buffer.from('garbage'), Buffer.from('abc'), second]) {
        const bytes = Buffer.concat([whole, after]);
        const message = `stdin: its .${kind} data is damaged within the first ${bytes.length} byt`;
        await expect(piped(bytes, bytes.length)).rejects.toThrow(message);
        await expect(piped(Buffer.concat([bytes, whole]))).rejects.toThrow('is damaged');
      }
    },
  );

  test('that is not there, or is a folder, is refused in words', async () => {
    const none = Readable.from([]);
    await expect(openSource('/no/such', 'such', none)).rejects.toThrow(
      'such: cannot be read: there is no such file',
    );
    await expect(openSource(scratchFolder(), 'dir', none)).rejects.toThrow(
      'dir: cannot be read: it is a folder',
    );
  });
});

describe('frames of zstd', () => {
  const frames = Buffer.concat([
    zlib.zstdCompressSync(TEXT),
    Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]),
    zlib.zstdCompressSync(Buffer.alloc(300_000), checked),
    zlib.zstdCompressSync(Buffer.from('short')),
  ]);

  test('are whole at their end alone, in pieces of any size', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: frames.length }),
        fc.integer({ min: 1, max: 5000 }),
        (cut, piece) => {
          const walk = walkZstd();
          for (let at = 0; at < cut; at += piece) {
            walk.feed(frames.subarray(at, Math.min(at + piece, cut)));
          }
          expect(walk.whole).toBe(ends().has(cut));
        },
      ),
    );
    const walk = walkZstd();
    walk.feed(frames);
    expect(walk.whole).toBe(true);
  });

  test('are lost where none begins, from the first byte that cannot be of one on', () => {
    // The magic of a frame, of frames to skip, and beginnings of them (RFC 8878 §3.1).
    const good = ['', '28', '28b52f', '28b52ffd', '50', '502a4d18', '5f2a4d18', '5a2a'];
    const bad = ['29', '28b5ff', '28b52ffc', '4f', '602a4d18', '502b', '502a4d19', '00', 'ff'];
    const lost = (hex: string): boolean => {
      const walk = walkZstd();
      walk.feed(Buffer.from(hex, 'hex'));
      return walk.lost;
    };
    expect(good.filter(lost)).toEqual([]);
    expect(bad.filter((hex) => !lost(hex))).toEqual([]);
  });

  /** Where each of the frames ends. */
  function ends(): ReadonlySet<number> {
    const first = zlib.zstdCompressSync(TEXT).length;
    const third = zlib.zstdCompressSync(Buffer.alloc(300_000), checked).length;
    return new Set([0, first, first + 11, first + 11 + third, frames.length]);
  }
});
