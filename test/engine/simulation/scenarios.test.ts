// The transitions of the scenarios that ship, on both ends, event by event, as RFC 9293 has them.
// Links take 10 ms one way and the client starts at 10 ms, so every time follows by addition.

import { describe, expect, test } from 'vitest';
import { SCENARIOS } from '../../../engine/simulation/scenarios/index.ts';
import { PROFILES } from '../../../engine/tcp/profiles.ts';
import { findEdge } from '../../../engine/tcp/states.ts';
import { eventsOf, headerOf, run, sent, table, transitions } from './run.ts';

/** The handshake of RFC 9293 Figure 6 with a socket listener: server#2 is the child of server#1. */
const OPENED = `
     0  server#1  OPEN:     CLOSED → LISTEN
    10  client#1  OPEN:     CLOSED → SYN-SENT
    20  server#2  SYN:      LISTEN → SYN-RECEIVED
    30  client#1  SYN,ACK:  SYN-SENT → ESTABLISHED
    40  server#2  ACK:      SYN-RECEIVED → ESTABLISHED`;

function expectTransitions(name: string, expected: string): void {
  expect(transitions(headerOf(name))).toEqual(table(expected));
}

describe('opening', () => {
  test('three-way handshake (Figure 6)', () => {
    expectTransitions('handshake', OPENED);
    const header = headerOf('handshake');
    const seen = run(header);
    expect(sent(header, seen, 'client')).toEqual(['SYN', 'ACK']);
    expect(sent(header, seen, 'server')).toEqual(['SYN,ACK']);
  });

  test('refused: CLOSED answers with RST,ACK (§3.10.7.1), SYN-SENT ends (§3.10.7.3)', () => {
    expectTransitions(
      'refused',
      `10  client#1  OPEN:     CLOSED → SYN-SENT
       30  client#1  RST,ACK:  SYN-SENT → CLOSED`,
    );
    const header = headerOf('refused');
    const [last] = run(header).slice(-2);
    expect(sent(header, run(header), 'server')).toEqual(['RST,ACK']);
    expect(last?.after.hosts[0]?.totals.refused).toBe(1);
  });

  // RTO 1 s, doubled up to 60 s: SYNs at 0, 1, 3, 7, 15, 31, 63, 123 s; the timer at 183 s is the
  // first beyond R2 of 180 s (RFC 6298 §2.1, §5.5; RFC 9293 §3.8.3).
  test('connect timeout: SYNs sent again, then CLOSED', () => {
    expectTransitions(
      'connect-timeout',
      `     0  server#1  OPEN:                  CLOSED → LISTEN
          10  client#1  OPEN:                  CLOSED → SYN-SENT
      183010  client#1  RETRANSMISSION timer:  SYN-SENT → CLOSED`,
    );
    const seen = run(headerOf('connect-timeout'));
    const times = seen
      .filter(({ effects }) => effects.emissions.length > 0)
      .map(({ event }) => event.t / 1e6 - 0.01);
    expect(times).toEqual([0, 1, 3, 7, 15, 31, 63, 123]);
    expect(seen.at(-1)?.after.hosts[0]?.totals.timedOut).toBe(1);
  });

  test('simultaneous open (Figure 7): four segments, one connection', () => {
    expectTransitions(
      'simultaneous-open',
      `10  A#1  OPEN:     CLOSED → SYN-SENT
       10  B#1  OPEN:     CLOSED → SYN-SENT
       20  B#1  SYN:      SYN-SENT → SYN-RECEIVED
       20  A#1  SYN:      SYN-SENT → SYN-RECEIVED
       30  A#1  SYN,ACK:  SYN-RECEIVED → ESTABLISHED
       30  B#1  SYN,ACK:  SYN-RECEIVED → ESTABLISHED`,
    );
    const header = headerOf('simultaneous-open');
    const seen = run(header);
    expect(sent(header, seen, 'A')).toEqual(['SYN', 'SYN,ACK']);
    expect(sent(header, seen, 'B')).toEqual(['SYN', 'SYN,ACK']);
    const after = seen.at(-1)?.after.hosts.map((host) => [...host.conns.values()]);
    expect(after?.map(([t]) => [t?.state, t?.localPort, t?.remotePort])).toEqual([
      ['ESTABLISHED', 7777, 8888],
      ['ESTABLISHED', 8888, 7777],
    ]);
    expect(after?.map((conns) => conns.length)).toEqual([1, 1]);
  });

  // SYN,ACK timeouts of 1, 2 and 4 s after SYN-RECEIVED at 260 ms: the third finds the limit of
  // two.
  test('simultaneous open where it is not supported: SYN,ACKs until a limit ends it', () => {
    expectTransitions(
      'simultaneous-open-berkeley',
      `  10  A#1  OPEN:                  CLOSED → SYN-SENT
         10  B#1  OPEN:                  CLOSED → SYN-SENT
        260  B#1  SYN:                   SYN-SENT → SYN-RECEIVED
        260  A#1  SYN:                   SYN-SENT → SYN-RECEIVED
       7260  A#1  RETRANSMISSION timer:  SYN-RECEIVED → CLOSED
       7260  B#1  RETRANSMISSION timer:  SYN-RECEIVED → CLOSED`,
    );
    const header = headerOf('simultaneous-open-berkeley');
    const seen = run(header);
    const synAcks = sent(header, seen, 'A').filter((segment) => segment === 'SYN,ACK');
    expect(synAcks.length).toBeGreaterThan(7_000 / 250);
    expect(seen.at(-1)?.after.hosts.map((host) => host.totals.established)).toEqual([0, 0]);
  });
});

