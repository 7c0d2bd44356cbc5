/**
 * The nearest moment at which a condition holds, found by the indexes of a folded log: they name
 * the next block of events that can hold it, and only that block is folded, event by event. The
 * states of one connection need no fold at all.
 */
import type { LogEvent } from '../log/event.ts';
import { STATES, stateNumber } from '../tcp/states.ts';
import { type Biographies, placeOf } from './biographies.ts';
import { type Condition, compares, holds, type Moment, opposite } from './condition.ts';
import { applyEvent, evolve } from './evolve.ts';
import { BLOCK, blockTest, type Features } from './features.ts';
import { readPostings } from './postings.ts';
import type { Snapshot } from './snapshot.ts';
import { countTest, type Statistics } from './statistics.ts';
import type { Explained, Timeline } from './timeline.ts';
import { openWorld } from './world.ts';

/** What a search needs of a folded log. */
export type Searchable = {
  readonly header: Parameters<typeof openWorld>[0];
  readonly length: number;
  readonly statistics: Statistics;
  readonly features: Features;
  readonly biographies: Biographies;
  event(n: number): LogEvent;
  at(n: number): Snapshot;
  explain(n: number): Explained;
};

export type Direction = 1 | -1;

export function momentAt(log: Searchable, n: number): Moment {
  if (n === 0) return { after: log.at(0) };
  const { before, event, effects, after } = log.explain(n - 1);
  return { after, cause: { before, event, effects } };
}

/** The nearest position after (`step` 1) or before (-1) `n` where a condition holds; -1: none. */
export function search(log: Searchable, n: number, step: Direction, condition: Condition): number {
  const from = step > 0 ? Math.max(n, -1) + 1 : Math.min(n, log.length + 1) - 1;
  if (from < 0 || from > log.length) return -1;
  if (condition.kind === 'state') return searchState(log, from, step, condition);
  // Position 0 belongs to no block: nothing has happened.
  const atStart = () => (holds(condition, { after: log.at(0) }) ? 0 : -1);
  if (from === 0 && step < 0) return atStart();
  if (from === 0 && atStart() === 0) return 0;
  const found = searchBlocks(log, Math.max(from, 1), step, condition);
  return found < 0 && step < 0 ? atStart() : found;
}

/**
 * The nearest position at which a condition begins to hold: of one that goes on for a while, the
 * first moment of each while.
 */
export function searchBeginning(
  log: Pick<Timeline, 'search' | 'holds'>,
  n: number,
  step: Direction,
  condition: Condition,
): number {
  const over = opposite(condition);
  if (over === undefined) return log.search(n, step, condition);
  if (step > 0) {
    const from = n >= 0 && log.holds(n, condition) ? log.search(n, 1, over) : n;
    return from < 0 && n >= 0 ? -1 : log.search(from, 1, condition);
  }
  const last = log.search(n, -1, condition);
  return last < 0 ? -1 : log.search(last, -1, over) + 1;
}

/** Block `b` has the positions from b × size + 1 to (b + 1) × size. */
function searchBlocks(log: Searchable, from: number, step: Direction, condition: Condition) {
  const size = condition.kind === 'count' ? log.statistics.block : BLOCK;
  const next = blocksFor(log, condition, step);
  let at = from;
  for (;;) {
    const block = next(Math.floor((at - 1) / size));
    const first = block * size + 1;
    const last = Math.min(log.length, first + size - 1);
    if (block < 0 || first > log.length) return -1;
    const found =
      step > 0
        ? scan(log, Math.max(at, first), last, step, condition)
        : scan(log, first, Math.min(at, last), step, condition);
    if (found >= 0) return found;
    at = step > 0 ? last + 1 : first - 1;
    if (at < 1 || at > log.length) return -1;
  }
}

