/**
 * The back-off of the RTO ended with the first ACK, though an ACK of what was sent again tells no
 * round trip: on a path slower than the RTO every segment was sent twice for ever. It ends with the
 * next measurement (Karn; RFC 6298 §5, the note after 5.7).
 */
import { expect, it } from 'vitest';
import { ACTIVE, Desk, gaps, MS, SECOND } from '../conformance/desk.ts';

/** Our SYN is answered after a while. */
function answeredAfter(us: number): Desk {
  const desk = new Desk();
  desk.call(ACTIVE);
  desk.pass(us);
  desk.get({ flags: 'S.', seq: 0, ack: 1, mss: 1460 });
  return desk;
}

/** 100 octets, not acknowledged before they were sent again three times, after 1, 2 and 4 s. */
function backedOff(): Desk {
  const desk = answeredAfter(100 * MS);
  const from = desk.now;
  desk.send(100);
  expect(gaps(desk.pass(8 * SECOND - MS), from)).toEqual([1, 2, 4]);
  desk.get({ flags: '.' });
  return desk;
}

it('an ACK that tells no round trip leaves the RTO backed off', () => {
  const desk = backedOff();
  const from = desk.now;
  desk.send(100);
  expect(gaps(desk.pass(30 * SECOND), from)).toEqual([8, 16]);
});

it('a round trip that is measured ends the back-off', () => {
  const desk = backedOff();
  desk.send(100);
  desk.pass(100 * MS);
  desk.get({ flags: '.' });
  const from = desk.now;
  desk.send(100);
  expect(gaps(desk.pass(4 * SECOND), from)).toEqual([1, 2]);
});

it('the RTO for text does not take over the back-off of the SYN (RFC 6298 §5.7)', () => {
  const desk = answeredAfter(10 * SECOND);
  const from = desk.now;
  desk.send(100);
  expect(gaps(desk.pass(10 * SECOND), from)).toEqual([3, 6]);
});

it('the intervals of probes into a shut window are no back-off', () => {
  const desk = new Desk().established({ wnd: 0 });
  const from = desk.now;
  desk.send(100);
  expect(gaps(desk.pass(8 * SECOND - MS), from)).toEqual([1, 2, 4]);
  desk.get({ flags: '.', ack: 2, wnd: 1000 });
  const opened = desk.now;
  expect(gaps(desk.pass(2 * SECOND), opened)).toEqual([1]);
});
