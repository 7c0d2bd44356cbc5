// A search by the index finds what a search by folding everything finds, for conditions of every
// kind on random networks.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../../../engine/log/event.ts';
import type { LogHeader } from '../../../engine/log/header.ts';
import { simulate } from '../../../engine/simulation/simulate.ts';
import { STATES } from '../../../engine/tcp/states.ts';
import {
  type Condition,
  holds,
  type Moment,
  OPERATORS,
  opposite,
  SOUGHT_TOTALS,
  soughtSum,
} from '../../../engine/timeline/condition.ts';
import { parseCondition } from '../../../engine/timeline/condition-text.ts';
import { createTimeline } from '../../../engine/timeline/create.ts';
import { evolve } from '../../../engine/timeline/evolve.ts';
import { initialState } from '../../../engine/timeline/initial.ts';
import {
  addPosting,
  createPostings,
  lastPosting,
  readPostings,
} from '../../../engine/timeline/postings.ts';
import { searchBeginning } from '../../../engine/timeline/search.ts';
import type { Timeline } from '../../../engine/timeline/timeline.ts';
import { churn, clientFirst } from '../projections/logs.ts';
import { randomNetwork } from './network.ts';

const LIMITS = { until: 600_000_000, eventsMax: 1_500 };

/** Every moment of a log, by folding it event by event. */
function momentsOf(header: LogHeader, events: readonly LogEvent[]): readonly Moment[] {
  const moments: Moment[] = [{ after: initialState(header) }];
  for (const event of events) {
    const before = (moments.at(-1) as Moment).after;
    const { snapshot, effects } = evolve(header, before, event);
    moments.push({ after: snapshot, cause: { before, event, effects } });
  }
  return moments;
}

/** The definition: the nearest of all moments at which it holds. */
function naive(moments: readonly Moment[], n: number, step: 1 | -1, condition: Condition): number {
  for (let at = step > 0 ? n + 1 : n - 1; at >= 0 && at < moments.length; at += step) {
    if (holds(condition, moments[at] as Moment)) return at;
  }
  return -1;
}

const states = fc.constantFrom(...STATES);
const hosts = fc.constantFrom(-1, 0, 1);
const conditions: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    kind: fc.constant('count' as const),
    host: hosts,
    state: states,
    op: fc.constantFrom(...OPERATORS),
    value: fc.nat({ max: 3 }),
  }),
  fc.record({
    kind: fc.constant('state' as const),
    host: fc.constantFrom(0, 1),
    conn: fc.integer({ min: 1, max: 4 }),
    state: states,
    is: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('enters' as const), state: states }),
  fc.constant({ kind: 'moves' as const }),
  fc.record({ kind: fc.constant('flag' as const), flags: fc.integer({ min: 1, max: 31 }) }),
  fc.record({
    kind: fc.constant('port' as const),
    port: fc.oneof(fc.constantFrom(0, 80, 81), fc.integer({ min: 32_768, max: 61_000 })),
  }),
  fc.record({
    kind: fc.constant('event' as const),
    ev: fc.constantFrom<LogEvent['ev']>('call', 'arrive', 'lose', 'timer', 'wake', 'crash'),
  }),
  fc.record({ kind: fc.constant('total' as const), total: fc.constantFrom(...SOUGHT_TOTALS) }),
);

function ports(timeline: Timeline): readonly Condition[] {
  return timeline.biographies().map(({ localPort }) => ({ kind: 'port', port: localPort }));
}

/** Every hit of a condition, both ways, and from places between the hits. */
function agrees(timeline: Timeline, moments: readonly Moment[], condition: Condition): void {
  for (const step of [1, -1] as const) {
    let n = step > 0 ? -1 : timeline.length + 1;
    for (let hits = 0; hits < 5; hits += 1) {
      const found = timeline.search(n, step, condition);
      expect(found, JSON.stringify({ condition, n, step })).toBe(
        naive(moments, n, step, condition),
      );
      if (found < 0) break;
      n = found;
    }
  }
}

