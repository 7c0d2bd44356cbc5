/**
 * Making a timeline: the log is folded once in batches, a keyframe is kept after each, and indexes
 * are gathered on the way. Snapshots share structure, so a keyframe costs only what changed since.
 */
import type { Micros } from '../base/time.ts';
import type { LogEvent } from '../log/event.ts';
import type { LogHeader } from '../log/header.ts';
import { type State, stateNumber } from '../tcp/states.ts';
import { type Biographies, connKey, createBiographies, noteTouched } from './biographies.ts';
import { applyEvent, evolve, foldAll } from './evolve.ts';
import { initialState } from './initial.ts';
import type { Snapshot } from './snapshot.ts';
import { countEvent, createStatistics, type Statistics, seriesOf } from './statistics.ts';
import type { Explained, Timeline } from './timeline.ts';
import { commit, hostOf, openWorld, type World } from './world.ts';

/** Events between keyframes. */
export const KEYFRAME_EVERY = 1_000;
const CACHE_MAX = 64;

/** A timeline that is still being loaded: events are added at its end. */
export type TimelineBuilder = {
  add(event: LogEvent): void;
  warn(warning: string): void;
  /** A view that grows with the builder. */
  readonly timeline: Timeline;
};

type Folded = {
  readonly header: LogHeader;
  readonly events: LogEvent[];
  readonly warnings: string[];
  readonly keyframes: Snapshot[];
  readonly world: World;
  readonly statistics: Statistics;
  readonly biographies: Biographies;
  readonly cache: Map<number, Snapshot>;
};

/** A timeline of a whole log. */
export function createTimeline(
  header: LogHeader,
  events: Iterable<LogEvent>,
  warnings: readonly string[] = [],
): Timeline {
  const builder = buildTimeline(header);
  for (const event of events) builder.add(event);
  for (const warning of warnings) builder.warn(warning);
  return builder.timeline;
}

export function buildTimeline(header: LogHeader): TimelineBuilder {
  const first = initialState(header);
  const world = openWorld(header, first, false);
  const state: Folded = {
    header,
    events: [],
    warnings: [],
    keyframes: [first],
    world,
    statistics: createStatistics(header.hosts.length),
    biographies: createBiographies(),
    cache: new Map(),
  };
  const statesOf = (host: number) => hostOf(world, host).states;
  return {
    add(event) {
      applyEvent(world, event);
      noteTouched(state.biographies, world, state.events.length);
      countEvent(state.statistics, event.t, statesOf);
      state.events.push(event);
      if (state.events.length % KEYFRAME_EVERY === 0) state.keyframes.push(commit(world));
    },
    warn(warning) {
      state.warnings.push(warning);
    },
    timeline: viewOf(state),
  };
}

function viewOf(state: Folded): Timeline {
  const { header, events, biographies } = state;
  return {
    header,
    get length() {
      return events.length;
    },
    warnings: state.warnings,
    at: (n) => snapshotAt(state, n),
    event: (n) => eventAt(state, n),
    timeOf: (n) => eventAt(state, n).t,
    indexAt: (time) => indexAt(events, time),
    explain: (n) => explain(state, n),
    series: (host, name, columns) => series(state, host, name, columns),
    biography: (host, conn) => biographies.byKey.get(connKey(host, conn)),
    biographies: () => biographies.list,
    eventsOf: (host, conn) => biographies.events.get(connKey(host, conn)) ?? [],
    search: (n, step, condition) => search(state, n, step, condition),
  };
}

function eventAt(state: Folded, n: number): LogEvent {
  const event = state.events[n];
  if (event === undefined) throw new RangeError(`no event ${n} in a log of ${state.events.length}`);
  return event;
}

/** The nearest keyframe or cached snapshot at or before `n`, and the fold of the rest. */
function snapshotAt(state: Folded, n: number): Snapshot {
  const { events, keyframes, cache, header } = state;
  if (n < 0 || n > events.length) {
    throw new RangeError(`position ${n} is not in a log of ${events.length} events`);
  }
  const cached = cache.get(n);
  if (cached !== undefined) return cached;
  const frame = Math.min(Math.floor(n / KEYFRAME_EVERY), keyframes.length - 1);
  let from = frame * KEYFRAME_EVERY;
  let snapshot = keyframes[frame] as Snapshot;
  for (const [at, near] of cache) {
    if (at > from && at <= n) {
      from = at;
      snapshot = near;
    }
  }
  if (from !== n) snapshot = foldAll(header, snapshot, events.slice(from, n));
  remember(cache, n, snapshot);
  return snapshot;
}

function remember(cache: Map<number, Snapshot>, n: number, snapshot: Snapshot): void {
  cache.set(n, snapshot);
  if (cache.size > CACHE_MAX) cache.delete(cache.keys().next().value as number);
}

function explain(state: Folded, n: number): Explained {
  const event = eventAt(state, n);
  const before = snapshotAt(state, n);
  const { snapshot: after, effects } = evolve(state.header, before, event);
  remember(state.cache, n + 1, after);
  return { n, event, before, after, effects };
}

/** Position after the last event at or before `time`: a binary search. */
function indexAt(events: readonly LogEvent[], time: Micros): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle] as LogEvent).t <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function series(state: Folded, host: number, name: State, columns: number): readonly number[] {
  const { events, statistics } = state;
  const end = events.length === 0 ? 0 : (events[events.length - 1] as LogEvent).t;
  return seriesOf(statistics, host, stateNumber(name), columns, 0, end);
}

function search(
  state: Folded,
  n: number,
  step: 1 | -1,
  condition: (snapshot: Snapshot, n: number) => boolean,
): number {
  const { events, header } = state;
  if (step > 0) {
    let snapshot = n < 0 ? undefined : snapshotAt(state, n);
    for (let at = n + 1; at <= events.length; at += 1) {
      snapshot =
        snapshot === undefined
          ? snapshotAt(state, at)
          : foldAll(header, snapshot, [events[at - 1] as LogEvent]);
      if (condition(snapshot, at)) return at;
    }
    return -1;
  }
  // Backwards by keyframes: each stretch is folded forward once and its last hit is kept.
  let end = Math.min(n - 1, events.length);
  while (end >= 0) {
    const from = Math.floor(end / KEYFRAME_EVERY) * KEYFRAME_EVERY;
    let snapshot = snapshotAt(state, from);
    let found = condition(snapshot, from) ? from : -1;
    for (let at = from + 1; at <= end; at += 1) {
      snapshot = foldAll(header, snapshot, [events[at - 1] as LogEvent]);
      if (condition(snapshot, at)) found = at;
    }
    if (found >= 0) return found;
    end = from - 1;
  }
  return -1;
}
