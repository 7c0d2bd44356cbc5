import zlib from 'node:zlib';
import { Message, tableFromArrays, tableToIPC } from 'apache-arrow';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  COLUMNS,
  createColumnEncoder,
  dictionariesOf,
  digestOf,
  encodeHeader,
  foldAll,
  formatTime,
  initialState,
  type LogEvent,
  type LogHeader,
  SCENARIOS,
  SLICE,
  simulate,
} from '../../../engine/index.ts';
import { createArrowLogDecoder, createArrowLogWriter } from '../../../tui/files/arrow.ts';
import { type Frame, sealed, walkArrow } from '../../../tui/files/arrow-frames.ts';
import { createArrowWriter } from '../../../tui/files/arrow-ipc.ts';
import type { DecodedFile } from '../../../tui/files/log-file.ts';
import { createFileDecoder, formatFor } from '../../../tui/files/log-format.ts';
import { contentSize } from '../../../tui/files/zstd-frames.ts';

type Log = { header: LogHeader; events: LogEvent[]; digest: string };

function logOf(name: string): Log {
  const header = SCENARIOS[name]?.build() as LogHeader;
  const events = [...simulate(header)];
  return { header, events, digest: digestOf(foldAll(header, initialState(header), events)) };
}

async function written(log: Log, capacity: number, compress = true): Promise<Buffer> {
  const { header, events, digest } = log;
  const writer = await createArrowLogWriter(header, 'a', { capacity, compress });
  const pieces = [writer.begin()];
  for (const event of events) pieces.push(writer.add(event) ?? '');
  pieces.push(writer.end({ events: events.length, digest }));
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece as Uint8Array)));
}

async function readBack(bytes: Uint8Array, piece = bytes.length): Promise<DecodedFile> {
  const decoder = await createArrowLogDecoder('a');
  for (let at = 0; at < bytes.length; at += piece) {
    if (decoder.stopped) break;
    decoder.feed(bytes.subarray(at, at + piece));
  }
  return decoder.end();
}

function framesOf(bytes: Uint8Array): Frame[] {
  return [...walkArrow().feed(bytes)];
}

function batchesOf(bytes: Uint8Array): Frame[] {
  return framesOf(bytes).filter(({ kind }) => kind === 'batch');
}

const tour = logOf('tour');
let whole: Buffer;
beforeAll(async () => {
  whole = await written(tour, 500);
});

