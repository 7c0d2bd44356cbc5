// Logs as files: text against Arrow, both ways, on the same events in the same process. What is
// read and forgotten is measured first, while nothing else lives: with a million events beside it
// the collector of garbage would be measured, which walks through them again and again.

import zlib from 'node:zlib';
import {
  buildTimeline,
  createColumnDecoder,
  createColumnEncoder,
  createLogDecoder,
  encodeLog,
  type LogEvent,
} from '../../engine/index.ts';
import { createArrowLogDecoder } from '../../tui/files/arrow.ts';
import { chunksOf, slicesOf, streamArrow, writeArrow } from './arrow-log.ts';
import { eventsOf, LONG } from './load.ts';
import { either, size } from './options.ts';
import { report } from './report.ts';
import { find, inRounds, type Measure, type Row, ratio, row } from './rounds.ts';

const ROUNDS = either(5, 1);
const UNIT = 'ev/s';

const header = LONG.build();
const count = size(1_000_000, 5_000);
const trailer = { events: count, digest: 'd'.repeat(64) };

const simulated = () => eventsOf(header, count);

function writeText(events: Iterable<LogEvent>): Uint8Array {
  const pieces: Uint8Array[] = [];
  let lines: string[] = [];
  for (const line of encodeLog(header, events, trailer)) {
    if (lines.push(line) < 256) continue;
    pieces.push(Buffer.from(lines.join('')));
    lines = [];
  }
  pieces.push(Buffer.from(lines.join('')));
  return Buffer.concat(pieces);
}

function check(found: number): void {
  if (found !== count) throw new Error(`expected ${count} events, found ${found}`);
}

/** All events are kept, as a log that is opened keeps them. */
function readText(bytes: Uint8Array): void {
  const decoder = createLogDecoder();
  const utf8 = new TextDecoder();
  for (const chunk of chunksOf(bytes)) decoder.feed(utf8.decode(chunk, { stream: true }));
  check(decoder.events.length);
}

async function readArrow(bytes: Uint8Array): Promise<void> {
  const decoder = await createArrowLogDecoder('bench');
  const events: LogEvent[] = [];
  for (const chunk of chunksOf(bytes)) {
    decoder.feed(chunk);
    for (let some = decoder.drain(); some.length > 0; some = decoder.drain()) events.push(...some);
  }
  check(events.length);
}

/** Decoded, folded, with keyframes and indexes: what opening a log does. */
function openArrow(bytes: Uint8Array): void {
  check(streamArrow(header, bytes, buildTimeline(header)));
}

/** The columns alone, without the file. */
function encodeColumns(events: Iterable<LogEvent>) {
  const encoder = createColumnEncoder(header);
  const chunks = [];
  for (const event of events) if (encoder.add(event)) chunks.push(encoder.take());
  if (encoder.rows > 0) chunks.push(encoder.take());
  return chunks;
}

/** Each chunk is read and forgotten. */
function decodeColumns(chunks: ReturnType<typeof encodeColumns>): void {
  const decoder = createColumnDecoder(header);
  let found = 0;
  for (const chunk of chunks) {
    for (const list of slicesOf(decoder, chunk)) found += list.length;
  }
  check(found);
}

async function speed(work: () => unknown): Promise<number> {
  const from = performance.now();
  await work();
  return (count * 1_000) / (performance.now() - from);
}

const text = writeText(simulated());
const arrow = await writeArrow(header, simulated(), count);
const columns = encodeColumns(simulated());

const measure = (name: string, what: string, work: () => unknown, least?: number): Measure => ({
  ...{ name, what, unit: UNIT, run: () => speed(work) },
  ...(least === undefined ? {} : { aim: { least } }),
});
const forgotten = await inRounds(ROUNDS, [
  measure('decodeArrow', 'Arrow decoded', () => check(streamArrow(header, arrow)), 3_000_000),
  measure('openArrow', 'Arrow decoded, folded, indexed', () => openArrow(arrow), 1_000_000),
  measure('decodeColumns', 'columns decoded', () => decodeColumns(columns)),
]);
const events = [...simulated()];
const kept = await inRounds(ROUNDS, [
  measure('writeText', 'text written', () => writeText(events)),
  measure('writeArrow', 'Arrow written', () => writeArrow(header, events, count)),
  measure('readText', 'text read, all events kept', () => readText(text)),
  measure('readArrow', 'Arrow read, all events kept', () => readArrow(arrow)),
  measure('encodeColumns', 'columns encoded', () => encodeColumns(events)),
]);
const bytes = (name: string, what: string, size: number, most?: number): Row =>
  row({ name, what, unit: 'B/ev', ...(most === undefined ? {} : { aim: { most } }) }, size / count);
const sizes = [
  bytes('textBytes', 'text', text.length),
  bytes('gzipBytes', 'text, compressed by gzip', zlib.gzipSync(text).length),
  bytes('arrowBytes', 'Arrow, compressed by zstd', arrow.length, 12),
];
const rows = [...sizes, ...forgotten, ...kept];
const times = (name: string, what: string, over: string, under: string): Row =>
  ratio({ name, what }, find(rows, over), find(rows, under));

report({
  bench: 'log-files',
  headline: ['arrowBytes', 'bytesPerEvent'],
  figures: rows,
  ratios: [
    times('size', 'smaller than text', 'textBytes', 'arrowBytes'),
    times('write', 'as fast as text, written', 'writeArrow', 'writeText'),
    times('read', 'as fast as text, read', 'readArrow', 'readText'),
    times('decode', 'as fast as columns alone, decoded', 'decodeArrow', 'decodeColumns'),
    times('open', 'of the speed of decoding, with fold and index', 'openArrow', 'decodeArrow'),
  ],
});
