// The retransmission timer: RFC 6298, with Karn's algorithm.
import { describe, expect, it } from 'vitest';
import type { Knobs } from '../../../engine/tcp/knobs.ts';
import { ACTIVE, Desk, gaps, MS, SECOND } from '../desk.ts';

/** Established after a handshake of so long. */
function opened(us: number, knobs: Partial<Knobs> = {}): Desk {
  const desk = new Desk({ knobs });
  desk.call(ACTIVE);
  desk.pass(us);
  desk.get({ flags: 'S.', seq: 0, ack: 1, mss: 1460 });
  return desk;
}

/** Sends 100 octets and acknowledges them so much later. */
function roundTrip(desk: Desk, us: number): void {
  desk.send(100);
  desk.pass(us);
  desk.get({ flags: '.' });
}

const exact = { rto_min_ms: 0, rto_var_min_ms: 1 } as const;

describe('RFC 6298', () => {
  it('MUST-18: §2.1: before a round trip was measured the RTO is one second', () => {
    const desk = new Desk();
    desk.call(ACTIVE);
    expect(gaps([...desk.log, ...desk.pass(1500 * MS)])).toEqual([1]);
  });

  it('MUST-18: §2.2: SRTT = R, RTTVAR = R/2, RTO = SRTT + 4·RTTVAR', () => {
    const desk = opened(200 * MS, exact);
    expect(desk.tcb()).toMatchObject({ srtt: 200 * MS, rttvar: 100 * MS, rto: 600 * MS });
  });

  it('MUST-18: §2.3: then RTTVAR by a quarter and SRTT by an eighth', () => {
    const desk = opened(200 * MS, exact);
    roundTrip(desk, 120 * MS);
    // RTTVAR = 3/4·100 + 1/4·|200 − 120|; SRTT = 7/8·200 + 1/8·120.
    expect(desk.tcb()).toMatchObject({ rttvar: 95 * MS, srtt: 190 * MS, rto: (190 + 380) * MS });
  });

  it('MUST-18: §2.4: never less than one second, §2.5: nor more than the bound', () => {
    const desk = opened(10 * MS);
    expect(desk.tcb().rto).toBe(SECOND);
    const slow = opened(900 * MS, { rto_max_ms: 2_000 });
    for (let i = 0; i < 5; i += 1) roundTrip(slow, 800 * MS + i * 900 * MS);
    expect(slow.tcb().rto).toBe(2 * SECOND);
  });

  it('MUST-18: §3 Karn: the ACK of what was sent again tells no round trip', () => {
    const desk = opened(100 * MS);
    const before = desk.tcb();
    desk.send(100);
    desk.pass(1500 * MS);
    desk.get({ flags: '.' });
    expect(desk.tcb()).toMatchObject({ srtt: before.srtt, rttvar: before.rttvar });
    roundTrip(desk, 300 * MS);
    expect(desk.tcb().srtt).toBeGreaterThan(before.srtt);
  });

  it('MUST-18: §3: one segment in a round trip is timed', () => {
    const desk = opened(100 * MS, exact);
    desk.send(1460);
    desk.pass(50 * MS);
    desk.send(1460);
    desk.pass(50 * MS);
    desk.get({ flags: '.', ack: 1461 });
    const { srtt } = desk.tcb();
    expect(srtt).toBe(100 * MS);
    desk.pass(50 * MS);
    desk.get({ flags: '.', ack: 2921 });
    expect(desk.tcb().srtt).toBe(srtt);
  });

  it('§5.1–5.3: it runs while something is in flight, starts anew with each new ACK', () => {
    const desk = opened(10 * MS);
    desk.send(1460);
    desk.send(1460);
    const started = desk.tcb().rtxAt;
    expect(started).toBe(desk.now + SECOND);
    desk.pass(600 * MS);
    desk.get({ flags: '.', ack: 1461 });
    expect(desk.tcb().rtxAt).toBe(desk.now + SECOND);
    desk.get({ flags: '.', ack: 2921 });
    expect(desk.tcb().rtxAt).toBe(0);
  });

  it('MUST-19: §5.4–5.6: the oldest segment is sent again, the RTO doubles each time', () => {
    const desk = opened(10 * MS);
    desk.send(2920);
    const from = desk.now;
    const sent = desk.pass(40 * SECOND);
    expect(gaps(sent, from)).toEqual([1, 2, 4, 8, 16]);
    expect(sent.every(({ seq, len }) => seq === 1 && len === 1460)).toBe(true);
  });

  it('§5.7: after a SYN was lost the RTO for text is three seconds', () => {
    const desk = opened(1500 * MS);
    expect(desk.tcb().rto).toBe(3 * SECOND);
    const from = desk.now;
    desk.send(100);
    expect(gaps(desk.pass(4 * SECOND), from)).toEqual([3]);
  });

  it('§5.7: a round trip that timestamps tell takes its place', () => {
    const desk = new Desk({ knobs: { timestamps: true } });
    desk.call(ACTIVE);
    const [again] = desk.pass(1200 * MS);
    const tsEcr = again?.seg.tsVal as number;
    desk.get({ flags: 'S.', seq: 0, ack: 1, ts: true, tsVal: 1, tsEcr });
    expect(desk.tcb().srtt).toBe(200 * MS);
    expect(desk.tcb().rto).toBe(SECOND);
  });
});
