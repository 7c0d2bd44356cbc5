/**
 * A log opened before it is read: the dashboard starts with its first events, and the rest is read
 * and folded between frames. What is wrong with the log further on ends the reading; what came
 * before stays on screen, and the reason is told there and when the dashboard is left.
 */
import type { Loading } from '../app/loading.ts';
import { Failure } from '../files/failure.ts';
import { userPath } from '../files/paths.ts';
import { openSource, type Source } from '../files/read.ts';
import {
  buildTimeline,
  createLogDecoder,
  type LogEvent,
  problemText,
  type Timeline,
  type TimelineBuilder,
} from './engine.ts';
import { guarded } from './fold.ts';
import type { Io } from './io.ts';
import { checkRoom, type Room } from './room.ts';

export type Growing = {
  readonly name: string;
  readonly timeline: Timeline;
  readonly loading: Loading;
  /** Why the reading stopped before the end; undefined: it did not. */
  readonly failure: () => Failure | undefined;
};

type Growth = {
  readonly source: Source;
  readonly room: Room;
  readonly chunks: AsyncIterator<Uint8Array>;
  readonly decoder: ReturnType<typeof createLogDecoder>;
  readonly text: TextDecoder;
  builder: TimelineBuilder | undefined;
  /** Events that are read and not yet folded, the next one at `at`. */
  batch: readonly LogEvent[];
  at: number;
  ended: boolean;
  failure: Failure | undefined;
};

/** Undefined: not a log as text in a file; it is to be read by `loadLog`. */
export async function growLog(name: string, io: Io, room: Room): Promise<Growing | undefined> {
  if (name === '-') return undefined;
  const source = await openSource(userPath(name, io.cwd), name, io.stdin);
  const chunks = source.chunks[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done || !isText(first.value)) {
    await chunks.return?.();
    return undefined;
  }
  const growth: Growth = {
    source,
    room,
    chunks,
    decoder: createLogDecoder(),
    text: new TextDecoder('utf-8', { ignoreBOM: true }),
    builder: undefined,
    batch: [],
    at: 0,
    ended: false,
    failure: undefined,
  };
  take(growth, first.value);
  while (growth.builder === undefined && !growth.ended) await read(growth);
  if (growth.failure !== undefined) throw growth.failure;
  if (growth.builder === undefined) return undefined;
  return {
    name: source.name,
    timeline: growth.builder.timeline,
    loading: { more: (ms) => more(growth, io.now() + ms, io), status: () => status(growth) },
    failure: () => growth.failure,
  };
}

/** A log as text begins with a brace; what is in bulk has bytes there that are no text. */
function isText(head: Uint8Array): boolean {
  return /^\uFEFF?\s*\{/.test(
    new TextDecoder('utf-8', { ignoreBOM: true }).decode(head.subarray(0, 64)),
  );
}

async function read(growth: Growth): Promise<void> {
  const next = await growth.chunks.next();
  if (next.done) finish(growth);
  else take(growth, next.value);
}

function take(growth: Growth, chunk: Uint8Array): void {
  const { decoder, source } = growth;
  const problem = decoder.feed(growth.text.decode(chunk, { stream: true }));
  if (growth.builder === undefined && decoder.header !== undefined) {
    growth.builder = buildTimeline(decoder.header, { budget: growth.room.keyframes });
  }
  growth.batch = decoder.drain();
  growth.at = 0;
  if (problem !== undefined) stop(growth, new Failure(problemText(problem, source.name)));
}

function finish(growth: Growth): void {
  const { decoder, source, builder } = growth;
  decoder.feed(growth.text.decode());
  const decoded = decoder.end();
  growth.ended = true;
  if (!decoded.ok) {
    stop(growth, new Failure(problemText(decoded.error, source.name)));
    return;
  }
  growth.batch = decoded.events;
  growth.at = 0;
  for (const warning of source.warnings) builder?.warn(warning);
  for (const warning of decoded.warnings) builder?.warn(`${source.name}: ${warning}`);
}

function stop(growth: Growth, failure: Failure): void {
  growth.ended = true;
  growth.failure ??= failure;
}

/** Reads and folds until a moment has come. */
async function more(growth: Growth, until: number, io: Io): Promise<boolean> {
  try {
    for (;;) {
      if (fold(growth, until, io)) return true;
      if (growth.ended) return false;
      growth.failure ??= checkRoom(growth.room, growth.source.name, growth.builder);
      if (growth.failure !== undefined) {
        growth.ended = true;
        await growth.chunks.return?.();
        return false;
      }
      await read(growth);
      if (io.now() >= until) return true;
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    stop(growth, error);
    growth.batch = [];
    return false;
  }
}

/** True: the time is over before the batch is. */
function fold(growth: Growth, until: number, io: Io): boolean {
  const builder = growth.builder as TimelineBuilder;
  const { header } = builder.timeline;
  const log = { name: growth.source.name, header, events: growth.batch };
  while (growth.at < growth.batch.length) {
    const event = growth.batch[growth.at] as LogEvent;
    guarded(log, growth.at, () => builder.add(event), builder.timeline.length);
    growth.at += 1;
    if (growth.at % 64 === 0 && io.now() >= until) return true;
  }
  return false;
}

function status(growth: Growth): string {
  if (growth.failure !== undefined) return `stopped: ${growth.failure.message}`;
  if (growth.ended && growth.at >= growth.batch.length) return '';
  const { done, of } = growth.source.progress();
  return of === undefined ? 'reading' : `reading ${Math.min(99, Math.floor((100 * done) / of))} %`;
}