/** Gives the nearest block, from one on in a direction, that may hold what is sought; -1: none. */
function blocksFor(log: Searchable, condition: Condition, step: Direction) {
  if (condition.kind === 'port') return portBlocks(log, condition.port, step);
  const isCount = condition.kind === 'count';
  const { statistics, features } = log;
  const test = isCount
    ? countTest(
        statistics,
        condition.host,
        stateNumber(condition.state),
        condition.op,
        condition.value,
      )
    : blockTest(features, condition);
  const blocks = Math.ceil(log.length / (isCount ? statistics.block : BLOCK));
  return (from: number): number => {
    for (let block = from; block >= 0 && block < blocks; block += step) {
      if (test(block)) return block;
    }
    return -1;
  };
}

function portBlocks(log: Searchable, port: number, step: Direction) {
  const list = readPostings(log.features.ports, port);
  let place = step > 0 ? 0 : list.length - 2;
  return (from: number): number => {
    while ((list[place] ?? from) * step < from * step) place += 2 * step;
    return list[place] ?? -1;
  };
}

/** Folds a stretch and gives its first or last position at which the condition holds. */
function scan(
  log: Searchable,
  first: number,
  last: number,
  step: Direction,
  condition: Condition,
): number {
  return condition.kind === 'count'
    ? scanCounts(log, first, last, step, condition)
    : scanMoments(log, first, last, step, condition);
}

/** Counts are read where the fold keeps them; no snapshot is made. */
function scanCounts(
  log: Searchable,
  first: number,
  last: number,
  step: Direction,
  condition: Condition & { kind: 'count' },
): number {
  const state = stateNumber(condition.state);
  const w = openWorld(log.header, log.at(first - 1), false);
  const hosts = condition.host < 0 ? log.header.hosts.map((_, i) => i) : [condition.host];
  let count = hosts.reduce((sum, host) => sum + (w.base.hosts[host]?.states[state] ?? 0), 0);
  const known = new Map<number, number>();
  let found = -1;
  for (let n = first; n <= last; n += 1) {
    applyEvent(w, log.event(n - 1));
    // Not the sum over all hosts, which may be thousands: few are touched.
    for (const { index, states, base } of w.touched) {
      if (condition.host >= 0 && condition.host !== index) continue;
      const now = states[state] as number;
      count += now - (known.get(index) ?? (base.states[state] as number));
      known.set(index, now);
    }
    if (!compares(count, condition.op, condition.value)) continue;
    found = n;
    if (step > 0) break;
  }
  return found;
}

function scanMoments(
  log: Searchable,
  first: number,
  last: number,
  step: Direction,
  condition: Condition,
): number {
  let before = log.at(first - 1);
  let found = -1;
  for (let n = first; n <= last; n += 1) {
    const event = log.event(n - 1);
    const { snapshot: after, effects } = evolve(log.header, before, event);
    if (holds(condition, { after, cause: { before, event, effects } })) {
      found = n;
      if (step > 0) break;
    }
    before = after;
  }
  return found;
}

/** The state is what the last event before left, of those that changed it. */
function searchState(
  log: Searchable,
  from: number,
  step: Direction,
  { host, conn, state, is }: Condition & { kind: 'state' },
): number {
  const place = placeOf(log.biographies, host, conn);
  const list = place < 0 ? [] : readPostings(log.biographies.changes, place);
  /** Of stretch `i`, before the event at place i of the list: its last position, and the state. */
  const stretches = list.length / 2 + 1;
  const startOf = (i: number): number => (i === 0 ? 0 : (list[2 * (i - 1)] as number) + 1);
  const endOf = (i: number): number => (i + 1 < stretches ? startOf(i + 1) - 1 : log.length);
  const fits = (i: number): boolean => {
    const there = i === 0 ? 'CLOSED' : STATES[list[2 * (i - 1) + 1] as number];
    return (there === state) === is;
  };
  let i = 0;
  if (step > 0) while (endOf(i) < from) i += 1;
  else for (i = stretches - 1; startOf(i) > from; ) i -= 1;
  for (; i >= 0 && i < stretches; i += step) {
    if (fits(i)) return step > 0 ? Math.max(from, startOf(i)) : Math.min(from, endOf(i));
  }
  return -1;
}
