/**
 * Columns into events. They come from a file and are believed no more than its text would be: every
 * number of a dictionary is looked at, times must not go back, and what a kind of event needs must
 * be there. The events of a slice are all good or none of them is used.
 */
import { unboxed } from '../base/unboxed.ts';
import { type Segment, streamOf } from '../tcp/segment.ts';
import type { TimerName } from '../tcp/timers.ts';
import {
  COLUMNS,
  type ColumnName,
  type Columns,
  columnsOf,
  type Dictionaries,
  dictionariesOf,
} from './columns.ts';
import { eventAt } from './decode-event.ts';
import type { Call, EventKind, LogEvent } from './event.ts';
import { objectAt } from './fields.ts';
import type { LogHeader } from './header.ts';
import { type HostNames, hostNames } from './names.ts';
import { Malformed, show } from './problem.ts';

/** What is wrong with a chunk, and in which of its rows, from 0. */
export type ColumnProblem = {
  readonly row: number;
  /** A column, or a path within the column `json`. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;
};

export type ColumnDecoder = {
  /**
   * Appends the events of some rows of a chunk to `events`; if one is bad, none of them. The rows
   * before them must have been decoded. With the first row all columns are looked at.
   */
  decode(
    columns: Columns,
    events: LogEvent[],
    from?: number,
    to?: number,
  ): ColumnProblem | undefined;
  /** The events of some rows of a chunk that is known to be good, out of the order of decoding. */
  read(columns: Columns, from: number, to: number): LogEvent[];
};

type Context = {
  readonly texts: Dictionaries;
  readonly names: HostNames;
  readonly utf8: TextDecoder;
  /** Time of the event before. */
  time: number;
};

export function createColumnDecoder(header: Pick<LogHeader, 'hosts'>): ColumnDecoder {
  const context: Context = {
    texts: dictionariesOf(header),
    names: hostNames(header),
    utf8: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }),
    time: 0,
  };
  return {
    decode(columns, events, from = 0, to = columns.rows) {
      const before = events.length;
      const { time } = context;
      try {
        if (from === 0) checkNumbers(columns, context.texts);
        const named = columnsOf(columns.rows, (name) => columns[name]);
        decodeRows(named, context, events, from, to);
        return undefined;
      } catch (error) {
        if (!(error instanceof Malformed)) throw error;
        const row = error instanceof BadRow ? error.row : from + events.length - before;
        events.length = before;
        context.time = time;
        const { field, expected, found } = error;
        return { row, field, expected, found };
      }
    },
    read(columns, from, to) {
      const events: LogEvent[] = [];
      decodeRows(columns, { ...context, time: 0 }, events, from, to);
      return events;
    },
  };
}

class BadRow extends Malformed {
  readonly row: number;

  constructor(row: number, field: string, expected: string, found: unknown) {
    super(field, expected, show(found));
    this.row = row;
  }
}

/** Numbers beyond their dictionary, and lists that do not follow each other. */
function checkNumbers(columns: Columns, texts: Dictionaries): void {
  for (const name of Object.keys(COLUMNS) as ColumnName[]) {
    const { type } = COLUMNS[name];
    if (typeof type === 'object') {
      const last = texts[type.texts].length - 1;
      const column = columns[name] as Int8Array | Int16Array;
      const end = column.length;
      for (let row = 0; row < end; row += 1) {
        // Without its sign a negative number is beyond the last too.
        if ((column[row] as number) >>> 0 <= last) continue;
        throw new BadRow(row, name, `a number of a text, from 0 to ${last}`, column[row]);
      }
    } else if (type === 'list' || type === 'text') {
      const { offsets, values } = columns[name] as Columns['sack'] | Columns['json'];
      checkOffsets(name, offsets, values.length);
    }
  }
}

function checkOffsets(name: string, offsets: Int32Array, end: number): void {
  let before = 0;
  for (let row = 0; row < offsets.length; row += 1) {
    const offset = offsets[row] as number;
    if (offset < before || offset > end) {
      throw new BadRow(Math.max(0, row - 1), name, `an offset from ${before} to ${end}`, offset);
    }
    before = offset;
  }
}

function decodeRows(
  columns: Columns,
  context: Context,
  events: LogEvent[],
  from: number,
  to: number,
): void {
  const { rows, t, inferred } = columns;
  const lanes = new Uint32Array(t.buffer, t.byteOffset, 2 * rows);
  const { offsets } = columns.json;
  for (let row = from; row < to; row += 1) {
    const time = unboxed(
      (lanes[2 * row + 1] as number) * 0x1_0000_0000 + (lanes[2 * row] as number),
    );
    if (time < context.time || time > Number.MAX_SAFE_INTEGER) {
      throw new Malformed('t', `a time not before ${context.time}`, show(time));
    }
    const plain = offsets[row] === offsets[row + 1];
    const event = plain
      ? eventOf(columns, row, time, context.texts)
      : told(columns, row, time, context);
    context.time = time;
    events.push(plain && bit(inferred, row) ? { ...event, inferred: true } : event);
  }
}

function bit(bits: Uint8Array, row: number): boolean {
  return ((bits[row >>> 3] as number) & (1 << (row & 7))) !== 0;
}

/** The event of a row that stands in `json`. */
function told(columns: Columns, row: number, time: number, context: Context): LogEvent {
  const { offsets, values } = columns.json;
  const bytes = values.subarray(offsets[row], offsets[row + 1]);
  let json: unknown;
  try {
    json = JSON.parse(context.utf8.decode(bytes));
  } catch {
    throw new Malformed('json', 'a line of JSON', `${bytes.length} bytes that are none`);
  }
  const event = eventAt(objectAt(json, 'json'), context.names, context.time);
  if (event.t === time) return event;
  throw new Malformed('json.t', `the time of the row, ${time}`, show(event.t));
}

