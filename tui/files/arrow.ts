/**
 * Logs as streams of Arrow: header, batches of events, end. The header is JSON in the metadata of
 * the schema; the end is an empty batch whose metadata hold count and digest, so
 * that a query sees nothing but events, and a cut between two batches is noticed. The library is
 * loaded when the first such log is met.
 */
import {
  CHUNK,
  COLUMNS,
  type ColumnDecoder,
  type Columns,
  createColumnDecoder,
  createColumnEncoder,
  type Dictionaries,
  decodeLog,
  dictionariesOf,
  encodeHeader,
  encodeTrailer,
  formatTime,
  type LogEvent,
  type LogHeader,
  type LogTrailer,
  SLICE,
} from '../../engine/index.ts';
import { type ArrowWalk, type Frame, sealed, walkArrow } from './arrow-frames.ts';
import type { ArrowBatch, ArrowReader } from './arrow-ipc.ts';
import { checkMetadata } from './arrow-verify.ts';
import { needZstdToRead, needZstdToWrite } from './compression.ts';
import type { DecodedFile, FileDecoder, LogWriter, WriterOptions } from './log-file.ts';

/** Keys of metadata. */
const HEADER = 'twomsl';
const END = 'twomsl.end';

/** What a user can do whose runtime does not know zstd. */
const PLAIN = '--compression none, or a name in .jsonl or .jsonl.gz';

/** A writer that gives bytes whenever a batch is full. */
export async function createArrowLogWriter(
  header: LogHeader,
  name: string,
  { capacity = CHUNK, compress = true }: WriterOptions = {},
): Promise<LogWriter> {
  if (compress) needZstdToWrite(name, PLAIN);
  const { createArrowWriter } = await import('./arrow-ipc.ts');
  const metadata = new Map([[HEADER, encodeHeader(header)]]);
  const encoder = createColumnEncoder(header, capacity);
  const writer = createArrowWriter(COLUMNS, dictionariesOf(header), metadata, compress);
  return {
    begin: () => sealed(writer.begin()),
    add(event) {
      return encoder.add(event) ? sealed(writer.batch(encoder.take())) : undefined;
    },
    end(trailer) {
      const last = encoder.rows > 0 ? writer.batch(encoder.take()) : [];
      const more = trailer === undefined ? [] : [[END, encodeTrailer(trailer)] as const];
      return sealed([...last, ...writer.end(new Map(more))]);
    },
  };
}

/** Where a batch stands in the file and in the log. */
type Place = {
  readonly offset: number;
  /** Batches before it. */
  readonly batches: number;
  /** Events before it or, within it, before a row; and the time of the last of them. */
  readonly count: number;
  readonly time: number;
};

type Batch = { readonly columns: Columns; readonly place: Place; row: number };

type Progress = {
  readonly name: string;
  readonly walk: ArrowWalk;
  readonly reader: ArrowReader;
  /** Batches whose events were not all taken out. */
  readonly pending: Batch[];
  /** Chunks by their first events. */
  readonly chunks: WeakMap<LogEvent, Columns>;
  /** Events read, and up to which time. */
  count: number;
  time: number;
  header: LogHeader | undefined;
  texts: Dictionaries | undefined;
  columns: ColumnDecoder | undefined;
  /** Batches read, the empty one at the end not counted. */
  batches: number;
  trailer: LogTrailer | undefined;
  /** Whether the end of the stream was there. */
  ended: boolean;
  fault: string | undefined;
};

export async function createArrowLogDecoder(name: string): Promise<FileDecoder> {
  const { createArrowReader } = await import('./arrow-ipc.ts');
  const progress: Progress = {
    name,
    walk: walkArrow(),
    reader: createArrowReader(COLUMNS),
    pending: [],
    chunks: new WeakMap(),
    count: 0,
    time: 0,
    header: undefined,
    texts: undefined,
    columns: undefined,
    batches: 0,
    trailer: undefined,
    ended: false,
    fault: undefined,
  };
  return {
    get header() {
      return progress.header;
    },
    get stopped() {
      return progress.fault !== undefined;
    },
    drain: () => drain(progress),
    columnsFrom: (event) => progress.chunks.get(event),
    feed: (chunk) => feed(progress, chunk),
    end: () => finish(progress),
  };
}

function feed(progress: Progress, chunk: Uint8Array): void {
  if (progress.fault !== undefined) return;
  let offset = progress.walk.offset;
  try {
    for (const frame of progress.walk.feed(chunk)) {
      offset = frame.offset;
      take(progress, frame);
      offset = progress.walk.offset;
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'NoZstd') needZstdToRead(progress.name);
    progress.fault = faultText(progress, placeAt(progress, offset), error);
  }
}

function placeAt({ batches, count, time }: Progress, offset: number): Place {
  return { offset, batches, count, time };
}

/** Which batch, where, and what could be read. */
function faultText(progress: Progress, place: Place, error: unknown): string {
  const { name, header, trailer } = progress;
  const { offset, batches, count } = place;
  const message = error instanceof Error ? error.message : String(error);
  if (header === undefined) return `${name}: the schema, at byte ${offset}: ${message}`;
  const within = trailer === undefined || batches < progress.batches;
  const what = within ? `batch ${batches + 1}` : 'what follows its end';
  const before =
    count === 0
      ? 'No event is before it'
      : `The ${extent(place)} before it can be read; they are a log of their own by ` +
        `twomsl convert ${name === 'stdin' ? '-' : name} PART.arrows --events ${count}`;
  const first = within ? `, from event ${count} on` : '';
  return `${name}: ${what}${first}, at byte ${offset}, is damaged: ${message}. ${before}`;
}

function extent({ count, time }: Pick<Place, 'count' | 'time'>): string {
  return `${count} events up to ${formatTime(time)}`;
}

