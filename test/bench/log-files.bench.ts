// Logs as files: text against Arrow, both ways, on the same events in the same process. Each round
// runs every measurement once; what is told is the median of the rounds, and how far they spread.
// `--json` prints figures for other programs, `--events N` takes another size than a million.

import zlib from 'node:zlib';
import {
  COLUMNS,
  churn,
  createColumnDecoder,
  createColumnEncoder,
  createLogDecoder,
  encodeLog,
  type LogEvent,
  type LogHeader,
  simulate,
} from '../../engine/index.ts';
import { createArrowLogDecoder, createArrowLogWriter } from '../../tui/files/arrow.ts';
import { walkArrow } from '../../tui/files/arrow-frames.ts';
import { createArrowReader } from '../../tui/files/arrow-ipc.ts';

const ROUNDS = 7;
/** Events of one connection of the churn. */
const EACH = 13;
const CHUNK = 256 * 1024;

const json = process.argv.includes('--json');
const at = process.argv.indexOf('--events');
const wanted = at < 0 ? 1_000_000 : Number(process.argv[at + 1]);

function load(): { header: LogHeader; events: LogEvent[] } {
  const connections = Math.ceil(wanted / EACH);
  const header = churn({ rate: 200, connections, profile: 'linux' }).build();
  const events: LogEvent[] = [];
  for (const event of simulate(header)) {
    events.push(event);
    if (events.length >= wanted) break;
  }
  return { header, events };
}

const { header, events } = load();
const trailer = { events: events.length, digest: 'd'.repeat(64) };
const count = events.length;

function writeText(): Uint8Array {
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

async function writeArrow(): Promise<Uint8Array> {
  const writer = await createArrowLogWriter(header, 'bench');
  const pieces = [writer.begin() as Uint8Array];
  for (const event of events) {
    const bytes = writer.add(event);
    if (bytes !== undefined) pieces.push(bytes as Uint8Array);
  }
  pieces.push(writer.end(trailer) as Uint8Array);
  return Buffer.concat(pieces);
}

function* chunksOf(bytes: Uint8Array): Generator<Uint8Array, void> {
  for (let from = 0; from < bytes.length; from += CHUNK) yield bytes.subarray(from, from + CHUNK);
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
  for (const chunk of chunksOf(bytes)) decoder.feed(chunk);
  check(decoder.events.length);
}

/** The same work, but the events of a batch are forgotten with it, as a projection does. */
function streamArrow(bytes: Uint8Array): void {
  const walk = walkArrow();
  const reader = createArrowReader(COLUMNS);
  const decoder = createColumnDecoder(header);
  let found = 0;
  for (const chunk of chunksOf(bytes)) {
    for (const frame of walk.feed(chunk)) {
      if (frame.kind === 'schema') reader.begin(frame.bytes);
      if (frame.kind === 'dictionary') reader.dictionary(frame.bytes);
      if (frame.kind !== 'batch') continue;
      const list: LogEvent[] = [];
      decoder.decode(reader.batch(frame.bytes).columns, list);
      found += list.length;
    }
  }
  check(found);
}

/** The columns alone, without the file: each chunk is read and forgotten. */
function columnsBothWays(): { encode: number; decode: number } {
  const encoder = createColumnEncoder(header);
  let from = performance.now();
  const chunks = [];
  for (const event of events) if (encoder.add(event)) chunks.push(encoder.take());
  if (encoder.rows > 0) chunks.push(encoder.take());
  const encode = performance.now() - from;
  const decoder = createColumnDecoder(header);
  from = performance.now();
  let found = 0;
  for (const chunk of chunks) {
    const list: LogEvent[] = [];
    decoder.decode(chunk, list);
    found += list.length;
  }
  check(found);
  return { encode, decode: performance.now() - from };
}

async function timed(work: () => unknown): Promise<number> {
  globalThis.gc?.();
  const from = performance.now();
  await work();
  return performance.now() - from;
}

const text = writeText();
const arrow = await writeArrow();
const samples: Record<string, number[]> = {};
const note = (name: string, ms: number): void => {
  samples[name] ??= [];
  samples[name].push(count / ms / 1000);
};
for (let round = 0; round < ROUNDS; round += 1) {
  note('jsonl_write', await timed(writeText));
  note('arrow_write', await timed(writeArrow));
  note('jsonl_read', await timed(() => readText(text)));
  note('arrow_read', await timed(() => readArrow(arrow)));
  note('arrow_stream', await timed(() => streamArrow(arrow)));
  const { encode, decode } = columnsBothWays();
  note('columns_encode', encode);
  note('columns_decode', decode);
}

function median(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}

const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));
const rates = Object.fromEntries(
  Object.entries(samples).map(([name, list]) => [
    name,
    {
      median: rounded(median(list)),
      min: rounded(Math.min(...list)),
      max: rounded(Math.max(...list)),
    },
  ]),
);
const rate = (name: string): number => median(samples[name] as number[]);
const report = {
  events: count,
  rounds: ROUNDS,
  bytes_per_event: {
    jsonl: rounded(text.length / count),
    jsonl_gz: rounded(zlib.gzipSync(text).length / count),
    arrow: rounded(arrow.length / count),
  },
  million_events_per_second: rates,
  ratios: {
    size: rounded(text.length / arrow.length),
    write: rounded(rate('arrow_write') / rate('jsonl_write')),
    read: rounded(rate('arrow_read') / rate('jsonl_read')),
  },
};

if (json) {
  console.log(JSON.stringify(report, null, 2));
} else {
  console.log(`${count} events, ${ROUNDS} rounds`);
  for (const [name, bytes] of Object.entries(report.bytes_per_event)) {
    console.log(`${bytes.toFixed(1).padStart(8)} B/event  ${name}`);
  }
  for (const [name, { median: middle, min, max }] of Object.entries(rates)) {
    const spread = `(${min.toFixed(2)} to ${max.toFixed(2)})`;
    console.log(`${middle.toFixed(2).padStart(8)} M/s  ${name} ${spread}`);
  }
  const { size, write, read } = report.ratios;
  console.log(`Arrow to text: ${size} × smaller, written ${write} ×, read ${read} × as fast`);
}
