// What folding a log costs, counted and not timed, so that a slow change fails on any machine:
// records copied, snapshots made, keyframes kept, octets of index. And a timeline in little memory
// has the same moments as one in much.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { digestOf } from '../../../engine/base/digest.ts';
import { churn as workload } from '../../../engine/experiments/workload.ts';
import { CHUNK, createColumnEncoder } from '../../../engine/log/codec.ts';
import type { LogEvent } from '../../../engine/log/event.ts';
import { simulate } from '../../../engine/simulation/simulate.ts';
import { buildTimeline, createTimeline } from '../../../engine/timeline/create.ts';
import { foldAll } from '../../../engine/timeline/evolve.ts';
import { initialState } from '../../../engine/timeline/initial.ts';
import { ownBytes } from '../../../engine/timeline/keyframes.ts';

const counts = vi.hoisted(() => ({ tcbs: 0 }));
const { commits, counted } = await vi.hoisted(() => import('../../commits.ts'));

vi.mock(import('../../../engine/tcp/clone.ts'), async (load) => {
  const real = await load();
  const cloneTcb: typeof real.cloneTcb = (tcb) => {
    counts.tcbs += 1;
    return real.cloneTcb(tcb);
  };
  return { ...real, cloneTcb };
});

vi.mock(import('immer'), counted);

const load = { rate: 500, profile: 'linux', bytes: 100 } as const;
const header = workload({ ...load, connections: 2_000 }).build();
const events: readonly LogEvent[] = [...simulate(header)];
const half = events.length >> 1;

beforeEach(() => {
  counts.tcbs = 0;
  commits.count = 0;
});

describe('the work of a fold', () => {
  it('copies a record once a batch, not once an event', () => {
    expect(events.length).toBeGreaterThan(20_000);
    foldAll(header, initialState(header), events);
    // In one batch what is made in it is written in place.
    expect(counts.tcbs).toBeLessThan(10);
    counts.tcbs = 0;
    createTimeline(header, events);
    expect(counts.tcbs / events.length).toBeLessThan(0.05);
  });

  it('makes a snapshot for each keyframe and no other', () => {
    const builder = buildTimeline(header);
    for (const event of events) builder.add(event);
    const { keyframeCount, keyframeEvery } = builder.memory();
    expect(keyframeEvery).toBe(1_000);
    expect(keyframeCount).toBe(Math.floor(events.length / 1_000) + 1);
    expect(commits.count).toBe(keyframeCount - 1);
  });

  it('seeks by folding no more than lies between two keyframes', () => {
    const timeline = createTimeline(header, events);
    commits.count = 0;
    timeline.at(half + 1);
    expect(commits.count).toBe(1);
    timeline.at(half + 1);
    expect(commits.count).toBe(1);
  });

  it('searches without folding what the index passes over', () => {
    const timeline = createTimeline(header, events);
    commits.count = 0;
    const none = { kind: 'count', host: 1, state: 'TIME-WAIT', op: '>', value: 5_000 } as const;
    expect(timeline.search(0, 1, none)).toBe(-1);
    expect(timeline.search(0, 1, { kind: 'enters', state: 'CLOSING' })).toBe(-1);
    expect(commits.count).toBe(0);
    expect(timeline.search(half, 1, { kind: 'flag', flags: 2 })).toBeGreaterThan(half);
    expect(commits.count).toBeLessThan(300);
  });

  it('copies about as much for an event among many connections as among few', () => {
    const timeline = createTimeline(header, events);
    const copied = (n: number): number => ownBytes(timeline.at(n), timeline.at(n + 1_000));
    const few = copied(2_000);
    const many = copied(Math.floor((events.length * 0.4) / 1_000) * 1_000);
    expect(timeline.at(events.length >> 1).hosts[1]?.states[10]).toBeGreaterThan(500);
    expect(many / few).toBeLessThan(1.5);
  });

  it('keeps a connection in TIME-WAIT in 300 octets', () => {
    const last = createTimeline(header, events).at(half);
    expect(last.hosts[1]?.timeWaits.size).toBeGreaterThan(500);
    for (const record of last.hosts[1]?.timeWaits.values() ?? []) {
      // Three words of an object, one a field, two more for a number that is no small integer.
      const fields = Object.values(record);
      const large = fields.filter((field) => typeof field === 'number' && field >= 2 ** 30);
      expect(24 + 8 * fields.length + 16 * large.length).toBeLessThan(300);
    }
  });

  it('takes few octets of index for an event', () => {
    const builder = buildTimeline(header);
    for (const event of events) builder.add(event);
    const { index, keyframes } = builder.memory();
    // Counts of states take a fixed room; the rest grows with the log.
    expect(index - 26e6).toBeLessThan(40 * events.length);
    expect(keyframes / events.length).toBeLessThan(300);
  });
});

describe('a timeline in little memory', () => {
  const budget = 300_000;
  const builder = buildTimeline(header, { budget, looseChunks: 1 });
  for (const event of events) builder.add(event);
  const small = builder.timeline;
  const large = createTimeline(header, events);

  it('keeps fewer keyframes, and packs its events', () => {
    const { keyframes, keyframeCount, keyframeEvery, events: octets } = builder.memory();
    expect(keyframes).toBeLessThanOrEqual(budget);
    expect(keyframeEvery).toBeGreaterThan(1_000);
    expect(keyframeCount).toBe(Math.floor(events.length / keyframeEvery) + 1);
    expect(octets / events.length).toBeLessThan(120);
  });

  it('has the same events and moments', () => {
    for (let n = 0; n < events.length; n += 997) {
      expect(small.event(n)).toEqual(events[n]);
      expect(small.timeOf(n)).toBe(events[n]?.t);
      expect(small.indexAt(small.timeOf(n))).toBe(large.indexAt(large.timeOf(n)));
      expect(digestOf(small.at(n))).toBe(digestOf(large.at(n)));
    }
    expect(digestOf(small.at(events.length))).toBe(digestOf(large.at(events.length)));
  });

  it('keeps the columns that it was told of, and makes the same events of them', () => {
    const bulk = buildTimeline(header, { budget });
    const encoder = createColumnEncoder(header);
    for (let from = 0; from < events.length; from += CHUNK) {
      const chunk = events.slice(from, from + CHUNK);
      for (const event of chunk) encoder.add(event);
      bulk.foretell(encoder.take());
      for (const event of chunk) bulk.add(event);
    }
    const whole = Math.floor(events.length / CHUNK) * CHUNK;
    expect(whole).toBeGreaterThan(0);
    expect(bulk.memory().events / events.length).toBeLessThan(120);
    for (let n = 0; n < events.length; n += 997) {
      expect(bulk.timeline.event(n)).toEqual(events[n]);
      expect(bulk.timeline.event(n)).not.toBe(n < whole ? events[n] : undefined);
      expect(digestOf(bulk.timeline.at(n))).toBe(digestOf(large.at(n)));
    }
  });

  it('finds the same', () => {
    const sought = { kind: 'count', host: 1, state: 'TIME-WAIT', op: '=', value: 700 } as const;
    expect(large.search(0, 1, sought)).toBeGreaterThan(0);
    for (const n of [0, half]) {
      expect(small.search(n, 1, sought)).toBe(large.search(n, 1, sought));
      expect(small.search(n, -1, sought)).toBe(large.search(n, -1, sought));
    }
  });
});
