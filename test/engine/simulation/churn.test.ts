// Scenarios of many connections: what each end goes through, and what a failed connect() found.

import { describe, expect, test } from 'vitest';
import { noPortOf, noPortText } from '../../../engine/projections/no-port.ts';
import { startSimulation } from '../../../engine/simulation/simulate.ts';
import type { State } from '../../../engine/tcp/states.ts';
import { stateNumber } from '../../../engine/tcp/states.ts';
import { headerOf, run, type Seen, way } from './run.ts';

/** How often each way was taken on a host, listeners left out. */
function ways(seen: readonly Seen[], host: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { effects } of seen) {
    for (const taken of effects.transitions) {
      if (taken.host !== host || taken.after === 'LISTEN') continue;
      counts[way(taken)] = (counts[way(taken)] ?? 0) + 1;
    }
  }
  return counts;
}

const count = (seen: Seen, host: number, state: State): number =>
  seen.after.hosts[host]?.states[stateNumber(state)] ?? -1;

describe('a leak of CLOSE-WAIT', () => {
  const seen = run(headerOf('close-wait-leak'));

  test('40 connections end on the client and stay in CLOSE-WAIT on the server', () => {
    expect(ways(seen, 0)).toEqual({
      'CLOSED → SYN-SENT': 40,
      'SYN-SENT → ESTABLISHED': 40,
      'ESTABLISHED → FIN-WAIT-1': 40,
      'FIN-WAIT-1 → FIN-WAIT-2': 40,
      'FIN-WAIT-2 → CLOSED': 40,
    });
    expect(ways(seen, 1)).toEqual({
      'LISTEN → SYN-RECEIVED': 40,
      'SYN-RECEIVED → ESTABLISHED': 40,
      'ESTABLISHED → CLOSE-WAIT': 40,
    });
    const last = seen.at(-1) as Seen;
    expect(count(last, 1, 'CLOSE-WAIT')).toBe(40);
  });

  test('the orphans in FIN-WAIT-2 are gone after 60 s, and nobody tells the server', () => {
    const ends = seen.filter(({ event }) => event.ev === 'timer' && event.timer === 'FIN-WAIT-2');
    const waits = ends.map(({ before, event }) => {
      const conn = event.ev === 'timer' ? event.conn : 0;
      return event.t - (before.hosts[0]?.conns.get(conn)?.changedAt ?? 0);
    });
    expect(waits).toEqual(new Array(40).fill(60_000_000));
    for (const { effects } of ends) expect(effects.emissions).toEqual([]);
  });
});

describe('ports run out', () => {
  const seen = run(headerOf('ports-exhausted'));
  const opens = seen.filter(
    ({ event }) => event.ev === 'call' && event.host === 0 && event.call.call === 'OPEN',
  );
  const errors = opens.map(({ effects }) => effects.results[0]?.error);

  // 25 a second from 10 ms on: 500 ports until 20 s; the first is free again when its TIME-WAIT of
  // 60 s is over, 4 ms of close after its connect(); from then on one each 40 ms until 70 s.
  test('the first 500 connects succeed, then none until the first TIME-WAIT is over', () => {
    const to80 = opens.filter(({ event }) => event.ev === 'call' && opensTo(event) === 80);
    const failed = to80.map(({ effects }) => effects.results[0]?.error === 'EADDRNOTAVAIL');
    expect(to80.length).toBe(1750);
    expect(failed.indexOf(true)).toBe(500);
    expect(failed.slice(0, 500)).not.toContain(true);
    const again = failed.indexOf(false, 500);
    expect(failed.slice(500, again)).not.toContain(false);
    expect(failed.slice(again)).not.toContain(true);
    expect(to80[again]?.event.t).toBeGreaterThan(60_010_000);
    expect(to80[again]?.event.t).toBeLessThan(60_010_000 + 2 * 40_000);
  });

  test('each failed connect() found all 500 ports towards server:80 taken', () => {
    const failed = opens.filter((_, i) => errors[i] === 'EADDRNOTAVAIL');
    // 1750 attempts, of which 500 and those from 60 s on succeed.
    expect(failed.length).toBeGreaterThan(950);
    for (const { before, event } of failed) {
      expect(noPortOf(before, event)).toMatchObject({
        local: '10.0.0.1',
        remote: '10.0.0.2',
        remotePort: 80,
        localPort: 0,
        size: 500,
        used: 500,
        inTimeWait: 500,
      });
    }
    const first = failed[0] as Seen;
    const found = noPortOf(first.before, first.event);
    expect(found && noPortText(found, first.event.t)).toMatch(
      /^10\.0\.0\.1 to 10\.0\.0\.2:80: all 500 ports are in use, 500 in TIME-WAIT; the first/,
    );
  });

  test('towards another port the same local ports are free', () => {
    const other = opens.find(({ event }) => event.ev === 'call' && opensTo(event) === 81);
    expect(other?.event.t).toBe(30_000_000);
    expect(other?.effects.results[0]?.error).toBe('');
  });

  function opensTo(event: Seen['event']): number {
    return event.ev === 'call' && event.call.call === 'OPEN' ? event.call.toPort : 0;
  }
});

