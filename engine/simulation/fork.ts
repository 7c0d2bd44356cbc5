/**
 * A fork: the log up to a position, something else at that moment, and the simulation from there.
 *
 * It needs the snapshot at the position and the header, nothing else. Since every draw is a hash of
 * what it is for, the fork differs from its origin by the change alone.
 */
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

/**
 * Forks a timeline after `n` events. Throws a RangeError where `n` is not in the log, an Error
 * where a host is recorded: it does nothing by itself, so there is nothing to run on.
 */
export function forkTimeline(
  timeline: Timeline,
  n: number,
  changes: readonly ForkChange[] = [],
  options: SimulationOptions = {},
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
    events: eventsOf(timeline, n, changes, simulation),
    snapshot: (count) => (count <= n ? timeline.at(count) : simulation.snapshot()),
  };
}

function* eventsOf(
  timeline: Timeline,
  n: number,
  changes: readonly ForkChange[],
  simulation: Simulation,
): Generator<LogEvent, void> {
  const t = timeline.at(n).time;
  for (let i = 0; i < n; i += 1) yield timeline.event(i);
  for (const change of changes) {
    const event = { t, ...change } as LogEvent;
    simulation.apply(event);
    yield event;
  }
  for (let event = simulation.next(); event !== undefined; event = simulation.next()) yield event;
}
