/**
 * CLOSE of a socket in SYN-RECEIVED: with SO_LINGER 0 it is an ABORT, which sends an RST there
 * (RFC 9293 §3.10.5), and not a FIN. And the text that came with the SYN was handed to nobody once
 * the handshake was over, where it has to meet an RST (RFC 9293 §3.6.1, SHLD-3).
 */
import { describe, expect, it } from 'vitest';
import { ACTIVE, Desk, PASSIVE, show } from '../conformance/desk.ts';

function crossed(profile = 'rfc9293'): Desk {
  const desk = new Desk({ profile });
  desk.call(ACTIVE);
  desk.get({ flags: 'S', seq: 0 });
  desk.set({ linger_s: 0 });
  expect(desk.state()).toBe('SYN-RECEIVED');
  return desk;
}

describe('SO_LINGER 0 before our SYN is acknowledged', () => {
  it('aborts in SYN-RECEIVED', () => {
    const desk = crossed();
    expect(show(desk.close('both'))).toEqual(['R. 1 ack 1']);
    expect(desk.state()).toBe('CLOSED');
  });

  it('aborts in FIN-WAIT-1', () => {
    const desk = crossed();
    desk.close('write');
    expect(desk.state()).toBe('FIN-WAIT-1');
    expect(show(desk.close('both'))).toEqual(['R. 2 ack 1']);
    expect(desk.state()).toBe('CLOSED');
  });

  it('is silent in FreeBSD, which deletes the connection first', () => {
    expect(show(crossed('freebsd').close('both'))).toEqual([]);
  });
});

it('text of a SYN that nobody will read meets an RST', () => {
  const desk = new Desk();
  desk.call(PASSIVE);
  desk.get({ flags: 'S', seq: 0, len: 10 });
  desk.close('both');
  expect(desk.state()).toBe('FIN-WAIT-1');
  expect(show(desk.get({ flags: '.', seq: 11, ack: 2 }))).toEqual(['R 2']);
  expect(desk.state()).toBe('CLOSED');
  expect(desk.rules).toContain('textForOrphan');
});
