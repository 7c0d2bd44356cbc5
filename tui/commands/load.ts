/** Reads a log from a file or stdin, with progress, to the values that the commands work on. */

import { Failure } from '../files/failure.ts';
import type { FileDecoder } from '../files/log-file.ts';
import { createFileDecoder } from '../files/log-format.ts';
import { userPath } from '../files/paths.ts';
import { openSource, type Source } from '../files/read.ts';
import type { LogEvent, LogHeader, LogTrailer } from './engine.ts';
import type { Io } from './io.ts';
import { createPace, megabytes } from './progress.ts';

export type LoadedLog = {
  /** As the user called it. */
  readonly name: string;
  readonly header: LogHeader;
  readonly events: readonly LogEvent[];
  readonly trailer: LogTrailer | undefined;
  readonly warnings: readonly string[];
};

/** Undefined: interrupted. */
export async function loadLog(name: string, io: Io): Promise<LoadedLog | undefined> {
  const source = await openSource(userPath(name, io.cwd), name, io.stdin);
  const decoder = await readInto(source, io);
  if (decoder === undefined) return undefined;
  const decoded = decoder.end();
  if (!decoded.ok) throw new Failure(decoded.message);
  const { header, events, trailer } = decoded;
  const cut = decoded.warnings.map((warning) => `${source.name}: ${warning}`);
  return { name: source.name, header, events, trailer, warnings: [...source.warnings, ...cut] };
}

/** The first bytes say what reads them: the source gives four of them at once, if there are. */
async function readInto(source: Source, io: Io): Promise<FileDecoder | undefined> {
  let decoder: FileDecoder | undefined;
  const pace = createPace(io, () => {
    const { done, of } = source.progress();
    return `reading ${source.name}: ${megabytes(done, of)}, ${decoder?.events.length ?? 0} events`;
  });
  try {
    for await (const chunk of source.chunks) {
      decoder ??= await createFileDecoder(chunk, source.name);
      if (!decoder.feed(chunk)) break;
      if (await pace.now()) return undefined;
    }
  } finally {
    pace.done();
  }
  return decoder ?? (await createFileDecoder(new Uint8Array(0), source.name));
}
