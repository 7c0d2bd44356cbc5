/**
 * Sequence numbers: unsigned 32-bit integers on a circle (RFC 9293 §3.4). There is no order on a
 * circle, only a distance, so they are never compared with `<`. As in RFC 1982, `a` is before `b`
 * when going forward from `a` reaches `b` in less than half the circle. At a distance of exactly
 * 2^31 the order is undefined by RFC 1982; here, as in Linux, each is then before the other. No
 * window is larger than 2^30 (RFC 7323 §2.3), so valid comparisons stay far from that point.
 *
 * Every function takes numbers in 0..2^32-1 and gives one back; the operators `>>> 0` and `| 0` do
 * the arithmetic modulo 2^32, unsigned and signed.
 */

/** A sequence number, 0..2^32-1. */
export type Seq = number;

/** `a + n` modulo 2^32. `n` may be negative. */
export function seqAdd(a: Seq, n: number): Seq {
  return (a + n) >>> 0;
}

/** The way forward from `b` to `a`, 0..2^32-1. */
export function seqSub(a: Seq, b: Seq): number {
  return (a - b) >>> 0;
}

/** The short way from `b` to `a`, -2^31..2^31-1: negative when `a` is before `b`. */
export function seqDiff(a: Seq, b: Seq): number {
  return (a - b) | 0;
}

/** `a` is before `b`. */
export function seqLt(a: Seq, b: Seq): boolean {
  return ((a - b) | 0) < 0;
}

/** `a` is before `b` or equal to it. */
export function seqLe(a: Seq, b: Seq): boolean {
  return a === b || ((a - b) | 0) < 0;
}

/** `a` is after `b`. */
export function seqGt(a: Seq, b: Seq): boolean {
  return ((b - a) | 0) < 0;
}

/** `a` is after `b` or equal to it. */
export function seqGe(a: Seq, b: Seq): boolean {
  return a === b || ((b - a) | 0) < 0;
}

/** `lo =< x =< hi`, closed at both ends: `x` is met going forward from `lo` to `hi`. */
export function seqBetween(lo: Seq, x: Seq, hi: Seq): boolean {
  return (x - lo) >>> 0 <= (hi - lo) >>> 0;
}

/**
 * `lo < x =< hi`, open on the left: the test of an acceptable acknowledgment,
 * `SND.UNA < SEG.ACK =< SND.NXT` (RFC 9293 §3.4).
 */
export function seqBetweenLeftOpen(lo: Seq, x: Seq, hi: Seq): boolean {
  return x !== lo && (x - lo) >>> 0 <= (hi - lo) >>> 0;
}

/** `lo =< x < hi`, open on the right: empty when `lo` equals `hi`. */
export function seqBetweenRightOpen(lo: Seq, x: Seq, hi: Seq): boolean {
  return (x - lo) >>> 0 < (hi - lo) >>> 0;
}

/** The later of the two. */
export function seqMax(a: Seq, b: Seq): Seq {
  return ((a - b) | 0) < 0 ? b : a;
}

/** The earlier of the two. */
export function seqMin(a: Seq, b: Seq): Seq {
  return ((b - a) | 0) < 0 ? b : a;
}

/**
 * `start =< x < start + size`: the window of `size` numbers from `start`, as in
 * `RCV.NXT =< SEG.SEQ < RCV.NXT + RCV.WND`. Nothing is in a window of size 0.
 */
export function inWindow(x: Seq, start: Seq, size: number): boolean {
  return (x - start) >>> 0 < size;
}
