/**
 * Congestion control: slow start, congestion avoidance, fast retransmit and recovery (RFC 5681,
 * NewReno RFC 6582), loss recovery by SACK (RFC 6675), and CUBIC's growth (RFC 9438).
 *
 * `cwnd` and `ssthresh` are octets. `congestion: 'none'` leaves the peer's window as the only bound.
 */
import { seqGe } from '../base/seq.ts';
import { because, type Step } from './step.ts';
import type { Tcb } from './tcb.ts';

const DUPLICATE_THRESHOLD = 3;
const CUBIC_BETA = 0.7;
const CUBIC_C = 0.4;
const UNLIMITED = 2 ** 30;

/** Sets the initial window when the connection is ESTABLISHED (RFC 6928; RFC 5681 §3.1). */
export function startCongestion(s: Step, t: Tcb): void {
  t.cwnd = s.knobs.congestion === 'none' ? UNLIMITED : s.knobs.initial_window * t.mss;
  if (t.synRetransmitted && s.knobs.congestion !== 'none') t.cwnd = t.mss;
  t.ssthresh = UNLIMITED;
  t.recovery = 'open';
}

/** How much more the congestion window lets out. */
export function congestionRoom(t: Tcb, inFlight: number): number {
  if (t.recovery !== 'open' && t.sacked.length > 0) {
    let reported = 0;
    for (let i = 0; i < t.sacked.length; i += 2) {
      reported += ((t.sacked[i + 1] as number) - (t.sacked[i] as number)) >>> 0;
    }
    return t.cwnd - (inFlight - reported);
  }
  return t.cwnd - inFlight;
}

function halve(s: Step, t: Tcb, inFlight: number): number {
  const factor = s.knobs.congestion === 'cubic' ? CUBIC_BETA : 0.5;
  t.cubicMax = t.cwnd;
  t.cubicEpoch = 0;
  return Math.max(Math.floor(inFlight * factor), 2 * t.mss);
}

/** The RTO expired (RFC 5681 §3.1, RFC 6582 §4). */
export function onTimeout(s: Step, t: Tcb, inFlight: number): void {
  if (s.knobs.congestion !== 'none') {
    if (t.rtxCount <= 1) t.ssthresh = halve(s, t, inFlight);
    t.cwnd = t.mss;
  }
  t.recovery = 'loss';
  t.recover = t.sndNxt;
  t.rtxNxt = t.sndUna;
  t.dupAcks = 0;
}

/** A duplicate ACK. True: fast retransmit is due. */
export function onDuplicateAck(s: Step, t: Tcb, inFlight: number): boolean {
  t.dupAcks += 1;
  if (t.recovery === 'recovery') {
    if (t.sacked.length === 0 && s.knobs.congestion !== 'none') t.cwnd += t.mss;
    return false;
  }
  if (t.recovery !== 'open' || t.dupAcks !== DUPLICATE_THRESHOLD) return false;
  t.recovery = 'recovery';
  t.recover = t.sndNxt;
  t.rtxNxt = t.sndUna;
  if (s.knobs.congestion !== 'none') {
    t.ssthresh = halve(s, t, inFlight);
    t.cwnd = t.ssthresh + (t.sackOn ? 0 : DUPLICATE_THRESHOLD * t.mss);
  }
  return true;
}

/** New text was acknowledged. True: a partial ACK, the next hole is to be sent again. */
export function onNewAck(s: Step, t: Tcb, acked: number): boolean {
  t.dupAcks = 0;
  if (t.recovery !== 'open') {
    if (seqGe(t.sndUna, t.recover)) {
      if (t.recovery === 'recovery' && s.knobs.congestion !== 'none') t.cwnd = t.ssthresh;
      t.recovery = 'open';
      return false;
    }
    if (t.recovery === 'recovery') {
      if (t.sackOn || s.knobs.congestion === 'none') return !t.sackOn;
      t.cwnd = Math.max(t.mss, t.cwnd - acked + t.mss);
      return true;
    }
  }
  grow(s, t, acked);
  return false;
}

function grow(s: Step, t: Tcb, acked: number): void {
  if (s.knobs.congestion === 'none') return;
  if (t.cwnd < t.ssthresh) {
    t.cwnd += Math.min(acked, t.mss);
    return;
  }
  if (s.knobs.congestion === 'cubic') {
    growCubic(s, t, acked);
    return;
  }
  t.bytesAcked += acked;
  if (t.bytesAcked >= t.cwnd) {
    t.bytesAcked -= t.cwnd;
    t.cwnd += t.mss;
  }
}

/** W_cubic(t) = C·(t − K)³ + W_max in segments, never below Reno's estimate (RFC 9438 §4.2–4.3). */
function growCubic(s: Step, t: Tcb, acked: number): void {
  if (t.cubicEpoch === 0) {
    t.cubicEpoch = s.now;
    if (t.cubicMax < t.cwnd) t.cubicMax = t.cwnd;
  }
  const wMax = t.cubicMax / t.mss;
  const k = Math.cbrt((wMax * (1 - CUBIC_BETA)) / CUBIC_C);
  const seconds = (s.now - t.cubicEpoch + t.srtt) / 1_000_000;
  const target = (CUBIC_C * (seconds - k) ** 3 + wMax) * t.mss;
  const step = (t.mss * acked) / t.cwnd;
  const wanted = target > t.cwnd ? ((target - t.cwnd) * acked) / t.cwnd : step / 100;
  t.cwnd += Math.floor(Math.min(Math.max(wanted, step * 0.5), acked));
}

export function noteFastRetransmit(s: Step): void {
  because(s, 'fastRetransmit');
}
