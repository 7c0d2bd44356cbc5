// Blind attacks on a connection: RFC 5961, as RFC 9293 §3.10.7.4 took it over.
import { describe, expect, it } from 'vitest';
import type { Knobs } from '../../../engine/tcp/knobs.ts';
import { Desk, SECOND, show } from '../desk.ts';

const open = (knobs: Partial<Knobs> = {}) => new Desk({ knobs }).established();
const CHALLENGE = ['. 1 ack 1'];

describe('RFC 5961 §3: RST', () => {
  it('at RCV.NXT resets', () => {
    const desk = open();
    expect(desk.get({ flags: 'R', seq: 1 })).toEqual([]);
    expect(desk.state()).toBe('CLOSED');
    expect(desk.tcb().error).toBe('ECONNRESET');
  });

  it.each([2, 1000, 65_535])('inside the window at %i is challenged', (seq) => {
    const desk = open();
    expect(show(desk.get({ flags: 'R', seq }))).toEqual(CHALLENGE);
    expect(desk.state()).toBe('ESTABLISHED');
  });

  it.each([0, 65_537, 70_000])('outside the window at %i is dropped', (seq) => {
    const desk = open();
    expect(desk.get({ flags: 'R', seq })).toEqual([]);
    expect(desk.state()).toBe('ESTABLISHED');
  });

  it('a peer that has lost the connection answers the challenge by an RST that counts', () => {
    const desk = open();
    const [challenge] = desk.get({ flags: 'R', seq: 500 });
    // RFC 9293 §3.10.7.1: <SEQ=SEG.ACK><CTL=RST>.
    desk.get({ flags: 'R', seq: challenge?.ack as number });
    expect(desk.state()).toBe('CLOSED');
  });

  it('older stacks are reset by any inside the window', () => {
    const desk = open({ rst_in_window: 'reset' });
    desk.get({ flags: 'R', seq: 1000 });
    expect(desk.state()).toBe('CLOSED');
  });
});

describe('RFC 5961 §4: SYN', () => {
  it.each([0, 1, 500, 65_537, 1_000_000])('at %i, in the window or not, is challenged', (seq) => {
    for (const flags of ['S', 'S.']) {
      const desk = open();
      expect(show(desk.get({ flags, seq }))).toEqual(CHALLENGE);
      expect(desk.state()).toBe('ESTABLISHED');
    }
  });

  it('in all synchronized states', () => {
    const desk = open();
    desk.close();
    desk.get({ flags: '.', ack: 2 });
    expect(desk.state()).toBe('FIN-WAIT-2');
    expect(show(desk.get({ flags: 'S', seq: 9 }))).toEqual(['. 2 ack 1']);
  });

  it('older stacks are reset by one inside the window', () => {
    const desk = open({ syn_when_synchronized: 'reset' });
    expect(desk.get({ flags: 'S', seq: 1000 })[0]?.flags).toContain('R');
    expect(desk.state()).toBe('CLOSED');
  });
});

describe('RFC 5961 §5: text with an ACK out of range', () => {
  /** SND.UNA 1, SND.NXT 101, MAX.SND.WND 65535. */
  const sending = (knobs: Partial<Knobs> = {}) => {
    const desk = open(knobs);
    desk.send(100);
    return desk;
  };
  const lowest = 1 - 65_535;

  it.each([lowest - 1, lowest - 1_000_000, 102, 5_000_000])(
    'MAY-12: with ACK %i is dropped, and challenged',
    (ack) => {
      const desk = sending();
      expect(show(desk.get({ flags: '.', len: 50, ack }))).toEqual(['. 101 ack 1']);
      expect(desk.tcb().rcvText).toBe(0);
    },
  );

  it.each([lowest, 0, 1, 101])('MAY-12: with ACK %i is taken', (ack) => {
    const desk = sending();
    desk.get({ flags: '.', len: 50, ack });
    expect(desk.tcb().rcvText).toBe(50);
  });

  it('MAY-12: RFC 793 took any old ACK', () => {
    const desk = sending({ old_ack_check: false });
    desk.get({ flags: '.', len: 50, ack: lowest - 1000 });
    expect(desk.tcb().rcvText).toBe(50);
  });
});

describe('RFC 5961 §7: the rate limit', () => {
  it('ten challenge ACKs in five seconds', () => {
    const desk = open();
    let sent = 0;
    for (let i = 0; i < 50; i += 1) sent += desk.get({ flags: 'R', seq: 100 + i }).length;
    expect(sent).toBe(10);
    expect(desk.rules).toContain('rateLimited');
    desk.pass(5 * SECOND);
    expect(desk.get({ flags: 'R', seq: 300 })).toHaveLength(1);
  });

  it('Linux: one in half a second', () => {
    const desk = new Desk({ profile: 'linux' }).established();
    expect(desk.get({ flags: 'S', seq: 100 })).toHaveLength(1);
    desk.pass(SECOND / 4);
    expect(desk.get({ flags: 'S', seq: 100 })).toHaveLength(0);
    desk.pass(SECOND / 4);
    expect(desk.get({ flags: 'S', seq: 100 })).toHaveLength(1);
  });

  it('an RST at RCV.NXT is not limited, nor is an ACK of text', () => {
    const desk = open();
    for (let i = 0; i < 50; i += 1) desk.get({ flags: 'R', seq: 100 + i });
    expect(desk.get({ flags: '.', seq: 1001, len: 10 })).toHaveLength(1);
    desk.get({ flags: 'R', seq: 1 });
    expect(desk.state()).toBe('CLOSED');
  });
});
