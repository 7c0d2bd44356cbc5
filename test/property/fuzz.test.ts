/**
 * A short run of the fuzzer: `twomsl fuzz --events 10000000` is the long one. And the parts of it:
 * networks come from the seed alone, a failure is made small.
 */
import { describe, expect, it } from 'vitest';
import type { Violation } from '../../engine/explore/explore.ts';
import { fuzzOne, minimizeFailure, problemIn } from '../../engine/explore/fuzz.ts';
import { fuzzNetwork } from '../../engine/explore/fuzz-network.ts';
import { minimize } from '../../engine/explore/minimize.ts';
import { type Sweep, startSuite } from '../../engine/explore/suite.ts';
import { createEventEncoder, decodeLog, encodeHeader } from '../../engine/log/codec.ts';

const EVENTS = 400_000;
const FIRST_SEED = 1;

it(`no invariant breaks in ${EVENTS} events`, { timeout: 60_000 }, () => {
  let events = 0;
  for (let seed = FIRST_SEED; events < EVENTS; seed += 1) {
    const fuzzed = fuzzOne(seed);
    events += fuzzed.events;
    expect(fuzzed.failure && `seed ${seed}: ${fuzzed.failure.says}`).toBeUndefined();
  }
});

describe('a network of a seed', () => {
  it('is the same each time, and another for another seed', () => {
    expect(fuzzNetwork(7)).toEqual(fuzzNetwork(7));
    expect(fuzzNetwork(7)).not.toEqual(fuzzNetwork(8));
    expect(fuzzOne(7).events).toBe(fuzzOne(7).events);
  });

  it('has a header that can be written and read', () => {
    for (let seed = 1; seed < 60; seed += 1) {
      const header = fuzzNetwork(seed);
      const decoded = decodeLog(`${encodeHeader(header)}\n`);
      expect(decoded.ok && decoded.header).toEqual(header);
      expect(createEventEncoder(header)).toBeTypeOf('function');
    }
  });

  it('is of two hosts or of many, with crashes in some', () => {
    const headers = Array.from({ length: 100 }, (_, seed) => fuzzNetwork(seed));
    const counts = new Set(headers.map(({ hosts }) => hosts.length));
    expect([...counts].sort()).toEqual([2, 3, 4, 5]);
    const crashes = headers.filter(({ planned }) => planned?.some(({ ev }) => ev === 'crash'));
    expect(crashes.length).toBeGreaterThan(10);
  });
});

describe('a failure', () => {
  it('is cut down to what it needs', () => {
    const items = Array.from({ length: 500 }, (_, i) => i);
    const fails = (some: readonly number[]) => some.includes(17) && some.includes(400);
    expect(minimize(items, fails)).toEqual([17, 400]);
  });

  it('keeps its kind, and fails with fewer events', () => {
    const trial = {
      name: 'trial',
      says: '',
      bounds: { start: 'time-wait', opens: 2, iss: 'same' },
    };
    const suite = startSuite({
      knobs: { time_wait_ms: 1, rst_in_time_wait: 'ignore' },
      sweeps: [trial as Sweep],
    });
    while (suite.advance(10_000));
    const broken = suite.report().total.violations.find(({ claim }) => claim.name === 'octets');
    const { header, events } = suite.traceOf(broken as Violation);
    const noisy = events.flatMap((event) => {
      const noise = { t: event.t, ev: 'wake', process: 99 } as const;
      return [noise, event, noise];
    });
    const problem = problemIn(header, noisy);
    expect(problem?.kind).toBe('octets out of place');
    const least = minimizeFailure({
      seed: 1,
      kind: '',
      says: '',
      ...problem,
      header,
      events: noisy,
    });
    expect(least.events.length).toBeLessThan(events.length);
    expect(problemIn(header, least.events)?.kind).toBe('octets out of place');
    expect(least.header.about).toContain('out of its place');
  });

  it('that does not come back is left as it is', () => {
    const header = fuzzNetwork(3);
    const failure = { seed: 3, kind: 'none', says: '', header, events: [] };
    expect(minimizeFailure(failure)).toBe(failure);
  });
});