describe('a log as a stream of Arrow', () => {
  test('comes back as it was, in pieces of any size', async () => {
    const { header, events, digest } = tour;
    const trailer = { events: events.length, digest };
    for (const piece of [1, 7, 1000, whole.length]) {
      expect(await readBack(whole, piece)).toEqual({
        ok: true,
        header,
        events,
        trailer,
        warnings: [],
      });
    }
  });

  test('is told by its first bytes, and written by its name', async () => {
    const decoder = await createFileDecoder(whole.subarray(0, 4), 'a');
    decoder.feed(whole);
    expect(decoder.end()).toMatchObject({ ok: true, warnings: [] });
    expect(['a.arrows', 'a.arrows.gz', 'a.arrows.zst', 'a.jsonl.zst', '-'].map(formatFor)).toEqual([
      ...['arrows', 'arrows', 'arrows'],
      ...['jsonl', 'jsonl'],
    ]);
    expect(formatFor('A.ARROWS.GZ')).toBe('arrows');
    expect(formatFor('/dev/null')).toBe('jsonl');
    for (const name of ['a', 'a.gz', 'a.parquet', 'jsonl', 'a.csv.zst']) {
      expect(() => formatFor(name)).toThrow(`${name}: expected a name that tells the form of the`);
    }
    expect(() => formatFor('a.arrow')).toThrow("a.arrow: this is the name of Arrow's file format");
  });

  test('may be without events, and without its end', async () => {
    const { header } = tour;
    const writer = await createArrowLogWriter(header, 'a');
    const begin = writer.begin() as Uint8Array;
    expect(await readBack(begin)).toMatchObject({ ok: true, events: [], trailer: undefined });
    const none = 'the log has no end: it stops after batch 0';
    const open = Buffer.concat([begin, writer.end(undefined) as Uint8Array]);
    expect(await readBack(open)).toMatchObject({
      ok: true,
      warnings: [`${none}, at byte ${open.length}; 0 events up to 0.000 s are used`],
    });
  });

  test('has every buffer in a zstd frame with a checksum, behind the length of its content', () => {
    const batches = batchesOf(whole);
    expect(batches.length).toBe(Math.ceil(tour.events.length / 500) + 1);
    let frames = 0;
    for (const { bytes } of batches) {
      const metadata = Buffer.from(bytes).readUInt32LE(4);
      const message = Message.decode(bytes.subarray(8, 8 + metadata));
      const { buffers } = message.header() as { buffers: { offset: number; length: number }[] };
      const body = Buffer.from(bytes.subarray(8 + metadata));
      for (const { offset, length: size } of buffers.filter(({ length }) => length > 0)) {
        const frame = body.subarray(offset + 8, offset + size);
        expect(frame.readUInt32LE(0)).toBe(0xfd2fb528);
        expect((frame[4] as number) & 4).toBe(4);
        expect(Number(body.readBigInt64LE(offset))).toBe(zlib.zstdDecompressSync(frame).length);
        frames += 1;
      }
    }
    expect(frames).toBeGreaterThan(100);
  });
});

describe('a log without compression', () => {
  test('comes back as it was, from buffers as they are in memory', async () => {
    const { header, events, digest } = tour;
    const raw = await written(tour, 500, false);
    expect(raw.length).toBeGreaterThan(3 * whole.length);
    const trailer = { events: events.length, digest };
    expect(await readBack(raw, 1000)).toEqual({ ok: true, header, events, trailer, warnings: [] });
    for (const { bytes } of batchesOf(raw)) {
      const metadata = Buffer.from(bytes).readUInt32LE(4);
      const message = Message.decode(bytes.subarray(8, 8 + metadata));
      expect(message.header()).toMatchObject({ compression: null });
    }
  });

  test('is held by the checksum of its messages', async () => {
    const raw = await written({ ...tour, events: tour.events.slice(0, 60) }, 20, false);
    const { offset, bytes } = batchesOf(raw)[1] as Frame;
    for (let at = 8; at < bytes.length; at += 37) {
      const bad = Buffer.from(raw);
      bad[offset + at] = (bad[offset + at] as number) ^ (1 << (at % 8));
      const decoded = await readBack(bad);
      // A length that became longer swallows what follows.
      if (decoded.ok) expect(decoded.events.length).toBe(20);
      else expect(decoded.message).toContain(`a: batch 2, from event 20 on, at byte ${offset}, is`);
    }
  });
});

describe('a log that was cut', () => {
  test('at any byte of its last two batches loses at most the batch that was cut', async () => {
    const { header, events } = tour;
    const bytes = await written({ ...tour, events: events.slice(0, 60) }, 20);
    const batches = batchesOf(bytes);
    const ends = batches.map(({ offset, bytes: { length } }) => offset + length);
    expect(batches.length).toBe(4);
    const head = bytes.subarray(0, batches[1]?.offset);
    for (let cut = batches[1]?.offset ?? 0; cut < bytes.length; cut += 1) {
      const decoder = await createArrowLogDecoder('a');
      decoder.feed(head);
      decoder.feed(bytes.subarray(head.length, cut));
      // Taken out as they come, as when a log is shown while it is read.
      const taken = [...decoder.drain(), ...decoder.drain()];
      const decoded = decoder.end();
      if (!decoded.ok) throw new Error(`cut at ${cut}: ${decoded.message}`);
      const complete = ends.filter((end) => end <= cut).length;
      expect(taken.length + decoded.events.length).toBe(20 * Math.min(3, complete));
      expect(decoded.header.id).toBe(header.id);
      // Between two batches as well: only after the end is the log whole.
      expect(decoded.warnings.length).toBe(complete === 4 ? 0 : 1);
      if (complete < 4)
        expect(decoded.warnings[0]).toMatch(
          /^the log (is cut in batch|has no end).* (20|40|60) events/,
        );
    }
  }, 120_000);

  test('within its schema is refused', async () => {
    for (const cut of [4, 8, 100, (framesOf(whole)[0]?.bytes.length ?? 0) - 1]) {
      const message = `a: the stream ends within its schema, after ${cut} bytes`;
      expect(await readBack(whole.subarray(0, cut))).toEqual({
        ok: false,
        message: `${message}. Nothing of the log can be used`,
      });
    }
  });
});

