/**
 * What a passive OPEN that went back to LISTEN kept of the wrong peer, and what it had lost: its
 * local address if that was any, and its place if another passive OPEN had taken it, which MUST-42
 * of RFC 9293 §3.9.1.1 allows as soon as the first is in SYN-RECEIVED.
 */
import { describe, expect, it } from 'vitest';
import { DEFAULT_OPTIONS } from '../../engine/tcp/options.ts';
import { checkInvariants } from '../../engine/timeline/invariants.ts';
import { Desk, HOST, PASSIVE, PEER_PORT, SECOND, show } from '../conformance/desk.ts';

/** A SYN from the wrong peer, then its RST: the host is in LISTEN again. */
function again(desk: Desk, between = (_: Desk): unknown => undefined, open = PASSIVE): Desk {
  desk.call(open);
  desk.get({ flags: 'S', seq: 0, wnd: 60_000 });
  between(desk);
  desk.get({ flags: 'R', seq: 1 });
  expect(desk.state()).toBe('LISTEN');
  return desk;
}

function connect(desk: Desk): Desk {
  desk.get({ flags: 'S', seq: 100, mss: 1460, wnd: 1_000 });
  desk.get({ flags: '.', seq: 101, ack: 1, wnd: 1_000 });
  expect(desk.state()).toBe('ESTABLISHED');
  return desk;
}

describe('a passive OPEN that is in LISTEN again', () => {
  it('takes what comes to any address of the host', () => {
    const desk = again(new Desk({ addresses: [HOST, '10.0.0.9'] }));
    expect(desk.tcb().local).toBe('');
    const [synAck] = desk.get({ flags: 'S', seq: 9, dst: '10.0.0.9' });
    expect([synAck?.flags, synAck?.seg.src]).toEqual(['S.', '10.0.0.9']);
    expect(checkInvariants({ hosts: [desk.host] } as never)).toEqual([]);
  });

  it('has nothing urgent to send', () => {
    const desk = connect(again(new Desk(), (at) => at.send(10, true)));
    expect(desk.send(5).map(({ flags }) => flags)).toEqual(['P.']);
  });

  it('has sent no SYN twice', () => {
    const desk = connect(again(new Desk(), (at) => at.pass(5 * SECOND)));
    const { cwnd, rto, synRetransmitted, maxSndWnd } = desk.tcb();
    // RFC 6928 §2: ten segments, at most 14,600 octets; RFC 6298 §2.2 and §2.4: one second.
    expect({ cwnd, rto, synRetransmitted, maxSndWnd }).toEqual({
      cwnd: 14_600,
      rto: 1_000_000,
      synRetransmitted: false,
      maxSndWnd: 1_000,
    });
  });

  it('keeps what it was opened with', () => {
    const desk = new Desk();
    const options = { ...DEFAULT_OPTIONS, rcvBuf: 5_000 };
    desk.call({ ...PASSIVE, options });
    desk.get({ flags: 'S', seq: 0 });
    desk.get({ flags: 'R', seq: 1 });
    expect(desk.tcb()).toMatchObject({ state: 'LISTEN', held: true, options, rcvBuf: 5_000 });
  });
});

describe('two passive OPENs of one socket', () => {
  function two(): Desk {
    const open = { ...PASSIVE, from: HOST };
    const second = (desk: Desk) => {
      desk.call(open);
      expect([desk.state(1), desk.state(2)]).toEqual(['SYN-RECEIVED', 'LISTEN']);
    };
    return again(new Desk(), second, open);
  }

  it('both take a connection', () => {
    const desk = two();
    desk.get({ flags: 'S', seq: 50, srcPort: PEER_PORT + 1 });
    desk.get({ flags: 'S', seq: 50, srcPort: PEER_PORT + 2 });
    expect([desk.state(1), desk.state(2)]).toEqual(['SYN-RECEIVED', 'SYN-RECEIVED']);
    expect(show(desk.get({ flags: 'S', seq: 50, srcPort: PEER_PORT + 3 }))[0]).toMatch(/^R/);
  });

  it('do not take each other away', () => {
    const desk = two();
    desk.close('both', 1);
    desk.get({ flags: 'S', seq: 50 });
    expect(desk.state(2)).toBe('SYN-RECEIVED');
  });
});
