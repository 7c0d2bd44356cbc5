/**
 * Randomness without state. There is no generator that moves on: a draw is a hash of the seed and
 * of what the draw is for. A draw therefore does not depend on how many came before it, and two
 * runs that differ in one knob differ by that knob alone (common random numbers).
 *
 * The mixing is MurmurHash3 (x86, 32 bit) on words. It spreads well and is fast, but it is not
 * secret; where a peer must not be able to guess (RFC 6528), HalfSipHash-2-4 with a key is used,
 * the small sibling of the function Linux uses there. All of it is 32-bit integer arithmetic,
 * hence the same on every runtime. A changed constant here changes every simulation.
 */

import { customRandom, urlAlphabet } from 'nanoid';

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

/** One murmur3 round: the 32-bit word `k` is mixed into the state `h`. */
function round(h: number, k: number): number {
  let word = Math.imul(k, C1);
  word = (word << 15) | (word >>> 17);
  const mixed = h ^ Math.imul(word, C2);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

/** The murmur3 finaliser: each bit of the input reaches every bit of the unsigned result. */
function finish(h: number): number {
  let x = h ^ (h >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * A 32-bit hash of four words, each taken modulo 2^32; words not given count as 0. More than four
 * words are hashed in a chain: `hash32(hash32(a, b, c, d), e, f)`.
 */
export function hash32(a: number, b = 0, c = 0, d = 0): number {
  return finish(round(round(round(round(0, a), b), c), d) ^ 16);
}

/** A 32-bit hash of a text, one round for each UTF-16 unit, for names and purposes of draws. */
export function hashText(text: string, seed = 0): number {
  let h = seed | 0;
  for (let i = 0; i < text.length; i += 1) h = round(h, text.charCodeAt(i));
  return finish(h ^ text.length);
}

/**
 * A seed from what a person wrote. A whole number below 2^32 is itself, as a number and as decimal
 * text alike, so that the seed on the command line is the one in the log; all else is hashed.
 */
export function seedOf(from: string | number): number {
  const text = String(from);
  const value = Number(text);
  if (value >>> 0 === value && String(value) === text) return value;
  return hashText(text);
}

/** A 32-bit hash as a fraction in [0, 1). */
export function unit(h: number): number {
  return (h >>> 0) / 0x1_0000_0000;
}

/**
 * A keyed 32-bit hash of several words: the F of RFC 6528 §3, `ISN = M + F(4-tuple, secret)`. The
 * secret is stretched from `seed`.
 */
export function keyedHash(seed: number, ...words: readonly number[]): number {
  return halfSipHash(seed, hash32(seed, 0x5ec7e7), words);
}

/** HalfSipHash-2-4 with a 64-bit key and a 32-bit result, over words in little-endian order. */
export function halfSipHash(key0: number, key1: number, words: readonly number[]): number {
  let v0 = key0 | 0;
  let v1 = key1 | 0;
  let v2 = 0x6c796765 ^ key0;
  let v3 = 0x74656462 ^ key1;
  const last = words.length;
  for (let i = 0; i <= last; i += 1) {
    const word = i < last ? (words[i] ?? 0) | 0 : (last * 4) << 24;
    v3 ^= word;
    // Two compression rounds for each word; four finalising rounds after the last.
    for (let n = i < last ? 2 : 6; n > 0; n -= 1) {
      if (n === 4 && i === last) {
        v0 ^= word;
        v2 ^= 0xff;
      }
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    if (i < last) v0 ^= word;
  }
  return (v1 ^ v3) >>> 0;
}

/**
 * A short id (nanoid's alphabet and form) that is drawn from the seed: the same seed, the same id.
 * nanoid is given our bytes, so its own random source is never asked.
 */
export function idFrom(seed: number, size = 12): string {
  let drawn = 0;
  const bytes = (count: number): Uint8Array => {
    const out = new Uint8Array(count);
    for (let i = 0; i < count; i += 1) {
      out[i] = hash32(seed, 0x1d, drawn) >>> 24;
      drawn += 1;
    }
    return out;
  };
  return customRandom(urlAlphabet, size, bytes)();
}
