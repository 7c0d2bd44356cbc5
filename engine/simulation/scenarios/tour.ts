/** The tour: what the dashboard shows first. A bit of everything, in under two minutes of clock. */
import { steps } from '../steps.ts';
import { pair, ship } from './shipped.ts';

const { close, connect, listen, receive, receiveEnd, send, serve, spawn, until, wait } = steps;

const tour = ship(
  {
    name: 'tour',
    title: 'Tour: closes of every kind, then a few dozen connections',
    about:
      'client#1 closes first and waits in TIME-WAIT. client#2: the server closes first. ' +
      'client#3: both at once, through CLOSING. client#4: the last ACK is lost, and TIME-WAIT ' +
      'answers the FIN that comes again. Then 60 connections in 15 s: the chart shows how ' +
      'TIME-WAIT piles up and drains a minute later. Linux, 20 ms of round trip.',
    profile: 'linux',
  },
  (empty) =>
    pair(empty)
      .lose('client', 'server', { flags: '.', text: false, dstPort: 83, nth: 2 })
      .app('server', [
        listen(80),
        serve([receive(1000), send(3000), receiveEnd(), wait('50ms'), close()]),
      ])
      .app('server', [listen(81), serve([receive(1000), send(3000), close()])])
      .app('server', [listen(82), serve([until('4.1s'), close()])])
      .app('server', [listen(83), serve([receiveEnd(), wait('80ms'), close()])])
      .app('client', [connect('server', 80), send(1000), receive(3000), close()], { at: '1s' })
      .app('client', [connect('server', 81), send(1000), receiveEnd(), wait('50ms'), close()], {
        at: '2.5s',
      })
      .app('client', [connect('server', 82), until('4.1s'), close()], { at: '4s' })
      .app('client', [connect('server', 83), wait('100ms'), close()], { at: '5.5s' })
      .app('client', [
        until('8s'),
        spawn(60, '250ms', [connect('server', 80), send(1000), receive(3000), close()]),
      ]),
);

export const TOUR = [tour];
