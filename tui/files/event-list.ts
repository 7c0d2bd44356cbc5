/**
 * The events of a log in memory, for commands that go back and forth in them. The newest stand as
 * the values they are; those of a long log are packed into columns (engine/log/columns.ts), which
 * take a quarter of the room and none of the heap, and are made values again when they are asked
 * for. A list of ten million events takes 0.8 GB so, and would not fit into the heap otherwise.
 */
import {
  CHUNK,
  type Columns,
  createColumnDecoder,
  createColumnEncoder,
  type LogEvent,
  type LogHeader,
} from '../../engine/index.ts';

/** What there is of a list; an array is one too. */
export type Events = Iterable<LogEvent> & {
  readonly length: number;
  /** From the end, if negative. */
  at(n: number): LogEvent | undefined;
  slice(from: number, to: number): readonly LogEvent[];
};

export type EventList = Events & { add(events: readonly LogEvent[]): void };

/** Chunks that are values: the newest, of which most logs consist, and those that were opened. */
const LOOSE_MAX = 64;
const OPENED_MAX = 8;

export function createEventList(header: LogHeader, looseMax = LOOSE_MAX): EventList {
  const encoder = createColumnEncoder(header, CHUNK);
  const packed: Columns[] = [];
  /** Chunks after the packed ones, all but the last one full. */
  const loose: LogEvent[][] = [];
  const opened = new Map<number, readonly LogEvent[]>();
  let length = 0;

  const pack = (): void => {
    for (const event of loose.shift() as LogEvent[]) encoder.add(event);
    packed.push(encoder.take());
  };

  const chunkOf = (number: number): readonly LogEvent[] => {
    const columns = packed[number];
    if (columns === undefined) return loose[number - packed.length] as LogEvent[];
    const events = opened.get(number) ?? unpack(header, columns);
    opened.delete(number);
    opened.set(number, events);
    if (opened.size > OPENED_MAX) opened.delete(opened.keys().next().value as number);
    return events;
  };

  function* range(from: number, to: number): Generator<LogEvent, void> {
    for (let n = from; n < to; ) {
      const number = Math.floor(n / CHUNK);
      const events = chunkOf(number);
      const end = Math.min(to, (number + 1) * CHUNK);
      for (; n < end; n += 1) yield events[n % CHUNK] as LogEvent;
    }
  }

  return {
    get length() {
      return length;
    },
    add(events) {
      for (const event of events) {
        if (length % CHUNK === 0) {
          loose.push([]);
          if (loose.length > looseMax) pack();
        }
        (loose.at(-1) as LogEvent[]).push(event);
        length += 1;
      }
    },
    at(n) {
      const place = n < 0 ? length + n : n;
      if (!(place >= 0 && place < length)) return undefined;
      return chunkOf(Math.floor(place / CHUNK))[place % CHUNK];
    },
    slice: (from, to) => [...range(from, Math.min(to, length))],
    [Symbol.iterator]: () => range(0, length),
  };
}

/** Columns that were made of events can be made events again. */
function unpack(header: LogHeader, columns: Columns): readonly LogEvent[] {
  const events: LogEvent[] = [];
  const problem = createColumnDecoder(header).decode(columns, events);
  if (problem !== undefined) throw new Error(`row ${problem.row}: ${problem.found}`);
  return events;
}