describe('closing', () => {
  test('the client first, data both ways (Figure 12)', () => {
    expectTransitions(
      'client-closes-first',
      `${OPENED}
           70  client#1  CLOSE:            ESTABLISHED → FIN-WAIT-1
           80  server#2  FIN,ACK:          ESTABLISHED → CLOSE-WAIT
           90  client#1  ACK:              FIN-WAIT-1 → FIN-WAIT-2
          130  server#2  CLOSE:            CLOSE-WAIT → LAST-ACK
          140  client#1  FIN,ACK:          FIN-WAIT-2 → TIME-WAIT
          150  server#2  ACK:              LAST-ACK → CLOSED
       240140  client#1  TIME-WAIT timer:  TIME-WAIT → CLOSED`,
    );
  });

  test('the server first: TIME-WAIT is on the server', () => {
    expectTransitions(
      'server-closes-first',
      `${OPENED}
           40  server#2  CLOSE:            ESTABLISHED → FIN-WAIT-1
           50  client#1  FIN,ACK:          ESTABLISHED → CLOSE-WAIT
           60  server#2  ACK:              FIN-WAIT-1 → FIN-WAIT-2
          100  client#1  CLOSE:            CLOSE-WAIT → LAST-ACK
          110  server#2  FIN,ACK:          FIN-WAIT-2 → TIME-WAIT
          120  client#1  ACK:              LAST-ACK → CLOSED
       240110  server#2  TIME-WAIT timer:  TIME-WAIT → CLOSED`,
    );
  });

  test('half-close: 1500 octets arrive in FIN-WAIT-2 (§3.6, case 1)', () => {
    expectTransitions(
      'half-close',
      `    0  server#1  OPEN:             CLOSED → LISTEN
          10  client#1  OPEN:             CLOSED → SYN-SENT
          20  server#2  SYN:              LISTEN → SYN-RECEIVED
          30  client#1  SYN,ACK:          SYN-SENT → ESTABLISHED
          30  client#1  CLOSE:            ESTABLISHED → FIN-WAIT-1
          40  server#2  ACK:              SYN-RECEIVED → ESTABLISHED
          40  server#2  FIN,ACK:          ESTABLISHED → CLOSE-WAIT
          50  client#1  ACK:              FIN-WAIT-1 → FIN-WAIT-2
         220  server#2  CLOSE:            CLOSE-WAIT → LAST-ACK
         230  client#1  FIN,ACK:          FIN-WAIT-2 → TIME-WAIT
         240  server#2  ACK:              LAST-ACK → CLOSED
      240230  client#1  TIME-WAIT timer:  TIME-WAIT → CLOSED`,
    );
    const seen = run(headerOf('half-close'));
    let inFinWait2 = 0;
    for (const { before, after } of seen) {
      const [was, is] = [before.hosts[0]?.conns.get(1), after.hosts[0]?.conns.get(1)];
      if (was?.state !== 'FIN-WAIT-2') continue;
      inFinWait2 += (is?.rcvText ?? was.rcvText) - was.rcvText;
    }
    expect(inFinWait2).toBe(1500);
  });

  test('simultaneous close (Figure 13)', () => {
    expectTransitions(
      'simultaneous-close',
      `${OPENED}
          100  client#1  CLOSE:            ESTABLISHED → FIN-WAIT-1
          100  server#2  CLOSE:            ESTABLISHED → FIN-WAIT-1
          110  server#2  FIN,ACK:          FIN-WAIT-1 → CLOSING
          110  client#1  FIN,ACK:          FIN-WAIT-1 → CLOSING
          120  client#1  ACK:              CLOSING → TIME-WAIT
          120  server#2  ACK:              CLOSING → TIME-WAIT
       240120  client#1  TIME-WAIT timer:  TIME-WAIT → CLOSED
       240120  server#2  TIME-WAIT timer:  TIME-WAIT → CLOSED`,
    );
  });

  test('abort: RST ends both ends, nobody waits (§3.10.5)', () => {
    expectTransitions(
      'abort',
      `${OPENED}
          100  client#1  ABORT:    ESTABLISHED → CLOSED
          110  server#2  RST,ACK:  ESTABLISHED → CLOSED`,
    );
    const seen = run(headerOf('abort'));
    const errors = seen.flatMap(({ effects }) => effects.results.map(({ error }) => error));
    expect(errors.filter((error) => error !== '')).toEqual(['ECONNRESET']);
  });
});

