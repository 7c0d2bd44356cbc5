// Window scaling, timestamps, PAWS: RFC 7323.
import { describe, expect, it } from 'vitest';
import type { Knobs } from '../../../engine/tcp/knobs.ts';
import { ACTIVE, Desk, MS, PASSIVE, SECOND, show } from '../desk.ts';

const scaling = (knobs: Partial<Knobs> = {}) =>
  new Desk({ knobs: { window_scaling: true, ...knobs } });

describe('§2: window scale', () => {
  it('is offered on the SYN with the shift that covers the largest buffer', () => {
    const shift = (sockbuf_max: number) => scaling({ sockbuf_max }).call(ACTIVE)[0]?.seg.wscale;
    expect([65_535, 65_536, 131_070, 131_071, 2 ** 31].map(shift)).toEqual([0, 1, 1, 2, 14]);
  });

  it('is used only if both SYNs have it; the SYN,ACK answers only an offer', () => {
    const refused = scaling().established();
    refused.get({ flags: '.', wnd: 100 });
    expect(refused.tcb()).toMatchObject({ sndScale: -1, rcvScale: -1, sndWnd: 100 });
    const passive = scaling();
    passive.call(PASSIVE);
    expect(passive.get({ flags: 'S', seq: 0 })[0]?.seg.wscale).toBe(-1);
    const agreed = scaling();
    agreed.call(PASSIVE);
    expect(agreed.get({ flags: 'S', seq: 0, wscale: 2 })[0]?.seg.wscale).toBeGreaterThanOrEqual(0);
  });

  it('§2.2: the window of a SYN is never scaled, those after it are', () => {
    const desk = scaling({ recv_space: 200_000, sockbuf_max: 200_000 });
    const [syn] = desk.call(ACTIVE);
    expect(syn?.seg.wnd).toBe(65_535);
    desk.get({ flags: 'S.', seq: 0, ack: 1, wscale: 7, wnd: 1000 });
    expect(desk.tcb().sndWnd).toBe(1000);
    expect(desk.log.at(-1)?.seg.wnd).toBe(200_000 >> 2);
    desk.get({ flags: '.', wnd: 1000 });
    expect(desk.tcb().sndWnd).toBe(1000 << 7);
  });

  it('§2.3: a shift over 14 is taken as 14', () => {
    const desk = scaling().established({ wscale: 200 });
    expect(desk.tcb().sndScale).toBe(14);
    desk.get({ flags: '.', wnd: 10 });
    expect(desk.tcb().sndWnd).toBe(10 * 2 ** 14);
  });
});

const stamping = (knobs: Partial<Knobs> = {}) =>
  new Desk({ knobs: { timestamps: true, ...knobs } });
/** Established, TS.Recent 1000. */
const stamped = (knobs: Partial<Knobs> = {}) =>
  stamping(knobs).established({ ts: true, tsVal: 1000 });

describe('§3: timestamps', () => {
  it('are offered on the SYN, answered on the SYN,ACK only if offered', () => {
    expect(stamping().call(ACTIVE)[0]?.seg).toMatchObject({ ts: true, tsEcr: 0 });
    for (const ts of [true, false]) {
      const desk = stamping();
      desk.call(PASSIVE);
      const [answer] = desk.get({ flags: 'S', seq: 0, ts, tsVal: 77 });
      expect(answer?.seg).toMatchObject({ ts, tsEcr: ts ? 77 : 0 });
    }
  });

  it('§3.2: once agreed on, every segment but an RST has them', () => {
    const desk = stamped();
    desk.send(100);
    desk.get({ flags: 'F.', ack: 101 });
    desk.close();
    desk.pass(3 * SECOND);
    expect(desk.log.every(({ seg }) => seg.ts)).toBe(true);
    const none = stamping().established();
    none.send(100);
    expect(none.log.at(-1)?.seg.ts).toBe(false);
  });

  it('§3.2: a segment without them is dropped; Linux takes it', () => {
    const desk = stamped();
    expect(desk.get({ flags: '.', len: 10, ts: false })).toEqual([]);
    expect(desk.tcb().rcvText).toBe(0);
    desk.get({ flags: 'R', seq: 1, ts: false });
    expect(desk.state()).toBe('CLOSED');
    const linux = stamped({ timestamps_missing: 'accept' });
    linux.get({ flags: '.', len: 10, ts: false });
    expect(linux.tcb().rcvText).toBe(10);
  });

  it('§5.4: the clock ticks between 1 ms and 1 s, and differs from peer to peer', () => {
    const desk = stamped();
    const [one] = desk.send(1);
    desk.pass(500 * MS);
    desk.get({ flags: '.', ack: 2 });
    const [two] = desk.send(1);
    expect((two?.seg.tsVal ?? 0) - (one?.seg.tsVal ?? 0)).toBe(500);
  });
});

