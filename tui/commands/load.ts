/** Reads a log from a file or stdin, with progress, to the values that the commands work on. */

import { Failure } from '../files/failure.ts';
import { type LogStream, openLogStream } from '../files/log-stream.ts';
import { userPath } from '../files/paths.ts';
import {
  CHUNK,
  type Columns,
  createEventStore,
  type Events,
  type LogEvent,
  type LogHeader,
  type LogTrailer,
} from './engine.ts';
import type { Io } from './io.ts';
import { createPace, megabytes } from './progress.ts';
import { checkRoom, roomFor } from './room.ts';
import { timeNamed } from './settings.ts';

export type LoadedLog = {
  /** As the user called it. */
  readonly name: string;
  readonly header: LogHeader;
  readonly events: Events;
  readonly trailer: LogTrailer | undefined;
  readonly warnings: readonly string[];
};

/** So much of a log and no more: up to a time, or so many events. */
export type Extent = { readonly until?: number; readonly events?: number };

/** The extent that the options of a command line stand for. */
export function extentOf(options: { until?: string; events?: number }): Extent {
  const { until: text, events } = options;
  if (events !== undefined && events < 1) {
    throw new Failure(`--events ${events}: expected at least 1`);
  }
  const until = text === undefined ? undefined : timeNamed('--until', text);
  return {
    ...(until === undefined ? {} : { until }),
    ...(events === undefined ? {} : { events }),
  };
}

/** Those of the next events that are wanted, after `before` others, and whether more are. */
export function within(
  { until = Number.POSITIVE_INFINITY, events = Number.POSITIVE_INFINITY }: Extent,
  next: readonly LogEvent[],
  before: number,
): { readonly wanted: readonly LogEvent[]; readonly more: boolean } {
  const all = before + next.length;
  if ((next.at(-1)?.t ?? 0) <= until && all < events) return { wanted: next, more: true };
  const late = next.findIndex(({ t }) => t > until);
  const end = Math.min(late < 0 ? next.length : late, events - before);
  return { wanted: next.slice(0, end), more: false };
}

export function partly(name: string, events: number): string {
  return `${name}: its first ${events} events are read, as was asked for, and no more`;
}

/** A log with its header read; undefined: interrupted. */
export async function openLog(name: string, io: Io): Promise<LogStream | undefined> {
  if (name === '-' && io.tty.stdin) {
    throw new Failure('-: expected a log on stdin, found a terminal: cat LOG | twomsl -');
  }
  return unlessInterrupted(openLogStream(userPath(name, io.cwd), name, io.stdin), io);
}

/** A pipe may keep us waiting for ever: an interruption ends that too. */
function unlessInterrupted<T>(work: Promise<T>, io: Io): Promise<T | undefined> {
  const { interrupted } = io;
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined);
    interrupted.addEventListener('abort', stop);
    if (interrupted.aborted) stop();
    work.then(resolve, reject).finally(() => interrupted.removeEventListener('abort', stop));
  });
}

/** Undefined: interrupted. */
export async function loadLog(
  name: string,
  io: Io,
  extent: Extent = {},
): Promise<LoadedLog | undefined> {
  const stream = await openLog(name, io);
  if (stream === undefined) return undefined;
  const events = createEventStore(stream.header);
  const room = roomFor(undefined);
  const warnings: string[] = [];
  const done = await eachBatch(stream, io, 'reading', (batch) => {
    const { wanted, more } = within(extent, batch, events.length);
    for (const event of wanted) {
      foretell(stream, events, event);
      events.add(event);
    }
    const full = checkRoom(room, stream.name, events.length);
    if (full !== undefined) throw full;
    if (!more) warnings.push(partly(stream.name, events.length));
    return more;
  });
  if (!done) return undefined;
  warnings.push(...stream.warnings);
  return { name: stream.name, header: stream.header, events, trailer: stream.trailer, warnings };
}

/** What keeps the events of a log. */
type Holder = { readonly length: number; foretell(columns: Columns): void };

/** Tells what keeps events, before it is given the next, in which columns that stands. */
export function foretell(stream: LogStream, holder: Holder, event: LogEvent): void {
  if (holder.length % CHUNK !== 0) return;
  const columns = stream.columnsFrom(event);
  if (columns !== undefined) holder.foretell(columns);
}

/** Shows the events of a log as they come, until `show` wants no more; false: interrupted. */
export async function eachBatch(
  stream: LogStream,
  io: Io,
  what: string,
  show: (events: readonly LogEvent[]) => boolean | Promise<boolean>,
): Promise<boolean> {
  let count = 0;
  const pace = createPace(io, () => {
    const { done, of } = stream.progress();
    return `${what} ${stream.name}: ${megabytes(done, of)}, ${count} events`;
  });
  try {
    for (;;) {
      const batch = await unlessInterrupted(stream.next(), io);
      if (batch === undefined) return !io.interrupted.aborted;
      count += batch.length;
      if (!(await show(batch))) {
        await stream.close();
        return true;
      }
      if (await pace.now()) return false;
    }
  } finally {
    pace.done();
  }
}
