/**
 * zstd as it comes. A stream of Deno ends cut data without a word and knows nothing of a second
 * frame; one of Node passes over what follows a frame and is none. So frames are found by walking
 * over them, and each has a stream of its own.
 */
import { once } from 'node:events';
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { walkZstd } from './zstd-frames.ts';

const DENO = 'Deno' in globalThis;

/** The content of zstd data, block by block; of a frame that is cut, that of its whole blocks. */
export async function* inflateFrames(
  source: AsyncIterable<Uint8Array>,
  cut: (bytes: number) => void,
  damaged: (bytes: number, error: unknown) => Error,
): AsyncGenerator<Uint8Array, void> {
  const walk = walkZstd();
  let inflater: Inflater | undefined;
  let bytes = 0;
  const step = async (part: Uint8Array, last: boolean): Promise<readonly Uint8Array[]> => {
    inflater ??= createInflater();
    bytes += part.length;
    try {
      return await inflater.step(part, last);
    } catch (error) {
      throw damaged(bytes, error);
    } finally {
      if (last) inflater = undefined;
    }
  };
  try {
    for await (const chunk of source) {
      let start = 0;
      for (const end of walk.feed(chunk)) {
        yield* await step(chunk.subarray(start, end), true);
        start = end;
      }
      if (walk.lost) throw damaged(bytes + chunk.length - start, new Error('no frame begins here'));
      if (start < chunk.length) yield* await step(chunk.subarray(start), false);
    }
    if (!walk.whole) cut(bytes);
  } finally {
    inflater?.stream.destroy();
  }
}

type Inflater = {
  readonly stream: Transform;
  /** Gives what the next bytes of the frame make; `last`: they are its end. */
  step(part: Uint8Array, last: boolean): Promise<Uint8Array[]>;
};

function createInflater(): Inflater {
  const stream = zlib.createZstdDecompress();
  const ended = once(stream, 'end');
  ended.catch(() => undefined);
  let made: Uint8Array[] = [];
  stream.on('data', (piece: Uint8Array) => made.push(piece));
  return {
    stream,
    async step(part, last) {
      await caught(stream, async () => {
        if (part.length > 0) await written(stream, part);
        if (last) {
          stream.end();
          await ended;
        }
      });
      const pieces = made;
      made = [];
      return pieces;
    },
  };
}

function written(stream: Transform, part: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(part, (error) => (error ? reject(error) : resolve()));
  });
}

/**
 * Work on a stream. On Deno its errors are thrown where nobody can catch them, so the process
 * catches them for as long as the stream is at work.
 */
async function caught(stream: Transform, work: () => Promise<void>): Promise<void> {
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const handler = (error: unknown): void => {
    stream.destroy();
    fail(error);
  };
  if (DENO) process.on('uncaughtException', handler);
  stream.on('error', fail);
  try {
    await Promise.race([work(), failed]);
  } finally {
    if (DENO) process.off('uncaughtException', handler);
    stream.off('error', fail);
  }
}
