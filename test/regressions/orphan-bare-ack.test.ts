/**
 * The FIN of the peer is lost, and what it sends next is a bare ACK: its number lies beyond the
 * FIN. The record of Linux took that for new text and answered by RST, so connections over a lossy
 * link were reset at their ends. Only text meets an RST (RFC 9293 §3.6.1, SHLD-3: "if new data is
 * received"); the record drops what is empty (tcp_timewait_state_process: end_seq == seq).
 */
import { describe, expect, it } from 'vitest';
import { Desk } from '../conformance/desk.ts';

const CLOSE = { call: 'CLOSE', how: 'both' } as const;

describe.each(['rfc9293', 'linux', 'freebsd', 'windows'])('an orphan of %s', (profile) => {
  it('hears a bare ACK from beyond the FIN that is missing, and takes that FIN later', () => {
    const desk = new Desk({ profile }).established();
    desk.call(CLOSE);
    expect(desk.tcb().state).toBe('FIN-WAIT-1');
    // It acknowledges nothing yet.
    expect(desk.get({ flags: '.', seq: 2, ack: 1 })).toEqual([]);
    expect(desk.tcb().state).toBe('FIN-WAIT-1');
    // Our FIN, and once more.
    expect(desk.get({ flags: '.', seq: 2, ack: 2 })).toEqual([]);
    expect(desk.tcb().state).toBe('FIN-WAIT-2');
    expect(desk.get({ flags: '.', seq: 2, ack: 2 })).toEqual([]);
    expect(desk.tcb().state).toBe('FIN-WAIT-2');
    expect(desk.get({ flags: 'F.', seq: 1, ack: 2 }).map(({ flags }) => flags)).toEqual(['.']);
    expect(desk.host.states[10]).toBe(1);
  });

  it('meets text from beyond the FIN by RST', () => {
    const desk = new Desk({ profile }).established();
    desk.call(CLOSE);
    desk.get({ flags: '.', seq: 1, ack: 2 });
    expect(desk.get({ flags: '.', seq: 2, ack: 2, len: 5 }).map(({ flags }) => flags)).toEqual([
      'R',
    ]);
    expect(desk.host.totals.reset).toBe(1);
  });
});
