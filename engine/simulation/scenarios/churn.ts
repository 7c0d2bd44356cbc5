/** Many connections: a leak of CLOSE-WAIT, churn, and a port space that runs out. */
import { steps } from '../steps.ts';
import { pair, ship } from './shipped.ts';

const { close, connect, listen, receiveEnd, send, serve, spawn, wait } = steps;

const closeWaitLeak = ship(
  {
    name: 'close-wait-leak',
    title: 'A leak of CLOSE-WAIT: the server never calls close()',
    about:
      '40 clients come and go, 20 a second. The server reads to the end and forgets to close: ' +
      'each connection stays in CLOSE-WAIT as long as the process lives, without any timer. ' +
      'Linux drops the orphans in FIN-WAIT-2 on the client after tcp_fin_timeout, and nobody ' +
      'tells the server.',
    profile: 'linux',
  },
  (empty) =>
    pair(empty)
      .app('server', [listen(80), serve([receiveEnd(), wait('10m')])])
      .app(
        'client',
        [spawn(40, '50ms', [connect('server', 80), send(200), wait('30ms'), close()])],
        { at: '10ms' },
      ),
);

const churn = ship(
  {
    name: 'churn',
    title: 'Churn: 10,000 connections, 200 a second, the client closes first',
    about:
      'TIME-WAIT on the client grows to rate × 60 s = 12,000, more than these 10,000 ' +
      "connections: it rises for 50 s, stays, and falls from 60 s on (Little's law).",
    profile: 'linux',
  },
  (empty) =>
    pair(empty)
      .link('client', 'server', { delay: '1ms' })
      .app('server', [listen(80, { backlog: 1024 }), serve([receiveEnd(), close()])])
      .app('client', [spawn(10_000, '5ms', [connect('server', 80), close()])], { at: '10ms' }),
);

const portsExhausted = ship(
  {
    name: 'ports-exhausted',
    title: 'Ephemeral ports run out: connect() fails with EADDRNOTAVAIL',
    about:
      '500 ephemeral ports, 25 connections a second, 60 s of TIME-WAIT: the ports towards ' +
      'server:80 are used up after 20 s, all of them in TIME-WAIT, and connect() fails until the ' +
      'first return at 60 s. No more than 500 connections in any 60 s get through, 8.3 a second. ' +
      'Towards server:81 the same ports are free: the space counts per source, destination and ' +
      'port.',
    profile: 'linux',
    knobs: { ephemeral_low: 40_000, ephemeral_high: 40_499 },
  },
  (empty) =>
    pair(empty)
      .link('client', 'server', { delay: '1ms' })
      .app('server', [listen(80), serve([receiveEnd(), close()])])
      .app('server', [listen(81), serve([receiveEnd(), close()])])
      .app('client', [spawn(1750, '40ms', [connect('server', 80), close()])], { at: '10ms' })
      .app('client', [connect('server', 81), close()], { at: '30s' }),
);

export const CHURN = [closeWaitLeak, churn, portsExhausted];
