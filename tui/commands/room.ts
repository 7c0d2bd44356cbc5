/**
 * How much memory a log may take. What is larger than that is found out while there is still room
 * to say so, and to go on with the part that is there.
 */
import { totalmem } from 'node:os';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Failure } from '../files/failure.ts';
import type { TimelineBuilder } from './engine.ts';
import { megabytes } from './progress.ts';

export type Room = {
  /** Octets for keyframes. */
  readonly keyframes: number;
  /** What is in use of the heap must stay below this, octets. */
  readonly heapMax: number;
  /** And the process as a whole below this. */
  readonly processMax: number;
};

export type Memory = ReturnType<TimelineBuilder['memory']>;

/**
 * This part of the machine's memory may be full before the reading of a log is stopped, and this
 * part of the heap may be in use: V8 ends the process when collections find little to free and what
 * they leave is beyond four fifths of the heap without its nursery.
 */
const FULL = 0.9;
const IN_USE = 0.75;
const NURSERY = 128e6;
/** Without a wish keyframes take this part of the heap at most. */
const SHARE = 0.5;
const LEAST_MB = 16;

/** `budget`: megabytes for keyframes, as the user says. */
export function roomFor(budget: number | undefined): Room {
  const { heap_size_limit: limit } = getHeapStatistics();
  const heapMax = Math.max(0, limit - NURSERY) * IN_USE;
  const wanted = budget === undefined ? heapMax * SHARE : budget * 1e6;
  if (budget !== undefined && budget < LEAST_MB) {
    throw new Failure(`--budget ${budget}: expected at least ${LEAST_MB}, in megabytes`);
  }
  if (wanted > heapMax) {
    throw new Failure(
      `--budget ${budget}: expected at most ${mb(heapMax)}, the megabytes that there are. ` +
        LARGER,
    );
  }
  return { keyframes: wanted, heapMax, processMax: machineMemory() * FULL };
}

/** What the machine has, or what a container leaves of it. */
function machineMemory(): number {
  const allowed = process.constrainedMemory?.() ?? 0;
  const all = totalmem();
  return allowed > 0 && allowed < all ? allowed : all;
}

/** The reason why no more can be read, once memory is nearly full. */
export function checkRoom(
  room: Room,
  name: string,
  events: number,
  memory?: Memory,
): Failure | undefined {
  const full = isHeapFull(room.heapMax);
  const rss = process.memoryUsage.rss();
  if (!full && rss < room.processMax) return undefined;
  const used = full ? getHeapStatistics().used_heap_size : rss;
  const max = full ? room.heapMax : room.processMax;
  const frames = memory === undefined ? '' : `, ${mb(memory.keyframes)} of them by keyframes`;
  return new Failure(
    `${name}: the log is larger than memory allows: after ${events} events ` +
      `${mb(used)} of ${mb(max)} MB are used${frames}. ${whatToDo(memory)}`,
  );
}

/** From so many octets of the heap on it is worth a collection to know how many are in use. */
let lookAgain = 0;

/** Whether too much of the heap is in use; garbage does not count. */
function isHeapFull(max: number): boolean {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  if (used < max || used < lookAgain) return false;
  collect?.();
  const left = getHeapStatistics().used_heap_size;
  if (left >= max) return true;
  lookAgain = left + (limit - left) / 3;
  return false;
}

/** V8's own collection; only it knows what is garbage. */
const collect: (() => void) | undefined = collector();

function collector(): (() => void) | undefined {
  try {
    setFlagsFromString('--expose-gc');
    return runInNewContext('gc') as () => void;
  } catch {
    return undefined;
  }
}

function mb(octets: number): string {
  return (octets / 1e6).toFixed(0);
}

const LARGER = 'More memory: NODE_OPTIONS=--max-old-space-size=MEGABYTES';
const PART = 'A part: twomsl convert LOG PART.arrows --until TIME, or --events N';

function whatToDo(memory: Memory | undefined): string {
  const less = memory === undefined ? '' : 'A smaller --budget leaves more for events. ';
  return `${less}${PART}. ${LARGER}`;
}

export type Forecast = {
  /** Looks how far it is; warns once if memory will not last. */
  look(): void;
};

type Growth = {
  readonly name: string;
  progress(): { readonly done: number; readonly of: number | undefined };
};

/** Events by which a log shows what the rest of it will take. */
const ENOUGH = 200_000;
/** The program itself, and what waits for the next collection. */
const BASE = 300e6;

/**
 * Tells as early as it can be known that a log will not fit, from how much of the file is read and
 * what that took. A pipe has no size: there only `checkRoom` speaks.
 */
export function createForecast(room: Room, log: Growth, builder: TimelineBuilder): Forecast {
  let next = ENOUGH;
  return {
    look() {
      const { length } = builder.timeline;
      if (length < next) return;
      const { done, of } = log.progress();
      if (of === undefined || done === 0) return;
      next = 2 * length;
      const times = Math.max(1, of / done);
      const { keyframes, events, index } = builder.memory();
      const heap = BASE + Math.min(room.keyframes, keyframes * times) + index * times;
      const all = heap + events * times;
      if (heap < room.heapMax && all < room.processMax) return;
      next = Number.POSITIVE_INFINITY;
      const [needed, max] = heap >= room.heapMax ? [heap, room.heapMax] : [all, room.processMax];
      builder.warn(
        `${log.name}: the log is likely larger than memory allows: its ` +
          `${megabytes(of, undefined)} will take about ${mb(needed)} MB, of ${mb(max)} that may ` +
          `be used. What fits is shown. ${whatToDo(builder.memory())}`,
      );
    },
  };
}
