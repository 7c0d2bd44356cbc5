/**
 * Logs in bulk: events as columns, a chunk of some thousands at a time. What nearly every log holds
 * has a column of its own; an event with anything rarer stands whole in the column `json`, as the
 * line that a log in text has for it, so that no event is lost and no column is there for one event
 * in a million. Its other columns still hold what fits.
 *
 * A column that says nothing of an event holds its filler: 0, -1 or the empty text. There are no
 * nulls. This file is the schema; encode-columns.ts and decode-columns.ts are the two directions.
 */
import { flagsText } from '../tcp/segment.ts';
import { TIMERS } from '../tcp/timers.ts';
import type { Call, EventKind } from './event.ts';
import type { LogHeader } from './header.ts';

/** Events in a chunk; what a writer that is killed can lose. */
export const CHUNK = 4096;

/**
 * Events of a chunk that are made values at a time. They are used before the next are made, while
 * they are in the processor's cache: all of a chunk would not fit.
 */
export const SLICE = 1024;

/** Texts that columns refer to by number. All are known from the header, before any event. */
export type DictionaryName = 'ev' | 'host' | 'call' | 'how' | 'timer' | 'address' | 'flags';

export type ColumnType =
  | 'int64'
  | 'int32'
  | 'uint32'
  | 'int16'
  | 'uint16'
  /** Bits, the lowest of a byte first. */
  | 'bool'
  /** A list of uint32. */
  | 'list'
  | 'text'
  | { readonly texts: DictionaryName; readonly index: 'int8' | 'int16' };

export type Column = { readonly type: ColumnType; readonly about: string };

const host = { texts: 'host', index: 'int16' } as const;
const address = { texts: 'address', index: 'int16' } as const;

/** Every column in its order, under the name that it has in a file. */
export const COLUMNS = {
  t: { type: 'int64', about: 'virtual time, µs' },
  ev: { type: { texts: 'ev', index: 'int8' }, about: 'kind of the event' },
  host: { type: host, about: 'host that it happened on' },
  conn: {
    type: 'uint32',
    about: 'number of the connection on its host, of a call or timer; 0: none',
  },
  n: { type: 'int32', about: 'number of the emission that arrived or was lost; -1: none' },
  process: { type: 'int32', about: 'process that called or goes on; -1: none' },
  call: { type: { texts: 'call', index: 'int8' }, about: 'what an application called' },
  how: {
    type: { texts: 'how', index: 'int8' },
    about: 'of OPEN active or passive, of CLOSE write, read or both, of SEND urgent or nothing',
  },
  bytes: { type: 'uint32', about: 'octets to SEND or RECEIVE' },
  timer: { type: { texts: 'timer', index: 'int8' }, about: 'timer that expired' },
  src: { type: address, about: 'source address of the segment; local address of an OPEN' },
  src_port: { type: 'uint16', about: 'its port; 0: ephemeral' },
  dst: { type: address, about: 'destination address of the segment; foreign address of an OPEN' },
  dst_port: { type: 'uint16', about: 'its port' },
  flags: { type: { texts: 'flags', index: 'int16' }, about: "as tcpdump writes them: 'S.', 'FP.'" },
  seq: { type: 'uint32', about: 'SEG.SEQ' },
  ack: { type: 'uint32', about: 'SEG.ACK' },
  wnd: { type: 'uint16', about: 'window field, as it stands in the header, not scaled' },
  len: { type: 'uint32', about: 'octets of text, without SYN and FIN' },
  text_host: { type: host, about: "host whose connection's stream the text is of" },
  text_conn: { type: 'uint32', about: 'number of that connection' },
  text_from: { type: 'uint32', about: 'offset of the text in that stream, octets' },
  mss: { type: 'uint16', about: 'option MSS, octets; 0: absent' },
  wscale: { type: 'int16', about: 'option window scale, bits to shift; -1: absent' },
  sack_ok: { type: 'bool', about: 'option SACK permitted' },
  ts: { type: 'bool', about: 'whether the timestamps option is there' },
  ts_val: { type: 'uint32', about: 'its TSval, ticks of the sender' },
  ts_ecr: { type: 'uint32', about: 'its TSecr, ticks of the receiver' },
  sack: { type: 'list', about: 'SACK blocks: left edge, right edge, left edge, …' },
  inferred: { type: 'bool', about: 'not seen in the recording, but concluded from it' },
  json: { type: 'text', about: 'the whole event as a line of JSONL, where columns cannot hold it' },
} as const satisfies Readonly<Record<string, Column>>;

