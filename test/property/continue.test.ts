// A simulation goes on from any snapshot of its log as it went on the first time: what is still to
// come, planned events included, follows from the snapshot and the header alone.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../engine/base/digest.ts';
import { SCENARIOS } from '../../engine/simulation/scenarios/index.ts';
import { startSimulation } from '../../engine/simulation/simulate.ts';
import { PROFILES } from '../../engine/tcp/profiles.ts';
import { evolve, foldAll } from '../../engine/timeline/evolve.ts';
import { initialState } from '../../engine/timeline/initial.ts';
import { eventsOf, headerOf } from '../engine/simulation/run.ts';

const LARGE = ['churn', 'ports-exhausted'];
const name = fc.constantFrom(...Object.keys(SCENARIOS).filter((one) => !LARGE.includes(one)));
const profile = fc.constantFrom(...Object.keys(PROFILES));
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('a scenario', () => {
  test('goes on from any of its snapshots with the same events', () => {
    fc.assert(
      fc.property(name, profile, share, (scenario, stack, at) => {
        const header = headerOf(scenario, { profile: stack });
        const events = eventsOf(header);
        const cut = Math.floor(at * events.length);
        const snapshot = foldAll(header, initialState(header), events.slice(0, cut));
        expect(eventsOf(header, snapshot)).toEqual(events.slice(cut));
      }),
      { numRuns: 40 },
    );
  });

  test('folds in batches of any size as it does event by event', () => {
    fc.assert(
      fc.property(name, profile, share, (scenario, stack, at) => {
        const header = headerOf(scenario, { profile: stack });
        const events = eventsOf(header).slice(0, 800);
        const cut = Math.floor(at * events.length);
        const half = foldAll(header, initialState(header), events.slice(0, cut), true);
        const batch = foldAll(header, half, events.slice(cut), true);
        let single = initialState(header);
        for (const event of events) single = evolve(header, single, event).snapshot;
        expect(digestOf(batch)).toBe(digestOf(single));
      }),
      { numRuns: 25 },
    );
  });
});

test('of two events planned for one moment, the second follows from the snapshot between', () => {
  const header = headerOf('half-open-text');
  const planned = [
    { t: 200_000, ev: 'crash' as const, host: 0 },
    { t: 200_000, ev: 'restart' as const, host: 0 },
  ];
  const twice = { ...header, planned };
  const events = eventsOf(twice);
  const at = events.findIndex(({ ev }) => ev === 'crash') + 1;
  const between = foldAll(twice, initialState(twice), events.slice(0, at));
  expect(between).toMatchObject({ time: 200_000, planned: 1 });
  expect(startSimulation(twice, between).next()).toEqual(planned[1]);
});
