// Draws are judged by bounds that are calculated, not tuned. The hashes are fixed functions of
// fixed inputs, so these tests either always pass or always fail.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  halfSipHash,
  hash32,
  hashText,
  idFrom,
  keyedHash,
  seedOf,
  unit,
} from '../../../engine/base/random.ts';

const word = fc.integer({ min: 0, max: 0xffff_ffff });

/** Six standard deviations: by chance exceeded once in 500 million counts. */
const SIGMAS = 6;

function bitCount(x: number): number {
  let n = 0;
  for (let bits = x; bits !== 0; bits &= bits - 1) n += 1;
  return n;
}

describe('fixed values: a change here changes every simulation', () => {
  test('hash32 is MurmurHash3 (x86, 32 bit) of sixteen little-endian bytes', () => {
    expect(hash32(0)).toBe(0x8134_cdf8);
    expect(hash32(1, 2, 3, 4)).toBe(0x4445_ad00);
  });

  // From the reference implementation's vectors: key 00..07, message 00 01 02 …
  test.each([
    [0, 0x5b9f_35a9],
    [1, 0x8946_6e2a],
    [2, 0x8f84_b8d0],
    [3, 0x2f87_f057],
    [4, 0x84ac_b5d9],
  ])('HalfSipHash-2-4 of %i words', (count, hash) => {
    const words = [0x0302_0100, 0x0706_0504, 0x0b0a_0908, 0x0f0e_0d0c].slice(0, count);
    expect(halfSipHash(0x0302_0100, 0x0706_0504, words)).toBe(hash);
  });

  test('ids, texts and keyed hashes', () => {
    expect(idFrom(1)).toBe('snYoTjjYykhW');
    expect(hashText('link loss')).toBe(0x892b_0246);
    expect(hashText('link loss', 7)).toBe(0x47e2_03ac);
    expect(keyedHash(42, 1, 2, 3, 4)).toBe(0x1fd3_6313);
  });
});

describe('hash32', () => {
  test('gives unsigned 32-bit integers and tells every place from every other', () => {
    fc.assert(
      fc.property(word, word, word, word, (a, b, c, d) => {
        const h = hash32(a, b, c, d);
        expect(h).toBe(h >>> 0);
        expect(hash32(a, b, c, d)).toBe(h);
        if (a !== b) expect(hash32(b, a, c, d)).not.toBe(h);
      }),
    );
  });

  test('words that are not given count as 0, signed words as their unsigned twins', () => {
    expect(hash32(5)).toBe(hash32(5, 0, 0, 0));
    expect(hash32(-1)).toBe(hash32(0xffff_ffff));
  });

  test.each([0, 1, 2, 3])(
    'one flipped bit of word %i flips each result bit half the time',
    (at) => {
      const rounds = 400;
      const bound = (SIGMAS * Math.sqrt(rounds * 32)) / 2;
      const flips = new Array<number>(32).fill(0);
      for (let i = 0; i < rounds; i += 1) {
        const words: [number, number, number, number] = [i, i * 7, 3, 0x8000_0000 + i];
        const before = hash32(...words);
        for (let bit = 0; bit < 32; bit += 1) {
          const other: typeof words = [...words];
          other[at as 0] = (words[at as 0] ^ (1 << bit)) >>> 0;
          const changed = before ^ hash32(...other);
          for (let out = 0; out < 32; out += 1) {
            flips[out] = (flips[out] ?? 0) + ((changed >>> out) & 1);
          }
        }
      }
      for (const count of flips) expect(Math.abs(count - rounds * 16)).toBeLessThan(bound);
    },
  );
});

/** Chi-square over equal bins: its mean is bins - 1 and its variance twice that. */
function chiSquare(draws: Iterable<number>, bins: number): number {
  const counts = new Array<number>(bins).fill(0);
  let total = 0;
  for (const u of draws) {
    const bin = Math.floor(u * bins);
    counts[bin] = (counts[bin] ?? 0) + 1;
    total += 1;
  }
  const expected = total / bins;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('uniformity of draws with consecutive keys', () => {
  const bins = 256;
  const bound = bins - 1 + SIGMAS * Math.sqrt(2 * (bins - 1));
  const keys = Array.from({ length: 50_000 }, (_, i) => i);

  test.each([
    ['the first word', (i: number) => hash32(i, 1, 2, 3)],
    ['the last word', (i: number) => hash32(1, 2, 3, i)],
    ['multiples of 1460', (i: number) => hash32(1, i * 1460)],
    ['a text', (i: number) => hashText(`link ${i}`)],
    ['the seed of a text', (i: number) => hashText('link', i)],
    ['the key of a keyed hash', (i: number) => keyedHash(i, 1, 2, 3, 4)],
    ['a word of a keyed hash', (i: number) => keyedHash(1, 2, 3, 4, i)],
  ])('%s', (_name, draw) => {
    expect(
      chiSquare(
        keys.map((i) => unit(draw(i))),
        bins,
      ),
    ).toBeLessThan(bound);
  });

  test('neighbouring keys are independent: the bits that differ are half of all', () => {
    const differing = keys.reduce((sum, i) => sum + bitCount(hash32(i) ^ hash32(i + 1)), 0);
    const bits = keys.length * 32;
    expect(Math.abs(differing - bits / 2)).toBeLessThan((SIGMAS * Math.sqrt(bits)) / 2);
  });
});

describe('unit', () => {
  test.each([
    [0, 0],
    [0x8000_0000, 0.5],
    [-0x8000_0000, 0.5],
    [0xffff_ffff, 1 - 2 ** -32],
  ])('of %i is %d', (h, u) => expect(unit(h)).toBe(u));
});

describe('seedOf', () => {
  test.each([0, 1, 42, 0xffff_ffff])('%i is itself, also as text', (seed) => {
    expect(seedOf(seed)).toBe(seed);
    expect(seedOf(String(seed))).toBe(seed);
  });

  test.each(['', 'coffee', '042', '1.0', ' 1', '-1', '4294967296', 'Infinity'])(
    '%j is hashed to 32 bits',
    (text) => expect(seedOf(text)).toBe(hashText(text)),
  );

  test.each([-1, 1.5, 2 ** 32, Number.NaN])('the number %d is hashed as its text', (value) => {
    expect(seedOf(value)).toBe(hashText(String(value)));
  });
});

describe('idFrom', () => {
  test('the same seed gives the same id of the wanted length in the URL alphabet', () => {
    fc.assert(
      fc.property(word, fc.integer({ min: 1, max: 40 }), (seed, size) => {
        const id = idFrom(seed, size);
        expect(id).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(id).toHaveLength(size);
        expect(idFrom(seed, size)).toBe(id);
      }),
    );
  });

  test('the runtime is never asked for random bytes', () => {
    const real = globalThis.crypto.getRandomValues;
    globalThis.crypto.getRandomValues = () => {
      throw new Error('a real random source was read');
    };
    try {
      expect(idFrom(3)).toHaveLength(12);
    } finally {
      globalThis.crypto.getRandomValues = real;
    }
  });

  test('100,000 seeds give 100,000 ids', () => {
    const ids = new Set(Array.from({ length: 100_000 }, (_, seed) => idFrom(seed)));
    expect(ids.size).toBe(100_000);
  });
});
