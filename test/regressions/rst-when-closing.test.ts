/**
 * RFC 9293 §3.10.7.4, second: an RST in CLOSING and LAST-ACK ends the connection, and the user is
 * told nothing, who has closed it. Linux (tcp_reset) and FreeBSD tell a socket ECONNRESET.
 */
import { expect, it } from 'vitest';
import { Desk } from '../conformance/desk.ts';

it.each([
  ['rfc9293', 'LAST-ACK', ''],
  ['rfc9293', 'CLOSING', ''],
  ['linux', 'LAST-ACK', 'ECONNRESET'],
  ['linux', 'CLOSING', 'ECONNRESET'],
  ['freebsd', 'LAST-ACK', 'ECONNRESET'],
] as const)('%s in %s: "%s"', (profile, state, error) => {
  const desk = new Desk({ profile }).established();
  if (state === 'CLOSING') desk.close();
  desk.get({ flags: 'F.', ack: 1 });
  if (state === 'LAST-ACK') desk.close();
  expect(desk.state()).toBe(state);
  desk.get({ flags: 'R', seq: 2 });
  expect([desk.state(), desk.tcb().error]).toEqual(['CLOSED', error]);
});
