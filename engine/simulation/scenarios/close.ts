/** Closing a connection: who goes first, one side alone, both at once, and not at all (§3.6). */
import { steps } from '../steps.ts';
import { pair, ship } from './shipped.ts';

const { abort, close, connect, listen, receive, receiveEnd, send, serve, shutdown, until, wait } =
  steps;

const clientClosesFirst = ship(
  {
    name: 'client-closes-first',
    title: 'Data both ways; the client closes first and waits in TIME-WAIT',
    about:
      '1000 octets up, 3000 down. The client closes, the server 50 ms after it has seen the end ' +
      '(RFC 9293 Figure 12). The side that closes first goes through TIME-WAIT.',
  },
  (empty) =>
    pair(empty)
      .app('server', [
        listen(80),
        serve([receive(1000), send(3000), receiveEnd(), wait('50ms'), close()]),
      ])
      .app('client', [connect('server', 80), send(1000), receive(3000), close()], { at: '10ms' }),
);

const serverClosesFirst = ship(
  {
    name: 'server-closes-first',
    title: 'Data both ways; the server closes first and waits in TIME-WAIT',
    about:
      '1000 octets up, 3000 down, as HTTP/1.0 does it: the server closes when it has answered, ' +
      'so TIME-WAIT stays with the server and the ports of the client are free at once.',
  },
  (empty) =>
    pair(empty)
      .app('server', [listen(80), serve([receive(1000), send(3000), close()])])
      .app('client', [connect('server', 80), send(1000), receiveEnd(), wait('50ms'), close()], {
        at: '10ms',
      }),
);

const halfClose = ship(
  {
    name: 'half-close',
    title: 'Half-close: the client has no more to send, the server goes on',
    about:
      'The client shuts its sending side and reads on in FIN-WAIT-2 while the server, in ' +
      'CLOSE-WAIT, sends 500 octets three times. CLOSE means "I have no more to send", not "I ' +
      'will not receive" (RFC 9293 §3.6).',
  },
  (empty) =>
    pair(empty)
      .app('server', [
        listen(80),
        serve([
          receiveEnd(),
          send(500),
          wait('60ms'),
          send(500),
          wait('60ms'),
          send(500),
          wait('60ms'),
          close(),
        ]),
      ])
      .app('client', [connect('server', 80), send(1000), shutdown(), receiveEnd(), close()], {
        at: '10ms',
      }),
);

const simultaneousClose = ship(
  {
    name: 'simultaneous-close',
    title: 'Simultaneous close: the FINs cross, both sides wait in TIME-WAIT',
    about:
      'Both call CLOSE at 100 ms, each FIN meets FIN-WAIT-1, and both go through CLOSING to ' +
      'TIME-WAIT (RFC 9293 Figure 13).',
  },
  (empty) =>
    pair(empty)
      .app('server', [listen(80), serve([until('100ms'), close()])])
      .app('client', [connect('server', 80), until('100ms'), close()], { at: '10ms' }),
);

const abortByRst = ship(
  {
    name: 'abort',
    title: 'Abort: RST instead of FIN, no TIME-WAIT on either side',
    about:
      'The client aborts (ABORT, or SO_LINGER 0 and close()). The RST ends the connection at ' +
      'both ends at once, text under way is lost, and read() fails with ECONNRESET (RFC 9293 ' +
      '§3.10.5).',
  },
  (empty) =>
    pair(empty)
      .app('server', [listen(80), serve([receive(2000), close()])])
      .app('client', [connect('server', 80), send(1000), until('100ms'), abort()], { at: '10ms' }),
);

export const CLOSING = [
  clientClosesFirst,
  serverClosesFirst,
  halfClose,
  simultaneousClose,
  abortByRst,
];
