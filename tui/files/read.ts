/**
 * Files as the user names them, `-` for stdin, decompressed on the way. What was cut is given as
 * far as it goes; the warnings say so once everything is read.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { compressionOf, decompress } from './compression.ts';
import { Failure, reasonOf } from './failure.ts';

export type Source = {
  /** As it stands in messages. */
  readonly name: string;
  /** Decompressed bytes. Can be read once. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Grows while the chunks are read. */
  readonly warnings: readonly string[];
  /** Bytes read of the file itself, and how many there are: undefined for a pipe. */
  progress(): { readonly done: number; readonly of: number | undefined };
};

const PIECE = 256 * 1024;

/** Opens a file. `path` is absolute or `-`; `name` is what the user called it. */
export async function openSource(
  path: string,
  name: string,
  stdin: AsyncIterable<Uint8Array | string>,
): Promise<Source> {
  if (name.trim() === '') {
    throw new Failure('expected the name of a file to read, or - for stdin, found nothing');
  }
  // Opened when it is first read: a stream that nobody reads has nobody to tell of its errors.
  const raw = () => (path === '-' ? stdin : createReadStream(path, { highWaterMark: PIECE }));
  const size = path === '-' ? undefined : await sizeOf(path, name);
  const warnings: string[] = [];
  const shown = path === '-' ? 'stdin' : name;
  let done = 0;
  const counted = (bytes: number): void => {
    done += bytes;
  };
  const cut = (bytes: number): void => {
    warnings.push(`${shown}: the compressed data ends too early, after ${bytes} bytes`);
  };
  return {
    name: shown,
    chunks: contentOf(bytesOf(raw, shown, counted), shown, cut),
    warnings,
    progress: () => ({ done, of: size }),
  };
}

async function sizeOf(path: string, name: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new Failure(`${name}: cannot be read: it is a folder`);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, error: unknown): Failure {
  return error instanceof Failure
    ? error
    : new Failure(`${name}: cannot be read: ${reasonOf(error)}`);
}

async function* bytesOf(
  raw: () => AsyncIterable<Uint8Array | string>,
  name: string,
  counted: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const chunk of raw()) {
      const bytes = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
      counted(bytes.length);
      yield bytes;
    }
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** Looks at the first bytes, puts them back, and decompresses if they say so. */
async function* contentOf(
  raw: AsyncGenerator<Uint8Array, void>,
  name: string,
  cut: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void> {
  let head = new Uint8Array(0);
  let more = true;
  while (more && head.length < 4) {
    const next = await raw.next();
    more = !next.done;
    if (!next.done) head = concat([head, next.value]);
  }
  const whole = prepend(head, raw);
  const kind = compressionOf(head);
  if (kind === 'none') {
    yield* whole;
    return;
  }
  let some = false;
  const cutAt = (bytes: number): void => {
    if (some) cut(bytes);
    else throw new Failure(nothingOf(name, bytes));
  };
  for await (const chunk of decompress(whole, kind, name, cutAt)) {
    some ||= chunk.length > 0;
    yield chunk;
  }
}

function nothingOf(name: string, bytes: number): string {
  const cut = `the compressed data ends after ${bytes} bytes, before anything could be used`;
  return `${name}: ${cut}. Expected whole compressed data; get the file again`;
}

async function* prepend(
  head: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  if (head.length > 0) yield head;
  yield* rest;
}

function concat(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** All of a source at once, as captures are decoded; undefined where `stop` says so on the way. */
export async function readAll(
  source: Source,
  stop: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.chunks) {
    chunks.push(chunk);
    if (await stop()) return undefined;
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : concat(chunks);
}
