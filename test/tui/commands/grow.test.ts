// A log that is read on while the dashboard shows it: what is there is right at every moment, and
// in the end it is the log as a whole.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import zlib from 'node:zlib';
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
import type { Extent } from '../../../tui/commands/load.ts';
import { type Room, roomFor } from '../../../tui/commands/room.ts';
import { createArrowLogWriter } from '../../../tui/files/arrow.ts';
import { walkArrow } from '../../../tui/files/arrow-frames.ts';
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

type Given = { name?: string; room?: Room; extent?: Extent; stdin?: Io['stdin'] };

/** Opens a log; each look at the clock takes a millisecond. */
async function grow(data: string | Uint8Array, given: Given = {}): Promise<Growing> {
  const { name = 'a.jsonl', room = roomFor(undefined), extent, stdin = piecesOf(data) } = given;
  const cwd = scratchFolder();
  if (name !== '-') writeFileSync(join(cwd, name), data);
  let clock = 0;
  const now = (): number => {
    clock += 1;
    return clock;
  };
  const tty = { stdin: false, stdout: true, stderr: true };
  const interrupted = new AbortController().signal;
  const io = { cwd, now, tty, interrupted, stdin } as Io;
  const growing = await growLog(name, io, room, extent);
  if (growing === undefined) throw new Error('interrupted');
  return growing;
}

async function* piecesOf(data: string | Uint8Array): AsyncGenerator<Uint8Array, void> {
  const bytes = Buffer.from(data as Uint8Array);
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
}

async function inBulk(capacity?: number, compress = true, all = events): Promise<Buffer> {
  const options = { compress, ...(capacity === undefined ? {} : { capacity }) };
  const writer = await createArrowLogWriter(whole.header, 'a', options);
  const pieces = [writer.begin(), ...all.flatMap((event) => writer.add(event) ?? [])];
  pieces.push(writer.end({ events: all.length, digest: last }));
  return Buffer.concat(pieces as Uint8Array[]);
}

const text = `${lines.join('\n')}\n`;
const zstd = (data: string | Uint8Array): Buffer => zlib.zstdCompressSync(data);
const forms: [string, () => string | Promise<Uint8Array> | Uint8Array][] = [
  ['a.jsonl', () => text],
  ['a.jsonl.gz', () => zlib.gzipSync(text)],
  ['a.jsonl.zst', () => zstd(text)],
  ['a.arrows', () => inBulk(500)],
  ['a.arrows.gz', async () => zlib.gzipSync(await inBulk(500))],
  ['a.arrows.zst', async () => zstd(await inBulk(500, false))],
];

