/**
 * Results that go to a file or to stdout. A file grows beside its place under another name and is
 * put there in one step when it is whole, so that nobody ever finds half a file, and what was there
 * is not touched unless the user said so. It stays also if it was to be replaced and the work was
 * interrupted: the part that is done then has a name of its own.
 */
import { once } from 'node:events';
import { createWriteStream, rmSync, type WriteStream } from 'node:fs';
import { chmod, link, mkdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Transform } from 'node:stream';
import { compressionFor, createCompressor } from './compression.ts';
import { codeOf, Failure, reasonOf } from './failure.ts';

export type Sink = {
  /** Resolves when the file has it: a process that is killed then loses only what came later. */
  write(data: string | Uint8Array): Promise<void>;
  /** Ends the file and puts it in its place. */
  close(): Promise<void>;
  /**
   * Ends a file whose work was interrupted, and gives the name that it has then: its own, or one
   * beside it where another file has stood before.
   */
  closePart(): Promise<string>;
  /** Drops what was written. */
  discard(): Promise<void>;
};

export type SinkOptions = {
  /** Absolute, or `-`. */
  readonly path: string;
  readonly name: string;
  /** Whether a file that exists may be replaced. */
  readonly force: boolean;
  readonly stdout: (text: string) => Promise<void>;
};

/** Files that are not in their place yet; removed when the process has to end at once. */
const scratches = new Set<string>();

/** For the way out that leaves no time to wait. */
export function removeScratches(): void {
  for (const path of scratches) rmSync(path, { force: true });
  scratches.clear();
}

export async function openSink(options: SinkOptions): Promise<Sink> {
  const { path, stdout, name } = options;
  if (name.trim() === '') {
    throw new Failure('expected the name of a file to write, or - for stdout, found nothing');
  }
  if (path === '-') {
    const write = (data: string | Uint8Array): Promise<void> =>
      stdout(typeof data === 'string' ? data : new TextDecoder().decode(data));
    const done = (): Promise<void> => Promise.resolve();
    return { write, close: done, closePart: () => Promise.resolve('stdout'), discard: done };
  }
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) await checkFolder(path, name);
  if (there === undefined) return openFile(options, path, undefined);
  // A device or a pipe takes what is written; it must not be replaced by a file.
  if (!there.isFile() && !there.isDirectory()) return openDevice(options);
  if (there.isDirectory()) throw unwritable(options.name, { code: 'EISDIR' });
  if (!options.force) throw occupied(options.name);
  // Of a link the file behind it is replaced.
  return openFile(options, await realpath(path), there.mode & 0o7777);
}

/** Refuses a place that cannot be written, before the work whose result is to go there. */
export async function checkPlace(options: SinkOptions): Promise<void> {
  const there = await stat(options.path).catch(() => undefined);
  // A pipe that is opened and closed again would end for its reader.
  if (there !== undefined && !there.isFile() && !there.isDirectory()) return;
  await (await openSink(options)).discard();
}

/** The system says of a file in a folder that is not there only that it is not there. */
async function checkFolder(path: string, name: string): Promise<void> {
  try {
    await stat(dirname(path));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') return;
    throw new Failure(`${name}: cannot be written: there is no folder ${dirname(name)}`);
  }
}

function occupied(name: string): Failure {
  return new Failure(`${name}: exists already. Name another file, or replace it with --force`);
}

function unwritable(name: string, error: unknown): Failure {
  return error instanceof Failure
    ? error
    : new Failure(`${name}: cannot be written: ${reasonOf(error)}`);
}

let opened = 0;

/** `mode`: that of the file which is replaced, if there is one. */
async function openFile(
  { name, force, path: named }: SinkOptions,
  path: string,
  mode: number | undefined,
): Promise<Sink> {
  opened += 1;
  const scratch = join(dirname(path), `.${basename(path)}.${process.pid}.${opened}.part`);
  const stream = await openStream(scratch, 'wx', name, mode);
  scratches.add(scratch);
  const keep = async (): Promise<void> => {
    await place(scratch, path, name, force);
    scratches.delete(scratch);
  };
  return sinkOf(stream, path, name, {
    keep,
    async keepPart() {
      if (mode === undefined) {
        await keep();
        return name;
      }
      const aside = await freeBeside(path);
      // The user knows the file by the name of a link, which may be elsewhere.
      const shown = path === named ? join(dirname(name), basename(aside)) : aside;
      await place(scratch, aside, shown, false);
      scratches.delete(scratch);
      return shown;
    },
    async drop() {
      await rm(scratch, { force: true });
      scratches.delete(scratch);
    },
  });
}

