/**
 * The USER TIMEOUT that an application sets did not run before the connection was synchronized. It
 * holds "for any state" (RFC 9293 §3.10.8, MUST-21); a host's own is for text.
 */
import { describe, expect, it } from 'vitest';
import { DEFAULT_OPTIONS } from '../../engine/tcp/options.ts';
import { ACTIVE, Desk, PASSIVE, SECOND } from '../conformance/desk.ts';

const options = { ...DEFAULT_OPTIONS, userTimeout_ms: 5_000 };
const ended = (desk: Desk) => [desk.state(), desk.find()?.error, desk.rules.at(-1)];

describe('a USER TIMEOUT of 5 s', () => {
  it('ends SYN-SENT', () => {
    const desk = new Desk();
    desk.call({ ...ACTIVE, options });
    desk.pass(5 * SECOND - 1);
    expect(desk.state()).toBe('SYN-SENT');
    desk.pass(1);
    expect(ended(desk)).toEqual(['CLOSED', 'ETIMEDOUT', 'userTimeout']);
  });

  it('ends SYN-RECEIVED', () => {
    const desk = new Desk();
    desk.call({ ...PASSIVE, options });
    desk.get({ flags: 'S', seq: 0 });
    desk.pass(5 * SECOND);
    expect(ended(desk)).toEqual(['CLOSED', 'ETIMEDOUT', 'userTimeout']);
  });

  it('of a socket that listens is for what is accepted', () => {
    const desk = new Desk();
    desk.call({ ...PASSIVE, backlog: 5, options });
    desk.get({ flags: 'S', seq: 0 });
    desk.pass(60 * SECOND);
    expect(desk.state(2)).toBe('SYN-RECEIVED');
  });

  it('that is set in SYN-SENT counts from the SYN', () => {
    const desk = new Desk();
    desk.call(ACTIVE);
    desk.pass(2 * SECOND);
    desk.set({ userTimeout_ms: 5_000 });
    desk.pass(3 * SECOND);
    expect(ended(desk)).toEqual(['CLOSED', 'ETIMEDOUT', 'userTimeout']);
  });

  it('is over with the handshake', () => {
    const desk = new Desk();
    desk.call({ ...ACTIVE, options });
    desk.get({ flags: 'S.', seq: 0, ack: 1 });
    desk.pass(60 * SECOND);
    expect(desk.state()).toBe('ESTABLISHED');
  });
});

it('the USER TIMEOUT of the host is for text', () => {
  const desk = new Desk({ knobs: { user_timeout_ms: 5_000 } });
  desk.call(ACTIVE);
  desk.pass(100 * SECOND);
  expect(desk.state()).toBe('SYN-SENT');
});
