/**
 * Folding a log in slices, with progress and with word of an interruption. A log whose every line
 * is well formed can still tell what cannot be, such as a call on a connection that never was; what
 * the engine says to that is told with the event.
 */

import { Failure } from '../files/failure.ts';
import {
  buildTimeline,
  type Effects,
  type Events,
  foldAll,
  initialState,
  type LogEvent,
  type LogHeader,
  type Look,
  lookThrough,
  type Snapshot,
  type Timeline,
} from './engine.ts';
import type { Io } from './io.ts';
import { createPace } from './progress.ts';
import { checkRoom, type Memory, type Room, roomFor } from './room.ts';

export type Foldable = {
  readonly name: string;
  readonly header: LogHeader;
  readonly events: Events;
};

const BATCH = 1000;

/** The snapshot after the first `count` events; undefined: interrupted. */
export async function foldTo(log: Foldable, count: number, io: Io): Promise<Snapshot | undefined> {
  let snapshot = begin(log);
  const room = roomFor(undefined);
  const pace = createPace(io, () => `folding ${log.name}: ${snapshot.events} of ${count} events`);
  try {
    for (let at = 0; at < count; at += BATCH) {
      snapshot = foldBatch(log, snapshot, at, Math.min(at + BATCH, count));
      checkMemory(room, log, snapshot.events);
      if (await pace.now()) return undefined;
    }
  } finally {
    pace.done();
  }
  return snapshot;
}

/** If a batch fails it is folded again event by event, to name the one that is wrong. */
function foldBatch(log: Foldable, from: Snapshot, at: number, end: number): Snapshot {
  const { header, events } = log;
  try {
    return foldAll(header, from, events.slice(at, end));
  } catch {
    let snapshot = from;
    for (let n = at; n < end; n += 1) {
      const before = snapshot;
      snapshot = guarded(log, n, () => foldAll(header, before, events.slice(n, n + 1)));
    }
    return snapshot;
  }
}

/** Folds event by event and shows what each did; undefined: interrupted. */
export async function foldEach(
  log: Foldable,
  io: Io,
  show: (look: Look, effects: Effects, event: LogEvent, n: number) => void,
): Promise<Snapshot | undefined> {
  const { header, events, name } = log;
  const look = guarded(log, -1, () => lookThrough(header));
  let n = 0;
  const room = roomFor(undefined);
  const pace = createPace(io, () => `folding ${name}: ${n} of ${events.length} events`);
  try {
    for (const event of events) {
      const effects = guarded(log, n, () => look.apply(event));
      show(look, effects, event, n);
      n += 1;
      if (n % BATCH === 0) checkMemory(room, log, n);
      const stop = pace.step();
      if (typeof stop === 'boolean' ? stop : await stop) return undefined;
    }
  } finally {
    pace.done();
  }
  return look.snapshot();
}

/** The timeline that the dashboard travels; undefined: interrupted. */
export async function timelineOf(
  log: Foldable,
  warnings: readonly string[],
  io: Io,
  budget?: number,
): Promise<Timeline | undefined> {
  const builder = guarded(log, -1, () =>
    buildTimeline(log.header, budget === undefined ? {} : { budget }),
  );
  const { timeline } = builder;
  const room = roomFor(undefined);
  const pace = createPace(io, () => `folding: ${timeline.length} of ${log.events.length} events`);
  try {
    for (const event of log.events) {
      guarded(log, timeline.length, () => builder.add(event));
      if (timeline.length % BATCH === 0) {
        checkMemory(room, log, timeline.length, builder.memory());
      }
      const stop = pace.step();
      if (typeof stop === 'boolean' ? stop : await stop) return undefined;
    }
  } finally {
    pace.done();
  }
  for (const warning of warnings) builder.warn(warning);
  return timeline;
}

/** There is room for the events of a log, and perhaps none for what they make. */
function checkMemory(room: Room, { name }: Foldable, events: number, memory?: Memory): void {
  const full = checkRoom(room, name, events, memory);
  if (full !== undefined) throw full;
}

function begin(log: Foldable): Snapshot {
  return guarded(log, -1, () => initialState(log.header));
}

/**
 * `n`: the event that is folded, by its place in the list; -1: the header is made a snapshot.
 * `number`: the event's number in the log, where the list is a part of it.
 */
export function guarded<T>(log: Foldable, n: number, work: () => T, number = n): T {
  try {
    return work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const event = log.events.at(n < 0 ? log.events.length : n);
    const what = event === undefined ? 'the header' : `event ${number} (${event.ev}, t=${event.t})`;
    throw new Failure(
      `${log.name}: ${what} cannot be folded: ${message}. ` +
        'Expected events that can follow from each other; was the log changed by hand?',
    );
  }
}
