/**
 * What a sender made of SACK reports (RFC 6675 §4): holes below three discontiguous blocks were not
 * lost to it, so segments smaller than the MSS waited for the RTO; and what lay reported between
 * holes left its count of octets in the network twice, so it sent more than cwnd.
 */
import { expect, it } from 'vitest';
import { seqSub } from '../../engine/base/seq.ts';
import { lostUntil } from '../../engine/tcp/sack.ts';
import { Desk, ISS, type Sent } from '../conformance/desk.ts';

const MSS = 1460;

const sender = () =>
  new Desk({
    knobs: {
      sack: true,
      nagle: false,
      send_space: 200_000,
      initial_window: 40,
      initial_window_octets: 0,
    },
  }).established({ sackOk: true, mss: MSS });

const numbers = (sent: readonly Sent[]) => sent.map(({ seq }) => seq);

it('IsLost: a hole below three blocks is lost, however few octets are in them', () => {
  const desk = sender();
  for (let i = 0; i < 8; i += 1) desk.send(100);
  // The first, third, fifth and seventh segment are lost.
  desk.get({ flags: '.', ack: 1, sack: [301, 401, 101, 201] });
  expect(seqSub(lostUntil(desk.tcb()), ISS)).toBe(1);
  // Segment 1 is lost now, which starts the recovery with the second duplicate ACK (§5, 2).
  expect(numbers(desk.get({ flags: '.', ack: 1, sack: [501, 601] }))).toContain(1);
  expect(desk.tcb().recovery).toBe('recovery');
  expect(seqSub(lostUntil(desk.tcb()), ISS)).toBe(101);
  // Segment 3 too, with three blocks beyond; not the fifth, with two.
  desk.get({ flags: '.', ack: 1, sack: [701, 801] });
  expect(seqSub(lostUntil(desk.tcb()), ISS)).toBe(301);
});

it('SetPipe: of 40 segments with 23 lost so many go out again that cwnd is full', () => {
  const desk = sender();
  desk.send(40 * MSS);
  const at = (n: number) => 1 + (n - 1) * MSS;
  // Segments 1 to 22 and 26 are lost. cwnd is half of the flight, 20 segments.
  const resent = [
    // Segments 26 to 40 are not lost yet, 15 in the network: five go out.
    desk.get({ flags: '.', ack: 1, sack: [at(23), at(26)] }),
    // 34 to 40 are left of them, seven, and the five: eight go out.
    desk.get({ flags: '.', ack: 1, sack: [at(27), at(34), at(23), at(26)] }),
    // None is left, 13 went out again: seven more.
    desk.get({ flags: '.', ack: 1, sack: [at(27), at(41), at(23), at(26)] }),
  ];
  expect(desk.tcb().cwnd).toBe(20 * MSS);
  expect(resent.map((sent) => sent.length)).toEqual([5, 8, 7]);
  expect(numbers(resent.flat())).toEqual(Array.from({ length: 20 }, (_, i) => at(i + 1)));
});
