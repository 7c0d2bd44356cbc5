/**
 * A port is taken for connect() when something listens on it, on whatever address: only listeners
 * on any address were looked for. And a port that is bound before connect() may take over a
 * TIME-WAIT in Linux by the timestamp alone, whatever tcp_tw_reuse says (tcp_twsk_unique).
 */
import { describe, expect, it } from 'vitest';
import { ACTIVE, Desk, HOST, PASSIVE } from '../conformance/desk.ts';

describe('connect() without a port', () => {
  const knobs = { ephemeral_low: 40_000, ephemeral_high: 40_000 };

  it.each(['', HOST, '10.0.0.9'])('leaves the port to a listener on "%s"', (from) => {
    const desk = new Desk({ profile: 'linux', knobs, addresses: [HOST, '10.0.0.9'] });
    desk.call({ ...PASSIVE, from, fromPort: 40_000, backlog: 5 });
    desk.call({ ...ACTIVE, fromPort: 0 });
    expect(desk.result?.error).toBe('EADDRNOTAVAIL');
  });
});

describe('connect() from a port whose 4-tuple is in TIME-WAIT', () => {
  function again(profile: string, stamped: boolean) {
    const desk = new Desk({ profile, knobs: { tw_reuse: 0, timestamps: stamped } });
    desk.established(stamped ? { ts: true, tsVal: 5 } : {});
    desk.close('both');
    desk.get({ flags: 'F.', ack: 2 });
    expect(desk.state()).toBe('TIME-WAIT');
    desk.call({ ...ACTIVE, iss: -1 });
    return desk.result?.error;
  }

  it('takes it over in Linux if the peer had sent timestamps', () => {
    expect(again('linux', true)).toBe('');
    expect(again('linux', false)).toBe('EADDRNOTAVAIL');
  });

  it('fails by RFC 9293 §3.10.1: the connection exists', () => {
    expect(again('rfc9293', true)).toBe('EADDRNOTAVAIL');
  });
});
