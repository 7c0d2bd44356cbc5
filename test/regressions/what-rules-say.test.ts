/**
 * Rules that said what did not happen: that a segment which meets a shut window is dropped, that a
 * connection which ends goes back to LISTEN, that our SYN was answered where it was the peer's.
 */
import { describe, expect, it } from 'vitest';
import { RULES } from '../../engine/tcp/rules.ts';
import { ACTIVE, Desk, HOST, PASSIVE, show } from '../conformance/desk.ts';

const said = (desk: Desk): string => desk.rules.map((id) => RULES[id].says).join('; ');

describe('a shut window (RFC 9293 §3.10.7.4, first: ACK, URG and RST are taken)', () => {
  function shut(): Desk {
    const desk = new Desk();
    desk.call({ ...ACTIVE, options: { rcvBuf: 1_460 } });
    desk.get({ flags: 'S.', seq: 0, ack: 1, mss: 1_460 });
    desk.get({ flags: '.', seq: 1, len: 1_460, ack: 1 });
    desk.send(500);
    return desk;
  }

  it('takes no text, but the ACK counts, and an ACK goes out', () => {
    const desk = shut();
    expect(show(desk.get({ flags: '.', seq: 1_461, len: 1, ack: 501 }))).toEqual([
      '. 501 ack 1461',
    ]);
    expect(desk.tcb().textUna).toBe(500);
    expect(said(desk)).toContain('the text is not taken, ACK and URG count; ACK');
    expect(said(desk)).not.toContain('dropped');
  });

  it('does not answer a bare ACK, which is not dropped either', () => {
    const desk = shut();
    // SND.NXT of a peer whose probe was not taken.
    expect(desk.get({ flags: '.', seq: 1_462, ack: 501 })).toEqual([]);
    expect(desk.tcb().textUna).toBe(500);
    expect(said(desk)).toContain('our window is shut: ACK and URG count');
  });
});

describe('a connect() from a port that was asked for (RFC 9293 §3.4.1: a pair of sockets)', () => {
  it('finds the pair in use, not all ports', () => {
    const desk = new Desk().established();
    desk.call({ ...ACTIVE, iss: -1 });
    expect([desk.result?.error, said(desk)]).toEqual([
      'EADDRNOTAVAIL',
      'this pair of sockets is in use',
    ]);
  });
});

describe('a half-open connection (RFC 9293 §3.10.7.4, second and fourth)', () => {
  /** In SYN-RECEIVED: connection 1 of an RFC OPEN, connection 2 where 1 is a socket's listener. */
  function halfOpen(backlog: number): Desk {
    const desk = new Desk();
    desk.call({ ...PASSIVE, from: HOST, backlog });
    desk.get({ flags: 'S', seq: 0, mss: 1_460 });
    return desk;
  }

  it('goes back to LISTEN after a passive OPEN', () => {
    const desk = halfOpen(-1);
    desk.get({ flags: 'R', seq: 1 });
    expect([desk.state(), said(desk)]).toEqual([
      'LISTEN',
      'an RST after a passive OPEN: back to LISTEN',
    ]);
  });

  it.each(['R', 'S'])('is given up where the listener is another: %s', (flags) => {
    const desk = halfOpen(8);
    desk.get({ flags, seq: 1 });
    expect([desk.state(1), desk.state(2)]).toEqual(['LISTEN', 'CLOSED']);
    expect(said(desk)).toContain('after a passive OPEN: given up, who listens goes on');
    expect(said(desk)).not.toMatch(/our SYN|back to LISTEN/);
    // No application has it: nobody is told.
    const { refused, reset, ended } = desk.host.totals;
    expect([refused, reset, ended]).toEqual([0, 0, 1]);
  });
});