describe('a log that grows', () => {
  test.each(
    forms.flatMap(([name, data]) => [
      [name, name, data] as const,
      [`${name} from stdin`, '-', data] as const,
    ]),
  )('has at any moment the positions of the whole log: %s', async (_, name, data) => {
    const { timeline, loading, failure } = await grow(await data(), { name });
    expect(timeline.length).toBeLessThan(events.length);
    expect(loading.status()).toContain('reading');
    let slices = 0;
    while (await loading.more(2)) {
      slices += 1;
      const n = timeline.length;
      if (slices % 10 === 0) expect(digestOf(timeline.at(n))).toBe(digestOf(whole.at(n)));
    }
    expect(slices).toBeGreaterThan(20);
    expect(timeline.length).toBe(events.length);
    expect(digestOf(timeline.at(events.length))).toBe(last);
    expect({ status: loading.status(), failure: failure() }).toEqual({ status: '' });
    expect(timeline.warnings).toEqual([]);
  });

  test('is scrubbed and moved in meanwhile', async () => {
    const { timeline, loading } = await grow(text);
    while (timeline.length === 0) await loading.more(3);
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

  test('is refused for a fault in its header', async () => {
    await expect(grow(text.replace('"version":1', '"version":"x"'))).rejects.toThrow(
      'a.jsonl:1: version: expected',
    );
    const bulk = await inBulk();
    bulk[50] = (bulk[50] as number) ^ 1;
    await expect(grow(bulk)).rejects.toThrow('a.jsonl: the schema, at byte 0: its checksum');
  });

  test('stops at a batch that is damaged, and says which', async () => {
    const bulk = await inBulk(500);
    const at = bulk.length >> 1;
    bulk[at] = (bulk[at] as number) ^ 1;
    const { timeline, loading, failure } = await grow(bulk, { name: 'a.arrows' });
    while (await loading.more(100));
    expect(failure()?.message).toMatch(/^a.arrows: batch (\d+), from event \d+ on, at byte \d+, /);
    expect(timeline.warnings).toEqual([failure()?.message]);
    expect(loading.status()).toBe('stopped: damaged');
    expect(timeline.length % 500).toBe(0);
    expect(timeline.length).toBeGreaterThan(500);
    const n = timeline.length;
    expect(digestOf(timeline.at(n))).toBe(digestOf(whole.at(n)));
  });

  test('is opened in part where a time or a number of events is asked for', async () => {
    for (const name of ['a.jsonl', 'a.arrows']) {
      const data = name === 'a.jsonl' ? text : await inBulk(500);
      const some = await grow(data, { name, extent: { events: 700 } });
      while (await some.loading.more(100));
      expect(some.timeline.length).toBe(700);
      expect(some.timeline.warnings).toEqual([`${name}: ${asked(700)}`]);
      expect(some.loading.status()).toBe('');
      const time = whole.timeOf(1200);
      const early = await grow(data, { name, extent: { until: time } });
      while (await early.loading.more(100));
      expect(early.timeline.length).toBe(whole.indexAt(time));
    }
  });

  test('does not wait for a pipe that is slow', async () => {
    const bulk = await inBulk(500);
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const slow = async function* () {
      yield bulk.subarray(0, bulk.length >> 1);
      await opened;
      yield bulk.subarray(bulk.length >> 1);
    };
    const { timeline, loading } = await grow('', { name: '-', stdin: slow() });
    for (let looks = 0; looks < 300; looks += 1) expect(await loading.more(1)).toBe(true);
    expect(loading.status()).toMatch(/^reading \d/);
    expect(timeline.length % 500).toBe(0);
    expect(timeline.length).toBeGreaterThan(500);
    open();
    while (await loading.more(100));
    expect(timeline.length).toBe(events.length);
    expect(timeline.warnings).toEqual([]);
  });

  // At every byte: test/tui/files/arrow.test.ts.
  test('may be cut within its last two batches, or between them', async () => {
    const few = events.slice(0, 24);
    const bulk = await inBulk(8, true, few);
    const batches = [...walkArrow().feed(bulk)].filter(({ kind }) => kind === 'batch');
    const ends = batches.map(({ offset, bytes: { length } }) => offset + length);
    expect(batches.length).toBe(4);
    const begin = batches[1]?.offset ?? 0;
    const between = ends.flatMap((end) => [end - 1, end, end + 1]).filter((cut) => cut >= begin);
    const within = Array.from({ length: 60 }, (_, i) => begin + 127 * i);
    for (const cut of [...between, ...within].filter((at) => at < bulk.length)) {
      const { timeline, loading, failure } = await grow('', {
        name: '-',
        stdin: piecesOf(bulk.subarray(0, cut)),
      });
      while (await loading.more(1_000));
      const complete = ends.filter((end) => end <= cut).length;
      expect(timeline.length).toBe(8 * Math.min(3, complete));
      expect(timeline.warnings.length).toBe(complete === 4 ? 0 : 1);
      expect(failure()).toBeUndefined();
    }
  });

  test('stops at a fault further on, says so, and keeps what came before', async () => {
    const good = lines.slice(0, -1);
    const broken = `${good.join('\n')}\n{"ev":"nonsense"}\n${lines.at(-1)}\n`;
    const { timeline, loading, failure } = await grow(broken);
    while (await loading.more(100));
    expect(failure()?.message).toContain(`a.jsonl:${good.length + 1}: ev: expected`);
    expect(loading.status()).toBe('stopped: damaged');
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
    const room = { keyframes: 1e6, heapMax: 1, processMax: 1e12 };
    for (const data of [text, await inBulk()]) {
      const { loading, failure } = await grow(data, { room });
      while (await loading.more(100));
      expect(failure()?.message).toMatch(/larger than memory allows: after \d+ events .*--budget/);
      expect(failure()?.message).toContain('twomsl convert LOG PART.arrows --until TIME');
    }
  });
});

const asked = (count: number): string =>
  `its first ${count} events are read, as was asked for, and no more`;

test('a budget that no machine has, or that holds nothing, is refused', () => {
  expect(() => roomFor(1e9)).toThrow(Failure);
  expect(() => roomFor(1)).toThrow('at least 16');
  expect(roomFor(100).keyframes).toBe(1e8);
  // A timeline is made with it.
  expect(createTimeline(whole.header, events, [], { budget: 1e8 }).length).toBe(events.length);
});
