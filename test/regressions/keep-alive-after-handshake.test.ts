/**
 * Keep-alive was started only by a segment that left the connection in ESTABLISHED. Where a FIN
 * came with the end of the handshake it never was, and a dead peer stayed for ever (RFC 9293
 * §3.8.4, MUST-24).
 */
import { describe, expect, it } from 'vitest';
import { ACTIVE, Desk, PASSIVE, SECOND, show } from '../conformance/desk.ts';

const HOURS = 3600 * SECOND;
const knobs = { keepalive: true };

describe('a handshake whose last segment has a FIN', () => {
  it.each([
    ['the ACK of a passive OPEN', PASSIVE, 'S', 'F.'],
    ['the SYN,ACK of an active OPEN', ACTIVE, '', 'SF.'],
  ] as const)('%s starts keep-alive', (_, open, first, last) => {
    const desk = new Desk({ knobs });
    desk.call(open);
    if (first !== '') desk.get({ flags: first, seq: 0 });
    desk.get({ flags: last, seq: first === '' ? 0 : 1, ack: 1 });
    expect(desk.state()).toBe('CLOSE-WAIT');
    // Two hours of silence, then nine probes 75 s apart, then RST.
    expect(show(desk.pass(2 * HOURS))).toEqual(['. 0 ack 2']);
    expect(show(desk.pass(9 * 75 * SECOND)).at(-1)).toBe('R. 1 ack 2');
    expect([desk.state(), desk.tcb().error]).toEqual(['CLOSED', 'ETIMEDOUT']);
  });
});