function take(progress: Progress, frame: Frame): void {
  const { header, reader } = progress;
  if (progress.ended) throw new Error('expected nothing after the end of the stream');
  if (!frame.sound) throw new Error('its checksum is another than it was written with');
  if (frame.kind === 'end') {
    progress.ended = true;
    return;
  }
  checkMetadata(frame.bytes);
  if (header === undefined) {
    if (frame.kind !== 'schema') throw new Error(`expected a schema, found a ${frame.kind}`);
    takeHeader(progress, reader.begin(frame.bytes));
    reader.check();
  } else if (frame.kind === 'dictionary') {
    reader.dictionary(frame.bytes);
  } else if (frame.kind === 'batch') {
    takeBatch(progress, reader.batch(frame.bytes), frame.offset);
  } else {
    throw new Error(`expected a record batch, found a message of the kind ${frame.kind}`);
  }
}

function takeHeader(progress: Progress, metadata: ReadonlyMap<string, string>): void {
  const line = metadata.get(HEADER);
  if (line === undefined) {
    throw new Error(`expected the header of a log in the metadata "${HEADER}", found none`);
  }
  const decoded = decodeLog(`${line}\n`);
  if (!decoded.ok) {
    const { field, expected, found, todo } = decoded.error;
    const where = field === '' ? 'the header' : `the header's ${field}`;
    throw new Error(`${where}: expected ${expected}, found ${found}${todo && `. ${todo}`}`);
  }
  progress.header = decoded.header;
  progress.texts = dictionariesOf(decoded.header);
  progress.columns = createColumnDecoder(decoded.header);
}

function takeBatch(
  progress: Progress,
  { metadata, columns, texts }: ArrowBatch,
  offset: number,
): void {
  if (progress.trailer !== undefined) throw new Error('expected nothing after the end of the log');
  const end = metadata.get(END);
  if (end !== undefined) {
    takeTrailer(progress, end, columns);
    return;
  }
  for (const [name, found] of texts) checkTexts(name, found, progress.texts as Dictionaries);
  // A log without its end has an empty batch there that says nothing.
  if (columns.rows === 0) return;
  progress.pending.push({ columns, place: placeAt(progress, offset), row: 0 });
  progress.batches += 1;
  progress.count += columns.rows;
  progress.time = Number(columns.t[columns.rows - 1]);
}

/** The events of the next rows. A fault in them is the first of the file. */
function drain(progress: Progress): readonly LogEvent[] {
  const [batch] = progress.pending;
  const events: LogEvent[] = [];
  if (batch === undefined) return events;
  const { columns, place, row } = batch;
  const end = Math.min(columns.rows, row + SLICE);
  const problem = progress.columns?.decode(columns, events, row, end);
  if (problem !== undefined) {
    const { row: bad, field, expected, found } = problem;
    const message = `event ${place.count + bad}: ${field}: expected ${expected}, found ${found}`;
    const time = row === 0 ? place.time : Number(columns.t[row - 1]);
    const before = { ...place, count: place.count + row, time };
    progress.fault = faultText(progress, before, new Error(message));
    progress.pending.length = 0;
    return events;
  }
  if (row === 0) progress.chunks.set(events[0] as LogEvent, columns);
  batch.row = end;
  if (end === columns.rows) progress.pending.shift();
  return events;
}

/** Texts that both sides know must agree; a newer program may know more of them. */
function checkTexts(name: ArrowName, found: readonly string[], known: Dictionaries): void {
  const { type } = COLUMNS[name];
  const expected = typeof type === 'object' ? known[type.texts] : [];
  const at = found.findIndex((text, number) => text !== expected[number]);
  if (at < 0) return;
  const [want, have] = [expected[at] ?? 'no text', found[at]];
  throw new Error(`column ${name}: expected ${want} as text ${at}, found ${have}`);
}

type ArrowName = keyof typeof COLUMNS;

function takeTrailer(progress: Progress, line: string, columns: Columns): void {
  const { count } = progress;
  let trailer: { events?: unknown; digest?: unknown };
  try {
    trailer = JSON.parse(line) as typeof trailer;
  } catch {
    throw new Error('expected the end of a log as JSON, found something else');
  }
  const { events, digest } = trailer ?? {};
  if (columns.rows > 0 || typeof digest !== 'string') {
    throw new Error('expected the end of a log, without events and with a digest');
  }
  if (events !== count) {
    throw new Error(`expected ${count} events, as there are, found ${events} in its end`);
  }
  progress.trailer = { events: count, digest };
}

function finish(progress: Progress): DecodedFile {
  const events: LogEvent[] = [];
  while (progress.pending.length > 0) events.push(...drain(progress));
  const { name, fault, header, trailer, walk, batches } = progress;
  if (fault !== undefined) return { ok: false, message: fault };
  const swallowed = walk.swallowed();
  if (swallowed !== undefined) {
    const wrong = new Error(`its length is wrong, for a message begins within it, at ${swallowed}`);
    return { ok: false, message: faultText(progress, placeAt(progress, walk.offset), wrong) };
  }
  if (header === undefined) {
    const cut = `the stream ends within its schema, after ${walk.rest} bytes`;
    return { ok: false, message: `${name}: ${cut}. Nothing of the log can be used` };
  }
  if (trailer !== undefined) return { ok: true, header, events, trailer, warnings: [] };
  const used = `${extent(progress)} are used`;
  const warning =
    walk.rest > 0
      ? `the log is cut in batch ${batches + 1}, ${walk.rest} bytes after byte ${walk.offset}`
      : `the log has no end: it stops after batch ${batches}, at byte ${walk.offset}`;
  return { ok: true, header, events, trailer, warnings: [`${warning}; ${used}`] };
}
