/**
 * Making a timeline: the log is folded once in batches, a keyframe is kept after each, and indexes
 * are gathered on the way. Snapshots share structure, so a keyframe costs only what changed since.
 */
import type { Micros } from '../base/time.ts';
import type { LogEvent } from '../log/event.ts';
import type { LogHeader } from '../log/header.ts';
import { type State, stateNumber } from '../tcp/states.ts';
import {
  type Biographies,
  biographyOf,
  connKey,
  createBiographies,
  noteTouched,
} from './biographies.ts';
import { holds } from './condition.ts';
import { applyEvent, evolve, foldAll } from './evolve.ts';
import { createFeatures, type Features, noteFeatures } from './features.ts';
import { initialState } from './initial.ts';
import { postingsCount, readPostings } from './postings.ts';
import { momentAt, type Searchable, search } from './search.ts';
import type { Snapshot } from './snapshot.ts';
import { countEvent, createStatistics, type Statistics, seriesOf } from './statistics.ts';
import type { Explained, Timeline } from './timeline.ts';
import { commit, openWorld, type World } from './world.ts';

/** Events between keyframes. */
export const KEYFRAME_EVERY = 1_000;
const CACHE_MAX = 64;
const LISTS_MAX = 16;

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
  readonly features: Features;
  readonly biographies: Biographies;
  readonly cache: Map<number, Snapshot>;
  /** Events of connections, by their place in the list of biographies. */
  readonly lists: Map<number, readonly number[]>;
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
    features: createFeatures(),
    biographies: createBiographies(),
    cache: new Map(),
    lists: new Map(),
  };
  const { events, statistics, features, biographies } = state;
  return {
    add(event) {
      applyEvent(world, event);
      const n = events.length;
      const counted = countEvent(statistics, event.t, world.touched);
      noteFeatures(features, world, event, n, counted);
      noteTouched(biographies, features, world, n);
      events.push(event);
      if (events.length % KEYFRAME_EVERY === 0) state.keyframes.push(commit(world));
    },
    warn(warning) {
      state.warnings.push(warning);
    },
    timeline: viewOf(state),
  };
}

function viewOf(state: Folded): Timeline {
  const { header, events, biographies, statistics, features } = state;
  const log: Searchable = {
    header,
    statistics,
    features,
    biographies,
    get length() {
      return events.length;
    },
    event: (n) => eventAt(state, n),
    at: (n) => snapshotAt(state, n),
    explain: (n) => explain(state, n),
  };
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
    biography: (host, conn) => biographyOf(biographies, host, conn),
    biographies: () => biographies.list,
    eventsOf: (host, conn) => eventsOf(state, connKey(host, conn)),
    search: (n, step, condition) => search(log, n, step, condition),
    holds: (n, condition) => holds(condition, momentAt(log, n)),
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
  remember(cache, n, snapshot, CACHE_MAX);
  return snapshot;
}

function remember<T>(cache: Map<number, T>, n: number, value: T, max: number): void {
  cache.delete(n);
  cache.set(n, value);
  if (cache.size > max) cache.delete(cache.keys().next().value as number);
}

function explain(state: Folded, n: number): Explained {
  const event = eventAt(state, n);
  const before = snapshotAt(state, n);
  const { snapshot: after, effects } = evolve(state.header, before, event);
  remember(state.cache, n + 1, after, CACHE_MAX);
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

/** Kept for those asked for last: one that served many is long to read. */
function eventsOf(state: Folded, key: number): readonly number[] {
  const { biographies, lists } = state;
  const place = biographies.byKey.get(key);
  if (place === undefined) return [];
  const known = lists.get(place);
  if (known !== undefined && known.length === postingsCount(biographies.events, place)) {
    return known;
  }
  const list = readPostings(biographies.events, place).filter((_, i) => i % 2 === 0);
  remember(lists, place, list, LISTS_MAX);
  return list;
}
