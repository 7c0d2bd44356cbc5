// Opening: initial sequence numbers, simultaneous open: RFC 9293 §3.4.1, §3.5.
import { describe, expect, it } from 'vitest';
import { seqSub } from '../../../engine/base/seq.ts';
import { ACTIVE, Desk, PASSIVE, SECOND, show } from '../desk.ts';

const issAt = (start: number, call: Partial<typeof ACTIVE> = {}) =>
  new Desk({ start }).call({ ...ACTIVE, iss: -1, ...call })[0]?.seg.seq as number;

describe('initial sequence numbers', () => {
  it('MUST-8: a clock drives them, one tick each 4 µs', () => {
    expect(seqSub(issAt(5 * SECOND), issAt(SECOND))).toBe((4 * SECOND) / 4);
    // The clock wraps after about 4.77 hours.
    const hours = 5 * 3600 * SECOND;
    expect(seqSub(issAt(SECOND + hours), issAt(SECOND))).toBe((hours / 4) % 2 ** 32);
  });

  it('SHLD-1: a keyed function of the 4-tuple tells connections apart', () => {
    const isses = [
      issAt(SECOND),
      issAt(SECOND, { fromPort: 81 }),
      issAt(SECOND, { toPort: 4001 }),
      issAt(SECOND, { to: '10.0.0.3' }),
    ];
    expect(new Set(isses).size).toBe(4);
    const apart = isses.slice(1).map((iss) => seqSub(iss, isses[0] as number));
    for (const distance of apart)
      expect(Math.min(distance, 2 ** 32 - distance)).toBeGreaterThan(1000);
  });
});

describe('simultaneous open', () => {
  const crossing = (): Desk => {
    const desk = new Desk();
    desk.call(ACTIVE);
    return desk;
  };

  it('MUST-10: two SYNs that cross make one connection (Figure 7)', () => {
    const desk = crossing();
    expect(show(desk.get({ flags: 'S', seq: 0, mss: 1460 }))).toEqual(['S. 0 ack 1']);
    expect(desk.state()).toBe('SYN-RECEIVED');
    desk.get({ flags: 'S.', seq: 0, ack: 1, mss: 1460 });
    expect(desk.state()).toBe('ESTABLISHED');
    desk.get({ flags: 'P.', seq: 1, ack: 1, len: 10 });
    expect(desk.tcb().rcvText).toBe(10);
    expect(desk.host.conns.size).toBe(1);
  });

  it('MUST-11: SYN-RECEIVED knows whether it came from LISTEN: an RST leads back there', () => {
    const passive = new Desk();
    passive.call(PASSIVE);
    passive.get({ flags: 'S', seq: 0 });
    passive.get({ flags: 'R', seq: 1 });
    expect(passive.state()).toBe('LISTEN');
    const active = crossing();
    active.get({ flags: 'S', seq: 0 });
    active.get({ flags: 'R', seq: 1 });
    expect(active.state()).toBe('CLOSED');
    expect(active.tcb().error).toBe('ECONNREFUSED');
  });
});
