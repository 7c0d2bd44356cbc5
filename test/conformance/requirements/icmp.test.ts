// ICMP errors: RFC 9293 §3.9.2.2, RFC 5927 §4.1, RFC 5461.
import { describe, expect, it } from 'vitest';
import type { Knobs } from '../../../engine/tcp/knobs.ts';
import { ACTIVE, Desk, HOST, ISS, PEER, PEER_PORT, PORT, SECOND } from '../desk.ts';

/** An error about the segment with this relative number. */
function icmp(desk: Desk, what: string, hard: boolean, seq: number): void {
  desk.apply({
    t: desk.now,
    ev: 'icmp',
    host: 0,
    hard,
    what,
    local: HOST,
    localPort: PORT,
    remote: PEER,
    remotePort: PEER_PORT,
    seq: ISS + seq,
  });
}

/** 100 octets in flight: 1 up to 100. */
function inFlight(knobs: Partial<Knobs> = {}, profile = 'rfc9293'): Desk {
  const desk = new Desk({ knobs, profile }).established();
  desk.send(100);
  return desk;
}

const SOFT = ['net unreachable', 'host unreachable', 'source route failed', 'time exceeded'];

describe('ICMP errors', () => {
  it.each(['port unreachable', 'protocol unreachable'])(
    'MUST-54, SHLD-26: %s ends the connection whose segment it quotes',
    (what) => {
      const desk = inFlight();
      icmp(desk, what, true, 1);
      expect(desk.state()).toBe('CLOSED');
      expect(desk.tcb().error).toBe('ECONNREFUSED');
      expect(desk.rules).toContain('icmpHard');
    },
  );

  it('SHLD-26: in SYN-SENT a hard error ends the attempt', () => {
    const desk = new Desk();
    desk.call(ACTIVE);
    icmp(desk, 'port unreachable', true, 0);
    expect(desk.state()).toBe('CLOSED');
    expect(desk.tcb().error).toBe('ECONNREFUSED');
  });

  it('MUST-54: an error about another connection does not touch this one', () => {
    const desk = inFlight();
    desk.apply({
      ...{ t: desk.now, ev: 'icmp', host: 0, hard: true, what: 'port unreachable' },
      ...{ local: HOST, localPort: PORT, remote: PEER, remotePort: 1, seq: ISS + 1 },
    });
    expect(desk.state()).toBe('ESTABLISHED');
    expect(desk.rules).toContain('icmpStray');
  });

  it.each(SOFT)(
    'MUST-56, SHLD-25: %s does not end it, but is noted for the application',
    (what) => {
      for (const desk of [inFlight(), opening()]) {
        const state = desk.state();
        icmp(desk, what, false, desk.state() === 'SYN-SENT' ? 0 : 1);
        expect(desk.state()).toBe(state);
        expect(desk.tcb().softError).toMatch(/^E(NET|HOST)UNREACH$/);
        expect(desk.rules).toContain('icmpSoft');
      }
    },
  );

  it('MUST-47: what was noted is told when the connection is given up', () => {
    const desk = inFlight();
    icmp(desk, 'host unreachable', false, 1);
    desk.pass(400 * SECOND);
    expect(desk.state()).toBe('CLOSED');
    expect(desk.tcb().error).toBe('EHOSTUNREACH');
    const forgotten = inFlight();
    icmp(forgotten, 'host unreachable', false, 1);
    forgotten.get({ flags: '.', ack: 101 });
    expect(forgotten.tcb().softError).toBe('');
  });

  it('MUST-55: a source quench is discarded in silence', () => {
    const desk = inFlight();
    const before = desk.tcb();
    icmp(desk, 'source quench', false, 1);
    expect(desk.tcb()).toEqual(before);
    expect(desk.rules).toEqual(['icmpQuench']);
  });

  it.each([-1, 0, 101, 5000])(
    'RFC 5927 §4.1: one that quotes number %i, not in flight, is ignored',
    (seq) => {
      const desk = inFlight();
      icmp(desk, 'port unreachable', true, seq);
      expect(desk.state()).toBe('ESTABLISHED');
      expect(desk.rules).toContain('icmpStray');
    },
  );

  it('RFC 5927 §4.1: a stack that does not look is ended by any', () => {
    const desk = inFlight({ icmp_check: false });
    icmp(desk, 'port unreachable', true, 5000);
    expect(desk.state()).toBe('CLOSED');
  });

  it('RFC 5461 §3: Linux and BSD end only connections that are not synchronized', () => {
    for (const profile of ['linux', 'freebsd']) {
      const desk = inFlight({}, profile);
      icmp(desk, 'port unreachable', true, 1);
      expect(desk.state()).toBe('ESTABLISHED');
      const young = opening(profile);
      icmp(young, 'port unreachable', true, 0);
      expect(young.state()).toBe('CLOSED');
    }
  });

  it('RFC 5461 §4: Linux gives connect() up on a soft error too', () => {
    const desk = opening('linux');
    icmp(desk, 'host unreachable', false, 0);
    expect(desk.state()).toBe('CLOSED');
    expect(desk.tcb().error).toBe('EHOSTUNREACH');
  });
});

function opening(profile = 'rfc9293'): Desk {
  const desk = new Desk({ profile });
  desk.call(ACTIVE);
  return desk;
}