describe('a search', () => {
  it('finds what folding everything finds', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 100_000 }),
        fc.array(conditions, { minLength: 10, maxLength: 10 }),
        fc.nat({ max: 1_500 }),
        (seed, sought, from) => {
          const header = randomNetwork(seed);
          const events = [...simulate(header, LIMITS)];
          const moments = momentsOf(header, events);
          const timeline = createTimeline(header, events);
          const n = Math.min(from, events.length);
          for (const condition of [...sought, ...ports(timeline)]) {
            agrees(timeline, moments, condition);
            for (const step of [1, -1] as const) {
              expect(timeline.search(n, step, condition)).toBe(naive(moments, n, step, condition));
            }
            expect(timeline.holds(n, condition)).toBe(holds(condition, moments[n] as Moment));
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('does so over many blocks, and in a log that still grows', () => {
    const timeline = churn(150);
    const events = Array.from({ length: timeline.length }, (_, n) => timeline.event(n));
    const moments = momentsOf(timeline.header, events);
    expect(events.length).toBeGreaterThan(1_000);
    for (const text of [
      'TIME-WAIT > 70',
      'client TIME-WAIT = 33',
      'server#9 = LAST-ACK',
      'client#50 = TIME-WAIT',
      'enters FIN-WAIT-2',
      'flag SF',
      'flag FIN',
      'port 80',
      'timer',
      'crash',
    ]) {
      const parsed = parseCondition(text, ['client', 'server']);
      if (!parsed.ok) throw new Error(parsed.error);
      agrees(timeline, moments, parsed.condition);
    }
  });

  it('finds where a condition begins, once for each time that it holds', () => {
    let begun = 0;
    for (let seed = 0; seed < 8; seed += 1) {
      const header = randomNetwork(seed);
      const timeline = createTimeline(header, simulate(header, LIMITS));
      const condition: Condition = {
        kind: 'count',
        host: -1,
        state: 'ESTABLISHED',
        op: '=',
        value: 1,
      };
      const starts: number[] = [];
      for (let n = searchBeginning(timeline, -1, 1, condition); n >= 0; ) {
        starts.push(n);
        n = searchBeginning(timeline, n, 1, condition);
      }
      begun += starts.length;
      for (const n of starts) {
        expect(timeline.holds(n, condition)).toBe(true);
        expect(n > 0 && timeline.holds(n - 1, condition)).toBe(false);
      }
      const back: number[] = [];
      let n = searchBeginning(timeline, timeline.length + 1, -1, condition);
      for (; n >= 0; n = searchBeginning(timeline, n, -1, condition)) back.push(n);
      expect(back.reverse()).toEqual(starts);
    }
    expect(begun).toBeGreaterThan(10);
  });

  it('gives the opposite of a condition, and none of what an event did', () => {
    const moments = momentsOf(clientFirst().header, []);
    const condition: Condition = { kind: 'count', host: -1, state: 'CLOSED', op: '<', value: 1 };
    const over = opposite(condition) as Condition;
    expect(holds(condition, moments[0] as Moment)).toBe(!holds(over, moments[0] as Moment));
    expect(opposite({ kind: 'moves' })).toBeUndefined();
  });
});

describe('a condition as text', () => {
  const names = ['client', 'server'];

  it.each<[string, Condition]>([
    ['TIME-WAIT > 500', { kind: 'count', host: -1, state: 'TIME-WAIT', op: '>', value: 500 }],
    ['client time>=10', { kind: 'count', host: 0, state: 'TIME-WAIT', op: '>=', value: 10 }],
    ['listen ≠ 1', { kind: 'count', host: -1, state: 'LISTEN', op: '!=', value: 1 }],
    ['Server#3 = closing', { kind: 'state', host: 1, conn: 3, state: 'CLOSING', is: true }],
    ['client#3 != LISTEN', { kind: 'state', host: 0, conn: 3, state: 'LISTEN', is: false }],
    ['flag R', { kind: 'flag', flags: 4 }],
    ['flag SYN,ACK', { kind: 'flag', flags: 18 }],
    ['flag:S.', { kind: 'flag', flags: 18 }],
    ['port 8080', { kind: 'port', port: 8080 }],
    ['lost', { kind: 'event', ev: 'lose' }],
    ['divergence', { kind: 'total', total: 'divergences' }],
    ['retr', { kind: 'total', total: 'retransmissions' }],
    ['timer', { kind: 'event', ev: 'timer' }],
    ['tim', { kind: 'enters', state: 'TIME-WAIT' }],
    ['enters closing', { kind: 'enters', state: 'CLOSING' }],
    ['timewait', { kind: 'enters', state: 'TIME-WAIT' }],
  ])('%s', (text, condition) => {
    expect(parseCondition(text, names)).toEqual({ ok: true, condition });
  });

  it.each([
    ['nonsense', 'expected TIME-WAIT > 500'],
    ['TIME-WAIT > many', 'expected a number of connections after >, found many'],
    ['TIME-WAIT >', 'found nothing'],
    ['clint TIME-WAIT > 1', 'no host is called clint: client'],
    ['client#x = LISTEN', 'expected a connection as client#3'],
    ['client#1 > LISTEN', 'by = or !='],
    ['client#1 = LISTENING', 'no state is called LISTENING: LISTEN'],
    ['fin > 1', 'FIN-WAIT-1 or FIN-WAIT-2'],
    ['flag X', 'no flag X'],
    ['flag', 'expected flags'],
    ['port 70000', 'expected a port from 0 to 65535'],
    ['', 'expected'],
  ])('%s is refused with a reason', (text, reason) => {
    const parsed = parseCondition(text, names);
    expect(parsed.ok ? '' : parsed.error).toContain(reason);
  });
});

describe('postings', () => {
  it('give back what was added, list by list', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            list: fc.nat({ max: 600 }),
            by: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 20 })),
            tag: fc.nat({ max: 15 }),
          }),
          { maxLength: 2_000 },
        ),
        (entries) => {
          const p = createPostings();
          const lists = new Map<number, number[]>();
          for (const { list, by, tag } of entries) {
            const value = lastPosting(p, list) + by;
            addPosting(p, list, value, tag);
            lists.set(list, [...(lists.get(list) ?? []), value, tag]);
          }
          for (const [list, added] of lists) expect(readPostings(p, list)).toEqual(added);
          expect(readPostings(p, 601)).toEqual([]);
        },
      ),
      { numRuns: 30 },
    );
  });
});

it('the sum of the totals that are sought counts each of them', () => {
  const totals = Object.fromEntries(SOUGHT_TOTALS.map((name, i) => [name, 2 ** i]));
  expect(soughtSum(totals as Parameters<typeof soughtSum>[0])).toBe(2 ** SOUGHT_TOTALS.length - 1);
});
