/** Events into columns, chunk by chunk. Arrays begin as zeros: only what differs is written. */
import { unreachable } from '../base/assert.ts';
import { connOfStream, hostOfStream, type Segment } from '../tcp/segment.ts';
import { CALL, CHUNK, type Columns, dictionariesOf, EV, numbersOf } from './columns.ts';
import { createEventEncoder } from './encode-event.ts';
import type { CallEvent, LogEvent } from './event.ts';
import type { LogHeader } from './header.ts';

export type ColumnEncoder = {
  /** Takes an event; true: the chunk is full and wants to be taken. */
  add(event: LogEvent): boolean;
  /** Events added since the last chunk was taken. */
  readonly rows: number;
  /** The chunk so far; the next event begins another. */
  take(): Columns;
};

const U32_MAX = 0xffff_ffff;
const I32_MAX = 0x7fff_ffff;

type Numbers = Readonly<Record<'how' | 'timer' | 'address', Lookup>>;
type Lookup = ReadonlyMap<string, number>;

/** A chunk that is being filled. */
type Filling = ReturnType<typeof emptyChunk>;

function emptyChunk(capacity: number) {
  return {
    t: new BigInt64Array(capacity),
    ev: new Int8Array(capacity),
    host: new Int16Array(capacity),
    conn: new Uint32Array(capacity),
    n: new Int32Array(capacity).fill(-1),
    process: new Int32Array(capacity).fill(-1),
    call: new Int8Array(capacity),
    how: new Int8Array(capacity),
    bytes: new Uint32Array(capacity),
    timer: new Int8Array(capacity),
    src: new Int16Array(capacity),
    src_port: new Uint16Array(capacity),
    dst: new Int16Array(capacity),
    dst_port: new Uint16Array(capacity),
    flags: new Int16Array(capacity),
    seq: new Uint32Array(capacity),
    ack: new Uint32Array(capacity),
    wnd: new Uint16Array(capacity),
    len: new Uint32Array(capacity),
    text_host: new Int16Array(capacity),
    text_conn: new Uint32Array(capacity),
    text_from: new Uint32Array(capacity),
    mss: new Uint16Array(capacity),
    wscale: new Int16Array(capacity).fill(-1),
    sack_ok: new Uint8Array((capacity + 7) >>> 3),
    ts: new Uint8Array((capacity + 7) >>> 3),
    ts_val: new Uint32Array(capacity),
    ts_ecr: new Uint32Array(capacity),
    inferred: new Uint8Array((capacity + 7) >>> 3),
    sackOffsets: new Int32Array(capacity + 1),
    sackValues: [] as number[],
    jsonOffsets: new Int32Array(capacity + 1),
    jsonPieces: [] as Uint8Array[],
    jsonBytes: 0,
  };
}

export function createColumnEncoder(
  header: Pick<LogHeader, 'hosts'>,
  capacity = CHUNK,
): ColumnEncoder {
  const texts = dictionariesOf(header);
  const numbers = {
    how: numbersOf(texts.how),
    timer: numbersOf(texts.timer),
    address: numbersOf(texts.address),
  };
  const line = createEventEncoder(header);
  const utf8 = new TextEncoder();
  let chunk = emptyChunk(capacity);
  let lanes = new Uint32Array(chunk.t.buffer);
  let rows = 0;
  return {
    add(event) {
      const row = rows;
      rows += 1;
      // A lane of 32 bits takes the low ones of what it is given, and its whole part.
      lanes[2 * row] = event.t;
      if (event.t > U32_MAX) lanes[2 * row + 1] = event.t / 0x1_0000_0000;
      chunk.ev[row] = EV.get(event.ev) as number;
      if (event.inferred) setBit(chunk.inferred, row);
      if (!setEvent(chunk, row, event, numbers)) {
        const bytes = utf8.encode(line(event));
        chunk.jsonPieces.push(bytes);
        chunk.jsonBytes += bytes.length;
      }
      chunk.sackOffsets[row + 1] = chunk.sackValues.length;
      chunk.jsonOffsets[row + 1] = chunk.jsonBytes;
      return rows >= capacity;
    },
    get rows() {
      return rows;
    },
    take() {
      const columns = finished(chunk, rows);
      chunk = emptyChunk(capacity);
      lanes = new Uint32Array(chunk.t.buffer);
      rows = 0;
      return columns;
    },
  };
}

function setBit(bits: Uint8Array, row: number): void {
  bits[row >>> 3] = (bits[row >>> 3] as number) | (1 << (row & 7));
}

