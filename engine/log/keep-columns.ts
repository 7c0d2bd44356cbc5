/**
 * Columns of a chunk that are kept for as long as its log, laid out in one piece of memory.
 *
 * The piece is a shared buffer, though nobody shares it: V8 begins a full collection whenever some
 * 64 MB of other buffers have been made since the last, so that loading a log would walk through
 * all that is alive once for every million of its events.
 */
import type { Columns } from './columns.ts';

const ALIGNED = 8;

type Numbers =
  | BigInt64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** A copy of the columns that shares nothing with them. */
export function keepColumns(c: Columns): Columns {
  const parts = Object.values(c).flatMap((part): Numbers[] => {
    if (typeof part === 'number') return [];
    return ArrayBuffer.isView(part) ? [part] : [part.offsets, part.values];
  });
  const room = parts.reduce((sum, { byteLength }) => sum + aligned(byteLength), 0);
  const buffer = new SharedArrayBuffer(room);
  let end = 0;
  const kept = <T extends Numbers>(from: T): T => {
    const Copy = from.constructor as new (b: SharedArrayBuffer, at: number, length: number) => T;
    const copy = new Copy(buffer, end, from.length);
    copy.set(from as never);
    end += aligned(from.byteLength);
    return copy;
  };
  return {
    rows: c.rows,
    t: kept(c.t),
    ev: kept(c.ev),
    host: kept(c.host),
    conn: kept(c.conn),
    n: kept(c.n),
    process: kept(c.process),
    call: kept(c.call),
    how: kept(c.how),
    bytes: kept(c.bytes),
    timer: kept(c.timer),
    src: kept(c.src),
    src_port: kept(c.src_port),
    dst: kept(c.dst),
    dst_port: kept(c.dst_port),
    flags: kept(c.flags),
    seq: kept(c.seq),
    ack: kept(c.ack),
    wnd: kept(c.wnd),
    len: kept(c.len),
    text_host: kept(c.text_host),
    text_conn: kept(c.text_conn),
    text_from: kept(c.text_from),
    mss: kept(c.mss),
    wscale: kept(c.wscale),
    sack_ok: kept(c.sack_ok),
    ts: kept(c.ts),
    ts_val: kept(c.ts_val),
    ts_ecr: kept(c.ts_ecr),
    sack: { offsets: kept(c.sack.offsets), values: kept(c.sack.values) },
    inferred: kept(c.inferred),
    json: { offsets: kept(c.json.offsets), values: kept(c.json.values) },
  };
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNED) * ALIGNED;
}