describe('flipped bits', () => {
  test('in a batch tell which, where, what could be read; none gives other events', async () => {
    const events = tour.events.slice(0, 60);
    const bytes = await written({ ...tour, events }, 20);
    const { offset, bytes: batch } = batchesOf(bytes)[1] as Frame;
    const last = formatTime((events[19] as LogEvent).t);
    const begins = `a: batch 2, from event 20 on, at byte ${offset}, is damaged: `;
    const ends =
      `The 20 events up to ${last} before it can be read; they are a log of their own by ` +
      'twomsl convert a PART.arrows --events 20';
    const seen = { told: 0, harmless: 0 };
    for (let at = 0; at < batch.length; at += 1) {
      const bad = Buffer.from(bytes);
      bad[offset + at] = (bad[offset + at] as number) ^ (1 << (at % 8));
      const decoded = await readBack(bad);
      if (!decoded.ok) {
        expect(decoded.message.slice(0, begins.length)).toBe(begins);
        expect(decoded.message.slice(-ends.length)).toBe(ends);
        seen.told += 1;
      } else {
        expect(decoded.events).toEqual(events);
        seen.harmless += 1;
      }
    }
    // What says that there is a checksum, four bytes, has none of its own.
    expect(seen).toMatchObject({ harmless: 4 });
    expect((await readBack(bytes.subarray(0, offset))).ok).toBe(true);
  }, 60_000);

  test('in a length that then reaches beyond the end are not taken for a cut', async () => {
    const bytes = await written({ ...tour, events: tour.events.slice(0, 60) }, 20);
    for (const [at, place] of [
      [0, 'the schema'],
      [batchesOf(bytes)[1]?.offset ?? 0, 'batch 2, from event 20 on'],
    ] as const) {
      const bad = Buffer.from(bytes);
      // The third byte of the length of the metadata: 64 KiB more or less.
      bad[at + 6] = (bad[at + 6] as number) ^ 1;
      const decoded = await readBack(bad, 1000);
      const message = decoded.ok ? '' : decoded.message;
      expect(message).toContain(`a: ${place}, at byte ${at}`);
      expect(message).toContain('its length is wrong, for a message begins within it, at ');
    }
  });

  test('in the schema are told as well', async () => {
    const schema = framesOf(whole)[0] as Frame;
    for (let at = 12; at < schema.bytes.length - 8; at += 61) {
      const bad = Buffer.from(whole);
      bad[at] = (bad[at] as number) ^ 2;
      expect(await readBack(bad)).toEqual({
        ok: false,
        message: 'a: the schema, at byte 0: its checksum is another than it was written with',
      });
    }
  });
});

