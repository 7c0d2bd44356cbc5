/**
 * A half-open connection: one end has crashed and forgotten it, the other does not know (§3.5.1).
 */
import { steps } from '../steps.ts';
import { pair, ship } from './shipped.ts';

const { close, connect, listen, receiveEnd, send, serve, until } = steps;

const discoveredBySyn = ship(
  {
    name: 'half-open-syn',
    title: 'A half-open connection, discovered by the SYN of the host that crashed',
    about:
      'The client crashes, restarts and opens the same connection anew. Its SYN meets ' +
      'ESTABLISHED, which answers with an ACK of what it expects; that is no acceptable ACK in ' +
      'SYN-SENT, so the client sends RST, the server aborts, and the SYN that is sent again a ' +
      'second later opens a new connection (RFC 9293 Figure 9).',
    fixed: { syn_when_synchronized: 'challenge' },
  },
  (empty) =>
    pair(empty)
      .crash('200ms', 'client')
      .restart('300ms', 'client')
      .app('server', [listen(80), serve([receiveEnd(), close()])])
      .app('client', [connect('server', 80, { from: 5000 }), send(100), until('1h')], {
        at: '10ms',
      })
      .app('client', [connect('server', 80, { from: 5000 }), send(100), until('3s'), close()], {
        at: '400ms',
      }),
);

const discoveredByText = ship(
  {
    name: 'half-open-text',
    title: 'A half-open connection, discovered by text of the side that still holds it',
    about:
      'The client crashes and restarts without opening anything. When the server sends, its text ' +
      'finds no connection, CLOSED answers with RST, and the server aborts (RFC 9293 Figure 10).',
  },
  (empty) =>
    pair(empty)
      .crash('200ms', 'client')
      .restart('300ms', 'client')
      .app('server', [listen(80), serve([until('1s'), send(10), receiveEnd(), close()])])
      .app('client', [connect('server', 80), send(100), until('1h')], { at: '10ms' }),
);

export const HALF_OPEN = [discoveredBySyn, discoveredByText];
