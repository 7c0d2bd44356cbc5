/** Reads a log from a file or stdin, with progress, to the values that the commands work on. */

import { Failure } from '../files/failure.ts';
import { userPath } from '../files/paths.ts';
import { openSource } from '../files/read.ts';
import {
  createLogDecoder,
  type LogEvent,
  type LogHeader,
  type LogTrailer,
  problemText,
} from './engine.ts';
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
  const decoder = createLogDecoder();
  const text = new TextDecoder('utf-8', { ignoreBOM: true });
  const pace = createPace(io, () => {
    const { done, of } = source.progress();
    return `reading ${source.name}: ${megabytes(done, of)}, ${decoder.events.length} events`;
  });
  try {
    for await (const chunk of source.chunks) {
      if (decoder.feed(text.decode(chunk, { stream: true })) !== undefined) break;
      if (await pace.now()) return undefined;
    }
  } finally {
    pace.done();
  }
  decoder.feed(text.decode());
  const decoded = decoder.end();
  if (!decoded.ok) throw new Failure(problemText(decoded.error, source.name));
  const { header, events, trailer } = decoded;
  const cut = decoded.warnings.map((warning) => `${source.name}: ${warning}`);
  return { name: source.name, header, events, trailer, warnings: [...source.warnings, ...cut] };
}