describe('lengths that nothing vouches for', () => {
  /** The message with its seal broken, as one of another program has none. */
  const unsealed = (at: number): Buffer => {
    const bytes = Buffer.from(whole);
    bytes.writeUInt32LE(0, at + 8 + bytes.readUInt32LE(at + 4) - 8);
    return bytes;
  };

  test('do not make the reader ask for all memory there is, in schema and batches', async () => {
    const some = framesOf(whole).filter(({ kind }) => kind !== 'end');
    const [schema, dictionary] = some;
    const batch = some.find(({ kind }) => kind === 'batch');
    for (const frame of [schema, dictionary, batch] as Frame[]) {
      const end =
        frame.offset +
        8 +
        new DataView(frame.bytes.buffer, frame.bytes.byteOffset).getUint32(4, true);
      for (let at = frame.offset + 8; at < end - 8; at += 12) {
        const bad = unsealed(frame.offset);
        bad.writeUInt32LE(0x0fff_fff0, at);
        const decoded = await readBack(bad);
        if (decoded.ok) expect(decoded.events).toEqual(tour.events);
        else expect(decoded.message).toMatch(/^a: (the schema|batch 1), /);
      }
    }
  });
});

describe('what is no log', () => {
  const told = async (bytes: Uint8Array) => {
    const decoded = await readBack(bytes);
    return decoded.ok ? '' : decoded.message;
  };

  test('is refused in words', async () => {
    const table = tableToIPC(tableFromArrays({ a: Int32Array.of(1) }), 'stream');
    expect(await told(table)).toBe(
      'a: the schema, at byte 0: expected the header of a log in the metadata "twomsl", found none',
    );
    const file = tableToIPC(tableFromArrays({ a: Int32Array.of(1) }), 'file');
    await expect(createFileDecoder(file, 'a')).rejects.toThrow("a: it is in Arrow's file format");
    const twice = Buffer.concat([whole, whole]);
    expect(await told(twice)).toMatch(
      `what follows its end, at byte ${whole.length}, is damaged: expected nothing after the end`,
    );
  });

  test('nor one whose batches were taken out, or stand in another order', async () => {
    const frames = framesOf(whole);
    const [first, second] = batchesOf(whole) as [Frame, Frame];
    const without = frames.filter(({ offset }) => offset !== second.offset);
    expect(await told(Buffer.concat(without.map(({ bytes }) => bytes)))).toMatch(
      /^a: batch \d, .*: expected \d+ events, as there are, found \d+ in its end/,
    );
    const turned = frames.map((frame) =>
      frame === first || frame.offset === first.offset
        ? second
        : frame.offset === second.offset
          ? first
          : frame,
    );
    expect(await told(Buffer.concat(turned.map(({ bytes }) => bytes)))).toMatch(
      /^a: batch 2, from event 500 on, .*: event 500: t: expected a time not before \d+/,
    );
  });

  test('with columns of another name, or texts in another order', async () => {
    const metadata = new Map([['twomsl', encodeHeader(tour.header)]]);
    const dictionaries = dictionariesOf(tour.header);
    const { t, ...rest } = COLUMNS;
    const renamed = { time: t, ...rest } as unknown as typeof COLUMNS;
    const begin = createArrowWriter(renamed, dictionaries, metadata).begin();
    expect(await told(sealed(begin))).toMatch(/: expected the column t: Int64, found time: Int64/);
    const texts = { ...dictionaries, timer: [...dictionaries.timer].reverse() };
    const writer = createArrowWriter(COLUMNS, texts, metadata);
    const encoder = createColumnEncoder(tour.header);
    for (const event of tour.events.slice(0, 9)) encoder.add(event);
    const bytes = sealed([...writer.begin(), ...writer.batch(encoder.take())]);
    expect(await told(bytes)).toMatch(/: column timer: expected no text|: column timer: expected /);
  });
});

