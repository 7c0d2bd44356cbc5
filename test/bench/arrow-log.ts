// A log in Arrow in memory: written, and read batch by batch as a log that is opened is.

import {
  COLUMNS,
  type ColumnDecoder,
  type Columns,
  createColumnDecoder,
  type LogEvent,
  type LogHeader,
  SLICE,
} from '../../engine/index.ts';
import { createArrowLogWriter } from '../../tui/files/arrow.ts';
import { walkArrow } from '../../tui/files/arrow-frames.ts';
import { createArrowReader } from '../../tui/files/arrow-ipc.ts';

/** Octets that come at a time. */
const CHUNK = 256 * 1024;

/** The log, compressed by zstd. `count`: how many events there are, for its trailer. */
export async function writeArrow(
  header: LogHeader,
  events: Iterable<LogEvent>,
  count: number,
): Promise<Uint8Array> {
  const writer = await createArrowLogWriter(header, 'bench');
  const pieces = [writer.begin() as Uint8Array];
  for (const event of events) {
    const bytes = writer.add(event);
    if (bytes !== undefined) pieces.push(bytes as Uint8Array);
  }
  pieces.push(writer.end({ events: count, digest: 'd'.repeat(64) }) as Uint8Array);
  return Buffer.concat(pieces);
}

export function* chunksOf(bytes: Uint8Array): Generator<Uint8Array, void> {
  for (let from = 0; from < bytes.length; from += CHUNK) yield bytes.subarray(from, from + CHUNK);
}

type User = { add(event: LogEvent): void; foretell(columns: Columns): void };
const NOBODY: User = { add() {}, foretell() {} };

/** The events of a chunk, as many at a time as the program makes of it. */
export function* slicesOf(decoder: ColumnDecoder, columns: Columns): Generator<LogEvent[], void> {
  for (let row = 0; row < columns.rows; row += SLICE) {
    const list: LogEvent[] = [];
    decoder.decode(columns, list, row, Math.min(columns.rows, row + SLICE));
    yield list;
  }
}

/** Each event of a log goes to its user, and is forgotten; gives how many there were. */
export function streamArrow(header: LogHeader, bytes: Uint8Array, user: User = NOBODY): number {
  const walk = walkArrow();
  const reader = createArrowReader(COLUMNS);
  const decoder = createColumnDecoder(header);
  let found = 0;
  for (const chunk of chunksOf(bytes)) {
    for (const frame of walk.feed(chunk)) {
      if (frame.kind === 'schema') reader.begin(frame.bytes);
      if (frame.kind === 'dictionary') reader.dictionary(frame.bytes);
      if (frame.kind !== 'batch') continue;
      const { columns } = reader.batch(frame.bytes);
      user.foretell(columns);
      for (const list of slicesOf(decoder, columns)) for (const event of list) user.add(event);
      found += columns.rows;
    }
  }
  return found;
}
