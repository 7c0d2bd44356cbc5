/**
 * Writing a log as it is made. An interruption ends it at an event: its end line tells how many
 * there are and the digest of the snapshot so far, so what was written is a whole log.
 */

import type { WriterOptions } from '../files/log-file.ts';
import { createLogWriter, formatFor } from '../files/log-format.ts';
import type { Sink } from '../files/write.ts';
import { digestOf, formatTime, type LogEvent, type LogHeader, type Snapshot } from './engine.ts';
import type { Io } from './io.ts';
import { createPace } from './progress.ts';

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
  /** What holds the part of a log that was interrupted, as the user would call it. */
  readonly holder: string;
};

/** `name`: what the sink is called, which says in which form the log is to be written. */
export async function record(
  recording: Recording,
  sink: Sink,
  name: string,
  io: Io,
  options: WriterOptions = {},
): Promise<Recorded> {
  const { header, events } = recording;
  let count = 0;
  let time = 0;
  let interrupted = false;
  const pace = createPace(io, () => `${count} events, clock ${formatTime(time)}`);
  try {
    const writer = await createLogWriter(header, formatFor(name), name, options);
    await sink.write(writer.begin());
    for (const event of events) {
      const written = writer.add(event);
      count += 1;
      time = event.t;
      if (written !== undefined) await sink.write(written);
      const stop = pace.step();
      interrupted = typeof stop === 'boolean' ? stop : await stop;
      if (interrupted) break;
    }
    const digest = digestOf(recording.snapshot(count));
    await sink.write(writer.end({ events: count, digest }));
    let holder = name;
    if (interrupted) holder = await sink.closePart();
    else await sink.close();
    return { events: count, time, digest, interrupted, holder };
  } catch (error) {
    await sink.discard();
    throw error;
  } finally {
    pace.done();
  }
}
