/**
 * Opening a connection: the handshake, and the ways in which it fails or crosses (RFC 9293 §3.5).
 */
import { steps } from '../steps.ts';
import { pair, ship } from './shipped.ts';

const { close, connect, listen, receiveEnd, serve, wait } = steps;

const handshake = ship(
  {
    name: 'handshake',
    title: 'Three-way handshake',
    about:
      'SYN, SYN,ACK, ACK (RFC 9293 Figure 6): the server is ESTABLISHED half a round trip after ' +
      'the client. Nobody closes, so both stay there.',
  },
  (empty) =>
    pair(empty)
      .app('server', [listen(80), serve([receiveEnd(), close()])])
      .app('client', [connect('server', 80)], { at: '10ms' }),
);

const refused = ship(
  {
    name: 'refused',
    title: 'Connection refused: RST to a SYN',
    about:
      'Nothing listens on port 80. CLOSED answers a SYN with RST,ACK (RFC 9293 §3.10.7.1), and ' +
      'connect() fails with ECONNREFUSED after one round trip.',
  },
  (empty) => pair(empty).app('client', [connect('server', 80), close()], { at: '10ms' }),
);

const connectTimeout = ship(
  {
    name: 'connect-timeout',
    title: 'Connect timeout: SYNs sent again, then CLOSED',
    about:
      'Every SYN is lost. The client sends it again with a doubled timeout each time, gives up ' +
      'after R2 (at least 3 minutes for a SYN, RFC 9293 §3.8.3) and fails with ETIMEDOUT.',
  },
  (empty) =>
    pair(empty)
      .lose('client', 'server', { flags: 'S', times: 1_000_000 })
      .app('server', [listen(80), serve([receiveEnd(), close()])])
      .app('client', [connect('server', 80), close()], { at: '10ms' }),
);

const simultaneousOpen = ship(
  {
    name: 'simultaneous-open',
    title: 'Simultaneous open: two connect() calls, four segments, one connection',
    about:
      'A connects from port 7777 to 8888 while B connects from 8888 to 7777. The SYNs cross, ' +
      'each side answers with SYN,ACK, and both are ESTABLISHED on one connection (RFC 9293 ' +
      'Figure 7).',
    fixed: { simultaneous_open: 'four_segments' },
  },
  (empty) =>
    empty
      .host('A')
      .host('B')
      .app('A', [connect('B', 8888, { from: 7777 }), wait('1s')], { at: '10ms' })
      .app('B', [connect('A', 7777, { from: 8888 }), wait('1s')], { at: '10ms' }),
);

const simultaneousOpenBerkeley = ship(
  {
    name: 'simultaneous-open-berkeley',
    title: 'Simultaneous open between stacks that do not support it',
    about:
      'Stacks of the older Berkeley kind take the SYN,ACK that crosses theirs for a SYN sent ' +
      'again and answer it with another SYN,ACK, which is taken so on the other side. This goes ' +
      'on until the limit of retransmissions (two here) ends it: no connection, ETIMEDOUT. RFC ' +
      '9293 makes simultaneous open a MUST (MUST-10).',
    profile: 'berkeley',
    knobs: { synack_retries: 2 },
    fixed: { simultaneous_open: 'never_ends' },
  },
  (empty) =>
    empty
      .host('A')
      .host('B')
      // A long way, so that the log stays small.
      .link('A', 'B', { delay: '250ms' })
      .app('A', [connect('B', 8888, { from: 7777 }), close()], { at: '10ms' })
      .app('B', [connect('A', 7777, { from: 8888 }), close()], { at: '10ms' }),
);

export const OPENING = [
  handshake,
  refused,
  connectTimeout,
  simultaneousOpen,
  simultaneousOpenBerkeley,
];
