// The circle of sequence numbers at its seams: 0, 2^31 and 2^32 - 1.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  inWindow,
  seqAdd,
  seqBetween,
  seqBetweenLeftOpen,
  seqBetweenRightOpen,
  seqDiff,
  seqGe,
  seqGt,
  seqLe,
  seqLt,
  seqMax,
  seqMin,
  seqSub,
} from '../../../engine/base/seq.ts';

const MAX = 0xffff_ffff;
const HALF = 0x8000_0000;

const seq = fc.integer({ min: 0, max: MAX });
/** A distance that no valid comparison exceeds: the largest window. */
const near = fc.integer({ min: 0, max: 2 ** 30 });
const starts = [0, 1, 2 ** 30, HALF - 1, HALF, HALF + 1, MAX - 1, MAX];

describe('distances', () => {
  test.each([
    // a, b, a - b unsigned, a - b signed
    [0, 0, 0, 0],
    [1, 0, 1, 1],
    [0, 1, MAX, -1],
    [0, MAX, 1, 1],
    [MAX, 0, MAX, -1],
    [HALF - 1, 0, HALF - 1, HALF - 1],
    [HALF, 0, HALF, -HALF],
    [0, HALF, HALF, -HALF],
    [HALF + 1, 0, HALF + 1, -HALF + 1],
    [5, MAX - 4, 10, 10],
  ])('%i - %i is %i forward, %i the short way', (a, b, unsigned, signed) => {
    expect(seqSub(a, b)).toBe(unsigned);
    expect(seqDiff(a, b)).toBe(signed);
  });

  test.each([
    [0, 0, 0],
    [MAX, 1, 0],
    [MAX, 2 ** 30, 2 ** 30 - 1],
    [0, -1, MAX],
    [HALF, HALF, 0],
    [3, 2 ** 32, 3],
  ])('%i + %i is %i', (a, n, sum) => {
    expect(seqAdd(a, n)).toBe(sum);
  });

  test('adding a distance leads to where it was measured', () => {
    fc.assert(
      fc.property(seq, seq, (a, b) => {
        expect(seqAdd(b, seqSub(a, b))).toBe(a);
        expect(seqAdd(b, seqDiff(a, b))).toBe(a);
      }),
    );
  });
});

describe('order', () => {
  test.each(starts)('from %i the numbers up to half the circle on are after it', (a) => {
    for (const n of [1, 2, 2 ** 30, HALF - 1]) {
      const b = seqAdd(a, n);
      expect([seqLt(a, b), seqLe(a, b), seqGt(a, b), seqGe(a, b)]).toEqual([
        true,
        true,
        false,
        false,
      ]);
      expect([seqLt(b, a), seqLe(b, a), seqGt(b, a), seqGe(b, a)]).toEqual([
        false,
        false,
        true,
        true,
      ]);
      expect([seqMax(a, b), seqMax(b, a), seqMin(a, b), seqMin(b, a)]).toEqual([b, b, a, a]);
    }
  });

  test.each(starts)('%i is neither before nor after itself', (a) => {
    expect([seqLt(a, a), seqLe(a, a), seqGt(a, a), seqGe(a, a)]).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  test('opposite points of the circle have no order: each is before the other', () => {
    expect([seqLt(0, HALF), seqLt(HALF, 0)]).toEqual([true, true]);
    expect([seqGt(0, HALF), seqGt(HALF, 0)]).toEqual([true, true]);
  });

  test('order does not depend on where on the circle the numbers lie', () => {
    fc.assert(
      fc.property(seq, seq, seq, (a, b, turn) => {
        expect(seqLt(seqAdd(a, turn), seqAdd(b, turn))).toBe(seqLt(a, b));
        expect(seqLe(seqAdd(a, turn), seqAdd(b, turn))).toBe(seqLe(a, b));
      }),
    );
  });
});

describe('intervals', () => {
  test.each(starts)('the ends of an interval from %i', (lo) => {
    const hi = seqAdd(lo, 10);
    const cases = [seqAdd(lo, -1), lo, seqAdd(lo, 1), seqAdd(lo, 9), hi, seqAdd(hi, 1)];
    const row = (holds: (lo: number, x: number, hi: number) => boolean): boolean[] =>
      cases.map((x) => holds(lo, x, hi));
    expect(row(seqBetween)).toEqual([false, true, true, true, true, false]);
    expect(row(seqBetweenLeftOpen)).toEqual([false, false, true, true, true, false]);
    expect(row(seqBetweenRightOpen)).toEqual([false, true, true, true, false, false]);
  });

  test.each(starts)('an interval of one point at %i', (a) => {
    expect(seqBetween(a, a, a)).toBe(true);
    expect(seqBetweenLeftOpen(a, a, a)).toBe(false);
    expect(seqBetweenRightOpen(a, a, a)).toBe(false);
    expect(seqBetween(a, seqAdd(a, 1), a)).toBe(false);
    expect(seqBetweenLeftOpen(a, seqAdd(a, 1), a)).toBe(false);
  });

  test.each(starts)('nothing is in a window of size 0 at %i', (start) => {
    for (const n of [-1, 0, 1]) expect(inWindow(seqAdd(start, n), start, 0)).toBe(false);
  });

  test('a window holds its first and its last number and neither neighbour', () => {
    fc.assert(
      fc.property(seq, near, (start, size) => {
        expect(inWindow(start, start, size)).toBe(size > 0);
        expect(inWindow(seqAdd(start, size - 1), start, size)).toBe(size > 0);
        expect(inWindow(seqAdd(start, size), start, size)).toBe(false);
        expect(inWindow(seqAdd(start, -1), start, size)).toBe(false);
      }),
    );
  });

  test('within windows, intervals are what the comparisons say', () => {
    fc.assert(
      fc.property(seq, near, near, (lo, width, n) => {
        const hi = seqAdd(lo, width);
        const x = seqAdd(lo, n);
        expect(seqBetween(lo, x, hi)).toBe(seqLe(lo, x) && seqLe(x, hi));
        expect(seqBetweenLeftOpen(lo, x, hi)).toBe(seqLt(lo, x) && seqLe(x, hi));
        expect(seqBetweenRightOpen(lo, x, hi)).toBe(seqLe(lo, x) && seqLt(x, hi));
        expect(inWindow(x, lo, width)).toBe(seqBetweenRightOpen(lo, x, hi));
      }),
    );
  });
});