function eventOf(c: Columns, row: number, t: number, texts: Dictionaries): LogEvent {
  const ev = texts.ev[c.ev[row] as number] as EventKind;
  switch (ev) {
    case 'arrive':
      return { t, ev, host: hostAt(c, row), n: c.n[row] as number, seg: segmentAt(c, row, texts) };
    case 'inject':
    case 'observe':
      return { t, ev, host: hostAt(c, row), seg: segmentAt(c, row, texts) };
    case 'call': {
      const conn = c.conn[row] as number;
      const process = atLeast(c, row, 'process', -1);
      return { t, ev, host: hostAt(c, row), conn, process, call: callAt(c, row, texts) };
    }
    case 'timer': {
      const timer = textOf(c.timer[row] as number, texts.timer, 'timer') as TimerName;
      return { t, ev, host: hostAt(c, row), conn: c.conn[row] as number, timer };
    }
    case 'lose':
      return { t, ev, n: atLeast(c, row, 'n', 0) };
    case 'wake':
      return { t, ev, process: atLeast(c, row, 'process', 0) };
    case 'crash':
    case 'restart':
      return { t, ev, host: hostAt(c, row) };
    case 'knob':
    case 'link':
    case 'icmp':
      throw new Malformed('json', `the whole event, for it is of the kind ${ev}`, 'nothing');
    default:
      throw new Malformed('ev', 'a kind of event', show(ev satisfies never));
  }
}

function hostAt(c: Columns, row: number): number {
  const number = c.host[row] as number;
  if (number > 0) return number - 1;
  throw new Malformed('host', 'a host', show(''));
}

function atLeast(c: Columns, row: number, name: 'n' | 'process', least: number): number {
  const value = c[name][row] as number;
  if (value >= least) return value;
  throw new Malformed(name, `a whole number of at least ${least}`, show(value));
}

/** The text that a number of a column stands for; it must not be empty. */
function textOf(number: number, texts: readonly string[], name: 'call' | 'how' | 'timer'): string {
  if (number > 0) return texts[number] as string;
  throw new Malformed(name, 'a text', show(''));
}

const MODES = ['active', 'passive'] as const;
const SHUTS = ['write', 'read', 'both'] as const;
const URGENT = ['urgent'] as const;

function howAt<T extends string>(
  c: Columns,
  row: number,
  choices: readonly T[],
  texts: Dictionaries,
): T {
  const text = textOf(c.how[row] as number, texts.how, 'how');
  if ((choices as readonly string[]).includes(text)) return text as T;
  throw new Malformed('how', `one of ${choices.join(', ')}`, show(text));
}

function callAt(c: Columns, row: number, texts: Dictionaries): Call {
  const call = textOf(c.call[row] as number, texts.call, 'call') as Call['call'];
  switch (call) {
    case 'OPEN':
      return {
        call,
        mode: howAt(c, row, MODES, texts),
        to: texts.address[c.dst[row] as number] as string,
        toPort: c.dst_port[row] as number,
        from: texts.address[c.src[row] as number] as string,
        fromPort: c.src_port[row] as number,
        backlog: -1,
        iss: -1,
        nowait: false,
      };
    case 'SEND': {
      const urgent = c.how[row] !== 0 && howAt(c, row, URGENT, texts) === 'urgent';
      return { call, bytes: c.bytes[row] as number, urgent };
    }
    case 'RECEIVE':
      return { call, bytes: c.bytes[row] as number };
    case 'CLOSE':
      return { call, how: howAt(c, row, SHUTS, texts) };
    case 'ACCEPT':
    case 'ABORT':
    case 'STATUS':
      return { call };
    case 'SET':
      throw new Malformed('json', 'the whole event, for it is a call of SET', 'nothing');
    default:
      throw new Malformed('call', 'a call', show(call satisfies never));
  }
}

function segmentAt(c: Columns, row: number, { address }: Dictionaries): Segment {
  const src = c.src[row] as number;
  const dst = c.dst[row] as number;
  if (src === 0 || dst === 0) throw new Malformed('src', 'an address at both ends', show(''));
  const from = c.text_host[row] as number;
  return {
    src: address[src] as string,
    dst: address[dst] as string,
    srcPort: c.src_port[row] as number,
    dstPort: c.dst_port[row] as number,
    seq: c.seq[row] as number,
    ack: c.ack[row] as number,
    flags: c.flags[row] as number,
    wnd: c.wnd[row] as number,
    up: 0,
    len: c.len[row] as number,
    stream: from === 0 ? -1 : streamOf(from - 1, c.text_conn[row] as number),
    from: c.text_from[row] as number,
    mss: c.mss[row] as number,
    wscale: c.wscale[row] as number,
    sackOk: bit(c.sack_ok, row),
    ts: bit(c.ts, row),
    tsVal: c.ts_val[row] as number,
    tsEcr: c.ts_ecr[row] as number,
    sack: blocksAt(c, row),
  };
}

function blocksAt({ sack: { offsets, values } }: Columns, row: number): readonly number[] | null {
  const start = offsets[row] as number;
  const end = offsets[row + 1] as number;
  if (start === end) return null;
  if ((end - start) % 2 === 0) return Array.from(values.subarray(start, end));
  throw new Malformed('sack', 'pairs of edges, left and right', `${end - start} edges`);
}
