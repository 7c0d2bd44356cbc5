/**
 * A log opened before it is read: the dashboard starts with its first events, and the rest is read
 * and folded between frames. What is wrong with the log further on ends the reading; what came
 * before stays on screen, and the reason is told there and when the dashboard is left.
 */
import type { Loading } from '../app/loading.ts';
import { Failure } from '../files/failure.ts';
import type { LogStream } from '../files/log-stream.ts';
import { buildTimeline, type LogEvent, type Timeline, type TimelineBuilder } from './engine.ts';
import { guarded } from './fold.ts';
import type { Io } from './io.ts';
import { type Extent, foretell, openLog, partly, within } from './load.ts';
import { megabytes } from './progress.ts';
import { checkRoom, createForecast, type Forecast, type Room } from './room.ts';

export type Growing = {
  readonly name: string;
  readonly timeline: Timeline;
  readonly loading: Loading;
  /** Why the reading stopped before the end; undefined: it did not. */
  readonly failure: () => Failure | undefined;
};

type Growth = {
  readonly stream: LogStream;
  readonly room: Room;
  readonly extent: Extent;
  readonly builder: TimelineBuilder;
  readonly forecast: Forecast;
  /** Events that are read and not yet folded, the next one at `at`. */
  batch: readonly LogEvent[];
  at: number;
  /** The reading that is under way; a pipe may keep it waiting for long. */
  reading: Promise<void> | undefined;
  ended: boolean;
  failure: Failure | undefined;
  /** Why the log ends where it does, in a word or two; '': it ends there. */
  why: string;
};

/** Undefined: interrupted. */
export async function growLog(
  name: string,
  io: Io,
  room: Room,
  extent: Extent = {},
): Promise<Growing | undefined> {
  const stream = await openLog(name, io);
  if (stream === undefined) return undefined;
  const builder = guarded({ name: stream.name, header: stream.header, events: [] }, -1, () =>
    buildTimeline(stream.header, { budget: room.keyframes }),
  );
  const growth: Growth = {
    stream,
    room,
    extent,
    builder,
    forecast: createForecast(room, stream, builder),
    batch: [],
    at: 0,
    reading: undefined,
    ended: false,
    failure: undefined,
    why: '',
  };
  return {
    name: stream.name,
    timeline: builder.timeline,
    loading: { more: (ms) => more(growth, io.now() + ms, io), status: () => status(growth) },
    failure: () => growth.failure,
  };
}

/** Takes what comes next; what keeps it from coming ends the log here. */
async function read(growth: Growth): Promise<void> {
  const { stream, builder, extent } = growth;
  try {
    const events = await stream.next();
    const { wanted, more } = within(extent, events ?? [], builder.timeline.length);
    growth.batch = wanted;
    growth.at = 0;
    growth.ended = events === undefined || !more;
    if (events === undefined) {
      if (stream.trailer === undefined) growth.why = 'the log is cut';
      for (const warning of stream.warnings) builder.warn(warning);
    } else if (!more) {
      builder.warn(partly(stream.name, builder.timeline.length + wanted.length));
      await stream.close();
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    stop(growth, error);
  } finally {
    growth.reading = undefined;
  }
}

/** `why`: in a word or two, for the line that has no room for more. */
function stop(growth: Growth, failure: Failure, why = 'damaged'): void {
  growth.ended = true;
  growth.batch = [];
  growth.at = 0;
  growth.failure = failure;
  growth.why = why;
  growth.builder.warn(failure.message);
}

/** Reads and folds until a moment has come. */
async function more(growth: Growth, until: number, io: Io): Promise<boolean> {
  const { stream, builder, room } = growth;
  for (;;) {
    if (growth.reading === undefined && fold(growth, until, io)) return true;
    if (growth.ended) return false;
    const full = checkRoom(room, stream.name, builder.timeline.length, builder.memory());
    if (full !== undefined) {
      stop(growth, full, 'memory is full');
      await stream.close();
      return false;
    }
    growth.forecast.look();
    growth.reading ??= read(growth);
    await soon(growth.reading, until - io.now());
    if (io.now() >= until) return true;
  }
}

/** Waits for the work, but no longer than so many milliseconds. */
async function soon(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(1, ms));
  });
  try {
    await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}

/** True: the time is over before the batch is. */
function fold(growth: Growth, until: number, io: Io): boolean {
  const { builder, stream, batch } = growth;
  const log = { name: stream.name, header: stream.header, events: batch };
  try {
    while (growth.at < batch.length) {
      const event = batch[growth.at] as LogEvent;
      foretell(stream, builder, event);
      guarded(log, growth.at, () => builder.add(event), builder.length);
      growth.at += 1;
      if (growth.at % 64 === 0 && io.now() >= until) return true;
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    stop(growth, error);
  }
  return false;
}

function status(growth: Growth): string {
  if (growth.failure !== undefined) return `stopped: ${growth.why}`;
  if (growth.ended && growth.at >= growth.batch.length) return growth.why;
  const { done, of } = growth.stream.progress();
  const part =
    of === undefined ? megabytes(done, undefined) : `${Math.min(99, percent(done, of))} %`;
  return `reading ${part}`;
}

function percent(done: number, of: number): number {
  return Math.floor((100 * done) / of);
}
