// Every segment that an end of a connection sends stands on the ladder once, and arrives there once
// if it arrives: also at a host that has no such connection, whose RST is there too.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  createTimeline,
  decodeLog,
  type LadderRow,
  ladderOf,
  simulate,
  type Timeline,
} from '../../../engine/index.ts';
import { randomNetwork } from '../timeline/network.ts';

function shipped(name: string): Timeline {
  const text = readFileSync(new URL(`../../../logs/${name}.jsonl`, import.meta.url), 'utf8');
  const decoded = decodeLog(text);
  if (!decoded.ok) throw new Error('not read');
  return createTimeline(decoded.header, decoded.events);
}

/** The whole ladder of a connection. */
function rowsOf(timeline: Timeline, host: number, conn: number): readonly LadderRow[] {
  return ladderOf(timeline, host, conn, 0, timeline.length).rows;
}

type Fate = { arrived: boolean; lost: boolean };

/** What the log says of the emissions of one connection, event by event. */
function emissionsOf(timeline: Timeline, host: number, conn: number): Map<number, Fate> {
  const sent = new Map<number, Fate>();
  for (let n = 0; n < timeline.length; n += 1) {
    const { event, effects } = timeline.explain(n);
    for (const one of effects.emissions) {
      if (one.host === host && one.conn === conn) sent.set(one.n, { arrived: false, lost: false });
    }
    const known = event.ev === 'arrive' || event.ev === 'lose' ? sent.get(event.n) : undefined;
    if (known !== undefined) known[event.ev === 'lose' ? 'lost' : 'arrived'] = true;
  }
  return sent;
}

function holds(timeline: Timeline, name: string): void {
  for (const { host, conn, remotePort } of timeline.biographies().slice(0, 12)) {
    if (remotePort === 0) continue;
    const rows = rowsOf(timeline, host, conn);
    for (const [n, { arrived, lost }] of emissionsOf(timeline, host, conn)) {
      const of = (kind: string) => rows.filter((row) => row.kind === kind && row.emission === n);
      const found = [of('depart').length, of('arrive').length, of('depart')[0]?.lost];
      expect(found, `${name} ${host}#${conn}: ${n}`).toEqual([1, Number(arrived), lost]);
    }
  }
}

describe('each segment departs and arrives once', () => {
  test.each(['half-open-text', 'refused', 'abort', 'kernel-last-ack-lost', 'kernel-linger-0'])(
    '%s',
    (name) => holds(shipped(name), name),
  );

  test('in random networks', () => {
    for (let seed = 0; seed < 12; seed += 1) {
      const header = randomNetwork(seed);
      const events = simulate(header, { until: 600_000_000, eventsMax: 400 });
      const timeline = createTimeline(header, events);
      // What is still on its way at the end has not arrived.
      holds(timeline, `seed ${seed}`);
    }
  });
});

test('a connection that is refused: the SYN arrives, the RST departs and arrives', () => {
  const rows = rowsOf(shipped('refused'), 0, 1).filter(({ seg }) => seg !== undefined);
  expect(rows.map(({ kind, side, seg }) => `${kind} ${side} ${seg?.flags}`)).toEqual([
    'depart left 2',
    'arrive right 2',
    'depart right 20',
    'arrive left 20',
  ]);
});

test('an RST of a recorded host that has let the connection go departs', () => {
  const rows = rowsOf(shipped('kernel-linger-0'), 0, 1);
  const resets = rows.filter(({ seg }) => ((seg?.flags ?? 0) & 4) !== 0);
  expect(resets.map(({ kind, side }) => `${kind} ${side}`)).toEqual([
    'depart left',
    'arrive right',
  ]);
});

test('a copy that the network made is called so where it arrives', () => {
  const timeline = shipped('old-duplicate');
  const copies = timeline
    .biographies()
    .flatMap(({ host, conn }) => rowsOf(timeline, host, conn))
    .filter(({ copy }) => copy);
  expect(copies.length).toBeGreaterThan(0);
  for (const { kind, n } of copies) {
    const { event, before } = timeline.explain(n);
    expect(kind).toBe('arrive');
    expect(event.ev === 'arrive' && before.flights.get(event.n)?.copyOf).toBeGreaterThan(0);
  }
});
