/**
 * A passive OPEN may name the foreign socket "to await a particular connection" (RFC 9293
 * §3.9.1.1). What was named was not looked at: anyone's SYN was taken.
 */
import { describe, expect, it } from 'vitest';
import { Desk, PASSIVE, PEER, PEER_PORT, show } from '../conformance/desk.ts';

const AWAITED = { ...PASSIVE, to: PEER, toPort: PEER_PORT };

describe('a passive OPEN with a foreign socket', () => {
  it('is not for others', () => {
    const desk = new Desk();
    desk.call(AWAITED);
    for (const other of [{ src: '10.0.0.9' }, { srcPort: PEER_PORT + 1 }]) {
      expect(show(desk.get({ flags: 'S', seq: 0, ...other }))).toEqual([
        expect.stringMatching(/^R\. .* ack 1$/),
      ]);
      expect([desk.state(), desk.rules[0]]).toEqual(['LISTEN', 'closedReset']);
    }
    expect(show(desk.get({ flags: 'S', seq: 0 }))).toEqual(['S. 0 ack 1']);
  });

  it('still awaits it after an RST', () => {
    const desk = new Desk();
    desk.call(AWAITED);
    desk.get({ flags: 'S', seq: 0 });
    desk.get({ flags: 'R', seq: 1 });
    expect(desk.tcb()).toMatchObject({ state: 'LISTEN', remote: PEER, remotePort: PEER_PORT });
    expect(show(desk.get({ flags: 'S', seq: 0, src: '10.0.0.9' }))[0]).toMatch(/^R/);
    expect(desk.get({ flags: 'S', seq: 0 })[0]?.flags).toBe('S.');
  });

  it('comes before one for anyone', () => {
    const desk = new Desk();
    desk.call(PASSIVE);
    desk.call(AWAITED);
    desk.get({ flags: 'S', seq: 0 });
    desk.get({ flags: 'S', seq: 0, srcPort: PEER_PORT + 1 });
    expect([desk.state(1), desk.state(2)]).toEqual(['SYN-RECEIVED', 'SYN-RECEIVED']);
    expect(desk.tcb(2).remotePort).toBe(PEER_PORT);
    desk.call(AWAITED);
    desk.call(AWAITED);
    expect(desk.result?.error).toBe('EADDRINUSE');
  });

  it('becomes active by SEND (RFC 9293 §3.10.2)', () => {
    const desk = new Desk();
    desk.call(AWAITED);
    expect(show(desk.send(10))).toEqual(['S 0']);
    expect([desk.state(), desk.result?.value]).toEqual(['SYN-SENT', 10]);
    expect(show(desk.get({ flags: 'S.', seq: 0, ack: 1 }))).toEqual(['P. 1:11 ack 1']);
  });

  it('must be one that can be (MUST-46)', () => {
    const desk = new Desk();
    desk.call({ ...AWAITED, to: '224.0.0.1' });
    expect(desk.result?.error).toBe('ENETUNREACH');
  });
});

it('SEND in LISTEN without a foreign socket fails', () => {
  const desk = new Desk();
  desk.call(PASSIVE);
  expect(show(desk.send(10))).toEqual([]);
  expect([desk.state(), desk.result?.error]).toEqual(['LISTEN', 'ENOTCONN']);
});
