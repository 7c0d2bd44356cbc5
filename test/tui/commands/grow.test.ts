// A log that is read on while the dashboard shows it: what is there is right at every moment, and
// in the end it is the log as a whole.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  createEventEncoder,
  createTimeline,
  digestOf,
  encodeHeader,
  encodeTrailer,
} from '../../../engine/index.ts';
import { createData } from '../../../tui/app/data.ts';
import { createStore } from '../../../tui/app/store.ts';
import { type Growing, growLog } from '../../../tui/commands/grow.ts';
import type { Io } from '../../../tui/commands/io.ts';
import { roomFor } from '../../../tui/commands/room.ts';
import { Failure } from '../../../tui/files/failure.ts';
import { churn } from '../../engine/projections/logs.ts';
import { scratchFolder } from '../files/scratch.ts';

const whole = churn(250);
const events = Array.from({ length: whole.length }, (_, n) => whole.event(n));
const last = digestOf(whole.at(whole.length));
const encode = createEventEncoder(whole.header);
const lines = [
  encodeHeader(whole.header),
  ...events.map(encode),
  encodeTrailer({ events: events.length, digest: last }),
];

/** Opens a log; each look at the clock takes a millisecond. */
async function grow(text: string, room = roomFor(undefined)): Promise<Growing> {
  const cwd = scratchFolder();
  writeFileSync(join(cwd, 'a.jsonl'), text);
  let clock = 0;
  const now = (): number => {
    clock += 1;
    return clock;
  };
  const growing = await growLog('a.jsonl', { cwd, now } as Io, room);
  if (growing === undefined) throw new Error('not a log as text');
  return growing;
}

describe('a log that grows', () => {
  test('has at any moment the positions of the whole log', async () => {
    const { timeline, loading, failure } = await grow(`${lines.join('\n')}\n`);
    expect(timeline.length).toBeLessThan(events.length);
    expect(loading.status()).toContain('reading');
    let slices = 0;
    while (await loading.more(2)) {
      slices += 1;
      const n = timeline.length;
      if (slices % 5 === 0) expect(digestOf(timeline.at(n))).toBe(digestOf(whole.at(n)));
    }
    expect(slices).toBeGreaterThan(5);
    expect(timeline.length).toBe(events.length);
    expect(digestOf(timeline.at(events.length))).toBe(last);
    expect({ status: loading.status(), failure: failure() }).toEqual({ status: '' });
    expect(timeline.warnings).toEqual([]);
  });

  test('is scrubbed and moved in meanwhile', async () => {
    const { timeline, loading } = await grow(`${lines.join('\n')}\n`);
    await loading.more(3);
    const data = createData(timeline);
    const store = createStore(data, 0);
    while (store.scan(1_000));
    const early = store.marks();
    store.dispatch({ type: 'edge', by: 1 });
    const before = store.get().n;
    expect(before).toBe(timeline.length);
    while (await loading.more(50)) store.grew(false);
    store.grew(true);
    while (store.scan(1_000));
    expect(store.get().n).toBe(before);
    expect(store.marks().length).toBe(events.length);
    expect(store.marks().timeWaitMax).toBeGreaterThan(early.timeWaitMax);
    expect(data.series(0, 'TIME-WAIT', 20)).toEqual(whole.series(0, 'TIME-WAIT', 20));
    expect(data.life(0, 100).length).toBeGreaterThan(3);
  });

  test('is refused for a fault at its beginning', async () => {
    const broken = [...lines.slice(0, 101), '{"ev":"nonsense"}', ...lines.slice(101)];
    await expect(grow(`${broken.join('\n')}\n`)).rejects.toThrow('a.jsonl:102: ev: expected');
  });

  test('stops at a fault further on, says so, and keeps what came before', async () => {
    const good = lines.slice(0, -1);
    const text = `${good.join('\n')}\n{"ev":"nonsense"}\n${lines.at(-1)}\n`;
    expect(text.length).toBeGreaterThan(300_000);
    const { timeline, loading, failure } = await grow(text);
    while (await loading.more(100));
    expect(failure()?.message).toContain(`a.jsonl:${good.length + 1}: ev: expected`);
    expect(loading.status()).toContain('stopped: a.jsonl:');
    expect(timeline.length).toBe(events.length);
    expect(digestOf(timeline.at(events.length))).toBe(last);
  });

  test('that was cut is used up to the cut, with a warning', async () => {
    const { timeline, loading } = await grow(lines.slice(0, 900).join('\n').slice(0, -5));
    while (await loading.more(100));
    expect(timeline.length).toBe(898);
    expect(timeline.warnings).toEqual([expect.stringContaining('cut in the middle')]);
  });

  test('that is larger than memory allows stops with what to do', async () => {
    const room = { keyframes: 1e6, heapMax: 1 };
    const { loading, failure } = await grow(`${lines.join('\n')}\n`, room);
    while (await loading.more(100));
    expect(failure()?.message).toMatch(/larger than memory allows: after \d+ events .*--budget/);
  });
});

test('a budget that no machine has, or that holds nothing, is refused', () => {
  expect(() => roomFor(1e9)).toThrow(Failure);
  expect(() => roomFor(1)).toThrow('at least 16');
  expect(roomFor(100).keyframes).toBe(1e8);
  // A timeline is made with it.
  expect(createTimeline(whole.header, events, [], { budget: 1e8 }).length).toBe(events.length);
});
