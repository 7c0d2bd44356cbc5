// Sending: PUSH, segment sizes, Nagle, silly windows: RFC 9293 §3.7, §3.8.6.2.1, §3.9.1.2.
import { describe, expect, it } from 'vitest';
import { ACTIVE, Desk, MS, PASSIVE, SECOND, show } from '../desk.ts';

const MSS = 1460;

describe('the maximum segment size', () => {
  const syn = (addresses: string[], to: string, mtu = 1500) =>
    new Desk({ addresses, knobs: { mtu } }).call({ ...ACTIVE, from: '', to })[0]?.seg;

  it('MUST-14, SHLD-5, MAY-3: every SYN tells it, and that of the peer is kept to', () => {
    const desk = new Desk().established({ mss: 900 });
    expect(desk.log[0]?.seg.mss).toBe(MSS);
    expect(desk.send(2000).map(({ len }) => len)).toEqual([900, 900]);
    const passive = new Desk();
    passive.call(PASSIVE);
    expect(passive.get({ flags: 'S', seq: 0, mss: 900 })[0]?.seg.mss).toBe(MSS);
  });

  it('MUST-67: it is at most what can be received: the MTU less the fixed headers', () => {
    expect(syn(['10.0.0.1'], '10.0.0.2')?.mss).toBe(1500 - 40);
    expect(syn(['fd00::1'], 'fd00::2')?.mss).toBe(1500 - 60);
    expect(syn(['10.0.0.1'], '10.0.0.2', 9000)?.mss).toBe(8960);
  });

  it('MUST-15: without the option 536 octets for IPv4, 1220 for IPv6', () => {
    const v4 = new Desk().established({ mss: 0 });
    expect(v4.send(5000)[0]?.len).toBe(536);
    const v6 = new Desk({ addresses: ['fd00::1'] });
    v6.call({ ...ACTIVE, from: '', to: 'fd00::2' });
    v6.get({ flags: 'S.', seq: 0, ack: 1, src: 'fd00::2', dst: 'fd00::1' });
    expect(v6.send(5000)[0]?.len).toBe(1220);
  });

  it('MUST-16: text of a segment is the smaller of both ends, less the options it carries', () => {
    expect(new Desk().established({ mss: 9000 }).send(5000)[0]?.len).toBe(MSS);
    const knobs = { timestamps: true, sack: true };
    const options = { ts: true, tsVal: 1, sackOk: true } as const;
    expect(new Desk({ knobs }).established(options).send(5000)[0]?.len).toBe(MSS - 12);
    const holes = new Desk({ knobs }).established(options);
    holes.get({ flags: '.', seq: 101, len: 100 });
    // One SACK block takes 12 octets with its padding.
    expect(holes.send(5000)[0]?.len).toBe(MSS - 12 - 12);
  });

  it('MUST-65: no other segment has the option', () => {
    const desk = new Desk().established();
    desk.send(5000);
    desk.get({ flags: 'F.', ack: 1 });
    desk.close();
    desk.pass(10 * SECOND);
    const others = desk.log.filter(({ flags }) => !flags.includes('S'));
    expect(others.length).toBeGreaterThan(4);
    expect(others.every(({ seg }) => seg.mss === 0)).toBe(true);
  });

  it('MUST-5: one in another segment is received and changes nothing', () => {
    const desk = new Desk().established();
    desk.get({ flags: '.', mss: 100, wscale: 3, sackOk: true });
    expect(desk.send(5000)[0]?.len).toBe(MSS);
  });
});

describe('PUSH', () => {
  it('MUST-61, SHLD-27: the last segment of what is queued has PSH, and it alone', () => {
    const desk = new Desk().established();
    desk.call(ACTIVE);
    const sent = desk.send(MSS * 3);
    expect(sent.map(({ flags }) => flags)).toEqual(['.', '.', 'P.']);
  });

  it('MUST-60: what is buffered goes out as soon as it may, without PUSH', () => {
    const desk = new Desk().established();
    desk.send(100);
    expect(desk.send(50)).toEqual([]);
    expect(show(desk.get({ flags: '.', ack: 101 }))).toEqual(['P. 101:151 ack 1']);
  });

  it('MAY-16, SHLD-28: small SENDs are put together to the largest segments', () => {
    const desk = new Desk().established();
    desk.send(1);
    for (let i = 0; i < 30; i += 1) desk.send(100);
    const lens = desk.log.filter(({ len }) => len > 0).map(({ len }) => len);
    expect(lens).toEqual([1, MSS, MSS]);
    expect(desk.get({ flags: '.', ack: 1 + 1 + 2 * MSS })[0]?.len).toBe(3000 - 2 * MSS);
  });
});

describe('Nagle', () => {
  it('SHLD-7: a small segment waits while text is unacknowledged, a full one does not', () => {
    const desk = new Desk().established();
    expect(desk.send(10)).toHaveLength(1);
    expect(desk.send(10)).toEqual([]);
    expect(desk.send(MSS)).toHaveLength(1);
    expect(desk.get({ flags: '.', ack: 11 + MSS })).toHaveLength(1);
  });

  it('MUST-17: an application can turn it off', () => {
    const desk = new Desk().established();
    desk.set({ noDelay: true });
    for (let i = 0; i < 5; i += 1) expect(desk.send(10)).toHaveLength(1);
  });
});

describe('silly windows of the sender', () => {
  it('MUST-38: it waits for a full segment or half of the largest window', () => {
    const desk = new Desk().established({ wnd: 2000 });
    expect(desk.send(10_000).map(({ len }) => len)).toEqual([MSS]);
    // 540 octets would fit: neither a full segment nor half of 2000.
    expect(desk.get({ flags: '.', ack: 1 + MSS, wnd: 540 })).toEqual([]);
    expect(desk.get({ flags: '.', ack: 1 + MSS, wnd: 1000 }).map(({ len }) => len)).toEqual([1000]);
  });

  it('MUST-38: a small window that stays is used when the timer overrides (rule 4)', () => {
    const desk = new Desk().established({ wnd: 2000 });
    desk.send(10_000);
    desk.get({ flags: '.', ack: 1 + MSS, wnd: 540 });
    const sent = desk.pass(1000 * MS);
    expect(sent.map(({ len }) => len)).toEqual([540]);
    expect(desk.rules).toContain('sillyWindowUsed');
  });

  it('MUST-38: half the window does not break Nagle (rule 3)', () => {
    const desk = new Desk().established({ wnd: 600 });
    desk.send(10);
    expect(desk.send(400)).toEqual([]);
    expect(desk.get({ flags: '.', ack: 11, wnd: 600 }).map(({ len }) => len)).toEqual([400]);
  });
});
