import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COLUMNS, type Columns } from '../../../engine/log/columns.ts';
import { createColumnDecoder } from '../../../engine/log/decode-columns.ts';
import { createColumnEncoder } from '../../../engine/log/encode-columns.ts';
import type { LogEvent } from '../../../engine/log/event.ts';
import type { LogHeader } from '../../../engine/log/header.ts';
import { keepColumns } from '../../../engine/log/keep-columns.ts';
import { SCENARIOS } from '../../../engine/simulation/scenarios/index.ts';
import { simulate } from '../../../engine/simulation/simulate.ts';
import { events, header } from './arbitrary.ts';

type Hosts = Pick<LogHeader, 'hosts'>;

/** Chunks of a few events, so that a short list fills several. */
function chunksOf(h: Hosts, list: readonly LogEvent[], capacity = 7): Columns[] {
  const encoder = createColumnEncoder(h, capacity);
  const chunks: Columns[] = [];
  for (const event of list) if (encoder.add(event)) chunks.push(encoder.take());
  if (encoder.rows > 0) chunks.push(encoder.take());
  return chunks;
}

function eventsOf(h: Hosts, chunks: readonly Columns[]): LogEvent[] {
  const list: LogEvent[] = [];
  const decoder = createColumnDecoder(h);
  for (const chunk of chunks) expect(decoder.decode(chunk, list)).toBeUndefined();
  return list;
}

/** The header with all the addresses that occur, as a log of these hosts would have it. */
function knowing(h: LogHeader, list: readonly LogEvent[]): LogHeader {
  const found = new Set<string>();
  JSON.stringify(list, (key, value: unknown) => {
    if (['src', 'dst', 'to', 'from'].includes(key) && typeof value === 'string') found.add(value);
    return value;
  });
  found.delete('');
  const [first, ...rest] = h.hosts;
  return first === undefined ? h : { ...h, hosts: [{ ...first, addresses: [...found] }, ...rest] };
}

describe('events as columns', () => {
  test('decode is the inverse of encode, for strangers and for addresses of the log', () => {
    fc.assert(
      fc.property(header, events, (h, list) => {
        const chunks = chunksOf(h, list);
        expect(eventsOf(h, chunks)).toEqual(list);
        expect(eventsOf(h, chunks.map(keepColumns))).toEqual(list);
        const known = knowing(h, list);
        expect(eventsOf(known, chunksOf(known, list))).toEqual(list);
      }),
      { numRuns: 300 },
    );
  });

  test('fields come in the order that text gives them, so that code sees one shape', () => {
    const h = SCENARIOS['tour']?.build() as LogHeader;
    const list = [...simulate(h)];
    const again = eventsOf(h, chunksOf(h, list, 500));
    expect(again).toEqual(list);
    const keys = (all: readonly LogEvent[]) =>
      new Set(
        all.filter(({ ev }) => ev === 'arrive').map((event) => JSON.stringify(Object.keys(event))),
      );
    expect(keys(again)).toEqual(keys(list));
  });

  test('columns that are kept lie in one piece of memory, of which none was there before', () => {
    const h = SCENARIOS['tour']?.build() as LogHeader;
    const [chunk] = chunksOf(h, [...simulate(h)], 500).map((each) => [each, keepColumns(each)]);
    const [from, kept] = chunk as [Columns, Columns];
    expect(kept).toEqual(from);
    const buffers = (c: Columns) => {
      const parts = Object.values(c).flatMap((part) => {
        if (typeof part === 'number') return [];
        return ArrayBuffer.isView(part) ? [part.buffer] : [part.offsets.buffer, part.values.buffer];
      });
      return new Set<ArrayBufferLike>(parts);
    };
    expect(buffers(kept).size).toBe(1);
    // Not counted by V8, which would collect all the heap for each 64 MB of what is.
    expect([...buffers(kept)][0]).toBeInstanceOf(SharedArrayBuffer);
    expect(buffers(kept).isDisjointFrom(buffers(from))).toBe(true);
  });

  test('only what is rare goes into JSON', () => {
    const h = SCENARIOS['tour']?.build() as LogHeader;
    const list = [...simulate(h)];
    const told = chunksOf(h, list, list.length).map(({ json }) => new Set(json.offsets).size - 1);
    expect(told[0]).toBeLessThan(list.length / 100);
  });

  test('every column has as many rows as the chunk', () => {
    const h = SCENARIOS['tour']?.build() as LogHeader;
    for (const chunk of chunksOf(h, [...simulate(h)], 1000)) {
      expect(Object.keys(chunk).sort()).toEqual(['rows', ...Object.keys(COLUMNS)].sort());
      expect(chunk.t.length).toBe(chunk.rows);
      expect(chunk.inferred.length).toBe(Math.ceil(chunk.rows / 8));
      expect(chunk.sack.offsets.length).toBe(chunk.rows + 1);
    }
  });
});

