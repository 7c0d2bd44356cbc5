/**
 * How much memory a log may take. What is larger than that is found out while there is still room
 * to say so, and to go on with the part that is there.
 */
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { Failure } from '../files/failure.ts';
import type { TimelineBuilder } from './engine.ts';

export type Room = {
  /** Octets for keyframes. */
  readonly keyframes: number;
  /** The heap must stay below this, octets. */
  readonly heapMax: number;
};

/**
 * Of the heap, and of the machine's memory, this part may be full before the reading of a log is
 * stopped. The heap comes near its limit only when a collection has found little to free.
 */
const FULL = 0.92;
/** Without a wish keyframes take this part of the heap at most. */
const SHARE = 0.4;
const LEAST_MB = 16;

/** `budget`: megabytes for keyframes, as the user says. */
export function roomFor(budget: number | undefined): Room {
  const limit = getHeapStatistics().heap_size_limit;
  const wanted = budget === undefined ? limit * SHARE : budget * 1e6;
  if (budget !== undefined && budget < LEAST_MB) {
    throw new Failure(`--budget ${budget}: expected at least ${LEAST_MB}, in megabytes`);
  }
  if (wanted > limit * FULL) {
    throw new Failure(
      `--budget ${budget}: expected at most ${Math.floor((limit * FULL) / 1e6)}, the megabytes ` +
        `that there are. ${larger()}`,
    );
  }
  return { keyframes: wanted, heapMax: limit * FULL };
}

/** The reason why no more can be read, once the heap is nearly full. */
export function checkRoom(
  room: Room,
  name: string,
  builder: TimelineBuilder | undefined,
): Failure | undefined {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  const full = used >= room.heapMax || process.memoryUsage.rss() >= totalmem() * FULL;
  if (!full || builder === undefined) return undefined;
  const mb = (octets: number): string => (octets / 1e6).toFixed(0);
  return new Failure(
    `${name}: the log is larger than memory allows: after ${builder.timeline.length} events ` +
      `${mb(used)} of ${mb(limit)} MB are used, ${mb(builder.memory().keyframes)} of them by ` +
      `keyframes. A smaller --budget leaves more for events. ${larger()}`,
  );
}

function larger(): string {
  return 'More memory: NODE_OPTIONS=--max-old-space-size=MEGABYTES';
}
