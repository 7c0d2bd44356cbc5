import fc from 'fast-check';
import { expect, it } from 'vitest';
import { simulate } from '../../../engine/simulation/simulate.ts';
import { createTimeline } from '../../../engine/timeline/create.ts';
import { diffSnapshots } from '../../../engine/timeline/diff.ts';
import { evolve } from '../../../engine/timeline/evolve.ts';
import { randomNetwork } from './network.ts';

const header = randomNetwork(12);
const timeline = createTimeline(header, simulate(header, { until: 600_000_000 }));

it('finds nothing between a snapshot and the same one folded anew', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: timeline.length }), (n) => {
      const again = createTimeline(header, [...Array(n).keys()].map(timeline.event)).at(n);
      expect(diffSnapshots(timeline.at(n), again)).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

it('tells what each event changed, the clock and the count always', () => {
  for (let n = 0; n < Math.min(timeline.length, 300); n += 1) {
    const { before, after } = timeline.explain(n);
    const fields = diffSnapshots(before, after).filter((c) => c.of === 'network');
    expect(fields).toContainEqual(
      expect.objectContaining({ field: 'events', before: n, after: n + 1 }),
    );
  }
});

it('shows a connection that came, its state that changed, and that it went', () => {
  const born = timeline.biography(0, 1)?.born ?? -1;
  const { before, after } = timeline.explain(born);
  const came = diffSnapshots(before, after).find((c) => c.of === 'connection' && c.host === 0);
  expect(came).toMatchObject({ num: 1, field: '', before: undefined });
  const next = timeline.eventsOf(0, 1)[1] as number;
  const step = timeline.explain(next);
  const states = diffSnapshots(step.before, step.after).filter((c) => c.field === 'state');
  expect(states).toEqual([
    { of: 'connection', host: 0, num: 1, field: 'state', before: 'SYN-SENT', after: 'ESTABLISHED' },
  ]);
  const back = diffSnapshots(step.after, step.before).filter((c) => c.field === 'state');
  expect(back).toEqual([
    { of: 'connection', host: 0, num: 1, field: 'state', before: 'ESTABLISHED', after: 'SYN-SENT' },
  ]);
});

it('sums up: the changes of a stretch are those between its ends', () => {
  const from = timeline.at(0);
  let snapshot = from;
  for (let n = 0; n < 40; n += 1) snapshot = evolve(header, snapshot, timeline.event(n)).snapshot;
  expect(diffSnapshots(from, snapshot)).toEqual(diffSnapshots(from, timeline.at(40)));
});