describe('into TIME-WAIT', () => {
  test('from FIN-WAIT-2: the ACK first, the FIN later', () => {
    expectTransitions(
      'time-wait-from-fin-wait-2',
      `${OPENED}
           80  client#1  CLOSE:            ESTABLISHED → FIN-WAIT-1
           90  server#2  FIN,ACK:          ESTABLISHED → CLOSE-WAIT
          100  client#1  ACK:              FIN-WAIT-1 → FIN-WAIT-2
          140  server#2  CLOSE:            CLOSE-WAIT → LAST-ACK
          150  client#1  FIN,ACK:          FIN-WAIT-2 → TIME-WAIT
          160  server#2  ACK:              LAST-ACK → CLOSED
       240150  client#1  TIME-WAIT timer:  TIME-WAIT → CLOSED`,
    );
  });

  test('from CLOSING: the FIN first, the ACK later', () => {
    expectTransitions(
      'time-wait-from-closing',
      `${OPENED}
          100  client#1  CLOSE:            ESTABLISHED → FIN-WAIT-1
          104  server#2  CLOSE:            ESTABLISHED → FIN-WAIT-1
          110  server#2  FIN,ACK:          FIN-WAIT-1 → CLOSING
          114  client#1  FIN,ACK:          FIN-WAIT-1 → CLOSING
          120  client#1  ACK:              CLOSING → TIME-WAIT
          124  server#2  ACK:              CLOSING → TIME-WAIT
       240120  client#1  TIME-WAIT timer:  TIME-WAIT → CLOSED
       240124  server#2  TIME-WAIT timer:  TIME-WAIT → CLOSED`,
    );
  });

  test('from FIN-WAIT-1 by one FIN,ACK, through FIN-WAIT-2 in one event', () => {
    expectTransitions(
      'time-wait-from-fin-wait-1',
      `${OPENED}
           80  client#1  CLOSE:            ESTABLISHED → FIN-WAIT-1
           90  server#2  FIN,ACK:          ESTABLISHED → CLOSE-WAIT
           90  server#2  CLOSE:            CLOSE-WAIT → LAST-ACK
          100  client#1  FIN,ACK:          FIN-WAIT-1 → FIN-WAIT-2 → TIME-WAIT
          110  server#2  ACK:              LAST-ACK → CLOSED
       240100  client#1  TIME-WAIT timer:  TIME-WAIT → CLOSED`,
    );
  });
});