/** Whether the columns hold all of the event. */
function setEvent(c: Filling, row: number, event: LogEvent, numbers: Numbers): boolean {
  switch (event.ev) {
    case 'arrive':
      c.host[row] = event.host + 1;
      return setWhole(c.n, row, event.n) && setSegment(c, row, event.seg, numbers);
    case 'inject':
    case 'observe':
      c.host[row] = event.host + 1;
      return setSegment(c, row, event.seg, numbers);
    case 'call':
      c.host[row] = event.host + 1;
      return setCall(c, row, event, numbers);
    case 'timer':
      c.host[row] = event.host + 1;
      c.timer[row] = numbers.timer.get(event.timer) as number;
      return setCount(c.conn, row, event.conn);
    case 'lose':
      return setWhole(c.n, row, event.n);
    case 'wake':
      return setWhole(c.process, row, event.process);
    case 'crash':
    case 'restart':
      c.host[row] = event.host + 1;
      return true;
    case 'knob':
    case 'icmp':
      c.host[row] = event.host + 1;
      return false;
    case 'link':
      return false;
    default:
      return unreachable(event);
  }
}

/** A number that is too large leaves the filler, and is told by `json`. */
function setCount(column: Uint32Array, row: number, value: number): boolean {
  if (value > U32_MAX) return false;
  column[row] = value;
  return true;
}

function setWhole(column: Int32Array, row: number, value: number): boolean {
  if (value > I32_MAX) return false;
  column[row] = value;
  return true;
}

function setCall(c: Filling, row: number, event: CallEvent, numbers: Numbers): boolean {
  const { call } = event;
  c.call[row] = CALL.get(call.call) as number;
  const conn = setCount(c.conn, row, event.conn);
  const whole = setWhole(c.process, row, event.process) && conn;
  const how = (text: string): void => {
    c.how[row] = numbers.how.get(text) as number;
  };
  switch (call.call) {
    case 'OPEN': {
      how(call.mode);
      c.src_port[row] = call.fromPort;
      c.dst_port[row] = call.toPort;
      const from = setAddress(c.src, row, call.from, numbers.address);
      const to = setAddress(c.dst, row, call.to, numbers.address);
      const plain = call.backlog === -1 && call.iss === -1 && !call.nowait;
      return whole && from && to && plain && call.options === undefined;
    }
    case 'SEND':
      if (call.urgent) how('urgent');
      return setCount(c.bytes, row, call.bytes) && whole;
    case 'RECEIVE':
      return setCount(c.bytes, row, call.bytes) && whole;
    case 'CLOSE':
      how(call.how);
      return whole;
    case 'ACCEPT':
    case 'ABORT':
    case 'STATUS':
      return whole;
    case 'SET':
      return false;
    default:
      return unreachable(call);
  }
}

function setAddress(column: Int16Array, row: number, text: string, addresses: Lookup): boolean {
  const number = addresses.get(text);
  if (number === undefined) return false;
  column[row] = number;
  return true;
}

function setSegment(c: Filling, row: number, seg: Segment, { address }: Numbers): boolean {
  const src = setAddress(c.src, row, seg.src, address);
  const dst = setAddress(c.dst, row, seg.dst, address);
  c.src_port[row] = seg.srcPort;
  c.dst_port[row] = seg.dstPort;
  c.flags[row] = seg.flags;
  c.seq[row] = seg.seq;
  c.ack[row] = seg.ack;
  c.wnd[row] = seg.wnd;
  let whole = src && dst && seg.up === 0;
  if (seg.len > 0) whole = setCount(c.len, row, seg.len) && whole;
  if (seg.from > 0) whole = setCount(c.text_from, row, seg.from) && whole;
  if (seg.stream >= 0) {
    c.text_host[row] = hostOfStream(seg.stream) + 1;
    whole = setCount(c.text_conn, row, connOfStream(seg.stream)) && whole;
  }
  if (seg.mss !== 0) c.mss[row] = seg.mss;
  if (seg.wscale !== -1) c.wscale[row] = seg.wscale;
  if (seg.sackOk) setBit(c.sack_ok, row);
  if (seg.ts) {
    setBit(c.ts, row);
    c.ts_val[row] = seg.tsVal;
    c.ts_ecr[row] = seg.tsEcr;
  }
  if (seg.sack !== null) {
    for (const edge of seg.sack) c.sackValues.push(edge);
    // An option without a block is another thing than no option.
    if (seg.sack.length === 0) return false;
  }
  return whole;
}

function finished(c: Filling, rows: number): Columns {
  const { sackOffsets, sackValues, jsonOffsets, jsonPieces, jsonBytes, ...fixed } = c;
  const bits = (rows + 7) >>> 3;
  const flags = ['sack_ok', 'ts', 'inferred'];
  const cut = Object.entries(fixed).map(([name, array]) => [
    name,
    array.subarray(0, flags.includes(name) ? bits : rows),
  ]);
  const json = new Uint8Array(jsonBytes);
  let at = 0;
  for (const piece of jsonPieces) {
    json.set(piece, at);
    at += piece.length;
  }
  return {
    ...(Object.fromEntries(cut) as typeof fixed),
    rows,
    sack: { offsets: sackOffsets.subarray(0, rows + 1), values: Uint32Array.from(sackValues) },
    json: { offsets: jsonOffsets.subarray(0, rows + 1), values: json },
  };
}
