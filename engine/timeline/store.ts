/**
 * The events of a timeline in memory. The newest stand as the values they are; of a long log all
 * others stand as columns (log/columns.ts), which take a quarter of the room and none of the heap,
 * and are made values again, a chunk at a time, when they are looked at. Of a log that came as
 * columns a copy of those is kept, and none of the values.
 */
import { createRecent, recall, remember } from '../base/recent.ts';
import type { Micros } from '../base/time.ts';
import { CHUNK, type Columns, SLICE } from '../log/columns.ts';
import { createColumnDecoder } from '../log/decode-columns.ts';
import { createColumnEncoder } from '../log/encode-columns.ts';
import type { LogEvent } from '../log/event.ts';
import type { LogHeader } from '../log/header.ts';
import { keepColumns } from '../log/keep-columns.ts';

/** The newest chunks are values, so a log of up to so many chunks is never packed. */
const LOOSE_MAX = 64;
/** Packed chunks that were looked at last and are values too. */
const OPENED_MAX = 16;
/** A packed event, about; most of it are the columns of numbers. */
const PACKED_BYTES = 76;
const LOOSE_BYTES = 300;

/** What there is of a list of events; an array is one too. */
export type Events = Iterable<LogEvent> & {
  readonly length: number;
  /** From the end, if negative; undefined: there is none. */
  at(n: number): LogEvent | undefined;
  slice(from: number, to: number): readonly LogEvent[];
};

export type EventStore = Events & {
  add(event: LogEvent): void;
  /** The events that are added next are those of these columns; a copy of them is kept instead. */
  foretell(columns: Columns): void;
  /** Event `n`, which must be there. */
  get(n: number): LogEvent;
  timeOf(n: number): Micros;
  /** Events from one position to another, for reading once, in order. */
  range(from: number, to: number): Iterable<LogEvent>;
  /** Octets of memory, about. */
  bytes(): number;
};

export function createEventStore(header: LogHeader, looseMax = LOOSE_MAX): EventStore {
  const chunks: (LogEvent[] | Columns)[] = [];
  const opened = createRecent<readonly LogEvent[]>(OPENED_MAX);
  const encoder = createColumnEncoder(header, CHUNK);
  const decoder = createColumnDecoder(header);
  let length = 0;
  let packed = 0;
  /** Chunks from here on may be values. */
  let oldest = 0;

  const keep = (number: number, columns: Columns): void => {
    chunks[number] = keepColumns(columns);
    packed += 1;
  };

  /** Whether the next event has no chunk to go into. */
  const isFull = (): boolean => length === chunks.length * CHUNK;

  const packOldest = (): void => {
    while (!Array.isArray(chunks[oldest])) oldest += 1;
    for (const event of chunks[oldest] as LogEvent[]) encoder.add(event);
    keep(oldest, encoder.take());
  };

  const open = (number: number): readonly LogEvent[] => {
    const chunk = chunks[number] as LogEvent[] | Columns;
    if (Array.isArray(chunk)) return chunk;
    const known = recall(opened, number);
    if (known !== undefined) return known;
    const events = decoder.read(chunk, 0, chunk.rows);
    remember(opened, number, events);
    return events;
  };

  const get = (n: number): LogEvent => {
    if (!(n >= 0 && n < length)) throw new RangeError(`no event ${n} in a log of ${length}`);
    return open(Math.floor(n / CHUNK))[n % CHUNK] as LogEvent;
  };

  function* range(from: number, to: number): Generator<LogEvent, void> {
    for (let n = from; n < to; ) {
      const number = Math.floor(n / CHUNK);
      const first = number * CHUNK;
      const end = Math.min(to, first + CHUNK, n + SLICE);
      const chunk = chunks[number] as LogEvent[] | Columns;
      const whole = Array.isArray(chunk) ? chunk : recall(opened, number);
      // A seek reads some hundred events here and there: a whole chunk for each would be slow.
      if (whole !== undefined) for (; n < end; n += 1) yield whole[n - first] as LogEvent;
      else yield* decoder.read(chunk as Columns, n - first, end - first);
      n = end;
    }
  }

  return {
    get length() {
      return length;
    },
    add(event) {
      if (isFull()) {
        chunks.push([]);
        if (chunks.length - packed > looseMax) packOldest();
      }
      const last = chunks[chunks.length - 1] as LogEvent[] | Columns;
      if (Array.isArray(last)) last.push(event);
      length += 1;
    },
    foretell(columns) {
      // Only whole chunks can take the place of those here.
      if (isFull() && columns.rows === CHUNK) keep(chunks.length, columns);
    },
    get,
    timeOf(n) {
      const chunk = chunks[Math.floor(n / CHUNK)];
      if (chunk === undefined || n >= length) {
        throw new RangeError(`no event ${n} in a log of ${length}`);
      }
      if (Array.isArray(chunk)) return (chunk[n % CHUNK] as LogEvent).t;
      return Number(chunk.t[n % CHUNK]);
    },
    range,
    at(n) {
      const place = n < 0 ? length + n : n;
      return place >= 0 && place < length ? get(place) : undefined;
    },
    slice: (from, to) => [...range(from, Math.min(to, length))],
    [Symbol.iterator]: () => range(0, length),
    bytes: () => packed * CHUNK * PACKED_BYTES + Math.max(0, length - packed * CHUNK) * LOOSE_BYTES,
  };
}
