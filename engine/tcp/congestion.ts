/**
 * Congestion control: slow start, congestion avoidance, fast retransmit and recovery (RFC 5681,
 * NewReno RFC 6582), limited transmit (RFC 3042), loss recovery by SACK (RFC 6675), and CUBIC's
 * growth (RFC 9438). Left out: ways to undo a reduction that was spurious (RFC 4015, 5682, 3708).
 *
 * `cwnd` and `ssthresh` are octets. `congestion: 'none'` leaves the peer's window as the only
 * bound.
 */
import { seqAdd, seqGe, seqGt } from '../base/seq.ts';
import { DUPLICATE_THRESHOLD } from './sack.ts';
import type { Step } from './step.ts';
import type { Tcb } from './tcb.ts';

const CUBIC_BETA = 0.7;
const CUBIC_C = 0.4;
const UNLIMITED = 2 ** 30;

/** Sets the initial window when the connection is ESTABLISHED (RFC 6928; RFC 5681 §3.1). */
export function startCongestion(s: Step, t: Tcb): void {
  t.cwnd = s.knobs.congestion === 'none' ? UNLIMITED : initialWindow(s, t);
  if (t.synRetransmitted && s.knobs.congestion !== 'none') t.cwnd = t.mss;
  t.ssthresh = UNLIMITED;
  t.recovery = 'open';
  t.recover = seqAdd(t.sndUna, -1);
}

function initialWindow(s: Step, t: Tcb): number {
  const { initial_window: segments, initial_window_octets: octets } = s.knobs;
  const window = segments * t.mss;
  return octets === 0 ? window : Math.min(window, Math.max(2 * t.mss, octets));
}

/** After an idle RTO the ACKs that clocked the window are gone: it starts anew (RFC 5681 §4.1). */
export function restartAfterIdle(s: Step, t: Tcb): void {
  if (!s.knobs.idle_restart || s.knobs.congestion === 'none') return;
  if (t.textAt > 0 && s.now - t.textAt > t.rto) t.cwnd = Math.min(t.cwnd, initialWindow(s, t));
}

/**
 * How much more the congestion window lets out. The first two duplicate ACKs let one segment more
 * out each (RFC 3042): with few segments in flight it takes those to get a third.
 */
export function congestionRoom(s: Step, t: Tcb, inFlight: number): number {
  const limited = t.recovery === 'open' && s.knobs.limited_transmit;
  return t.cwnd - inFlight + (limited ? Math.min(t.dupAcks, 2) * t.mss : 0);
}

/** The new ssthresh after a loss; CUBIC remembers where it happened (RFC 9438 §4.6–4.7). */
function reduce(s: Step, t: Tcb, inFlight: number): number {
  if (s.knobs.congestion !== 'cubic') return Math.max(inFlight >> 1, 2 * t.mss);
  // Fast convergence: a flow that lost before it was back at W_max makes room for others.
  t.cubicMax = t.cwnd < t.cubicMax ? t.cwnd * ((1 + CUBIC_BETA) / 2) : t.cwnd;
  t.cubicEpoch = 0;
  return Math.max(Math.floor(inFlight * CUBIC_BETA), 2 * t.mss);
}

/** The RTO expired (RFC 5681 §3.1, RFC 6582 §4). */
export function onTimeout(s: Step, t: Tcb, inFlight: number): void {
  if (s.knobs.congestion !== 'none') {
    if (t.rtxCount <= 1) t.ssthresh = reduce(s, t, inFlight);
    t.cwnd = t.mss;
  }
  t.recovery = 'loss';
  t.cwndFull = t.textNxt;
  t.recover = t.sndNxt;
  t.rtxNxt = t.sndUna;
  t.dupAcks = 0;
}

/**
 * A duplicate ACK; `lost`: what the peer reported shows that SND.UNA is lost (RFC 6675 §5, 2).
 * True: fast retransmit is due. Without SACK the ACK must cover more than `recover`, or segments
 * that were sent again in vain would start it anew (RFC 6582 §3.2).
 */
export function onDuplicateAck(s: Step, t: Tcb, inFlight: number, lost = false): boolean {
  t.dupAcks += 1;
  if (t.recovery === 'recovery') {
    if (t.sacked.length === 0 && s.knobs.congestion !== 'none') t.cwnd += t.mss;
    return false;
  }
  if (t.recovery !== 'open' || !(lost || t.dupAcks === DUPLICATE_THRESHOLD)) return false;
  if (!t.sackOn && !seqGt(t.sndUna, t.recover)) return false;
  t.recovery = 'recovery';
  t.recover = t.sndNxt;
  t.rtxNxt = t.sndUna;
  if (s.knobs.congestion !== 'none') {
    // What limited transmit let out does not count (RFC 5681 §3.2).
    t.ssthresh = reduce(s, t, Math.min(inFlight, t.cwnd));
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
  } else if (seqGt(t.sndUna, t.recover)) {
    // Left where it was, `recover` would seem to be ahead once it is half the circle behind.
    t.recover = seqAdd(t.sndUna, -1);
  }
  grow(s, t, acked);
  return false;
}

/**
 * A segment was sent that leaves cwnd no room for another. The time before in which the flow did
 * not fill it is not CUBIC's: the curve moves on by that (RFC 9438 §4.2).
 */
export function onWindowFull(s: Step, t: Tcb): void {
  if (s.knobs.congestion !== 'cubic') return;
  if (t.cubicEpoch > 0 && t.textUna >= t.cwndFull) t.cubicEpoch += s.now - t.cubicAt;
  t.cwndFull = t.textNxt;
  t.cubicAt = s.now;
}

function grow(s: Step, t: Tcb, acked: number): void {
  if (s.knobs.congestion === 'none') return;
  if (s.knobs.congestion === 'cubic') {
    // What did not fill the window shows nothing about a wider one (RFC 9438 §5.8).
    if (t.textUna > t.cwndFull) return;
    t.cubicAt = s.now;
  }
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
    t.cubicStart = t.cwnd;
    t.cubicEst = t.cwnd;
    if (t.cubicMax < t.cwnd) t.cubicMax = t.cwnd;
  }
  const alpha = t.cubicEst >= t.cubicMax ? 1 : (3 * (1 - CUBIC_BETA)) / (1 + CUBIC_BETA);
  t.cubicEst += (alpha * t.mss * acked) / t.cwnd;
  const k = Math.cbrt((t.cubicMax - t.cubicStart) / t.mss / CUBIC_C);
  const seconds = (s.now - t.cubicEpoch) / 1_000_000;
  const curve = (at: number) => CUBIC_C * (at - k) ** 3 * t.mss + t.cubicMax;
  if (curve(seconds) < t.cubicEst) {
    t.cwnd = Math.max(t.cwnd, Math.floor(t.cubicEst));
    return;
  }
  const target = Math.min(Math.max(curve(seconds + t.srtt / 1_000_000), t.cwnd), 1.5 * t.cwnd);
  t.bytesAcked += ((target - t.cwnd) * acked) / t.cwnd;
  const whole = Math.floor(t.bytesAcked);
  t.cwnd += whole;
  t.bytesAcked -= whole;
}
