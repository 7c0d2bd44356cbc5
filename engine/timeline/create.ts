/**
 * Making a timeline: the log is folded once in batches, a keyframe is kept after each, and indexes
 * are gathered on the way. Snapshots share structure, so a keyframe costs only what changed since.
 */
import { createRecent, type Recent, recall, remember } from '../base/recent.ts';
import type { Micros } from '../base/time.ts';
import type { Columns } from '../log/columns.ts';
import type { LogEvent } from '../log/event.ts';
import type { LogHeader } from '../log/header.ts';
import { type State, stateNumber } from '../tcp/states.ts';
import {
  type Biographies,
  biographiesBytes,
  biographyOf,
  createBiographies,
  noteTouched,
  placeOf,
} from './biographies.ts';
import { holds, segmentOf } from './condition.ts';
import { applyEvent, evolve, foldAll } from './evolve.ts';
import { createFeatures, type Features, featuresBytes, noteFeatures } from './features.ts';
import { initialState } from './initial.ts';
import {
  addKeyframe,
  createKeyframes,
  isKeyframeDue,
  type Keyframes,
  keyframeBytes,
  nearestKeyframe,
} from './keyframes.ts';
import { allLives } from './lives.ts';
import { postingsBytes, postingsCount, readPostings } from './postings.ts';
import { momentAt, type Searchable, search } from './search.ts';
import type { Snapshot } from './snapshot.ts';
import {
  countEvent,
  createStatistics,
  type Statistics,
  seriesOf,
  statisticsBytes,
} from './statistics.ts';
import { createEventStore, type EventStore } from './store.ts';
import type { Explained, Timeline } from './timeline.ts';
import { commit, openWorld, type World } from './world.ts';

/** Where somebody is, and some steps each way. */
const CACHE_MAX = 4;
const LISTS_MAX = 16;

export type TimelineOptions = {
  /** Octets that the keyframes may take, about; over it they stand wider apart. */
  readonly budget?: number;
  /** Chunks of events, the newest, that are not packed (store.ts). */
  readonly looseChunks?: number;
};

/** Keyframes of a log of ten million events of churn, a thousand apart. */
const BUDGET = 1 << 30;

/** A timeline that is still being loaded: events are added at its end. */
export type TimelineBuilder = {
  /** Events added. */
  readonly length: number;
  add(event: LogEvent): void;
  /** Said before the events of a chunk of a log in bulk are added: they are kept as its columns. */
  foretell(columns: Columns): void;
  warn(warning: string): void;
  /** A view that grows with the builder. */
  readonly timeline: Timeline;
  memory(): Memory;
};

/** Octets that a timeline takes, about, by what they are for. */
export type Memory = {
  readonly keyframes: number;
  /** How many there are, and how many events apart. */
  readonly keyframeCount: number;
  readonly keyframeEvery: number;
  readonly events: number;
  readonly index: number;
};

type Folded = {
  readonly header: LogHeader;
  readonly events: EventStore;
  readonly warnings: string[];
  readonly keyframes: Keyframes;
  readonly world: World;
  readonly statistics: Statistics;
  readonly features: Features;
  readonly biographies: Biographies;
  readonly cache: Recent<Snapshot>;
  /** Events of connections, by their place among all. */
  readonly lists: Recent<readonly number[]>;
};

/** A timeline of a whole log. */
export function createTimeline(
  header: LogHeader,
  events: Iterable<LogEvent>,
  warnings: readonly string[] = [],
  options: TimelineOptions = {},
): Timeline {
  const builder = buildTimeline(header, options);
  for (const event of events) builder.add(event);
  for (const warning of warnings) builder.warn(warning);
  return builder.timeline;
}

