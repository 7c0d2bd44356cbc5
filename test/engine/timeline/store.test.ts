import { describe, expect, test } from 'vitest';
import { churn } from '../../../engine/experiments/workload.ts';
import { CHUNK, createColumnEncoder } from '../../../engine/log/codec.ts';
import { simulate } from '../../../engine/simulation/simulate.ts';
import { createEventStore } from '../../../engine/timeline/store.ts';

const header = churn({ rate: 500, connections: 1_200 }).build();
const events = [...simulate(header)];

describe('a store of events', () => {
  test.each([1, 2, 64])('is as an array is, whether packed or not: %i chunks loose', (loose) => {
    expect(events.length).toBeGreaterThan(3 * CHUNK);
    const list = createEventStore(header, loose);
    for (const event of events) list.add(event);
    const { length } = events;
    expect(list.length).toBe(length);
    for (const n of [
      0,
      1,
      CHUNK - 1,
      CHUNK,
      3 * CHUNK,
      length - 1,
      length,
      -1,
      -length,
      -length - 1,
    ])
      expect(list.at(n)).toEqual(events.at(n));
    expect(list.slice(CHUNK - 2, CHUNK + 2)).toEqual(events.slice(CHUNK - 2, CHUNK + 2));
    expect(list.slice(length - 2, length + 9)).toEqual(events.slice(-2));
    expect([...list]).toEqual(events);
  });

  test('is as an array is while columns are there before their events', () => {
    const some = events.slice(0, 2 * CHUNK + 100);
    const encoder = createColumnEncoder(header);
    const list = createEventStore(header);
    some.forEach((event, n) => {
      if (n % CHUNK === 0) {
        for (const next of some.slice(n, n + CHUNK)) encoder.add(next);
        const columns = encoder.take();
        list.foretell(columns);
        // A second time is as good as once.
        list.foretell(columns);
      }
      list.add(event);
      if (n % 1_000 > 1 && n % CHUNK > 1) return;
      expect(list.length).toBe(n + 1);
      expect([list.at(n), list.at(-1), list.at(n + 1)]).toEqual([event, event, undefined]);
      expect(list.timeOf(n)).toBe(event.t);
      expect(() => list.timeOf(n + 1)).toThrow(RangeError);
      const from = Math.max(0, n - 3);
      expect(list.slice(from, n + 9)).toEqual(some.slice(from, n + 1));
      expect(list.bytes()).toBeGreaterThan(0);
    });
    expect([...list]).toEqual(some);
  });

  test('is empty at first', () => {
    const list = createEventStore(header);
    expect([list.length, list.at(0), list.at(-1), ...list]).toEqual([0, undefined, undefined]);
  });
});
