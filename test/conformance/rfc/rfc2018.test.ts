// SACK: what the receiver reports (RFC 2018 §3, §4), how the sender recovers by it (RFC 6675).
import { describe, expect, it } from 'vitest';
import { Desk, edges, MS, SECOND, type Sent, show } from '../desk.ts';

const SACK = { sack: true } as const;

function receiver(timestamps = false): Desk {
  const desk = new Desk({ knobs: { ...SACK, timestamps } });
  return desk.established({ sackOk: true, ts: timestamps, tsVal: 1, tsEcr: 0 });
}

const reported = (sent: readonly Sent[]) => edges(sent[0]?.seg.sack ?? null);

describe('RFC 2018: reporting', () => {
  it('§2: SACK is used only if both SYNs permit it', () => {
    const without = new Desk({ knobs: SACK }).established();
    expect(without.log[0]?.seg.sackOk).toBe(true);
    expect(without.get({ flags: '.', seq: 101, len: 100 })[0]?.seg.sack).toBeNull();
    const refusing = new Desk().established({ sackOk: true });
    expect(refusing.log[0]?.seg.sackOk).toBe(false);
    expect(refusing.get({ flags: '.', seq: 101, len: 100 })[0]?.seg.sack).toBeNull();
  });

  it('§4: the block with the segment that came last is first, then those reported before', () => {
    const desk = receiver();
    const at = (seq: number) => reported(desk.get({ flags: '.', seq, len: 100 }));
    expect(at(301)).toEqual([301, 401]);
    expect(at(701)).toEqual([701, 801, 301, 401]);
    expect(at(501)).toEqual([501, 601, 701, 801, 301, 401]);
    // It makes one of two blocks: that one is first.
    expect(at(401)).toEqual([301, 601, 701, 801]);
    expect(at(901)).toEqual([901, 1001, 301, 601, 701, 801]);
  });

  it('§3: four blocks fit, three beside timestamps; the oldest are left out', () => {
    for (const [timestamps, room] of [
      [false, 4],
      [true, 3],
    ] as const) {
      const desk = receiver(timestamps);
      let last: number[] = [];
      for (const seq of [101, 301, 501, 701, 901]) {
        last = reported(desk.get({ flags: '.', seq, len: 100 }));
      }
      const newest = [901, 701, 501, 301].slice(0, room);
      expect(last).toEqual(newest.flatMap((seq) => [seq, seq + 100]));
    }
  });

  it('§4: what lies before SEG.ACK is reported no more', () => {
    const desk = receiver();
    desk.get({ flags: '.', seq: 101, len: 100 });
    desk.get({ flags: '.', seq: 301, len: 100 });
    const [ack] = desk.get({ flags: '.', seq: 1, len: 100 });
    expect(ack?.ack).toBe(201);
    expect(edges(ack?.seg.sack ?? null)).toEqual([301, 401]);
    const [all] = desk.get({ flags: '.', seq: 201, len: 100 });
    expect(all?.seg.sack).toBeNull();
  });
});

/** Ten segments of 1000 octets in flight, the window of congestion wide open. */
function sender(knobs = {}): Desk {
  const desk = new Desk({ knobs: { ...SACK, send_space: 100_000, initial_window: 10, ...knobs } });
  desk.established({ sackOk: true, mss: 1000 });
  desk.send(30_000);
  return desk;
}

describe('RFC 6675: recovery by SACK', () => {
  it('§5: the third duplicate ACK starts it; the first hole is sent again', () => {
    const desk = sender();
    desk.get({ flags: '.', ack: 1, sack: [1001, 2001] });
    desk.get({ flags: '.', ack: 1, sack: [1001, 3001] });
    expect(desk.tcb().recovery).toBe('open');
    const sent = desk.get({ flags: '.', ack: 1, sack: [1001, 4001] });
    expect(desk.tcb().recovery).toBe('recovery');
    expect(show(sent)[0]).toBe('. 1:1001 ack 1');
    // FlightSize without what limited transmit sent: ten segments; half of them.
    expect(desk.tcb().ssthresh).toBe(5_000);
  });

  it('§5 (2): enough octets reported beyond the hole start it with the first duplicate ACK', () => {
    const desk = sender();
    const sent = desk.get({ flags: '.', ack: 1, sack: [1001, 5001] });
    expect(desk.tcb().recovery).toBe('recovery');
    expect(show(sent)[0]).toBe('. 1:1001 ack 1');
  });

  it('§4 NextSeg (1): holes with more than two segments reported beyond them, oldest first', () => {
    const desk = sender();
    // Lost: 1 and 3001; 1001 to 3000 and 4001 to 10000 arrived.
    const sent = desk.get({ flags: '.', ack: 1, sack: [4001, 10_001, 1001, 3001] });
    expect(show(sent).slice(0, 2)).toEqual(['. 1:1001 ack 1', '. 3001:4001 ack 1']);
    const resent = desk.log.filter(({ seq }) => seq === 1001 || seq === 4001);
    expect(resent).toHaveLength(2);
  });

  it('§5 (5): an ACK of everything ends it, and cwnd is ssthresh', () => {
    const desk = sender();
    desk.get({ flags: '.', ack: 1, sack: [1001, 5001] });
    const { ssthresh, sndNxt, iss } = desk.tcb();
    desk.get({ flags: '.', ack: sndNxt - iss });
    expect(desk.tcb().recovery).toBe('open');
    expect(desk.tcb().cwnd).toBe(ssthresh);
    expect(desk.tcb().sacked).toEqual([]);
  });

  it('§5.1: the RTO forgets what was reported, for the receiver may have dropped it', () => {
    const desk = sender();
    desk.get({ flags: '.', ack: 1, sack: [1001, 2001] });
    desk.pass(1100 * MS);
    expect(desk.tcb().recovery).toBe('loss');
    expect(desk.tcb().sacked).toEqual([]);
  });

  it('§3: reports of what was never sent, or of nothing, are ignored', () => {
    const desk = sender();
    for (const sack of [
      [50_001, 60_001],
      [2001, 1001],
      [1001, 1001],
    ]) {
      desk.get({ flags: '.', ack: 1, sack });
      expect(desk.tcb().sacked).toEqual([]);
    }
  });

  it('RFC 8985 §7: Linux probes a tail that may be lost before the RTO', () => {
    const probe = (tail_loss_probe: boolean) => {
      const desk = new Desk({ knobs: { ...SACK, tail_loss_probe } });
      desk.established({ sackOk: true });
      desk.send(100);
      desk.pass(20 * MS);
      desk.get({ flags: '.', ack: 101 });
      desk.send(2920);
      return desk.pass(900 * MS);
    };
    expect(show(probe(true)).slice(0, 1)).toEqual(['P. 1561:3021 ack 1']);
    expect(probe(false)).toEqual([]);
  });
});

describe('RFC 6675 §5 (C)', () => {
  it('new text goes out as the pipe drains, never more than cwnd', () => {
    const desk = sender();
    desk.get({ flags: '.', ack: 1, sack: [1001, 5001] });
    for (let edge = 6001; edge <= 10_001; edge += 1000) {
      desk.get({ flags: '.', ack: 1, sack: [1001, edge] });
      desk.pass(MS);
    }
    const fresh = desk.log.filter(({ seq }) => seq >= 10_001);
    expect(fresh.length).toBeGreaterThanOrEqual(4);
    expect(fresh.length).toBeLessThanOrEqual(6);
    desk.pass(SECOND / 10);
  });
});