export function buildTimeline(header: LogHeader, options: TimelineOptions = {}): TimelineBuilder {
  const first = initialState(header);
  const world = openWorld(header, first, false);
  const state: Folded = {
    header,
    events: createEventStore(header, options.looseChunks),
    warnings: [],
    keyframes: createKeyframes(first, options.budget ?? BUDGET),
    world,
    statistics: createStatistics(header.hosts.length),
    features: createFeatures(),
    biographies: createBiographies(),
    cache: createRecent(CACHE_MAX),
    lists: createRecent(LISTS_MAX),
  };
  const { events, keyframes, statistics, features, biographies } = state;
  return {
    get length() {
      return events.length;
    },
    add(event) {
      applyEvent(world, event);
      const n = events.length;
      const counted = countEvent(statistics, event.t, world.touched);
      const seg = segmentOf(event);
      noteFeatures(features, world, event, seg, n, counted);
      noteTouched(biographies, features, world, n, seg === undefined);
      events.add(event);
      if (isKeyframeDue(keyframes, events.length)) addKeyframe(keyframes, commit(world));
    },
    foretell: (columns) => events.foretell(columns),
    warn(warning) {
      state.warnings.push(warning);
    },
    timeline: viewOf(state),
    memory: () => memoryOf(state),
  };
}

function memoryOf({ keyframes, events, statistics, features, biographies }: Folded): Memory {
  return {
    keyframes: keyframeBytes(keyframes),
    keyframeCount: keyframes.frames.length,
    keyframeEvery: keyframes.every,
    events: events.bytes(),
    index:
      statisticsBytes(statistics) +
      featuresBytes(features) +
      postingsBytes(features.ports) +
      biographiesBytes(biographies),
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
    event: (n) => events.get(n),
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
    event: (n) => events.get(n),
    timeOf: (n) => events.timeOf(n),
    indexAt: (time) => indexAt(events, time),
    explain: (n) => explain(state, n),
    series: (host, name, columns) => series(state, host, name, columns),
    biography: (host, conn) => biographyOf(biographies, host, conn),
    biographies: () => allLives(biographies.lives),
    eventsOf: (host, conn) => eventsOf(state, host, conn),
    search: (n, step, condition) => search(log, n, step, condition),
    holds: (n, condition) => holds(condition, momentAt(log, n)),
  };
}

/** The nearest keyframe or cached snapshot at or before `n`, and the fold of the rest. */
function snapshotAt(state: Folded, n: number): Snapshot {
  const { events, keyframes, cache, header } = state;
  if (n < 0 || n > events.length) {
    throw new RangeError(`position ${n} is not in a log of ${events.length} events`);
  }
  const cached = recall(cache, n);
  if (cached !== undefined) return cached;
  let { at: from, snapshot } = nearestKeyframe(keyframes, n);
  cache.keys.forEach((at, i) => {
    if (at <= from || at > n) return;
    from = at;
    snapshot = cache.values[i] as Snapshot;
  });
  if (from !== n) snapshot = foldAll(header, snapshot, events.range(from, n));
  remember(cache, n, snapshot);
  return snapshot;
}

function explain(state: Folded, n: number): Explained {
  const event = state.events.get(n);
  const before = snapshotAt(state, n);
  const { snapshot: after, effects } = evolve(state.header, before, event);
  remember(state.cache, n + 1, after);
  return { n, event, before, after, effects };
}

/** Position after the last event at or before `time`: a binary search. */
function indexAt(events: EventStore, time: Micros): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (events.timeOf(middle) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function series(state: Folded, host: number, name: State, columns: number): readonly number[] {
  const { events, statistics } = state;
  const end = events.length === 0 ? 0 : events.timeOf(events.length - 1);
  return seriesOf(statistics, host, stateNumber(name), columns, 0, end);
}

/** Kept for those asked for last: one that served many is long to read. */
function eventsOf(state: Folded, host: number, conn: number): readonly number[] {
  const { biographies, lists } = state;
  const place = placeOf(biographies, host, conn);
  if (place < 0) return [];
  const known = recall(lists, place);
  if (known !== undefined && known.length === postingsCount(biographies.events, place)) {
    return known;
  }
  const list = readPostings(biographies.events, place).filter((_, i) => i % 2 === 0);
  remember(lists, place, list);
  return list;
}
