import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../engine/base/digest.ts';
import { createEventEncoder } from '../../../engine/log/codec.ts';
import type { LogEvent } from '../../../engine/log/event.ts';
import { simulate, startSimulation } from '../../../engine/simulation/simulate.ts';
import { createTimeline } from '../../../engine/timeline/create.ts';
import { evolve, foldAll } from '../../../engine/timeline/evolve.ts';
import { initialState } from '../../../engine/timeline/initial.ts';
import { checkInvariants } from '../../../engine/timeline/invariants.ts';
import { randomNetwork } from './network.ts';
import { openPlain } from './plain.ts';

const LIMITS = { until: 600_000_000, eventsMax: 1_500 };
const seeds = fc.nat({ max: 100_000 });

describe('the fold', () => {
  it('gives the same snapshots event by event, in batches, and on records in place', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const header = randomNetwork(seed);
        let snapshot = initialState(header);
        const events: LogEvent[] = [];
        for (const event of simulate(header, LIMITS)) {
          events.push(event);
          snapshot = evolve(header, snapshot, event).snapshot;
        }
        const whole = foldAll(header, initialState(header), events, true);
        expect(digestOf(whole)).toBe(digestOf(snapshot));
        const cut = seed % (events.length + 1);
        const half = foldAll(header, initialState(header), events.slice(0, cut));
        const plain = openPlain(header, half);
        plain.fold(events.slice(cut));
        expect(digestOf(plain.snapshot())).toBe(digestOf(snapshot));
      }),
      { numRuns: 40 },
    );
  });

  it('keeps every invariant after each event, and delivers no octet of another incarnation', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const header = randomNetwork(seed);
        let snapshot = initialState(header);
        for (const event of simulate(header, LIMITS)) {
          const step = evolve(header, snapshot, event);
          snapshot = step.snapshot;
          expect(checkInvariants(snapshot)).toEqual([]);
          expect(step.effects.corruptions).toEqual([]);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('goes on from a snapshot as if an event that cannot be folded had never been tried', () => {
    const header = randomNetwork(7);
    const [first, second] = [...simulate(header, LIMITS)] as [LogEvent, LogEvent];
    const { snapshot } = evolve(header, initialState(header), first);
    const nowhere = { t: second.t, ev: 'crash', host: header.hosts.length } as LogEvent;
    expect(() => evolve(header, snapshot, nowhere)).toThrow(TypeError);
    const after = evolve(header, snapshot, second);
    expect(after.snapshot.events).toBe(2);
    expect(digestOf(after.snapshot)).toBe(
      digestOf(foldAll(header, initialState(header), [first, second])),
    );
  });

  it('never writes to an older snapshot', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 200 }), (seed, at) => {
        const header = randomNetwork(seed);
        const events = [...simulate(header, LIMITS)];
        const early = foldAll(header, initialState(header), events.slice(0, at), true);
        const before = digestOf(early);
        foldAll(header, early, events.slice(at), true);
        expect(digestOf(early)).toBe(before);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a simulation', () => {
  it('gives the same bytes for the same seed', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const text = () => {
          const header = randomNetwork(seed);
          const encode = createEventEncoder(header);
          return [...simulate(header, LIMITS)].map(encode).join('');
        };
        expect(text()).toBe(text());
      }),
      { numRuns: 15 },
    );
  });

  it('goes on from any snapshot of its log as if it had never stopped', () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0, max: 1, noNaN: true }), (seed, share) => {
        const header = randomNetwork(seed);
        const events = [...simulate(header, LIMITS)];
        const at = Math.floor(share * events.length);
        const from = foldAll(header, initialState(header), events.slice(0, at));
        const rest: LogEvent[] = [];
        const simulation = startSimulation(header, from, LIMITS);
        for (let e = simulation.next(); e !== undefined; e = simulation.next()) rest.push(e);
        expect(rest).toEqual(events.slice(at));
      }),
      { numRuns: 40 },
    );
  });
});

describe('a timeline', () => {
  const header = randomNetwork(12);
  const events = [...simulate(header, { until: 600_000_000 })];
  const timeline = createTimeline(header, events);

  it('has at each position the fold of the events before it', () => {
    let snapshot = initialState(header);
    for (let n = 0; n <= events.length; n += 1) {
      expect(digestOf(timeline.at(n))).toBe(digestOf(snapshot));
      const event = events[n];
      if (event !== undefined) snapshot = evolve(header, snapshot, event).snapshot;
    }
  });

  it('finds positions by time', () => {
    expect(timeline.indexAt(-1)).toBe(0);
    expect(timeline.indexAt(Number.MAX_SAFE_INTEGER)).toBe(events.length);
    for (const n of [0, 5, events.length - 1]) {
      const at = timeline.indexAt(timeline.timeOf(n));
      expect(at).toBeGreaterThan(n);
      expect(timeline.timeOf(at - 1)).toBe(timeline.timeOf(n));
    }
  });

  it('refuses positions outside the log', () => {
    expect(() => timeline.at(events.length + 1)).toThrow(RangeError);
    expect(() => timeline.at(-1)).toThrow(RangeError);
    expect(() => timeline.event(events.length)).toThrow(RangeError);
  });

  it('knows every connection, its other end, and the events that touched it', () => {
    const lives = timeline.biographies();
    const client = lives.find((life) => life.host === 0);
    expect(client).toMatchObject({ conn: 1, remote: '10.0.0.2', remotePort: 80 });
    expect(timeline.biography(client?.peerHost ?? -1, client?.peerConn ?? 0)).toMatchObject({
      peerHost: 0,
      peerConn: 1,
    });
    for (const n of timeline.eventsOf(0, 1)) {
      const { effects } = timeline.explain(n);
      expect(effects.touched).toContainEqual({ host: 0, conn: 1 });
    }
  });

  it('counts connections by state over time', () => {
    const columns = 50;
    const series = timeline.series(0, 'TIME-WAIT', columns);
    expect(series).toHaveLength(columns);
    const most = Math.max(...events.map((_, n) => timeline.at(n + 1).hosts[0]?.states[10] ?? 0));
    expect(Math.max(...series)).toBe(most);
  });
});
