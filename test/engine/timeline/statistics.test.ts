import fc from 'fast-check';
import { expect, it } from 'vitest';
import { STATES } from '../../../engine/tcp/states.ts';
import { countEvent, createStatistics, seriesOf } from '../../../engine/timeline/statistics.ts';

const WIDTH = STATES.length;

it('keeps peaks however often blocks are merged', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 3_000 }),
      fc.integer({ min: 1, max: 2_000 }),
      (counts, hosts) => {
        const s = createStatistics(hosts);
        const states = new Array<number>(WIDTH).fill(0);
        counts.forEach((count, t) => {
          states[10] = count;
          countEvent(s, t, [{ index: 0, states, recounted: 1 << 10 }]);
        });
        expect(s.blocks).toBeLessThanOrEqual(s.blocksMax);
        const series = seriesOf(s, 0, 10, 20, 0, counts.length);
        expect(Math.max(...series)).toBe(Math.max(...counts));
      },
    ),
    { numRuns: 30 },
  );
});

it('gives each slice of time its greatest count, and an empty one what it began with', () => {
  const s = createStatistics(1);
  const states = new Array<number>(WIDTH).fill(0);
  const at = (t: number, count: number) => {
    states[4] = count;
    countEvent(s, t, [{ index: 0, states, recounted: 1 << 4 }]);
  };
  at(1, 3);
  at(2, 1);
  at(35, 7);
  expect(seriesOf(s, 0, 4, 4, 0, 40)).toEqual([3, 1, 1, 7]);
});
