/**
 * A fork: the log up to a position, something else at that moment, and the simulation from there.
 *
 * It needs the snapshot at the position and the header, nothing else. Since every draw is a hash of
 * what it is for, the fork differs from its origin by the change alone.
 */
import type { Micros } from '../base/time.ts';
import type { LogEvent } from '../log/event.ts';
import type { LogHeader } from '../log/header.ts';
import type { Snapshot } from '../timeline/snapshot.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { type Simulation, type SimulationOptions, startSimulation } from './simulate.ts';

/** An event to put in at the moment of the fork; its time is that moment. */
export type ForkChange = LogEvent extends infer E ? (E extends LogEvent ? Omit<E, 't'> : never) : 0;

export type Fork = {
  readonly header: LogHeader;
  /** The events of the origin before the fork, the changes, and what follows from them. */
  readonly events: Generator<LogEvent, void>;
  /** The snapshot after the `count` events that were taken so far. */
  snapshot(count: number): Snapshot;
};

export type ForkOptions = SimulationOptions & {
  /**
   * When the changes take place: not before the last event of the origin that is kept, not after
   * the next one. Without it at the last one kept.
   */
  readonly time?: Micros;
};

/**
 * Forks a timeline after `n` events. Throws a RangeError where `n` is not in the log, an Error
 * where a host is recorded: it does nothing by itself, so there is nothing to run on.
 */
export function forkTimeline(
  timeline: Timeline,
  n: number,
  changes: readonly ForkChange[] = [],
  options: ForkOptions = {},
): Fork {
  const { header } = timeline;
  const recorded = header.hosts.find((host) => host.observed === true);
  if (recorded !== undefined) {
    throw new Error(`a recording cannot be run on: ${recorded.name} did what was recorded`);
  }
  const title = `${header.title}, forked after event ${n}`;
  const simulation = startSimulation(header, timeline.at(n), options);
  return {
    header: { ...header, title },
    events: eventsOf(timeline, n, changes, simulation, timeOf(timeline, n, options.time)),
    snapshot: (count) => (count <= n ? timeline.at(count) : simulation.snapshot()),
  };
}

/** The moment of the changes, held to what lies before and after them. */
function timeOf(timeline: Timeline, n: number, asked: Micros | undefined): Micros {
  const before = timeline.at(n).time;
  if (asked === undefined) return before;
  const after = n < timeline.length ? timeline.event(n).t : asked;
  return Math.max(before, Math.min(asked, after));
}

function* eventsOf(
  timeline: Timeline,
  n: number,
  changes: readonly ForkChange[],
  simulation: Simulation,
  t: Micros,
): Generator<LogEvent, void> {
  for (let i = 0; i < n; i += 1) yield timeline.event(i);
  // A log that was stopped early has more to come before a moment that lies after its end.
  while (n === timeline.length && t > timeline.at(n).time) {
    const event = simulation.next(t);
    if (event === undefined) break;
    yield event;
  }
  for (const change of changes) {
    const event = { t, ...change } as LogEvent;
    simulation.apply(event);
    yield event;
  }
  for (let event = simulation.next(); event !== undefined; event = simulation.next()) yield event;
}