describe('a bad chunk is refused with its row, and none of its events is used', () => {
  const h = SCENARIOS['handshake']?.build() as LogHeader;
  const list = [...simulate(h)];
  const arrival = list.findIndex(({ ev }) => ev === 'arrive');
  const call = list.findIndex(
    (event) => event.ev === 'call' && event.call.call === 'OPEN' && event.call.mode === 'active',
  );

  const text = (line: string) => new TextEncoder().encode(line);
  const told =
    (line: string, row: number) =>
    (c: Columns): Columns => ({
      ...c,
      json: {
        offsets: Int32Array.from({ length: c.rows + 1 }, (_, i) => (i > row ? line.length : 0)),
        values: text(line),
      },
    });
  const set =
    (name: 'host' | 'ev' | 'call' | 'how' | 'src' | 'process', row: number, value: number) =>
    (c: Columns): Columns => {
      c[name][row] = value;
      return c;
    };

  test.each([
    [set('host', arrival, 99), arrival, 'host', 'a number of a text, from 0 to 2'],
    [set('ev', 2, -1), 2, 'ev', 'a number of a text, from 0 to 11'],
    [set('ev', arrival, 5), arrival, 'json', 'the whole event, for it is of the kind knob'],
    [set('host', arrival, 0), arrival, 'host', 'a host'],
    [set('src', arrival, 0), arrival, 'src', 'an address at both ends'],
    [set('call', call, 0), call, 'call', 'a text'],
    [set('how', call, 3), call, 'how', 'one of active, passive'],
    [set('process', call, -2), call, 'process', 'a whole number of at least -1'],
    [told('{', 1), 1, 'json', 'a line of JSON'],
    [told('{"t":1,"ev":"nothing"}', 0), 0, 'ev', /^one of call, arrive/],
    [told('{"t":99,"ev":"lose","n":1}', 0), 0, 'json.t', /^the time of the row/],
  ] as const)('%#', (change, row, field, expected) => {
    const [chunk] = chunksOf(h, list, 100);
    const decoder = createColumnDecoder(h);
    const before: LogEvent[] = [];
    const problem = decoder.decode(change(chunk as Columns), before);
    expect(problem).toMatchObject({ row, field });
    expect(problem?.expected).toMatch(expected);
    expect(before).toEqual([]);
    // The decoder goes on as if the chunk had not been there.
    const [good] = chunksOf(h, list, 100);
    expect(decoder.decode(good as Columns, before)).toBeUndefined();
    expect(before).toEqual(list);
  });

  test('times that go back, within a chunk and between two', () => {
    const [chunk] = chunksOf(h, list, 100);
    const decoder = createColumnDecoder(h);
    const all: LogEvent[] = [];
    expect(decoder.decode(chunk as Columns, all)).toBeUndefined();
    expect(decoder.decode(chunk as Columns, all)).toMatchObject({ row: 0, field: 't' });
    expect(all).toEqual(list);
  });

  test('offsets that do not grow, or lead beyond the texts', () => {
    const [chunk] = chunksOf(h, list, 100);
    const { rows, json } = chunk as Columns;
    const offsets = Int32Array.from({ length: rows + 1 }, (_, i) => (i === 3 ? 1 : 0));
    const bad = { ...(chunk as Columns), json: { ...json, offsets } };
    expect(createColumnDecoder(h).decode(bad, [])).toMatchObject({ row: 3, field: 'json' });
  });
});
