import { describe, expect, test } from 'vitest';
import { churn } from '../../../engine/experiments/workload.ts';
import { CHUNK } from '../../../engine/log/codec.ts';
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

  test('is empty at first', () => {
    const list = createEventStore(header);
    expect([list.length, list.at(0), list.at(-1), ...list]).toEqual([0, undefined, undefined]);
  });
});
