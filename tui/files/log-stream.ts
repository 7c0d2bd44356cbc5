/**
 * A log read piece by piece, in either of its forms, from a file or stdin. Its events are given as
 * they come and are not kept here. What is wrong with it is told where it is met: the events before
 * a fault have been given by then.
 */
import type { Columns, LogEvent, LogHeader, LogTrailer } from '../../engine/index.ts';
import { Failure } from './failure.ts';
import type { FileDecoder } from './log-file.ts';
import { createFileDecoder } from './log-format.ts';
import { openSource, type Source } from './read.ts';

export type LogStream = {
  /** As it stands in messages. */
  readonly name: string;
  readonly header: LogHeader;
  /** The next events, perhaps none of them; undefined: there are no more. Throws a `Failure`. */
  next(): Promise<readonly LogEvent[] | undefined>;
  /** The chunk of the log that begins with this event, where there is one. */
  columnsFrom(event: LogEvent): Columns | undefined;
  /** Known when there are no more events. */
  readonly trailer: LogTrailer | undefined;
  readonly warnings: readonly string[];
  /** Bytes read of the file itself, and how many there are: undefined for a pipe. */
  progress(): { readonly done: number; readonly of: number | undefined };
  close(): Promise<void>;
};

/** Bytes decoded at once: some thousands of events, so that keys and signals need not wait long. */
const PIECE = 64 * 1024;

type Reading = {
  readonly source: Source;
  readonly pieces: AsyncGenerator<Uint8Array, void>;
  decoder: FileDecoder | undefined;
  /** Why nothing follows the events that are read. */
  failure: Failure | undefined;
  /** Whether all of the file is with the decoder, or all that it wants. */
  read: boolean;
  ended: boolean;
  trailer: LogTrailer | undefined;
  warnings: readonly string[];
};

/** Reads up to the header. `path` is absolute or `-`; `name` is what the user called it. */
export async function openLogStream(
  path: string,
  name: string,
  stdin: AsyncIterable<Uint8Array | string>,
): Promise<LogStream> {
  const source = await openSource(path, name, stdin);
  const reading: Reading = {
    source,
    pieces: inPieces(source.chunks),
    decoder: undefined,
    failure: undefined,
    read: false,
    ended: false,
    trailer: undefined,
    warnings: [],
  };
  while (reading.decoder?.header === undefined && !reading.read) await read(reading);
  const header = reading.decoder?.header;
  if (header === undefined) {
    if (reading.decoder !== undefined) finish(reading, reading.decoder);
    throw reading.failure ?? new Failure(`${source.name}: expected a log, found nothing`);
  }
  return {
    name: source.name,
    header,
    next: () => next(reading),
    columnsFrom: (event) => reading.decoder?.columnsFrom(event),
    get trailer() {
      return reading.trailer;
    },
    get warnings() {
      return reading.warnings;
    },
    progress: () => source.progress(),
    async close() {
      await reading.pieces.return();
    },
  };
}

async function* inPieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += PIECE) yield chunk.subarray(at, at + PIECE);
  }
}

async function next(reading: Reading): Promise<readonly LogEvent[] | undefined> {
  const { decoder } = reading;
  if (decoder === undefined) return undefined;
  // What came with the header, or before a fault.
  const events = decoder.drain();
  if (events.length > 0) return events;
  if (reading.ended) {
    if (reading.failure !== undefined) throw reading.failure;
    return undefined;
  }
  if (reading.read || decoder.stopped) {
    finish(reading, decoder);
    await reading.pieces.return();
  } else {
    await read(reading);
  }
  return decoder.drain();
}

/** Never rejects with a `Failure`: that waits until the events before it are given. */
async function read(reading: Reading): Promise<void> {
  try {
    const piece = await reading.pieces.next();
    reading.decoder ??= await createFileDecoder(
      piece.done ? new Uint8Array(0) : piece.value,
      reading.source.name,
    );
    if (piece.done) reading.read = true;
    else reading.decoder.feed(piece.value);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    reading.failure = error;
    reading.read = true;
  }
}

function finish(reading: Reading, decoder: FileDecoder): void {
  const { source } = reading;
  reading.ended = true;
  if (reading.failure !== undefined) return;
  const decoded = decoder.end();
  if (!decoded.ok) {
    reading.failure = new Failure(decoded.message);
    return;
  }
  reading.trailer = decoded.trailer;
  const cut = decoded.warnings.map((warning) => `${source.name}: ${warning}`);
  reading.warnings = [...source.warnings, ...cut];
}
