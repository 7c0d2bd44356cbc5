// The urgent pointer: RFC 9293 §3.8.5, RFC 6093.
import { describe, expect, it } from 'vitest';
import { SCENARIOS } from '../../../engine/simulation/scenarios/index.ts';
import { urgentLeft } from '../../../engine/tcp/receive.ts';
import { Desk } from '../desk.ts';

describe('urgent text', () => {
  it('MUST-30, MUST-62: the pointer is the number of the octet after the urgent text', () => {
    const desk = new Desk().established();
    const [seg] = desk.send(10, true);
    expect(seg).toMatchObject({ flags: 'PU.', seq: 1, len: 10, seg: { up: 10 } });
    // What follows the urgent text is not urgent.
    expect(desk.send(5000)[0]).toMatchObject({ flags: '.', seq: 11, seg: { up: 0 } });
  });

  it('MUST-31: urgent text of any length; each segment of it points to the same octet', () => {
    const desk = new Desk().established();
    const sent = desk.send(10_000, true);
    expect(sent.length).toBeGreaterThan(5);
    for (const { flags, seq, seg } of sent) {
      expect(flags).toContain('U');
      expect(seq + seg.up).toBe(10_001);
    }
  });

  it('MUST-31: an end beyond 65535 octets is pointed to as far as the field goes', () => {
    const knobs = { send_space: 200_000 };
    const desk = new Desk({ knobs }).established();
    const [first] = desk.send(100_000, true);
    expect(first?.seg.up).toBe(65_535);
  });

  it('MUST-32: the application hears of the first pointer, and of every move of it', () => {
    const desk = new Desk().established();
    const told = (given: { len: number; up: number }) => {
      desk.get({ flags: 'PU.', ...given });
      return desk.rules.includes('urgentSeen');
    };
    expect(told({ len: 10, up: 50 })).toBe(true);
    expect(told({ len: 10, up: 40 })).toBe(false);
    expect(told({ len: 10, up: 90 })).toBe(true);
  });

  it('MUST-33: it can learn how much urgent text is left, and when the mode ends', () => {
    const desk = new Desk().established();
    desk.get({ flags: 'PU.', len: 10, up: 15 });
    expect(urgentLeft(desk.tcb())).toBe(15);
    desk.receive(10);
    // All that came is read, but five urgent octets are still to come.
    expect(desk.tcb().urgent).toBe(true);
    expect(urgentLeft(desk.tcb())).toBe(5);
    desk.get({ flags: 'P.', len: 20 });
    desk.receive(5);
    expect(desk.tcb().urgent).toBe(false);
    expect(urgentLeft(desk.tcb())).toBe(0);
  });

  it('a late pointer to what was read already changes nothing', () => {
    const desk = new Desk().established();
    desk.get({ flags: 'P.', len: 100 });
    desk.receive(100);
    desk.get({ flags: 'U.', seq: 101, len: 0, up: 0 });
    expect(desk.tcb().urgent).toBe(false);
    // The same with text of which a part is old.
    desk.get({ flags: 'U.', seq: 91, len: 20, up: 5 });
    expect(desk.tcb().urgent).toBe(false);
  });

  it('SHLD-13: no scenario that ships uses it', () => {
    for (const { build } of Object.values(SCENARIOS)) {
      expect(JSON.stringify(build().programs)).not.toContain('urgent');
    }
  });
});
