import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSparse, sparseGet, sparseSet } from '../../../engine/base/sparse.ts';

const id = fc.oneof(fc.nat({ max: 600 }), fc.integer({ min: 0, max: 2 ** 40 }));
const value = fc.oneof(
  fc.constant(0),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
);

it('numbers are as in a map, and 0 where none was set', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(id, value)), fc.array(id), (writes, others) => {
      const sparse = createSparse();
      const model = new Map<number, number>();
      for (const [at, number] of writes) {
        sparseSet(sparse, at, number);
        model.set(at, number);
      }
      for (const at of [...model.keys(), ...others]) {
        // The sign of a zero is not kept where nothing else is on its page.
        expect(sparseGet(sparse, at) + 0).toBe((model.get(at) ?? 0) + 0);
      }
    }),
  );
});

it('a window that moves on takes no more room', () => {
  const sparse = createSparse();
  for (let at = 0; at < 100_000; at += 1) {
    sparseSet(sparse, at, at + 1);
    if (at >= 500) sparseSet(sparse, at - 500, 0);
  }
  expect(sparse.pages.size).toBeLessThanOrEqual(4);
  for (let at = 99_500; at < 100_000; at += 1) sparseSet(sparse, at, 0);
  expect(sparse.pages.size).toBe(0);
});
