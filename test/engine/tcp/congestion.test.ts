/** Congestion control by the formulas of RFC 5681, 6582 and 9438, calculated here. */
import { describe, expect, it } from 'vitest';
import {
  onDuplicateAck,
  onNewAck,
  onTimeout,
  startCongestion,
} from '../../../engine/tcp/congestion.ts';
import { DEFAULT_KNOBS, type Knobs } from '../../../engine/tcp/knobs.ts';
import { createStep } from '../../../engine/tcp/step.ts';
import { createTcb } from '../../../engine/tcp/tcb.ts';

const MSS = 1_000;

function at(knobs: Partial<Knobs> = {}) {
  const s = { ...createStep(), knobs: { ...DEFAULT_KNOBS, ...knobs } };
  const t = createTcb(1, '10.0.0.1', 1, 0);
  t.state = 'ESTABLISHED';
  t.mss = MSS;
  startCongestion(s, t);
  return { s, t };
}

describe('slow start and congestion avoidance (RFC 5681 §3.1)', () => {
  it('starts with the initial window', () => {
    expect(at().t.cwnd).toBe(10 * MSS);
    expect(at({ initial_window: 1 }).t.cwnd).toBe(MSS);
  });

  it('grows by one segment for each segment acknowledged', () => {
    const { s, t } = at();
    for (let i = 0; i < 10; i += 1) onNewAck(s, t, MSS);
    expect(t.cwnd).toBe(20 * MSS);
  });

  it('grows by at most one segment for each ACK, however much it acknowledges', () => {
    const { s, t } = at();
    onNewAck(s, t, 5 * MSS);
    expect(t.cwnd).toBe(11 * MSS);
  });

  it('grows by one segment for each window beyond ssthresh', () => {
    const { s, t } = at();
    t.ssthresh = 5 * MSS;
    for (let i = 0; i < 10; i += 1) onNewAck(s, t, MSS);
    expect(t.cwnd).toBe(11 * MSS);
  });
});

describe('loss', () => {
  it('by timeout: ssthresh = half the flight, cwnd = one segment (RFC 5681 §3.1)', () => {
    const { s, t } = at();
    t.rtxCount = 1;
    onTimeout(s, t, 10 * MSS);
    expect([t.ssthresh, t.cwnd]).toEqual([5 * MSS, MSS]);
  });

  it('keeps at least two segments of ssthresh', () => {
    const { s, t } = at();
    t.rtxCount = 1;
    onTimeout(s, t, MSS);
    expect(t.ssthresh).toBe(2 * MSS);
  });

  it('by three duplicate ACKs: fast retransmit, cwnd = ssthresh + 3 (RFC 5681 §3.2)', () => {
    const { s, t } = at();
    t.sndNxt = 10 * MSS;
    expect(onDuplicateAck(s, t, 10 * MSS)).toBe(false);
    expect(onDuplicateAck(s, t, 10 * MSS)).toBe(false);
    expect(onDuplicateAck(s, t, 10 * MSS)).toBe(true);
    expect([t.ssthresh, t.cwnd, t.recovery]).toEqual([5 * MSS, 8 * MSS, 'recovery']);
    expect(onDuplicateAck(s, t, 10 * MSS)).toBe(false);
    expect(t.cwnd).toBe(9 * MSS);
  });

  it('a partial ACK sends the next hole, a full one ends recovery (RFC 6582)', () => {
    const { s, t } = at();
    t.sndNxt = 10 * MSS;
    for (let i = 0; i < 3; i += 1) onDuplicateAck(s, t, 10 * MSS);
    t.sndUna = 2 * MSS;
    expect(onNewAck(s, t, 2 * MSS)).toBe(true);
    expect(t.recovery).toBe('recovery');
    // Deflated by what was acknowledged, plus one segment.
    expect(t.cwnd).toBe(8 * MSS - 2 * MSS + MSS);
    t.sndUna = 10 * MSS;
    expect(onNewAck(s, t, 8 * MSS)).toBe(false);
    expect([t.recovery, t.cwnd]).toEqual(['open', 5 * MSS]);
  });

  it('CUBIC reduces to 0.7 (RFC 9438 §4.6)', () => {
    const { s, t } = at({ congestion: 'cubic' });
    t.sndNxt = 10 * MSS;
    for (let i = 0; i < 3; i += 1) onDuplicateAck(s, t, 10 * MSS);
    expect(t.ssthresh).toBe(7 * MSS);
  });
});

describe('CUBIC growth (RFC 9438 §4.2)', () => {
  it('is back at W_max after K seconds, concave before and convex after', () => {
    const { s, t } = at({ congestion: 'cubic' });
    const segments = 100;
    t.cwnd = segments * MSS;
    t.sndNxt = 10 * MSS;
    for (let i = 0; i < 3; i += 1) onDuplicateAck(s, t, segments * MSS);
    t.sndUna = 10 * MSS;
    onNewAck(s, t, 10 * MSS);
    expect(t.cwnd).toBe(70 * MSS);
    // K = cbrt(W_max·(1 − β)/C) = cbrt(100·0.3/0.4) s.
    const k = Math.cbrt((segments * 0.3) / 0.4);
    const rtt = 100_000;
    t.srtt = rtt;
    const sizes: number[] = [];
    for (let now = 0; now < 2 * k * 1_000_000; now += rtt) {
      s.now = now + 1;
      for (let acked = 0; acked < t.cwnd; acked += MSS) onNewAck(s, t, MSS);
      sizes.push(t.cwnd / MSS);
    }
    const atK = sizes[Math.floor((k * 1_000_000) / rtt)] as number;
    expect(Math.abs(atK - segments)).toBeLessThan(2);
    const half = sizes[Math.floor((k * 500_000) / rtt)] as number;
    // W(K/2) = C·(−K/2)³ + W_max.
    expect(Math.abs(half - (segments - 0.4 * (k / 2) ** 3))).toBeLessThan(2);
    expect(sizes.at(-1)).toBeGreaterThan(segments + 10);
  });
});
