// Who ended a connection first and where TIME-WAIT is: also without FINs, with a peer that is gone,
// and in a recording that begins after the text that is acknowledged in it.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  closingOf,
  closingText,
  createTimeline,
  decodeCapture,
  explainEvent,
  type Instruction,
  importCapture,
  lifeOf,
  type State,
  type Timeline,
} from '../../../engine/index.ts';
import { clientFirst, close, connect, simultaneousClose, timelineOf } from './logs.ts';

const CLIENT = 0;
const SERVER = 1;
const MINUTE = 60_000_000;
const until = (at: number): Instruction => ({ op: 'until', at });

const SERVES: readonly Instruction[] = [{ op: 'listen', port: 80, backlog: 8 }, { op: 'accept' }];

/** What is said of the client's first connection, from both ends. */
function told(timeline: Timeline): readonly string[] {
  const peer = timeline.biography(CLIENT, 1)?.peerConn ?? 0;
  return [
    closingText(closingOf(timeline, CLIENT, 1), 'client', 'server'),
    closingText(closingOf(timeline, SERVER, peer), 'server', 'client'),
  ];
}

/** What explains the first entry of a host into a state. */
function explained(timeline: Timeline, host: number, state: State, kind: string): string {
  for (const { conn } of timeline.biographies().filter((one) => one.host === host)) {
    const step = lifeOf(timeline, host, conn).find((one) => one.after === state);
    if (step === undefined) continue;
    const items = explainEvent(timeline, step.n).filter((item) => item.kind === kind);
    return items.map(({ text }) => text).join('\n');
  }
  throw new Error(`nothing enters ${state}`);
}

describe('a connection that ended without a FIN', () => {
  test('by an ABORT of the server', () => {
    const timeline = timelineOf({
      title: 'abort',
      client: [connect, until(MINUTE)],
      server: [...SERVES, { op: 'abort' }],
    });
    const says = 'ended without a FIN, first at server (ABORT: RST to the peer';
    for (const text of told(timeline)) expect(text).toContain(says);
  });

  test('by a crash of the server, which the text of the client discovers', () => {
    const timeline = timelineOf({
      title: 'crash',
      client: [connect, until(10_000_000), { op: 'send', bytes: 10 }, until(MINUTE)],
      server: [...SERVES, until(MINUTE)],
      planned: [
        { ev: 'crash', t: 5_000_000, host: SERVER },
        { ev: 'restart', t: 6_000_000, host: SERVER },
      ],
    });
    const says = 'ended without a FIN, first at server (the host crashed';
    for (const text of told(timeline)) expect(text).toContain(says);
  });

  test('by a keep-alive of the client that nobody answers', () => {
    const timeline = timelineOf({
      title: 'keep-alive',
      knobs: { keepalive: true, keepalive_idle_ms: 5_000, keepalive_interval_ms: 1_000 },
      client: [connect, until(10 * MINUTE)],
      server: [...SERVES, until(10 * MINUTE)],
      planned: [{ ev: 'link', t: 1_000_000, a: CLIENT, b: SERVER, rules: { loss: 1 } }],
    });
    const says = 'at client (no answer to keep-alive: aborted)';
    expect(told(timeline)).toEqual([
      `ended without a FIN, first ${says}: no TIME-WAIT`,
      // The RST is lost as well: the server does not know of it.
      `half-open: ended without a FIN ${says}`,
    ]);
  });
});

describe('a simultaneous close', () => {
  test('says where TIME-WAIT is', () => {
    for (const text of told(simultaneousClose())) {
      expect(text).toMatch(/^simultaneous close.*: TIME-WAIT is at both ends$/);
    }
  });

  test('promises no TIME-WAIT with a peer that has given up', () => {
    const timeline = timelineOf({
      title: 'given up',
      client: [connect, until(2_000_000), close],
      server: [...SERVES, until(60 * MINUTE), close],
      planned: [{ ev: 'link', t: 1_000_000, a: CLIENT, b: SERVER, rules: { loss: 1 } }],
    });
    expect(lifeOf(timeline, CLIENT, 1).at(-1)).toMatchObject({ rule: 'gaveUp' });
    expect(explained(timeline, SERVER, 'FIN-WAIT-1', 'close')).toBe(
      'both ends have closed, neither had the other’s FIN: client#1 is there no more',
    );
  });

  test('is none where the FINs did not cross, though text before the recording is missing', () => {
    // The client closes first; the recording begins behind the ACK of 1,552 octets of the server.
    const file = 'a_client_closes_first.pcapng';
    const bytes = readFileSync(new URL(`../../fixtures/captures/${file}`, import.meta.url));
    const whole = decodeCapture(bytes);
    if (!whole.ok) throw new Error('not read');
    const { decoded } = whole;
    const late = { ...decoded, frames: decoded.frames.slice(14) };
    const imported = importCapture(late, { file, profile: 'linux' });
    if (!imported.ok) throw new Error(imported.message);
    const [here, there] = told(createTimeline(imported.header, imported.events));
    expect(here).toBe('client closed first: TIME-WAIT is here, at the active closer');
    expect(there).toBe('client closed first: TIME-WAIT is there, not here');
  });
});

test('TIME-WAIT is told with both of its reasons (RFC 9293 §3.3.2)', () => {
  for (const timeline of [clientFirst(), simultaneousClose()]) {
    const said = explained(timeline, CLIENT, 'TIME-WAIT', 'wait');
    expect(said).toMatch(/needs no ACK any more|still waits for the ACK of its FIN/);
    expect(said).toContain('old duplicates must die out');
  }
});
