/**
 * TIME-WAIT: the three ways into it, and its two reasons. The last ACK may be lost, then the FIN
 * comes again and somebody has to answer it; and segments of the old incarnation may still be under
 * way, which must not reach a new one (RFC 9293 §3.4.2, §3.6.1; RFC 1337).
 */
import type { Scenario } from '../scenario.ts';
import { type Step, steps } from '../steps.ts';
import { pair, ship } from './shipped.ts';

const { close, connect, listen, openPassive, receiveEnd, send, serve, until, wait } = steps;

const fromFinWait2 = ship(
  {
    name: 'time-wait-from-fin-wait-2',
    title: 'Into TIME-WAIT from FIN-WAIT-2: the ACK first, the FIN later',
    about:
      'The server acknowledges the FIN at once and closes 50 ms later: the client is in ' +
      'FIN-WAIT-2 in between. The common way (RFC 9293 Figure 12).',
    fixed: { fin_ack: 'at_once' },
  },
  (empty) =>
    pair(empty)
      .app('server', [listen(80), serve([receiveEnd(), wait('50ms'), close()])])
      .app('client', [connect('server', 80), wait('50ms'), close()], { at: '10ms' }),
);

const fromClosing = ship(
  {
    name: 'time-wait-from-closing',
    title: 'Into TIME-WAIT from CLOSING: the FIN first, the ACK later',
    about:
      'The server closes 4 ms after the client and has not seen its FIN: the FINs cross, and the ' +
      'ACK of the own FIN comes after the FIN of the peer.',
  },
  (empty) =>
    pair(empty)
      .app('server', [listen(80), serve([until('104ms'), close()])])
      .app('client', [connect('server', 80), until('100ms'), close()], { at: '10ms' }),
);

const fromFinWait1 = ship(
  {
    name: 'time-wait-from-fin-wait-1',
    title: 'Into TIME-WAIT by one FIN,ACK: FIN-WAIT-2 is passed through in one event',
    about:
      'The server delays the ACK of the FIN, as Linux does, and closes at once: its FIN carries ' +
      'the ACK. One segment takes the client from FIN-WAIT-1 through FIN-WAIT-2 to TIME-WAIT; ' +
      'the diagram of the RFC has no such edge, its text has (§3.10.7.4, "fifth" and "eighth").',
    fixed: { fin_ack: 'delayed' },
  },
  (empty) =>
    pair(empty)
      .app('server', [listen(80), serve([receiveEnd(), close()])])
      .app('client', [connect('server', 80), wait('50ms'), close()], { at: '10ms' }),
);

const lastAckLost = ship(
  {
    name: 'last-ack-lost',
    title: 'The last ACK is lost: TIME-WAIT answers the FIN that comes again (first reason)',
    about:
      'The server is in LAST-ACK and sends its FIN again when the ACK does not come. The client ' +
      'still knows the connection, because it waits in TIME-WAIT: it sends the ACK again and ' +
      'starts the 2 MSL timer anew. Without TIME-WAIT it would answer with RST.',
  },
  (empty) =>
    pair(empty)
      // The third bare ACK of the client: of the SYN,ACK, of the text, of the FIN.
      .lose('client', 'server', { flags: '.', text: false, after: '100ms' })
      .app('server', [listen(80), serve([receiveEnd(), wait('50ms'), close()])])
      .app('client', [connect('server', 80), wait('50ms'), close()], { at: '10ms' }),
);

/**
 * Two incarnations of one 4-tuple. A copy of the first text of the first is 30 s late. The second
 * has ISS 900, given, so that its 101st octet bears the number of that text. The server opens
 * passively, one connection at a time, with a given ISS, so that the old ACK is acceptable as well.
 */
function twoIncarnations(empty: Scenario, second: readonly Step[]): Scenario {
  const serveOne = [openPassive(80, { iss: 5000 }), receiveEnd(), close()];
  return pair(empty)
    .copy('client', 'server', '30s', { text: true })
    .app('server', [...serveOne, ...serveOne])
    .app(
      'client',
      [
        connect('server', 80, { from: 5000, iss: 1000 }),
        send(100),
        wait('60ms'),
        close(),
        ...second,
      ],
      { at: '10ms' },
    );
}

const secondIncarnation = [
  connect('server', 80, { from: 5000, iss: 900 }),
  send(100),
  wait('30s'),
  send(100),
  close(),
];

const OLD_DUPLICATE =
  'A copy of the first text segment is late by 30 s, less than the MSL. At 10 s the client wants ' +
  'a new incarnation of the same connection, with a number below the old one: so it happens when ' +
  'numbers wrap or are not chosen by the clock of RFC 9293 §3.4.1. Timestamps are off: PAWS (RFC ' +
  '7323) would keep the old segment out as well. ';

const oldDuplicateKeptOut = ship(
  {
    name: 'old-duplicate',
    title: 'An old duplicate that TIME-WAIT keeps out (second reason)',
    about:
      `${OLD_DUPLICATE}TIME-WAIT is in force: connect() fails with EADDRNOTAVAIL until 2 MSL are ` +
      'over, the old text finds no connection and is answered by RST, and the incarnation at 300 ' +
      's gets what was sent to it.',
    fixed: { timestamps: false, time_wait_ms: 240_000 },
  },
  (empty) =>
    twoIncarnations(empty, [
      until('10s'),
      connect('server', 80, { from: 5000, iss: 900 }),
      close(),
      until('300s'),
      ...secondIncarnation,
    ]),
);

const oldDuplicateCorrupts = ship(
  {
    name: 'old-duplicate-corrupts',
    title: 'The same with TIME-WAIT cut short: old text is taken into the new stream',
    about:
      `${OLD_DUPLICATE}TIME-WAIT is cut to 1 s: the new incarnation is open when the old text ` +
      'comes, its number is the next one expected, and 100 octets of the old incarnation are ' +
      'delivered in place of new ones. No checksum notices it.',
    fixed: { timestamps: false, time_wait_ms: 1_000 },
  },
  (empty) => twoIncarnations(empty, [until('10s'), ...secondIncarnation]),
);

export const TIME_WAITS = [
  fromFinWait2,
  fromClosing,
  fromFinWait1,
  lastAckLost,
  oldDuplicateKeptOut,
  oldDuplicateCorrupts,
];
