// Connections that fail, and keep-alives: RFC 9293 §3.8.3, §3.8.4; RFC 5482.
import { describe, expect, it } from 'vitest';
import { DEFAULT_KNOBS } from '../../../engine/tcp/knobs.ts';
import { ACTIVE, Desk, gaps, PASSIVE, SECOND, show } from '../desk.ts';

const HOUR = 3600 * SECOND;

/** 100 octets in flight that nobody acknowledges. */
function unanswered(options: ConstructorParameters<typeof Desk>[0] = {}): Desk {
  const desk = new Desk(options).established();
  desk.send(100);
  return desk;
}

/** Seconds until the connection is CLOSED; -1: not within `most`. */
function life(desk: Desk, most = 2000): number {
  for (let s = 1; s <= most; s += 1) {
    desk.pass(SECOND);
    if (desk.state() === 'CLOSED') return s;
  }
  return -1;
}

describe('excessive retransmissions', () => {
  it('MUST-20, SHLD-10, SHLD-9: at R1, three retransmissions, the trouble is told', () => {
    const desk = unanswered();
    const told: number[] = [];
    for (let i = 0; i < 200; i += 1) {
      const sent = desk.pass(SECOND / 10);
      if (sent.length > 0 && desk.rules.includes('r1Reached')) told.push(desk.log.length);
    }
    // SYN, its ACK, the text, and three times the text again.
    expect(told).toEqual([6]);
    expect(desk.tcb().rtxCount).toBeGreaterThanOrEqual(3);
  });

  it('MUST-20, SHLD-11: at R2, at least 100 seconds, the connection is closed', () => {
    const desk = unanswered();
    const seconds = life(desk);
    expect(seconds).toBeGreaterThanOrEqual(100);
    expect(desk.tcb().error).toBe('ETIMEDOUT');
    expect(desk.rules).toContain('gaveUp');
  });

  it('MUST-20: R2 may be a count: Linux gives up after fifteen retransmissions', () => {
    const desk = unanswered({ knobs: { r2_retries: 15, r2_ms: 0, user_timeout_ms: 0 } });
    life(desk);
    expect(desk.log.filter(({ len }) => len === 100)).toHaveLength(16);
  });

  it('MUST-21: an application sets R2 of a connection, shorter or longer', () => {
    const short = unanswered();
    short.set({ userTimeout_ms: 10_000 });
    expect(life(short)).toBe(10);
    const long = unanswered();
    long.set({ userTimeout_ms: 1_000_000 });
    expect(life(long)).toBe(1000);
  });

  it('MUST-22: SYNs are treated the same, and the application is told', () => {
    const desk = new Desk();
    desk.call(ACTIVE);
    life(desk);
    expect(desk.tcb().error).toBe('ETIMEDOUT');
    expect(gaps(desk.log)).toEqual([1, 2, 4, 8, 16, 32, 60]);
  });

  it('MUST-23: a SYN is tried for three minutes at least, a SYN,ACK too', () => {
    const active = new Desk();
    active.call(ACTIVE);
    expect(life(active)).toBeGreaterThanOrEqual(180);
    const passive = new Desk();
    passive.call({ ...PASSIVE, backlog: 5 });
    passive.get({ flags: 'S', seq: 0, mss: 1460 });
    passive.pass(179 * SECOND);
    expect(passive.state(2)).toBe('SYN-RECEIVED');
    passive.pass(10 * SECOND);
    expect(passive.state(2)).toBe('CLOSED');
  });

  it('MUST-47: excessive retransmissions are reported while the connection still lives', () => {
    const desk = unanswered();
    let alive = false;
    while (desk.state() !== 'CLOSED') {
      desk.pass(SECOND / 10);
      if (desk.rules.includes('r1Reached')) alive = desk.state() === 'ESTABLISHED';
    }
    expect(alive).toBe(true);
  });

  it('RFC 5482 §3: the USER TIMEOUT counts from the oldest text that is not acknowledged', () => {
    const desk = new Desk().established();
    desk.set({ userTimeout_ms: 20_000 });
    desk.send(100);
    desk.pass(15 * SECOND);
    desk.send(100);
    desk.get({ flags: '.', ack: 101 });
    desk.pass(15 * SECOND);
    expect(desk.state()).toBe('ESTABLISHED');
    desk.pass(6 * SECOND);
    expect(desk.state()).toBe('CLOSED');
    expect(desk.tcb().error).toBe('ETIMEDOUT');
  });

  it('RFC 9293 §3.9.1.1: the host has a USER TIMEOUT of five minutes', () => {
    const desk = unanswered({ knobs: { r2_ms: 0 } });
    expect(life(desk)).toBe(300);
    expect(DEFAULT_KNOBS.user_timeout_ms).toBe(300_000);
  });
});

