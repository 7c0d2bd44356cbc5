/**
 * `twomsl convert`: the same log in another form, by the name of the target: lines of text, or
 * Arrow for bulk, compressed or not. Nothing is folded and nothing is added: a log without its end
 * stays one.
 */
import { createLogWriter, formatFor } from '../files/log-format.ts';
import { userPath } from '../files/paths.ts';
import { openSink, type Sink } from '../files/write.ts';
import { INTERRUPTED, type Io, OK, warn } from './io.ts';
import { type LoadedLog, loadLog } from './load.ts';
import { createPace } from './progress.ts';

export type ConvertArgs = { from: string; to: string; force?: true };

export async function convert({ from, to, force }: ConvertArgs, io: Io): Promise<number> {
  const format = formatFor(to);
  const log = await loadLog(from, io);
  if (log === undefined) return INTERRUPTED;
  const path = userPath(to, io.cwd);
  const sink = await openSink({ path, name: to, force: force === true, stdout: io.out });
  const bytes = await write(log, sink, to, io);
  warn(io, log.warnings);
  if (bytes === undefined) return INTERRUPTED;
  if (to === '-') return OK;
  const { events, trailer } = log;
  const each = (bytes / Math.max(1, events.length)).toFixed(1);
  // What a compressor leaves of it is not known here.
  const size = /\.(gz|zst|zstd)$/.test(to) ? 'before compression' : 'as written';
  const digest = trailer === undefined ? 'no end' : `digest ${trailer.digest}`;
  await io.out(
    `${to}: ${events.length} events, ${format}, ${each} bytes an event ${size}, ${digest}\n`,
  );
  return OK;
}

/** How many bytes it took; undefined: interrupted, and nothing is left of it. */
async function write(
  log: LoadedLog,
  sink: Sink,
  name: string,
  io: Io,
): Promise<number | undefined> {
  const { header, events, trailer } = log;
  let bytes = 0;
  let count = 0;
  const put = async (data: string | Uint8Array): Promise<void> => {
    bytes += typeof data === 'string' ? Buffer.byteLength(data) : data.length;
    await sink.write(data);
  };
  const pace = createPace(io, () => `writing ${name}: ${count} of ${events.length} events`);
  try {
    const writer = await createLogWriter(header, formatFor(name), name);
    await put(writer.begin());
    for (const event of events) {
      const written = writer.add(event);
      count += 1;
      if (written !== undefined) await put(written);
      const stop = pace.step();
      if (typeof stop === 'boolean' ? stop : await stop) {
        await sink.discard();
        return undefined;
      }
    }
    await put(writer.end(trailer));
    await sink.close();
    return bytes;
  } catch (error) {
    await sink.discard();
    throw error;
  } finally {
    pace.done();
  }
}