describe('the reasons for TIME-WAIT', () => {
  // The FIN of 140 ms is sent again after an RTO of 1 s and reaches TIME-WAIT at 1150 ms, which
  // answers and starts anew: it ends 240 s after that (§3.10.7.4, eighth, TIME-WAIT).
  test('the last ACK is lost and sent again from TIME-WAIT', () => {
    expectTransitions(
      'last-ack-lost',
      `${OPENED}
           80  client#1  CLOSE:            ESTABLISHED → FIN-WAIT-1
           90  server#2  FIN,ACK:          ESTABLISHED → CLOSE-WAIT
          100  client#1  ACK:              FIN-WAIT-1 → FIN-WAIT-2
          140  server#2  CLOSE:            CLOSE-WAIT → LAST-ACK
          150  client#1  FIN,ACK:          FIN-WAIT-2 → TIME-WAIT
         1160  server#2  ACK:              LAST-ACK → CLOSED
       241150  client#1  TIME-WAIT timer:  TIME-WAIT → CLOSED`,
    );
    const header = headerOf('last-ack-lost');
    const seen = run(header);
    expect(sent(header, seen, 'client')).toEqual(['SYN', 'ACK', 'FIN,ACK', 'ACK lost', 'ACK']);
    expect(sent(header, seen, 'server')).toEqual(['SYN,ACK', 'ACK', 'FIN,ACK', 'FIN,ACK']);
  });

  const FIRST = `
         0  server#1  OPEN:     CLOSED → LISTEN
        10  client#1  OPEN:     CLOSED → SYN-SENT
        20  server#1  SYN:      LISTEN → SYN-RECEIVED
        30  client#1  SYN,ACK:  SYN-SENT → ESTABLISHED
        40  server#1  ACK:      SYN-RECEIVED → ESTABLISHED
        90  client#1  CLOSE:    ESTABLISHED → FIN-WAIT-1
       100  server#1  FIN,ACK:  ESTABLISHED → CLOSE-WAIT
       100  server#1  CLOSE:    CLOSE-WAIT → LAST-ACK
       100  server#2  OPEN:     CLOSED → LISTEN
       110  client#1  ACK:      FIN-WAIT-1 → FIN-WAIT-2
       110  client#1  FIN,ACK:  FIN-WAIT-2 → TIME-WAIT
       120  server#1  ACK:      LAST-ACK → CLOSED`;

  test('an old duplicate that TIME-WAIT keeps out', () => {
    expectTransitions(
      'old-duplicate',
      `${FIRST}
       240110  client#1  TIME-WAIT timer:  TIME-WAIT → CLOSED
       300000  client#2  OPEN:             CLOSED → SYN-SENT
       300010  server#2  SYN:              LISTEN → SYN-RECEIVED
       300020  client#2  SYN,ACK:          SYN-SENT → ESTABLISHED
       300030  server#2  ACK:              SYN-RECEIVED → ESTABLISHED
       330020  client#2  CLOSE:            ESTABLISHED → FIN-WAIT-1
       330030  server#2  FIN,ACK:          ESTABLISHED → CLOSE-WAIT
       330030  server#2  CLOSE:            CLOSE-WAIT → LAST-ACK
       330040  client#2  ACK:              FIN-WAIT-1 → FIN-WAIT-2
       330040  client#2  FIN,ACK:          FIN-WAIT-2 → TIME-WAIT
       330050  server#2  ACK:              LAST-ACK → CLOSED
       570040  client#2  TIME-WAIT timer:  TIME-WAIT → CLOSED`,
    );
    const seen = run(headerOf('old-duplicate'));
    expect(seen.flatMap(({ effects }) => effects.corruptions)).toEqual([]);
    const failed = seen.filter(({ effects }) => effects.results.some(({ error }) => error !== ''));
    expect(failed.map(({ event, effects }) => [event.t, effects.results[0]?.error])).toEqual([
      [10_000_000, 'EADDRNOTAVAIL'],
    ]);
    const late = seen.find(({ event }) => event.t === 30_040_000);
    expect(late?.event.ev).toBe('arrive');
    expect(late?.effects.emissions.map(({ seg }) => seg.flags)).toEqual([4]);
  });

  test('the same with TIME-WAIT cut short: 100 octets of the old incarnation are delivered', () => {
    expectTransitions(
      'old-duplicate-corrupts',
      `${FIRST}
        1110  client#1  TIME-WAIT timer:  TIME-WAIT → CLOSED
       10000  client#2  OPEN:             CLOSED → SYN-SENT
       10010  server#2  SYN:              LISTEN → SYN-RECEIVED
       10020  client#2  SYN,ACK:          SYN-SENT → ESTABLISHED
       10030  server#2  ACK:              SYN-RECEIVED → ESTABLISHED
       40020  client#2  CLOSE:            ESTABLISHED → FIN-WAIT-1
       40030  server#2  FIN,ACK:          ESTABLISHED → CLOSE-WAIT
       40030  server#2  CLOSE:            CLOSE-WAIT → LAST-ACK
       40040  client#2  ACK:              FIN-WAIT-1 → FIN-WAIT-2
       40040  client#2  FIN,ACK:          FIN-WAIT-2 → TIME-WAIT
       40050  server#2  ACK:              LAST-ACK → CLOSED
       41040  client#2  TIME-WAIT timer:  TIME-WAIT → CLOSED`,
    );
    const seen = run(headerOf('old-duplicate-corrupts'));
    const corrupted = seen.filter(({ effects }) => effects.corruptions.length > 0);
    // Octets 0 to 99 of client#1, delivered to server#2, whose peer is client#2.
    expect(corrupted.map(({ event, effects }) => [event.t, effects.corruptions])).toEqual([
      [30_040_000, [{ host: 1, conn: 2, stream: 4096, from: 0, bytes: 100 }]],
    ]);
  });
});