describe('keep-alive', () => {
  const alive = (knobs = {}) => {
    const desk = new Desk({ knobs }).established();
    desk.set({ keepalive: true });
    return desk;
  };

  it('MUST-25: it is off unless the application asks for it', () => {
    expect(new Desk().established().pass(100 * HOUR)).toEqual([]);
  });

  it('MAY-5, MUST-24: an application turns it on and off', () => {
    const desk = alive();
    expect(desk.pass(3 * HOUR).length).toBeGreaterThan(0);
    const off = alive();
    off.set({ keepalive: false });
    expect(off.pass(100 * HOUR)).toEqual([]);
    const set = new Desk({ knobs: { keepalive: true } }).established();
    set.set({ keepalive: false });
    expect(set.pass(100 * HOUR)).toEqual([]);
  });

  it('MUST-28, SHLD-12: the first probe after two hours: SND.NXT-1 and no text', () => {
    const desk = alive();
    expect(desk.pass(2 * HOUR - SECOND)).toEqual([]);
    expect(show(desk.pass(2 * SECOND))).toEqual(['. 0 ack 1']);
    expect(desk.log.at(-1)?.len).toBe(0);
  });

  it('MUST-27: the interval is set by the host and by the application', () => {
    const host = alive({ keepalive_idle_ms: 10_000_000 });
    expect(host.pass(9_999 * SECOND)).toEqual([]);
    expect(host.pass(2 * SECOND)).toHaveLength(1);
    const app = new Desk().established();
    app.set({ keepalive: true, keepaliveIdle_ms: 30_000 });
    expect(app.pass(31 * SECOND)).toHaveLength(1);
  });

  it('MUST-26: only when nothing came for the interval', () => {
    const desk = alive();
    desk.pass(2 * HOUR - SECOND);
    desk.get({ flags: '.', len: 1 });
    const sent = desk.pass(2 * HOUR - SECOND);
    expect(sent.filter(({ seq }) => seq === 0)).toEqual([]);
    expect(desk.pass(2 * SECOND)).toHaveLength(1);
  });

  it('MUST-26: not while text is outstanding, nor while it waits before a shut window', () => {
    const desk = new Desk({ knobs: { r2_ms: 0, user_timeout_ms: 0 } }).established({ wnd: 100 });
    desk.set({ keepalive: true });
    desk.send(200);
    desk.get({ flags: '.', ack: 101, wnd: 0 });
    desk.pass(10 * HOUR);
    expect(desk.log.filter(({ seq, len }) => seq === 100 && len === 0)).toEqual([]);
  });

  it('MUST-29: one probe without an answer ends nothing; nine do, and the peer is told', () => {
    const desk = alive();
    desk.pass(2 * HOUR);
    for (let i = 0; i < 8; i += 1) expect(show(desk.pass(75 * SECOND))).toEqual(['. 0 ack 1']);
    expect(desk.state()).toBe('ESTABLISHED');
    expect(show(desk.pass(75 * SECOND))).toEqual(['R. 1 ack 1']);
    expect(desk.tcb().error).toBe('ETIMEDOUT');
  });

  it('MUST-29: an answer after eight lost ones starts the count anew', () => {
    const desk = alive();
    desk.pass(2 * HOUR + 8 * 75 * SECOND - SECOND);
    desk.get({ flags: '.' });
    desk.pass(2 * HOUR + 8 * 75 * SECOND);
    expect(desk.state()).toBe('ESTABLISHED');
  });
});