export type ColumnName = keyof typeof COLUMNS;

/** Elements that follow each other, and where those of each row begin; one more at the end. */
export type Lists<T> = { readonly offsets: Int32Array; readonly values: T };

type ArrayOf<T extends ColumnType> = T extends 'int64'
  ? BigInt64Array
  : T extends 'int32'
    ? Int32Array
    : T extends 'uint32'
      ? Uint32Array
      : T extends 'int16'
        ? Int16Array
        : T extends 'uint16'
          ? Uint16Array
          : T extends 'bool'
            ? Uint8Array
            : T extends 'list'
              ? Lists<Uint32Array>
              : T extends 'text'
                ? Lists<Uint8Array>
                : T extends { readonly index: 'int8' }
                  ? Int8Array
                  : Int16Array;

/** Columns of one chunk; what a dictionary holds stands as its number there. */
export type Columns = { readonly rows: number } & {
  readonly [K in ColumnName]: ArrayOf<(typeof COLUMNS)[K]['type']>;
};

/**
 * The columns of a chunk, each as `column` gives it. They are named one by one: an object that
 * grows by computed names is a hash table to V8, to be looked up in for every value of every row.
 */
export function columnsOf(
  rows: number,
  column: <K extends ColumnName>(name: K) => Columns[K],
): Columns {
  return {
    rows,
    t: column('t'),
    ev: column('ev'),
    host: column('host'),
    conn: column('conn'),
    n: column('n'),
    process: column('process'),
    call: column('call'),
    how: column('how'),
    bytes: column('bytes'),
    timer: column('timer'),
    src: column('src'),
    src_port: column('src_port'),
    dst: column('dst'),
    dst_port: column('dst_port'),
    flags: column('flags'),
    seq: column('seq'),
    ack: column('ack'),
    wnd: column('wnd'),
    len: column('len'),
    text_host: column('text_host'),
    text_conn: column('text_conn'),
    text_from: column('text_from'),
    mss: column('mss'),
    wscale: column('wscale'),
    sack_ok: column('sack_ok'),
    ts: column('ts'),
    ts_val: column('ts_val'),
    ts_ecr: column('ts_ecr'),
    sack: column('sack'),
    inferred: column('inferred'),
    json: column('json'),
  };
}

export type Dictionaries = Readonly<Record<DictionaryName, readonly string[]>>;

/** What a column of dictionary numbers may be extended by, and at its end alone: files hold it. */
const KINDS: readonly EventKind[] = [
  ...(['call', 'arrive', 'lose', 'inject', 'timer', 'knob', 'link'] as const),
  ...(['crash', 'restart', 'observe', 'wake', 'icmp'] as const),
];
const CALLS: readonly Call['call'][] = [
  ...(['OPEN', 'ACCEPT', 'SEND', 'RECEIVE', 'CLOSE', 'ABORT', 'STATUS', 'SET'] as const),
];
const HOWS = ['active', 'passive', 'write', 'read', 'both', 'urgent'];
const FLAGS: readonly string[] = Array.from({ length: 256 }, (_, flags) => flagsText(flags));

/** Numbers of dictionaries are of 16 bits with a sign; an address beyond them goes into `json`. */
const ADDRESSES_MAX = 0x7fff;

/** The texts that the columns of a log with this header refer to. */
export function dictionariesOf(header: Pick<LogHeader, 'hosts'>): Dictionaries {
  const addresses = new Set(header.hosts.flatMap((each) => each.addresses));
  return {
    ev: KINDS,
    host: ['', ...header.hosts.map(({ name }) => name)],
    call: ['', ...CALLS],
    how: ['', ...HOWS],
    timer: ['', ...TIMERS],
    address: ['', ...addresses].slice(0, ADDRESSES_MAX),
    flags: FLAGS,
  };
}

/** Numbers of the kinds of events, and of calls, the other way round. */
export const EV: ReadonlyMap<string, number> = numbersOf(KINDS);
export const CALL: ReadonlyMap<string, number> = numbersOf(['', ...CALLS]);

/** Numbers of texts, the other way round. */
export function numbersOf(texts: readonly string[]): ReadonlyMap<string, number> {
  return new Map(texts.map((text, number) => [text, number]));
}