describe('half-open connections', () => {
  const CRASHED = `
         0  server#1  OPEN:     CLOSED → LISTEN
        10  client#1  OPEN:     CLOSED → SYN-SENT
        20  server#2  SYN:      LISTEN → SYN-RECEIVED
        30  client#1  SYN,ACK:  SYN-SENT → ESTABLISHED
        40  server#2  ACK:      SYN-RECEIVED → ESTABLISHED`;

  // The SYN of 400 ms is sent again after 1 s.
  test('discovered by the SYN of the host that crashed (Figure 9)', () => {
    expectTransitions(
      'half-open-syn',
      `${CRASHED}
          400  client#2  OPEN:             CLOSED → SYN-SENT
          430  server#2  RST:              ESTABLISHED → CLOSED
         1410  server#3  SYN:              LISTEN → SYN-RECEIVED
         1420  client#2  SYN,ACK:          SYN-SENT → ESTABLISHED
         1430  server#3  ACK:              SYN-RECEIVED → ESTABLISHED
         3000  client#2  CLOSE:            ESTABLISHED → FIN-WAIT-1
         3010  server#3  FIN,ACK:          ESTABLISHED → CLOSE-WAIT
         3010  server#3  CLOSE:            CLOSE-WAIT → LAST-ACK
         3020  client#2  ACK:              FIN-WAIT-1 → FIN-WAIT-2
         3020  client#2  FIN,ACK:          FIN-WAIT-2 → TIME-WAIT
         3030  server#3  ACK:              LAST-ACK → CLOSED
       243020  client#2  TIME-WAIT timer:  TIME-WAIT → CLOSED`,
    );
  });

  test('discovered by text of the side that still holds it (Figure 10)', () => {
    expectTransitions(
      'half-open-text',
      `${CRASHED}
       1020  server#2  RST:  ESTABLISHED → CLOSED`,
    );
    const header = headerOf('half-open-text');
    const seen = run(header);
    expect(seen.map(({ event }) => event.ev)).toContain('crash');
    expect(sent(header, seen, 'client')).toEqual(['SYN', 'ACK', 'ACK 100', 'RST']);
  });
});

test('no scenario takes an edge that RFC 9293 does not have', () => {
  for (const name of Object.keys(SCENARIOS)) {
    if (name === 'churn') continue;
    for (const { effects } of run(headerOf(name))) {
      for (const { before, via, after } of effects.transitions) {
        const states = [before, ...via, after];
        for (let i = 1; i < states.length; i += 1) {
          const [from, to] = [states[i - 1], states[i]];
          if (from === undefined || to === undefined) continue;
          expect(findEdge(from, to), `${name}: ${from} → ${to}`).toBeDefined();
        }
      }
    }
  }
});

test('every scenario runs with every profile', () => {
  for (const name of Object.keys(SCENARIOS)) {
    if (name === 'churn' || name === 'ports-exhausted') continue;
    for (const profile of Object.keys(PROFILES)) {
      expect(eventsOf(headerOf(name, { profile, seed: 7 })).length).toBeGreaterThan(3);
    }
  }
});
