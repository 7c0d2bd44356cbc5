import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createHeap, pop, push } from '../../../engine/base/heap.ts';
import { unboxed } from '../../../engine/base/unboxed.ts';

it('a heap gives what was put in by time, and of equal times by key', () => {
  const pairs = fc.tuple(fc.nat({ max: 40 }), fc.nat({ max: 5 }));
  // What is put in, or null: the top is taken out.
  const actions = fc.array(fc.oneof({ weight: 3, arbitrary: pairs }, fc.constant(null)));
  fc.assert(
    fc.property(actions, (list) => {
      const heap = createHeap();
      const model: [number, number][] = [];
      for (const action of list) {
        if (action !== null) {
          push(heap, ...action);
          model.push(action);
          model.sort(([t, k], [u, l]) => t - u || k - l);
        } else if (model.length > 0) {
          expect([heap.times[0], heap.keys[0]]).toEqual(model.shift());
          pop(heap);
        }
        expect(heap.size).toBe(model.length);
      }
    }),
  );
});

it('a heap has room for more than it began with', () => {
  const heap = createHeap();
  for (let i = 0; i < 5_000; i += 1) push(heap, (i * 2_003) % 5_000, i);
  for (let time = 0; time < 5_000; time += 1) {
    expect(heap.times[0]).toBe(time);
    pop(heap);
  }
});

it('a number is the same without its box', () => {
  const numbers = fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.maxSafeInteger());
  fc.assert(fc.property(numbers, (x) => unboxed(x) === x));
});
