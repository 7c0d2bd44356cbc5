/**
 * Writing a log as it is made. An interruption ends it at an event: its end line tells how many
 * there are and the digest of the snapshot so far, so what was written is a whole log.
 */

import type { Sink } from '../files/write.ts';
import {
  createEventEncoder,
  digestOf,
  encodeHeader,
  encodeTrailer,
  formatTime,
  type LogEvent,
  type LogHeader,
  type Snapshot,
} from './engine.ts';
import type { Io } from './io.ts';
import { createPace } from './progress.ts';

/** Lines handed over at once: joining them is twice as fast as growing one text. */
const LINES = 256;

/** Events, and the snapshot after the first `count` of them. */
export type Recording = {
  readonly header: LogHeader;
  readonly events: Iterable<LogEvent>;
  readonly snapshot: (count: number) => Snapshot;
};

export type Recorded = {
  readonly events: number;
  readonly time: number;
  readonly digest: string;
  readonly interrupted: boolean;
};

export async function record(recording: Recording, sink: Sink, io: Io): Promise<Recorded> {
  const { header, events } = recording;
  const encode = createEventEncoder(header);
  let lines = [encodeHeader(header)];
  let count = 0;
  let time = 0;
  let interrupted = false;
  const pace = createPace(io, () => `${count} events, clock ${formatTime(time)}`);
  try {
    for (const event of events) {
      lines.push(encode(event));
      count += 1;
      time = event.t;
      if (lines.length >= LINES) {
        await sink.write(`${lines.join('\n')}\n`);
        lines = [];
      }
      const stop = pace.step();
      interrupted = typeof stop === 'boolean' ? stop : await stop;
      if (interrupted) break;
    }
    const digest = digestOf(recording.snapshot(count));
    lines.push(encodeTrailer({ events: count, digest }));
    await sink.write(`${lines.join('\n')}\n`);
    await sink.close();
    return { events: count, time, digest, interrupted };
  } catch (error) {
    await sink.discard();
    throw error;
  } finally {
    pace.done();
  }
}