/** A name beside a file that nothing has, and that tells the same form: `a.part.jsonl`. */
async function freeBeside(path: string): Promise<string> {
  const [ending = ''] = /(\.(jsonl|arrows))?(\.(gz|zst|zstd))?$/i.exec(path) ?? [];
  const bare = path.slice(0, path.length - ending.length);
  for (let n = 1; ; n += 1) {
    const free = `${bare}.part${n === 1 ? '' : n}${ending}`;
    if ((await stat(free).catch(() => undefined)) === undefined) return free;
  }
}

async function openDevice({ path, name }: SinkOptions): Promise<Sink> {
  const nothing = (): Promise<void> => Promise.resolve();
  return sinkOf(await openStream(path, 'w', name), path, name, {
    keep: nothing,
    keepPart: () => Promise.resolve(name),
    drop: nothing,
  });
}

async function openStream(
  path: string,
  flags: string,
  name: string,
  mode?: number,
): Promise<WriteStream> {
  const stream = createWriteStream(path, { flags, ...(mode === undefined ? {} : { mode }) });
  try {
    await once(stream, 'open');
    // The system takes away from it what it takes away from new files.
    if (mode !== undefined) await chmod(path, mode);
  } catch (error) {
    throw unwritable(name, error);
  }
  return stream;
}

/** What becomes of a file that is closed. */
type Fate = {
  readonly keep: () => Promise<void>;
  readonly keepPart: () => Promise<string>;
  readonly drop: () => Promise<void>;
};

function sinkOf(file: WriteStream, path: string, name: string, fate: Fate): Sink {
  const failed = failureOf(file);
  const kind = compressionFor(path);
  const compressor = kind === 'none' ? undefined : createCompressor(kind, name);
  compressor?.stream.pipe(file);
  const entry = compressor?.stream ?? file;
  const put = async (data: string | Uint8Array): Promise<void> => {
    await written(entry, data);
    if (compressor === undefined) return;
    await compressor.flush();
    // What the compressor let out is with the file by now, and is written before this.
    await written(file, new Uint8Array(0));
  };
  const ended = once(file, 'close');
  ended.catch(() => undefined);
  const drop = async (): Promise<void> => {
    compressor?.stream.destroy();
    file.destroy();
    await ended.catch(() => undefined);
    await fate.drop();
  };
  const end = async (): Promise<void> => {
    entry.end();
    await Promise.race([ended, failed.now]);
    if (failed.error !== undefined) await drop();
    failed.check(name);
  };
  return {
    async write(data) {
      await Promise.race([put(data), failed.now]);
      if (failed.error !== undefined) await drop();
      failed.check(name);
    },
    async close() {
      await end();
      await fate.keep();
    },
    async closePart() {
      await end();
      return fate.keepPart();
    },
    discard: drop,
  };
}

type Failed = { error: unknown; readonly now: Promise<void>; check(name: string): void };

/** Errors of a stream come when they like; here they wait until somebody asks. */
function failureOf(file: WriteStream): Failed {
  const failed: Failed = {
    error: undefined,
    now: new Promise((resolve) => {
      file.on('error', (error) => {
        failed.error = error;
        resolve();
      });
    }),
    check(name) {
      if (failed.error !== undefined) throw unwritable(name, failed.error);
    },
  };
  return failed;
}

/** A stream holds on to what comes while it writes; so the next piece waits for this one. */
function written(stream: WriteStream | Transform, data: string | Uint8Array): Promise<void> {
  // What went wrong is told by the stream's own event.
  return new Promise((resolve) => {
    stream.write(data, () => resolve());
  });
}

/** A link is refused where the place is taken meanwhile; a renaming is not. */
async function place(scratch: string, path: string, name: string, force: boolean): Promise<void> {
  try {
    if (!force) {
      const linked = await linkTo(scratch, path, name);
      if (linked) {
        await rm(scratch, { force: true });
        return;
      }
    }
    await rename(scratch, path);
  } catch (error) {
    await rm(scratch, { force: true });
    throw unwritable(name, error);
  }
}

/** False where the file system knows no links. */
async function linkTo(scratch: string, path: string, name: string): Promise<boolean> {
  try {
    await link(scratch, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw occupied(name);
    return false;
  }
}

/** Makes a folder for results, with those above it. */
export async function makeFolder(path: string, name: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    const isFile = codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOTDIR';
    if (isFile) throw new Failure(`${name}: expected a folder, or a name for one, found a file`);
    throw unwritable(name, error);
  }
}
