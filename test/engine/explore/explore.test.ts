/** Small spaces explored to the end, pairs found, and claims that break where they must. */
import { describe, expect, it } from 'vitest';
import type { Bounds } from '../../../engine/explore/bounds.ts';
import { type Report, startExploration, type Violation } from '../../../engine/explore/explore.ts';
import { stateOfSide } from '../../../engine/explore/node.ts';
import { matchesQuery, parsePairQuery } from '../../../engine/explore/query.ts';
import { type Suite, SWEEPS, startSuite } from '../../../engine/explore/suite.ts';
import type { Knobs } from '../../../engine/tcp/knobs.ts';
import { EDGES } from '../../../engine/tcp/states.ts';
import { evolve, foldAll } from '../../../engine/timeline/evolve.ts';
import { initialState } from '../../../engine/timeline/initial.ts';

const calls = SWEEPS.filter(({ name }) => name === 'calls');

function finish(suite: Suite): Suite {
  while (suite.advance(10_000));
  return suite;
}

function explore(bounds: Partial<Bounds>, knobs: Partial<Knobs> = {}, states = 50_000): Report {
  const exploration = startExploration({ bounds: { ...bounds, statesMax: states }, knobs });
  while (exploration.advance(10_000));
  return exploration.report();
}

function find(text: string): Suite {
  const query = parsePairQuery(text);
  if ('error' in query) throw new Error(query.error);
  return finish(startSuite({ sweeps: calls, until: (pair) => matchesQuery(query, pair) }));
}

describe('every order of OPEN, CLOSE and ABORT', () => {
  const report = finish(startSuite({ sweeps: calls })).report().total;

  it('takes every edge of the declared diagram', () => {
    expect(report.edgesNotTaken).toEqual([]);
    expect(report.edgesTaken).toEqual(EDGES);
  });

  it('breaks no claim, and all of it was seen', () => {
    expect(report.violations).toEqual([]);
    expect(report.complete).toBe(true);
  });

  it('has this many states and pairs', () => {
    expect(report.states).toBeGreaterThan(20_000);
    expect(report.transitions).toBeGreaterThan(report.states);
    const pairs = report.pairs.map((pair) => pair.join(' '));
    expect(pairs).toContain('CLOSING TIME-WAIT');
    expect(pairs).toContain('FIN-WAIT-2 CLOSE-WAIT');
    expect(pairs).not.toContain('ESTABLISHED LISTEN');
    expect(pairs).not.toContain('LAST-ACK LAST-ACK');
  });

  it('comes to rest closed, held by an application, or half-open for a reason', () => {
    const rests = ['closed', 'half-open', 'held by A', 'held by A and B', 'held by B'];
    expect(Object.keys(report.rests)).toEqual(rests);
  });
});

it.each<[string, Partial<Bounds>]>([
  ['text', { start: 'established', opens: 0, sends: 1, losses: 1 }],
  ['sockets', { start: 'established', opens: 0, sends: 1, close: 'any' }],
  ['simultaneous open', { start: 'crossing', opens: 0, duplicates: 1 }],
  ['giving up', { start: 'listening', opens: 1, losses: 1, giveUps: 1 }],
  ['crashes', { start: 'established', opens: 1, crashes: 1 }],
])('%s: no claim breaks', (_name, bounds) => {
  const report = explore(bounds, {}, 20_000);
  expect(report.violations).toEqual([]);
  expect(report.states).toBeGreaterThan(1_000);
});

describe('--find', () => {
  it.each([
    ['A=ESTABLISHED, B=ESTABLISHED', 5],
    ['A=SYN-RECEIVED, B=SYN-RECEIVED', 4],
    ['A=CLOSING, B=TIME-WAIT', 9],
    ['a=listen', 1],
  ])('%s: a log of %i events leads there', (text, events) => {
    const trace = find(text).found(text, '');
    if (trace === undefined) throw new Error('not found');
    expect(trace.events).toHaveLength(events);
    const end = foldAll(trace.header, initialState(trace.header), trace.events);
    const query = parsePairQuery(text);
    if ('error' in query) throw new Error(query.error);
    const [a, b] = end.hosts.map(stateOfSide);
    expect(matchesQuery(query, [a ?? 'CLOSED', b ?? 'CLOSED'])).toBe(true);
    const times = trace.events.map(({ t }) => t);
    expect(times).toEqual([...times].sort((x, y) => x - y));
  });

  it.each(['A=FIN-WAIT-2, B=FIN-WAIT-2', 'A=CLOSE-WAIT, B=CLOSE-WAIT'])(
    '%s is unreachable',
    (text) => {
      const suite = find(text);
      expect(suite.found(text, '')).toBeUndefined();
      expect(suite.report().total.complete).toBe(true);
    },
  );

  it.each([
    ['A=FIN-WAIT-3', /the nearest is FIN-WAIT-1\. The eleven: CLOSED, LISTEN, SYN-SENT/],
    ['C=CLOSED', /expected states of A, B or both/],
    ['A=CLOSED, A=LISTEN', /A is given twice/],
  ])('%s is refused', (text, message) => {
    expect(parsePairQuery(text)).toEqual({ error: expect.stringMatching(message) });
  });
});

/**
 * TIME-WAIT on trial. Every incarnation takes the same ISS, so that nothing but TIME-WAIT tells the
 * segments of an old one from those of the new.
 */
describe('the same ISS again, a copy of an old octet on its way', () => {
  const bounds: Partial<Bounds> = { start: 'time-wait', opens: 2, iss: 'same' };

  function trial(
    knobs: Partial<Knobs>,
    depth = 100,
  ): { suite: Suite; octets: Violation | undefined } {
    const sweep = { name: 'trial', says: '', bounds: { ...bounds, depth } };
    const suite = finish(startSuite({ knobs, sweeps: [sweep] }));
    const { violations, complete } = suite.report().total;
    expect(complete).toBe(depth === 100);
    return { suite, octets: violations.find(({ claim }) => claim.name === 'octets') };
  }

  it('TIME-WAIT of 2·MSL that ignores RST keeps it out', () => {
    expect(trial({ rst_in_time_wait: 'ignore' }).octets).toBeUndefined();
  });

  it('an RST ends TIME-WAIT in RFC 9293, and lets it in (RFC 1337)', () => {
    expect(trial({}).octets?.found).toBe('B#2 was handed octet 0 of A#1');
  });

  it('without TIME-WAIT it is handed over, and a log shows it', () => {
    const { suite, octets } = trial({ rst_in_time_wait: 'ignore', time_wait_ms: 1 }, 6);
    const { header, events } = suite.traceOf(octets as Violation);
    expect(header.about).toContain('B#2 was handed octet 0 of A#1');
    let snapshot = initialState(header);
    const corruptions = events.flatMap((event) => {
      const folded = evolve(header, snapshot, event);
      snapshot = folded.snapshot;
      return folded.effects.corruptions;
    });
    expect(corruptions).toEqual([{ host: 1, conn: 2, stream: 4096, from: 0, bytes: 1 }]);
  });

  it('with an ISS by the clock its number is too old', () => {
    const report = explore({ ...bounds, iss: 'clock' }, { time_wait_ms: 1 }, 15_000);
    expect(report.violations).toEqual([]);
  });
});
