// Receiving: ACKs, windows of the receiver, RST: RFC 9293 §3.5.3, §3.8.6, §3.10.7.4.
import { describe, expect, it } from 'vitest';
import { Desk, MS, SECOND, show } from '../desk.ts';

const MSS = 1460;

describe('acknowledging', () => {
  it('SHLD-18, MUST-40: an ACK may wait for company, but less than half a second', () => {
    const desk = new Desk().established();
    expect(desk.get({ flags: 'P.', len: 100 })).toEqual([]);
    expect(desk.rules).toContain('ackDelayed');
    const late = desk.pass(SECOND);
    expect(show(late)).toEqual(['. 1 ack 101']);
    expect((late[0]?.t ?? 0) - SECOND).toBeLessThan(500 * MS);
  });

  it('SHLD-19: every second full-sized segment is acknowledged at once', () => {
    const desk = new Desk().established();
    expect(desk.get({ flags: '.', len: MSS })).toEqual([]);
    expect(show(desk.get({ flags: '.', len: MSS }))).toEqual([`. 1 ack ${1 + 2 * MSS}`]);
    expect(desk.get({ flags: '.', len: MSS })).toEqual([]);
  });

  it('SHLD-19: two full segments in octets count as two segments, small ones do not', () => {
    const desk = new Desk().established();
    for (let i = 0; i < 29; i += 1) expect(desk.get({ flags: 'P.', len: 100 })).toEqual([]);
    expect(show(desk.get({ flags: 'P.', len: 100 }))).toEqual(['. 1 ack 3001']);
  });

  it('SHLD-19: Linux asks for more than one full segment, BSD for two of any size', () => {
    const linux = new Desk({ profile: 'linux' }).established();
    expect(linux.get({ flags: '.', len: MSS })).toEqual([]);
    expect(show(linux.get({ flags: '.', len: 1 }))).toEqual([`. 1 ack ${MSS + 2}`]);
    const bsd = new Desk({ profile: 'freebsd' }).established();
    expect(bsd.get({ flags: '.', len: 1 })).toEqual([]);
    expect(show(bsd.get({ flags: '.', len: 1 }))).toEqual(['. 1 ack 3']);
  });

  it('MUST-58: one ACK stands for several segments, and text carries it', () => {
    const desk = new Desk().established();
    desk.get({ flags: 'P.', len: 10 });
    expect(show(desk.send(20))).toEqual(['P. 1:21 ack 11']);
    expect(desk.pass(SECOND / 2)).toEqual([]);
  });

  it('SHLD-31, MUST-59: text beyond a gap is kept; what fills the gap gets one ACK for all', () => {
    const desk = new Desk().established();
    desk.get({ flags: '.', seq: 101, len: 100 });
    desk.get({ flags: '.', seq: 201, len: 100 });
    expect(desk.tcb().blocks).toHaveLength(2);
    expect(show(desk.get({ flags: '.', seq: 1, len: 100 }))).toEqual(['. 1 ack 301']);
    desk.receive(1000);
    expect(desk.result?.value).toBe(300);
  });

  it('MAY-13: text beyond a gap is answered at once by a duplicate ACK', () => {
    const desk = new Desk().established();
    expect(show(desk.get({ flags: '.', seq: 101, len: 100 }))).toEqual(['. 1 ack 1']);
  });

  it('RFC 5681 §4.2: a segment that fills a part of a gap is answered at once', () => {
    const desk = new Desk().established();
    desk.get({ flags: '.', seq: 301, len: 100 });
    expect(show(desk.get({ flags: '.', seq: 1, len: 100 }))).toEqual(['. 1 ack 101']);
  });
});

describe('the window of the receiver', () => {
  const knobs = { recv_space: 10_000 };

  it('MUST-39: the right edge stays while little is taken, and moves by full segments', () => {
    const desk = new Desk({ knobs }).established();
    const windows: number[] = [];
    desk.get({ flags: '.', len: 5_000 });
    for (let i = 0; i < 20; i += 1) {
      desk.receive(100);
      desk.pass(SECOND);
      const [ack] = desk.get({ flags: '.', seq: 0, len: 0 });
      if (ack !== undefined) windows.push(ack.seg.wnd);
    }
    const edges = [...new Set(windows)];
    // 5000 free of 10000; 1500 more after fifteen RECEIVEs of 100.
    expect(edges).toEqual([5_000, 6_500]);
  });

  it('SHLD-14: a buffer that the application makes smaller does not draw the edge back', () => {
    const desk = new Desk({ knobs }).established();
    desk.get({ flags: '.', len: MSS });
    const edge = desk.tcb().rcvAdv;
    desk.set({ rcvBuf: 2_000 });
    desk.get({ flags: '.', len: MSS });
    expect(desk.tcb().rcvAdv).toBe(edge);
    desk.get({ flags: '.', len: MSS });
    desk.get({ flags: '.', len: MSS });
    expect(desk.tcb().rcvText).toBe(4 * MSS);
  });

  it('MAY-8: the window may stay shut for ever; each probe is answered', () => {
    const desk = new Desk({ knobs }).established();
    desk.get({ flags: '.', len: 10_000 });
    for (let i = 0; i < 100; i += 1) {
      const [ack] = desk.get({ flags: '.', len: 1 });
      expect(ack).toMatchObject({ flags: '.', ack: 10_001, seg: { wnd: 0 } });
      desk.pass(60 * SECOND);
    }
    expect(desk.state()).toBe('ESTABLISHED');
  });

  it('MUST-66: with a shut window RST and URG are processed', () => {
    const shut = () => {
      const desk = new Desk({ knobs }).established();
      desk.get({ flags: '.', len: 10_000 });
      expect(desk.tcb().rcvWnd).toBe(0);
      return desk;
    };
    const urgent = shut();
    urgent.get({ flags: 'U.', len: 5, up: 5 });
    expect(urgent.tcb().urgent).toBe(true);
    expect(urgent.tcb().rcvText).toBe(10_000);
    const reset = shut();
    reset.get({ flags: 'R' });
    expect(reset.state()).toBe('CLOSED');
    const text = shut();
    text.get({ flags: 'R.', len: 20 });
    expect(text.state()).toBe('CLOSED');
  });

  it('SHLD-2: an RST may carry text', () => {
    const desk = new Desk().established();
    desk.get({ flags: 'R.', len: 40 });
    expect(desk.state()).toBe('CLOSED');
    expect(desk.tcb().error).toBe('ECONNRESET');
    expect(desk.tcb().rcvText).toBe(0);
  });
});
