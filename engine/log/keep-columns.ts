/**
 * Columns of a chunk that are kept for as long as its log, laid out in one piece of memory.
 *
 * The piece is a shared buffer, though nobody shares it: V8 begins a full collection whenever some
 * 64 MB of other buffers have been made since the last, so that loading a log would walk through
 * all that is alive once for every million of its events.
 */
import { type ColumnName, type Columns, columnsOf } from './columns.ts';

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
  return columnsOf(c.rows, <K extends ColumnName>(name: K) => {
    const part = c[name];
    const copy = ArrayBuffer.isView(part)
      ? kept(part)
      : { offsets: kept(part.offsets), values: kept(part.values) };
    return copy as Columns[K];
  });
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNED) * ALIGNED;
}
