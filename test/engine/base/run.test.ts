import fc from 'fast-check';
import { expect, it } from 'vitest';
import { append, createRun, shift } from '../../../engine/base/run.ts';

it('a run takes what comes in order, refuses the rest, and gives it from the front', () => {
  const pairs = fc.tuple(fc.nat({ max: 40 }), fc.nat({ max: 5 }));
  // What is put in, or null: the first is taken away.
  const actions = fc.array(fc.oneof({ weight: 3, arbitrary: pairs }, fc.constant(null)));
  fc.assert(
    fc.property(actions, (list) => {
      const run = createRun();
      const model: [number, number][] = [];
      for (const action of list) {
        if (action !== null) {
          const [t, k] = model.at(-1) ?? [-1, -1];
          const fits = t < action[0] || (t === action[0] && k <= action[1]);
          expect(append(run, ...action)).toBe(fits);
          if (fits) model.push(action);
        } else if (model.length > 0) {
          expect([run.times[run.head], run.keys[run.head]]).toEqual(model.shift());
          shift(run);
        }
        expect(run.tail - run.head).toBe(model.length);
      }
    }),
  );
});

it('a run has room for more than it began with, however far it has moved', () => {
  const run = createRun();
  let taken = 0;
  for (let time = 0; time < 20_000; time += 1) {
    expect(append(run, time, -time)).toBe(true);
    if (time % 3 === 0) continue;
    expect([run.times[run.head], run.keys[run.head]]).toEqual([taken, -taken]);
    shift(run);
    taken += 1;
  }
  expect(run.tail - run.head).toBe(20_000 - taken);
  // What is over is given up: a third of what came is left, in arrays of at most four times that.
  expect(run.times.length).toBeLessThanOrEqual(32_768);
  for (; taken < 20_000; taken += 1) {
    expect(run.times[run.head]).toBe(taken);
    shift(run);
  }
});