test('a port that was asked for: the 4-tuple that is in TIME-WAIT is named', () => {
  const failed = run(headerOf('old-duplicate')).find(({ effects }) =>
    effects.results.some(({ error }) => error === 'EADDRNOTAVAIL'),
  ) as Seen;
  const found = noPortOf(failed.before, failed.event);
  expect(found).toMatchObject({ localPort: 5000, inTimeWait: 1, nextAt: 240_110_000 });
  expect(found && noPortText(found, failed.event.t)).toBe(
    '10.0.0.1:5000 to 10.0.0.2:80 is in TIME-WAIT for another 230.110 s',
  );
});

describe('churn', () => {
  // Every connection goes the same way; the server delays the ACK of the FIN and closes at once.
  test('10,000 connections, each through TIME-WAIT on the client', () => {
    const simulation = startSimulation(headerOf('churn'));
    const client = () => simulation.world.hosts[0];
    let peak = 0;
    for (let e = simulation.next(); e !== undefined; e = simulation.next()) {
      peak = Math.max(peak, client()?.states[stateNumber('TIME-WAIT')] ?? 0);
    }
    // The last connection is opened at 10 ms + 9,999 × 5 ms, before the first TIME-WAIT ends.
    expect(peak).toBe(10_000);
    const { totals, states } = simulation.snapshot().hosts[0] as Seen['after']['hosts'][number];
    expect(totals).toMatchObject({ opened: 10_000, established: 10_000, ended: 10_000 });
    expect(states.every((n) => n === 0)).toBe(true);
    expect(simulation.world.hosts[1]?.totals.ended).toBe(10_000);
  });
});

describe('the tour', () => {
  const header = headerOf('tour');
  const seen = run(header);
  const pathOf = (host: number, conn: number): string[] =>
    seen.flatMap(({ effects }) =>
      effects.transitions.filter((t) => t.host === host && t.conn === conn).map(way),
    );

  const OPENED = ['CLOSED → SYN-SENT', 'SYN-SENT → ESTABLISHED'];
  const FIRST = [
    ...OPENED,
    'ESTABLISHED → FIN-WAIT-1',
    'FIN-WAIT-1 → FIN-WAIT-2',
    'FIN-WAIT-2 → TIME-WAIT',
    'TIME-WAIT → CLOSED',
  ];
  const SECOND = [
    ...OPENED,
    'ESTABLISHED → CLOSE-WAIT',
    'CLOSE-WAIT → LAST-ACK',
    'LAST-ACK → CLOSED',
  ];
  const BOTH = [
    ...OPENED,
    'ESTABLISHED → FIN-WAIT-1',
    'FIN-WAIT-1 → CLOSING',
    'CLOSING → TIME-WAIT',
    'TIME-WAIT → CLOSED',
  ];

  test('closes its first four connections in four ways', () => {
    expect(pathOf(0, 1)).toEqual(FIRST);
    expect(pathOf(0, 2)).toEqual(SECOND);
    expect(pathOf(0, 3)).toEqual(BOTH);
    expect(pathOf(0, 4)).toEqual(FIRST);
    const lost = seen.filter(({ event }) => event.ev === 'lose');
    expect(lost.length).toBe(1);
  });

  // client#1, #3 and #4 and the sixty that follow; client#2 was closed by the server first.
  test('piles up TIME-WAIT for all that the client closes first', () => {
    const counts = seen.map((one) => count(one, 0, 'TIME-WAIT'));
    expect(Math.max(...counts)).toBe(63);
    expect(counts.at(-1)).toBe(0);
  });
});
