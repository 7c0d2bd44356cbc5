/**
 * `twomsl convert`: the same log in another form, by the name of the target: lines of text, or
 * Arrow for bulk, compressed or not. Nothing is folded and nothing is added: a log without its end
 * stays one, and one of which only the beginning is asked for becomes one. Events pass through, so
 * that a log may be larger than memory.
 */
import { compressionFor } from '../files/compression.ts';
import type { LogWriter } from '../files/log-file.ts';
import { createLogWriter, formatFor, writerOptions } from '../files/log-format.ts';
import type { LogStream } from '../files/log-stream.ts';
import { userPath } from '../files/paths.ts';
import { openSink, type Sink } from '../files/write.ts';
import type { LogEvent } from './engine.ts';
import { INTERRUPTED, type Io, OK, warn } from './io.ts';
import { type Extent, eachBatch, extentOf, openLog, within } from './load.ts';

export type ConvertArgs = {
  from: string;
  to: string;
  force?: true;
  compression?: 'none' | 'zstd';
  until?: string;
  events?: number;
};

type Written = {
  bytes: number;
  events: number;
  /** Whether the end of the log is there, and was wanted. */
  ended: boolean;
  interrupted: boolean;
};

export async function convert(args: ConvertArgs, io: Io): Promise<number> {
  const { from, to, force, compression } = args;
  const format = formatFor(to);
  const options = writerOptions(to, compression);
  const extent = extentOf(args);
  const stream = await openLog(from, io);
  if (stream === undefined) return INTERRUPTED;
  const path = userPath(to, io.cwd);
  const sink = await openSink({ path, name: to, force: force === true, stdout: io.out });
  let written: Written;
  try {
    const writer = await createLogWriter(stream.header, format, to, options);
    written = await write(stream, extent, writer, sink, io);
    if (written.interrupted) await sink.discard();
    else await sink.close();
  } catch (error) {
    await sink.discard();
    throw error;
  }
  if (written.interrupted) {
    const left = to === '-' ? 'stdout holds them' : `${to} is not written`;
    io.err(`interrupted after ${written.events} events; ${left}\n`);
    return INTERRUPTED;
  }
  warn(io, stream.warnings);
  if (to !== '-') await io.out(line(stream, to, written));
  return OK;
}

function line({ trailer }: LogStream, to: string, { bytes, events, ended }: Written): string {
  const each = (bytes / Math.max(1, events)).toFixed(1);
  // What a compressor leaves of it is not known here.
  const size = compressionFor(to) === 'none' ? 'as written' : 'before compression';
  const digest = ended && trailer !== undefined ? `digest ${trailer.digest}` : 'no end';
  return `${to}: ${events} events, ${formatFor(to)}, ${each} bytes an event ${size}, ${digest}\n`;
}

async function write(
  stream: LogStream,
  extent: Extent,
  writer: LogWriter,
  sink: Sink,
  io: Io,
): Promise<Written> {
  const written: Written = { bytes: 0, events: 0, ended: true, interrupted: false };
  const put = async (data: string | Uint8Array | undefined): Promise<void> => {
    if (data === undefined) return;
    written.bytes += typeof data === 'string' ? Buffer.byteLength(data) : data.length;
    await sink.write(data);
  };
  const take = async (events: readonly LogEvent[]): Promise<boolean> => {
    const { wanted, more } = within(extent, events, written.events);
    for (const event of wanted) {
      const data = writer.add(event);
      written.events += 1;
      if (data !== undefined) await put(data);
    }
    written.ended = more;
    return more;
  };
  await put(writer.begin());
  written.interrupted = !(await eachBatch(stream, io, 'converting', take));
  // What is begun on stdout ends at an event; a file of which a part is written is dropped.
  const ended = written.ended && !written.interrupted;
  await put(writer.end(ended ? stream.trailer : undefined));
  return written;
}
