/**
 * The last holes of a recovery have less than three segments reported beyond them, and a lost tail
 * has none: both waited for the RTO. Where nothing else may go they are sent again, the tail once
 * (RFC 6675 §4, NextSeg 3 and 4).
 */
import { expect, it } from 'vitest';
import { Desk, MS, type Sent } from '../conformance/desk.ts';

const MSS = 1460;
const at = (n: number) => 1 + (n - 1) * MSS;
const block = (from: number, to = from) => [at(from), at(to + 1)];
/** Segments by their place in the text, from 1. */
const places = (sent: readonly Sent[]) => sent.map(({ seq }) => 1 + (seq - 1) / MSS);

function sender(inFlight: number, waiting = 0): Desk {
  const knobs = { sack: true, limited_transmit: false, initial_window: inFlight } as const;
  const desk = new Desk({ knobs }).established({ sackOk: true, mss: MSS });
  desk.send((inFlight + waiting) * MSS);
  return desk;
}

/** Of eight segments the odd ones are lost; cwnd becomes four. */
function everySecondLost(waiting: number): Desk {
  const desk = sender(8, waiting);
  const get = (...blocks: number[][]) =>
    places(desk.get({ flags: '.', ack: 1, sack: blocks.flat() }));
  expect(get(block(2))).toEqual([]);
  expect(get(block(4), block(2))).toEqual([]);
  // In the network: 1 once more, 3, 5, 7 and 8.
  expect(get(block(6), block(4), block(2))).toEqual([1]);
  // 1, 5 and 7: there is room for 3, beyond which three blocks are reported.
  expect(get(block(8), block(6), block(4), block(2))).toEqual([3]);
  return desk;
}

it('NextSeg (3): holes that may be no loss go where nothing else can', () => {
  const desk = everySecondLost(0);
  const sack = [...block(8), ...block(6)];
  expect(places(desk.get({ flags: '.', ack: at(3), sack: [...sack, ...block(4)] }))).toEqual([5]);
  expect(places(desk.get({ flags: '.', ack: at(5), sack }))).toEqual([7]);
  expect(desk.get({ flags: '.', ack: at(7), sack: block(8) })).toEqual([]);
  desk.get({ flags: '.', ack: at(9) });
  expect(desk.tcb()).toMatchObject({ recovery: 'open', rtxCount: 0 });
});

it('NextSeg (2): new text goes before them', () => {
  const desk = everySecondLost(1);
  const sack = [...block(8), ...block(6), ...block(4)];
  expect(places(desk.get({ flags: '.', ack: at(3), sack }))).toEqual([9]);
});

it('NextSeg (4): the end of the flight is sent again, once in a recovery', () => {
  const desk = sender(10);
  // Segments 1, 9 and 10 are lost.
  for (const last of [2, 3, 4, 5, 6, 7, 8]) {
    desk.get({ flags: '.', ack: 1, sack: block(2, last) });
  }
  expect(places(desk.log.slice(-1))).toEqual([1]);
  expect(places(desk.get({ flags: '.', ack: at(9) }))).toEqual([10]);
  // 10 arrives: 9 is a hole now, and the only one.
  expect(places(desk.get({ flags: '.', ack: at(9), sack: block(10) }))).toEqual([9]);
  expect(desk.pass(900 * MS)).toEqual([]);
  desk.get({ flags: '.', ack: at(11) });
  expect(desk.tcb()).toMatchObject({ recovery: 'open', rtxCount: 0 });
});

it('NextSeg (4): not before an ACK has passed what was sent again first', () => {
  const desk = sender(6);
  // Segments 1, 2 and 6 are lost; cwnd becomes three.
  for (const last of [3, 4]) desk.get({ flags: '.', ack: 1, sack: block(3, last) });
  expect(places(desk.get({ flags: '.', ack: 1, sack: block(3, 5) }))).toEqual([1, 2]);
  expect(desk.get({ flags: '.', ack: at(2), sack: block(3, 5) })).toEqual([]);
  expect(places(desk.get({ flags: '.', ack: at(6) }))).toEqual([6]);
});
