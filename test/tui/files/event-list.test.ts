import { describe, expect, test } from 'vitest';
import { CHUNK } from '../../../engine/index.ts';
import { createEventList } from '../../../tui/files/event-list.ts';
import { sampleLog } from '../commands/sample.ts';

const { header, events } = sampleLog(1_200);

describe('a list of events', () => {
  test.each([1, 2, 64])('is as an array is, whether packed or not: %i chunks loose', (loose) => {
    expect(events.length).toBeGreaterThan(3 * CHUNK);
    const list = createEventList(header, loose);
    for (let at = 0; at < events.length; at += 1_000) list.add(events.slice(at, at + 1_000));
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
    const list = createEventList(header);
    expect([list.length, list.at(0), list.at(-1), ...list]).toEqual([0, undefined, undefined]);
  });
});
