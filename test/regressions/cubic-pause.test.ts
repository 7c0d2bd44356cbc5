/**
 * CUBIC's time went on while the application sent little or nothing: after a pause of 100 s the
 * window grew by half in each round trip. That time does not count (RFC 9438 §4.2), and a flow that
 * does not fill its window does not widen it (§5.8).
 */
import { expect, it } from 'vitest';
import { seqSub } from '../../engine/base/seq.ts';
import { ACTIVE, Desk, MS, SECOND } from '../conformance/desk.ts';

const MSS = 1460;
const RTT = 100 * MS;
const WINDOW = { wnd: 60_000 } as const;

/** A window of 40 segments over a round trip of 100 ms. */
function opened(): Desk {
  const desk = new Desk({
    knobs: {
      congestion: 'cubic',
      send_space: 2_000_000,
      window_scaling: true,
      initial_window: 40,
      initial_window_octets: 0,
    },
  });
  desk.call(ACTIVE);
  desk.pass(RTT);
  desk.get({ flags: 'S.', seq: 0, ack: 1, mss: MSS, wscale: 7, ...WINDOW });
  desk.get({ flags: '.', ack: 1, ...WINDOW });
  return desk;
}

const segments = (desk: Desk) => desk.tcb().cwnd / MSS;

/** Fills the window; a round trip later each segment is acknowledged. */
function roundTrip(desk: Desk): void {
  desk.send(Math.floor(segments(desk)) * MSS);
  desk.pass(RTT);
  acknowledge(desk);
}

function acknowledge(desk: Desk): void {
  const { iss, sndUna, sndNxt } = desk.tcb();
  const last = seqSub(sndNxt, iss);
  for (let ack = seqSub(sndUna, iss); ack < last; ) {
    ack = Math.min(last, ack + MSS);
    desk.get({ flags: '.', ack, ...WINDOW });
  }
}

/** A loss at 40 segments, a round trip of growth, the pause; then the window after five more. */
function grown(pause: (desk: Desk) => void): number[] {
  const desk = opened();
  desk.send(40 * MSS);
  for (let i = 0; i < 3; i += 1) desk.get({ flags: '.', ack: 1, ...WINDOW });
  desk.pass(RTT);
  desk.get({ flags: '.', ...WINDOW });
  expect(segments(desk)).toBe(28);
  roundTrip(desk);
  const before = segments(desk);
  pause(desk);
  expect(segments(desk)).toBe(before);
  return [1, 2, 3, 4, 5].map(() => {
    roundTrip(desk);
    return segments(desk);
  });
}

const PAUSES: Readonly<Record<string, (desk: Desk) => void>> = {
  'silence of 100 s': (desk) => desk.pass(100 * SECOND),
  'a few octets in each second': (desk) => {
    for (let i = 0; i < 100; i += 1) {
      desk.send(10);
      desk.pass(RTT);
      acknowledge(desk);
      desk.pass(SECOND - RTT);
    }
  },
  'a few octets in flight all the time': (desk) => {
    desk.set({ noDelay: true });
    for (let i = 0; i < 1_000; i += 1) {
      const { iss, sndUna, sndNxt } = desk.tcb();
      desk.send(10);
      desk.pass(RTT / 2);
      if (sndNxt !== sndUna) desk.get({ flags: '.', ack: seqSub(sndNxt, iss), ...WINDOW });
    }
    desk.pass(RTT / 2);
    acknowledge(desk);
  },
};

const unpaused = grown(() => {});

it('without a pause the window follows the curve from 28 segments to W_max = 40', () => {
  const k = Math.cbrt((40 - 28) / 0.4);
  unpaused.forEach((size, i) => {
    // The target is the curve a round trip ahead: the first began the epoch, this is the i + 2nd.
    const target = 0.4 * (((i + 2) * RTT) / SECOND - k) ** 3 + 40;
    expect(size).toBeGreaterThan(28);
    expect(size).toBeLessThanOrEqual(target);
  });
});

it.each(Object.entries(PAUSES))('%s change nothing of it', (_, pause) => {
  expect(grown(pause)).toEqual(unpaused);
});

it('a flow that never fills its window leaves it as it is', () => {
  const desk = opened();
  for (let i = 0; i < 100; i += 1) {
    desk.send(MSS);
    acknowledge(desk);
  }
  expect(segments(desk)).toBe(40);
});

it('what is in flight at an RTO fills the window, which was made one segment', () => {
  const desk = opened();
  desk.send(5 * MSS);
  desk.pass(1_100 * MS);
  expect(segments(desk)).toBe(1);
  desk.get({ flags: '.', ack: 1 + MSS, ...WINDOW });
  expect(segments(desk)).toBe(2);
});
