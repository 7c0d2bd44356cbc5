/**
 * Compressed data, told by its first bytes rather than by a name. Data that was cut gives what can
 * be had of it, and says so; data that is damaged ends with an error that says where.
 */
import { once } from 'node:events';
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { Failure } from './failure.ts';
import { inflateFrames } from './zstd.ts';

export type Compression = 'none' | 'gz' | 'zst';

export function compressionOf(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gz';
  const zstd = head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd;
  return zstd ? 'zst' : 'none';
}

/** How a file is to be written, by its name. */
export function compressionFor(path: string): Compression {
  if (/\.gz$/i.test(path)) return 'gz';
  return /\.zstd?$/i.test(path) ? 'zst' : 'none';
}

/** `or`: what else could be done. */
function needZstd(name: string, is: string, or = ''): void {
  if (typeof zlib.createZstdDecompress === 'function') return;
  throw new Failure(
    `${name}: it ${is} compressed with zstd, which Node ${process.version} cannot do. ` +
      `Use Node 22.15 or newer${or}`,
  );
}

export function needZstdToRead(name: string): void {
  needZstd(name, 'is');
}

export function needZstdToWrite(name: string, or: string): void {
  needZstd(name, 'would be', `, or ${or}`);
}

export type Compressor = {
  readonly stream: Transform;
  /** Lets out all that was written: it can be read though nothing follows. */
  flush(): Promise<void>;
};

/** Compresses to a file called `name`. zstd's checksum finds bits that were flipped. */
export function createCompressor(kind: 'gz' | 'zst', name: string): Compressor {
  const { constants } = zlib;
  if (kind === 'gz') return flushable(zlib.createGzip({ level: 6 }), constants.Z_SYNC_FLUSH);
  needZstdToWrite(name, 'a name in .gz');
  const stream = zlib.createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  return flushable(stream, constants.ZSTD_e_flush);
}

function flushable(stream: zlib.Gzip | zlib.ZstdCompress, how: number): Compressor {
  return { stream, flush: () => new Promise((resolve) => stream.flush(how, () => resolve())) };
}

/** Called once if the data ends too early, with the number of bytes there were. */
type OnCut = (bytes: number) => void;

/** The content of compressed data. */
export function decompress(
  source: AsyncIterable<Uint8Array>,
  kind: 'gz' | 'zst',
  name: string,
  cut: OnCut,
): AsyncGenerator<Uint8Array, void> {
  if (kind === 'gz') return gunzip(source, name, cut);
  needZstdToRead(name);
  return inflateFrames(source, cut, (bytes, error) => damaged(name, kind, bytes, error));
}

async function* gunzip(
  source: AsyncIterable<Uint8Array>,
  name: string,
  cut: OnCut,
): AsyncGenerator<Uint8Array, void> {
  const stream = zlib.createGunzip();
  const feeding = feed(source, stream);
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    const { bytes } = await feeding;
    if (!isCut(error)) throw damaged(name, 'gz', bytes, error);
    cut(bytes);
    return;
  } finally {
    stream.destroy();
  }
  const { error } = await feeding;
  if (error !== undefined) throw error;
}

type Fed = { bytes: number; error: unknown };

/** Writes the source into the stream as fast as it takes it; never rejects. */
async function feed(source: AsyncIterable<Uint8Array>, stream: Transform): Promise<Fed> {
  const fed: Fed = { bytes: 0, error: undefined };
  const closed = once(stream, 'close').catch(() => undefined);
  try {
    for await (const chunk of source) {
      if (stream.destroyed) break;
      fed.bytes += chunk.length;
      if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), closed]);
    }
  } catch (error) {
    // An error of the stream comes out where it is read; one of the source must come out there too.
    if (!stream.destroyed) fed.error = error;
  }
  if (!stream.destroyed) stream.end();
  return fed;
}

function isCut(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return code === 'Z_BUF_ERROR' || /unexpected end/i.test(message ?? '');
}

function damaged(name: string, kind: Compression, bytes: number, error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return new Failure(
    `${name}: its .${kind} data is damaged within the first ${bytes} bytes (${message}). ` +
      'Expected whole compressed data; get the file again',
  );
}