describe('§4.3: which timestamp is echoed', () => {
  const echo = (desk: Desk) => desk.log.at(-1)?.seg.tsEcr;

  it('of the earliest segment that the next ACK covers', () => {
    const desk = stamped();
    desk.get({ flags: '.', len: 1460, tsVal: 1001 });
    desk.get({ flags: '.', len: 1460, tsVal: 1002 });
    expect(echo(desk)).toBe(1001);
    desk.get({ flags: '.', len: 1460, tsVal: 1003 });
    desk.get({ flags: '.', len: 1460, tsVal: 1004 });
    expect(echo(desk)).toBe(1003);
  });

  it('not of a segment beyond a gap', () => {
    const desk = stamped();
    desk.get({ flags: '.', len: 1460, tsVal: 1001 });
    desk.get({ flags: '.', len: 1460, tsVal: 1002 });
    desk.get({ flags: '.', seq: 9001, len: 100, tsVal: 1050 });
    expect(echo(desk)).toBe(1001);
  });

  it('of the segment that fills the gap', () => {
    const desk = stamped();
    desk.get({ flags: '.', seq: 101, len: 100, tsVal: 1010 });
    desk.get({ flags: '.', seq: 1, len: 100, tsVal: 1020 });
    expect(echo(desk)).toBe(1020);
  });
});

describe('§5: PAWS', () => {
  type Row = [flags: string, seq: number, tsVal: number, taken: boolean];
  const rows: Row[] = [
    ['.', 1, 1000, true],
    ['.', 1, 1001, true],
    ['.', 1, 999, false],
    ['.', 1, (1000 + 2 ** 31 - 1) % 2 ** 32, true],
    ['.', 1, (1000 + 2 ** 31 + 1) % 2 ** 32, false],
    ['.', 101, 999, false],
    ['.', 101, 1001, true],
    ['P.', 1, 0, false],
  ];

  it.each(rows)(
    'R1: %s at %i with TSval %i, TS.Recent 1000: taken %s',
    (flags, seq, tsVal, taken) => {
      const desk = stamped();
      const sent = desk.get({ flags, seq, len: 50, tsVal });
      const { rcvText, blocks } = desk.tcb();
      expect(rcvText > 0 || blocks.length > 0).toBe(taken);
      if (!taken) expect(show(sent)).toEqual(['. 1 ack 1']);
    },
  );

  it('R1: an RST is not held against TS.Recent', () => {
    const desk = stamped();
    desk.get({ flags: 'R', seq: 1, ts: true, tsVal: 1 });
    expect(desk.state()).toBe('CLOSED');
  });

  it('R3: TS.Recent does not go back', () => {
    const desk = stamped();
    desk.get({ flags: '.', len: 50, tsVal: 1500 });
    desk.get({ flags: '.', len: 50, tsVal: 1400 });
    expect(desk.tcb().tsRecent).toBe(1500);
  });

  it('§5.5: after 24 days without a segment any timestamp is valid, and is kept', () => {
    const desk = stamped();
    desk.pass(25 * 24 * 3600 * SECOND);
    desk.get({ flags: '.', len: 50, tsVal: 5 });
    expect(desk.tcb()).toMatchObject({ rcvText: 50, tsRecent: 5 });
    desk.get({ flags: '.', len: 50, tsVal: 4 });
    expect(desk.tcb().rcvText).toBe(50);
  });

  it('an old duplicate of an ACK without text is answered and not read', () => {
    const desk = stamped();
    desk.send(100);
    desk.get({ flags: '.', ack: 101, tsVal: 1 });
    expect(desk.tcb().sndUna).toBe(1_000_001);
  });
});

describe('§4.1: round trips', () => {
  it('are measured on retransmitted segments too, by the echo', () => {
    const desk = stamped();
    desk.send(100);
    const again = desk.pass(1100 * MS);
    expect(again).toHaveLength(1);
    desk.pass(200 * MS);
    const before = desk.tcb().srtt;
    desk.get({ flags: '.', ack: 101, tsEcr: again[0]?.seg.tsVal as number });
    expect(desk.tcb().srtt).not.toBe(before);
    // 300 ms from the retransmission at 1.0 s; never the 1.3 s from the first.
    expect(desk.tcb().srtt).toBeLessThanOrEqual(300 * MS);
  });

  it('only an ACK of something new counts', () => {
    const desk = stamped();
    desk.send(100);
    desk.pass(300 * MS);
    const before = desk.tcb().srtt;
    desk.get({ flags: '.', ack: 1, len: 10, tsEcr: 1 });
    expect(desk.tcb().srtt).toBe(before);
  });
});
