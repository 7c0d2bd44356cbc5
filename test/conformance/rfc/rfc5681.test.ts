// Congestion control in a connection: RFC 5681, 6582, 3042, 6928, 9438. The formulas one by one are
// in test/engine/tcp/congestion.test.ts.
import { describe, expect, it } from 'vitest';
import type { Knobs } from '../../../engine/tcp/knobs.ts';
import { ACTIVE, Desk, MS, SECOND, show } from '../desk.ts';

const MSS = 1000;

/** Established with an MSS of 1000 and much text to send. */
function sender(knobs: Partial<Knobs> = {}): Desk {
  const desk = new Desk({ knobs: { send_space: 1_000_000, ...knobs } }).established({ mss: MSS });
  desk.send(500_000);
  return desk;
}

const segments = (desk: Desk) => desk.log.filter(({ len }) => len > 0).length;
const dup = (desk: Desk, ack: number) => desk.get({ flags: '.', ack });

describe('RFC 5681 §3.1: slow start and congestion avoidance', () => {
  it('MUST-19: the initial window is that of RFC 6928 §2', () => {
    const initial = (mss: number, knobs: Partial<Knobs> = {}) => {
      const desk = new Desk({ knobs: { mtu: 9500, ...knobs } }).established({ mss });
      return desk.tcb().cwnd;
    };
    expect(initial(536)).toBe(10 * 536);
    expect(initial(1460)).toBe(14_600);
    expect(initial(4000)).toBe(14_600);
    expect(initial(9000)).toBe(18_000);
    expect(initial(9000, { initial_window_octets: 0 })).toBe(90_000);
  });

  it('MUST-19: after a SYN was lost it is one segment', () => {
    const desk = new Desk();
    desk.call(ACTIVE);
    desk.pass(1500 * MS);
    desk.get({ flags: 'S.', seq: 0, ack: 1, mss: MSS });
    expect(desk.tcb().cwnd).toBe(MSS);
  });

  it('MUST-19: the window grows by a segment for each ACK, then by one for each window', () => {
    const desk = sender();
    expect(segments(desk)).toBe(10);
    for (let i = 1; i <= 10; i += 1) dup(desk, 1 + i * MSS);
    expect(desk.tcb().cwnd).toBe(20 * MSS);
    desk.pass(1100 * MS);
    expect(desk.tcb()).toMatchObject({ cwnd: MSS, ssthresh: 10 * MSS });
  });

  it('MUST-19: the RTO takes it back to one segment, half the flight is the threshold', () => {
    const desk = sender();
    desk.pass(1100 * MS);
    expect(desk.tcb()).toMatchObject({ cwnd: MSS, ssthresh: 5 * MSS });
    // Sent again once more: the threshold stays.
    desk.pass(2 * SECOND);
    expect(desk.tcb()).toMatchObject({ cwnd: MSS, ssthresh: 5 * MSS });
  });

  it('MUST-19: after an RTO the rest of the flight goes out again in slow start', () => {
    const desk = sender();
    desk.pass(1100 * MS);
    const sent = dup(desk, 1 + MSS);
    expect(show(sent)).toEqual(['. 1001:2001 ack 1', '. 2001:3001 ack 1']);
  });
});

describe('RFC 5681 §3.2: fast retransmit and recovery', () => {
  it('the third duplicate ACK sends the first segment again, without the timer', () => {
    const desk = sender();
    dup(desk, 1);
    dup(desk, 1);
    const sent = dup(desk, 1);
    expect(show(sent)[0]).toBe('. 1:1001 ack 1');
    expect(desk.tcb()).toMatchObject({ ssthresh: 5 * MSS, cwnd: 8 * MSS, recovery: 'recovery' });
  });

  it('RFC 3042: the first two let one new segment out each', () => {
    const desk = sender();
    expect(show(dup(desk, 1))).toEqual(['. 10001:11001 ack 1']);
    expect(show(dup(desk, 1))).toEqual(['. 11001:12001 ack 1']);
    expect(desk.tcb().cwnd).toBe(10 * MSS);
    const without = sender({ limited_transmit: false });
    expect(dup(without, 1)).toEqual([]);
  });

  it('what moves the window, has text, or finds nothing in flight is no duplicate', () => {
    const desk = sender();
    for (let i = 0; i < 5; i += 1) desk.get({ flags: '.', ack: 1, wnd: 60_000 - i });
    for (let i = 0; i < 5; i += 1) desk.get({ flags: '.', ack: 1, len: 10, wnd: 59_996 });
    expect(desk.tcb().dupAcks).toBe(0);
    const idle = new Desk().established();
    for (let i = 0; i < 5; i += 1) dup(idle, 1);
    expect(idle.tcb().dupAcks).toBe(0);
  });

  it('RFC 6582 §3.2: a partial ACK sends the next hole again, a full one ends the recovery', () => {
    const desk = sender();
    for (let i = 0; i < 3; i += 1) dup(desk, 1);
    const { sndNxt, iss } = desk.tcb();
    const recover = sndNxt - iss;
    const sent = dup(desk, 1 + 2 * MSS);
    expect(show(sent)[0]).toBe('. 2001:3001 ack 1');
    expect(desk.tcb().recovery).toBe('recovery');
    dup(desk, recover);
    expect(desk.tcb()).toMatchObject({ recovery: 'open', cwnd: 5 * MSS });
  });

  it('RFC 6582 §3.2: duplicate ACKs of what was sent again in vain do not start it anew', () => {
    const desk = sender();
    for (let i = 0; i < 3; i += 1) dup(desk, 1);
    const { sndNxt, iss } = desk.tcb();
    dup(desk, sndNxt - iss);
    for (let i = 0; i < 3; i += 1) dup(desk, sndNxt - iss);
    expect(desk.tcb().recovery).toBe('open');
  });
});

describe('RFC 5681 §4.1: idle connections', () => {
  const grown = (knobs: Partial<Knobs> = {}) => {
    const desk = new Desk({ knobs: { send_space: 1_000_000, ...knobs } });
    desk.established({ mss: MSS });
    desk.send(20 * MSS);
    for (let i = 1; i <= 20; i += 1) dup(desk, 1 + i * MSS);
    expect(desk.tcb().cwnd).toBeGreaterThan(20 * MSS);
    desk.pass(30 * SECOND);
    desk.send(100 * MSS);
    return desk;
  };

  it('after an idle RTO the window is the initial one again', () => {
    expect(segments(grown())).toBe(20 + 10);
    expect(segments(grown({ idle_restart: false }))).toBeGreaterThan(20 + 20);
  });
});

describe('MAY-18: another algorithm', () => {
  it('MAY-18: CUBIC reduces to 0.7 of the flight (RFC 9438 §4.6)', () => {
    const desk = sender({ congestion: 'cubic' });
    for (let i = 0; i < 3; i += 1) dup(desk, 1);
    expect(desk.tcb().ssthresh).toBe(7 * MSS);
  });
});
