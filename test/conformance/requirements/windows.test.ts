// The send window: shrinking, shut, probed: RFC 9293 §3.1, §3.8.6, §3.8.6.1.
import { describe, expect, it } from 'vitest';
import type { Knobs } from '../../../engine/tcp/knobs.ts';
import { Desk, gaps, MS, SECOND, show } from '../desk.ts';

/** Text waits before a shut window. */
function shut(knobs: Partial<Knobs> = {}): Desk {
  const desk = new Desk({ knobs }).established({ wnd: 1000 });
  desk.send(1000);
  desk.get({ flags: '.', ack: 1001, wnd: 0 });
  desk.send(500);
  return desk;
}

/** The peer answers a probe: nothing taken, the window still shut. */
const refuse = (desk: Desk) => desk.get({ flags: '.', ack: 1001, wnd: 0 });

describe('windows are unsigned and large', () => {
  it('MUST-1: a window of 65535 is no negative number', () => {
    const desk = new Desk({ knobs: { initial_window: 100, initial_window_octets: 0 } });
    desk.established({ wnd: 0xffff });
    expect(desk.tcb().sndWnd).toBe(65_535);
    expect(desk.send(30_000).reduce((sum, { len }) => sum + len, 0)).toBeGreaterThan(29_000);
  });

  it('REC-1: windows have 32 bits: 65535 scaled by 14 is kept whole', () => {
    const desk = new Desk({ knobs: { window_scaling: true } }).established({ wscale: 14 });
    desk.get({ flags: '.', wnd: 65_535 });
    expect(desk.tcb().sndWnd).toBe(65_535 * 2 ** 14);
  });
});

describe('a window that shrinks', () => {
  const shrunk = (wnd: number) => {
    const desk = new Desk().established({ wnd: 5000 });
    desk.send(6000);
    desk.get({ flags: '.', ack: 1001, wnd });
    return desk;
  };

  it('MUST-34, SHLD-15: the usable window is negative, and nothing new is sent', () => {
    const desk = shrunk(100);
    expect(desk.tcb().sndNxt - desk.tcb().sndUna).toBeGreaterThan(100);
    const highest = Math.max(...desk.log.map(({ seq, len }) => seq + len));
    desk.pass(20 * SECOND);
    expect(Math.max(...desk.log.map(({ seq, len }) => seq + len))).toBe(highest);
  });

  it('SHLD-16, MAY-7: what is unacknowledged is sent again, beyond the edge too', () => {
    const [again] = shrunk(100).pass(2 * SECOND);
    expect(again?.seq).toBe(1001);
    expect(again?.len).toBe(1460);
  });

  it('SHLD-17, MUST-35: shut with text in flight, it lasts as long as answers come', () => {
    const desk = shrunk(0);
    for (let i = 0; i < 60; i += 1) {
      desk.pass(60 * SECOND);
      desk.get({ flags: '.', ack: 1001, wnd: 0 });
      expect(desk.state()).toBe('ESTABLISHED');
    }
    const before = desk.log.length;
    desk.pass(200 * SECOND);
    expect(desk.log.length).toBeGreaterThan(before);
    expect(desk.state()).toBe('CLOSED');
  });
});

describe('a window that is shut', () => {
  it('MUST-36, SHLD-29: it is probed, first after the RTO', () => {
    const desk = shut();
    const from = desk.now;
    const probes = desk.pass(1500 * MS);
    expect(show(probes)).toEqual(['. 1001:1002 ack 1']);
    expect(gaps(probes, from)).toEqual([1]);
  });

  it('SHLD-30: the intervals grow exponentially, up to a bound', () => {
    const desk = shut();
    const from = desk.now;
    const sent = [];
    for (let i = 0; i < 2500; i += 1) {
      const probes = desk.pass(100 * MS);
      if (probes.length > 0) refuse(desk);
      sent.push(...probes);
    }
    expect(gaps(sent, from)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it('MUST-37: it stays open for a day of answers', () => {
    const desk = shut();
    for (let i = 0; i < 24 * 60; i += 1) {
      desk.pass(60 * SECOND);
      refuse(desk);
    }
    expect(desk.state()).toBe('ESTABLISHED');
    desk.get({ flags: '.', ack: 1001, wnd: 5000 });
    expect(desk.log.at(-1)).toMatchObject({ seq: 1001, len: 500 });
  });

  it('RFC 9293 §3.8.3: without answers R2 ends it', () => {
    const desk = shut();
    desk.pass(300 * SECOND);
    expect(desk.state()).toBe('CLOSED');
    expect(desk.tcb().error).toBe('ETIMEDOUT');
  });

  it('RFC 5482: a USER TIMEOUT that the application set ends it, answers or not', () => {
    const desk = new Desk().established({ wnd: 1000 });
    desk.set({ userTimeout_ms: 30_000 });
    desk.send(1000);
    desk.get({ flags: '.', ack: 1001, wnd: 0 });
    desk.send(500);
    for (let i = 0; i < 29; i += 1) {
      desk.pass(SECOND);
      refuse(desk);
    }
    expect(desk.state()).toBe('ESTABLISHED');
    desk.pass(2 * SECOND);
    expect(desk.state()).toBe('CLOSED');
  });

  it('Linux probes by an old number without text', () => {
    const desk = shut({ window_probe: 'empty' });
    expect(show(desk.pass(1500 * MS))).toEqual(['. 1000 ack 1']);
    expect(show(desk.get({ flags: '.', ack: 1001, wnd: 1000 }))).toEqual(['P. 1001:1501 ack 1']);
  });

  it('when it opens, what was sent as a probe in vain goes out again at once', () => {
    const desk = shut();
    desk.pass(1500 * MS);
    const sent = desk.get({ flags: '.', ack: 1001, wnd: 5000 });
    expect(show(sent)).toEqual(['P. 1001:1501 ack 1']);
  });
});
