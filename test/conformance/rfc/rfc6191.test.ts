// A SYN that meets TIME-WAIT: RFC 6191 §2 by timestamps, RFC 9293 §3.6.1 by sequence numbers; and
// an RST that meets it: RFC 1337.
import { describe, expect, it } from 'vitest';
import { seqLt } from '../../../engine/base/seq.ts';
import type { Knobs } from '../../../engine/tcp/knobs.ts';
import { Desk, PASSIVE, SECOND, show } from '../desk.ts';

const TS = 7_000;

/** Connection 1 in TIME-WAIT, RCV.NXT 2, TS.Recent 7000; connection 2 in LISTEN on its port. */
function timeWait(timestamps: boolean, knobs: Partial<Knobs> = {}): Desk {
  const desk = new Desk({ knobs: { timestamps: true, ...knobs } });
  const stamp = timestamps ? ({ ts: true, tsVal: TS } as const) : {};
  desk.accepted(stamp).close('both');
  desk.get({ flags: 'F.', ack: 2 });
  expect(desk.state()).toBe('TIME-WAIT');
  desk.call({ ...PASSIVE, iss: -1 });
  expect(desk.state(2)).toBe('LISTEN');
  return desk;
}

describe('RFC 6191 §2', () => {
  type Row = [old: boolean, tsVal: number, seq: number, opens: boolean, why: string];
  const rows: Row[] = [
    [true, TS + 1, 0, true, 'greater timestamp, whatever the sequence number'],
    [true, TS, 2, true, 'equal timestamp, larger sequence number'],
    [true, TS, 1, false, 'equal timestamp, number not larger'],
    [true, TS - 1, 90_000, false, 'older timestamp'],
    [true, -1, 2, true, 'no timestamps any more, larger number'],
    [true, -1, 1, false, 'no timestamps any more, number not larger'],
    [false, 1, 0, true, 'timestamps for the first time'],
    [false, -1, 2, true, 'no timestamps at all, larger number'],
    [false, -1, 1, false, 'no timestamps at all, number not larger'],
  ];

  it.each(rows)('SHLD-4: used %s, TSval %i, SEQ %i: opens %s (%s)', (old, tsVal, seq, opens) => {
    const desk = timeWait(old);
    const stamp = tsVal < 0 ? {} : ({ ts: true, tsVal } as const);
    const [answer] = desk.get({ flags: 'S', seq, mss: 1460, ...stamp });
    if (opens) {
      expect(answer?.flags).toBe('S.');
      expect(desk.state(1)).toBe('CLOSED');
      expect(desk.state(2)).toBe('SYN-RECEIVED');
    } else {
      // RFC 9293 §3.10.7.4, fourth: a challenge ACK.
      expect(answer?.flags).toBe('.');
      expect(desk.state()).toBe('TIME-WAIT');
    }
  });

  it('MAY-2: the new incarnation begins beyond the last number of the old one', () => {
    for (const iss_step of [0, 65_537]) {
      const desk = timeWait(true, { iss_step });
      const last = Math.max(...desk.log.map(({ seg }) => seg.seq));
      const [answer] = desk.get({ flags: 'S', seq: 5, mss: 1460, ts: true, tsVal: TS + 5 });
      expect(seqLt(last, answer?.seg.seq as number)).toBe(true);
    }
  });

  it('MAY-2: never, where a stack does not', () => {
    const desk = timeWait(true, { time_wait_reopen: 'never' });
    expect(desk.get({ flags: 'S', seq: 5, ts: true, tsVal: TS + 5 })[0]?.flags).toBe('.');
    expect(desk.state()).toBe('TIME-WAIT');
  });

  it('MUST-13: TIME-WAIT lasts two MSL', () => {
    const desk = timeWait(true);
    desk.pass(239 * SECOND);
    expect(desk.state()).toBe('TIME-WAIT');
    desk.pass(SECOND);
    expect(desk.state()).toBe('CLOSED');
  });
});

describe('RFC 1337', () => {
  it('§2: an RST, old or forged, ends TIME-WAIT before its time', () => {
    const desk = timeWait(false);
    desk.get({ flags: 'R', seq: 2 });
    expect(desk.state()).toBe('CLOSED');
  });

  it('§3 F1: with the fix TIME-WAIT ignores it', () => {
    const desk = timeWait(false, { rst_in_time_wait: 'ignore' });
    expect(desk.get({ flags: 'R', seq: 2 })).toEqual([]);
    desk.pass(239 * SECOND);
    expect(desk.state()).toBe('TIME-WAIT');
    desk.pass(2 * SECOND);
    expect(desk.state()).toBe('CLOSED');
  });

  it('an RST outside the window ends nothing, one inside is challenged', () => {
    const desk = timeWait(false);
    expect(desk.get({ flags: 'R', seq: 1 })).toEqual([]);
    expect(show(desk.get({ flags: 'R', seq: 100 }))).toEqual([expect.stringMatching(/^\. /)]);
    expect(desk.state()).toBe('TIME-WAIT');
  });

  it('§1: old text and a FIN sent again are answered, the FIN starts two MSL anew', () => {
    const desk = timeWait(false);
    desk.pass(200 * SECOND);
    const ack = 2;
    expect(desk.get({ flags: '.', seq: 0, len: 1, ack })[0]?.ack).toBe(2);
    desk.get({ flags: 'F.', seq: 1, ack });
    desk.pass(200 * SECOND);
    expect(desk.state()).toBe('TIME-WAIT');
  });
});