describe('a batch of many events', () => {
  const many = Array.from({ length: 3 * SLICE }, (_, i) => tour.events[i % 2] as LogEvent).map(
    (event, i): LogEvent => ({ ...event, t: i }),
  );

  /** The log of these events in batches of two slices, in one of which a time goes back. */
  async function withFault(row: number): Promise<Buffer> {
    const metadata = new Map([['twomsl', encodeHeader(tour.header)]]);
    const writer = createArrowWriter(COLUMNS, dictionariesOf(tour.header), metadata);
    const encoder = createColumnEncoder(tour.header, 2 * SLICE);
    const messages = [...writer.begin()];
    let first = 0;
    const batch = (): void => {
      const columns = encoder.take();
      if (row >= first && row < first + columns.rows) columns.t[row - first] = 0n;
      messages.push(...writer.batch(columns));
      first += columns.rows;
    };
    for (const event of many) if (encoder.add(event)) batch();
    batch();
    const end = `{"ev":"end","events":${many.length},"digest":"${'d'.repeat(64)}"}`;
    return Buffer.from(sealed([...messages, ...writer.end(new Map([['twomsl.end', end]]))]));
  }

  test('is given slice by slice, so that what is made is used while it is near', async () => {
    const decoder = await createArrowLogDecoder('a');
    decoder.feed(await written({ ...tour, events: many }, 2 * SLICE));
    const events: LogEvent[] = [];
    for (let some = decoder.drain(); some.length > 0; some = decoder.drain()) {
      expect(some.length).toBe(SLICE);
      events.push(...some);
    }
    expect(events).toEqual(many);
    expect(decoder.end()).toMatchObject({ ok: true, events: [], warnings: [] });
  });

  test('is used up to the slice that has a fault, and nothing after it', async () => {
    const bytes = await withFault(SLICE + 7);
    const decoder = await createArrowLogDecoder('a');
    decoder.feed(bytes);
    expect(decoder.stopped).toBe(false);
    expect(decoder.drain()).toEqual(many.slice(0, SLICE));
    expect(decoder.drain()).toEqual([]);
    expect(decoder.stopped).toBe(true);
    const { offset } = batchesOf(bytes)[0] as Frame;
    const message =
      `a: batch 1, from event ${SLICE} on, at byte ${offset}, is damaged: event ${SLICE + 7}: t: ` +
      `expected a time not before ${SLICE + 6}, found 0. The ${SLICE} events up to `;
    const decoded = decoder.end();
    expect(decoded.ok).toBe(false);
    if (!decoded.ok) expect(decoded.message).toContain(message);
  });

  test('that is damaged further on does not hide a fault before', async () => {
    const bytes = await withFault(7);
    const { offset } = batchesOf(bytes)[1] as Frame;
    bytes[offset + 300] = (bytes[offset + 300] as number) ^ 1;
    const decoded = await readBack(bytes);
    expect(decoded.ok ? '' : decoded.message).toContain('a: batch 1, from event 0 on');
    expect(decoded.ok ? '' : decoded.message).toContain('event 7: t: expected a time not before 6');
  });
});

describe('the head of a zstd frame', () => {
  // Its field for the size is of no, one, two or four octets, at other places.
  const sizes = [20, 255, 256, 4_096, 65_791, 65_792, 1_000_000];

  test.each(sizes)('tells that its content has %i octets', (size) => {
    const checked = { params: { [zlib.constants.ZSTD_c_checksumFlag]: 1 } };
    const content = new Uint8Array(size).map((_, i) => (i * 31) % 251);
    expect(contentSize(zlib.zstdCompressSync(content, checked))).toBe(size);
  });

  test('tells nothing where it has no size, is cut, or is none', () => {
    const frame = zlib.zstdCompressSync(new Uint8Array(5_000).map((_, i) => i % 251));
    expect(contentSize(frame.subarray(0, 17))).toBeUndefined();
    const damaged = Uint8Array.from(frame);
    damaged[0] = 0;
    expect(contentSize(damaged)).toBeUndefined();
    // Written piece by piece, a frame does not know its size beforehand.
    const unknown = Uint8Array.from(frame);
    unknown[4] = 0;
    expect(contentSize(unknown)).toBeUndefined();
  });
});
