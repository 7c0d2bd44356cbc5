/** RFC 6298 by its formulas, calculated here from the text of the RFC. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_KNOBS } from '../../../engine/tcp/knobs.ts';
import { backedOff, initialRto, measureRoundTrip } from '../../../engine/tcp/rto.ts';
import { createStep, deadline } from '../../../engine/tcp/step.ts';
import { createTcb } from '../../../engine/tcp/tcb.ts';

function at(knobs: Partial<typeof DEFAULT_KNOBS> = {}) {
  const s = { ...createStep(), knobs: { ...DEFAULT_KNOBS, ...knobs } };
  const t = createTcb(1, '10.0.0.1', 1, 0);
  t.state = 'ESTABLISHED';
  initialRto(s, t);
  return { s, t };
}

describe('the retransmission timeout', () => {
  it('is one second before anything was measured (§2.1)', () => {
    expect(at().t.rto).toBe(1_000_000);
  });

  it('takes the first sample R: SRTT = R, RTTVAR = R/2, RTO = SRTT + 4·RTTVAR (§2.2)', () => {
    const { s, t } = at({ rto_min_ms: 0 });
    measureRoundTrip(s, t, 100_000);
    expect([t.srtt, t.rttvar, t.rto]).toEqual([100_000, 50_000, 300_000]);
  });

  it('smooths later ones by 1/8 and 1/4 (§2.3)', () => {
    const { s, t } = at({ rto_min_ms: 0 });
    measureRoundTrip(s, t, 100_000);
    measureRoundTrip(s, t, 180_000);
    // RTTVAR = 3/4·50 + 1/4·|100 − 180| = 57.5 ms; SRTT = 7/8·100 + 1/8·180 = 110 ms.
    expect([t.srtt, t.rttvar, t.rto]).toEqual([110_000, 57_500, 340_000]);
  });

  it('is rounded up to one second (§2.4), and at most the bound (§2.5)', () => {
    const { s, t } = at();
    measureRoundTrip(s, t, 1_000);
    expect(t.rto).toBe(1_000_000);
    measureRoundTrip(s, t, 90_000_000);
    expect(t.rto).toBe(60_000_000);
  });

  it('counts at least the clock granularity for 4·RTTVAR (§2.3)', () => {
    const { s, t } = at({ rto_min_ms: 0, rto_var_min_ms: 200 });
    for (let i = 0; i < 100; i += 1) measureRoundTrip(s, t, 20_000);
    expect(t.rto).toBeGreaterThanOrEqual(219_000);
    expect(t.rto).toBeLessThanOrEqual(220_000);
  });

  it('doubles with each retransmission up to the bound (§5.5)', () => {
    const { s, t } = at();
    const waits = [0, 1, 2, 3, 4, 5, 6, 7].map((count) => {
      t.rtxCount = count;
      return backedOff(s, t) / 1_000_000;
    });
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });
});

describe('a coarse timer wheel', () => {
  // Slots of 4 ms below 252 ms, 32 ms below 2.016 s, 256 ms below 16.1 s, 2.048 s below 129 s.
  it.each([
    [200, 4],
    [251, 4],
    [252, 32],
    [1_000, 32],
    [2_015, 32],
    [2_016, 256],
    [16_000, 256],
    [60_000, 2_048],
    [128_000, 2_048],
  ])('fires %i ms at the next slot of %i ms strictly after it', (delay, slot) => {
    const { s } = at({ timer_wheel: 250 });
    for (const now of [0, 1, 999, 4_000, 123_456_789]) {
      s.now = now;
      const fires = deadline(s, delay * 1000);
      expect(fires % (slot * 1000)).toBe(0);
      expect(fires).toBeGreaterThan(now + delay * 1000);
      expect(fires).toBeLessThanOrEqual(now + (delay + slot) * 1000);
    }
  });
});
