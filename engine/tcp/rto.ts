/**
 * The retransmission timer (RFC 6298, Karn's algorithm) and the persist timer (RFC 9293 §3.8.6.1).
 * Both share one deadline: a probe is due only when nothing is in flight.
 */
import { seqSub } from '../base/seq.ts';
import { deadline, deadlineMs, type Step } from './step.ts';
import type { Tcb } from './tcb.ts';

/** Sets RTO before anything was measured (RFC 6298 §2.1). */
export function initialRto(s: Step, t: Tcb): void {
  t.rto = s.knobs.rto_initial_ms * 1000;
}

/** Takes a round-trip sample R into SRTT, RTTVAR and RTO, which ends a back-off (RFC 6298 §2). */
export function measureRoundTrip(s: Step, t: Tcb, r: number): void {
  if (t.srtt === 0) {
    t.srtt = Math.max(1, r);
    t.rttvar = Math.floor(r / 2);
  } else {
    // Exact quarters and eighths of integers, rounded down: the same on every machine.
    t.rttvar = Math.floor((3 * t.rttvar + Math.abs(t.srtt - r)) / 4);
    t.srtt = Math.max(1, Math.floor((7 * t.srtt + r) / 8));
  }
  t.rto = clampRto(s, t.srtt + Math.max(s.knobs.rto_var_min_ms * 1000, 4 * t.rttvar));
  t.rtxCount = 0;
}

function clampRto(s: Step, rto: number): number {
  const least = s.knobs.rto_min_ms * 1000;
  const slop = s.knobs.rto_slop_ms * 1000;
  return Math.min(Math.max(rto, least) + slop, s.knobs.rto_max_ms * 1000);
}

/**
 * The RTO with the back-off of the retransmissions so far (RFC 6298 §5.5). A margin (slop) is not
 * doubled; the very first RTO, before anything was measured or sent again, is without it.
 */
export function backedOff(s: Step, t: Tcb): number {
  const k = s.knobs;
  const most = k.rto_max_ms * 1000;
  const slop = k.rto_slop_ms * 1000;
  const opening = t.state === 'SYN-SENT' || t.state === 'SYN-RECEIVED';
  const linear = t.state === 'SYN-SENT' ? k.syn_linear : 0;
  const doublings = Math.max(0, t.rtxCount - linear);
  const bare = t.srtt > 0 ? t.rto - slop : t.rto;
  const margin = t.srtt > 0 || t.rtxCount > 0 ? slop : 0;
  // A margin beyond the greatest RTO leaves nothing to double.
  const wait = Math.max(t.rto, bare * doubled(doublings) + margin);
  return Math.min(wait, opening ? Math.max(most, t.rto) : most);
}

/** 2 to the power of so many doublings; no bound of a timer is reached by more than 30. */
function doubled(times: number): number {
  return 1 << Math.min(times, 30);
}

/** Starts the timer for what is in flight (RFC 6298 §5.1). */
export function startRetransmission(s: Step, t: Tcb): void {
  armTimer(s, t);
  if (t.rtxSince === 0) t.rtxSince = s.now;
  if (t.userAt === 0) t.userAt = deadlineMs(s, userTimeoutMs(s, t));
}

/**
 * One that is set holds in every state (RFC 9293 §3.10.8), but a half-open child of a listener has
 * no user yet; the host's own is for text.
 */
function userTimeoutMs(s: Step, t: Tcb): number {
  const opening = t.state === 'SYN-SENT' || t.state === 'SYN-RECEIVED';
  if (opening && t.listener > 0) return 0;
  return t.options.userTimeout_ms || (opening ? 0 : s.knobs.user_timeout_ms);
}

/** Another USER TIMEOUT was set: it counts from when the oldest thing in flight was sent. */
export function resetUserTimeout(s: Step, t: Tcb): void {
  if (t.userAt === 0 && t.rtxSince === 0) return;
  const ms = userTimeoutMs(s, t);
  const spent = t.rtxSince === 0 ? 0 : s.now - t.rtxSince;
  t.userAt = ms === 0 ? 0 : deadline(s, Math.max(0, ms * 1000 - spent));
}

/**
 * Something new was acknowledged: the timer starts again, or stops (RFC 6298 §5.2–5.3). Where that
 * told no round trip the RTO stays backed off until one is measured (Karn; §5, after 5.7).
 */
export function restartRetransmission(s: Step, t: Tcb): void {
  if (t.rtxCount > 0 && t.rtxUse !== 'persist') t.rto = backedOff(s, t);
  t.rtxCount = 0;
  t.tailProbed = false;
  if (seqSub(t.sndNxt, t.sndUna) === 0) {
    t.rtxAt = 0;
    t.rtxSince = 0;
    t.userAt = 0;
    return;
  }
  t.rtxSince = s.now;
  t.userAt = deadlineMs(s, userTimeoutMs(s, t));
  armTimer(s, t);
}

/** The RTO, or before it a probe of the tail where that is wanted and sooner. */
function armTimer(s: Step, t: Tcb): void {
  const rto = backedOff(s, t);
  const probe = mayProbeTail(s, t) ? probeTimeout(s, t, rto) : Number.POSITIVE_INFINITY;
  t.rtxUse = probe <= rto ? 'probe' : 'rto';
  t.rtxAt = deadline(s, Math.min(rto, probe));
}

function mayProbeTail(s: Step, t: Tcb): boolean {
  return (
    s.knobs.tail_loss_probe &&
    t.sackOn &&
    t.synAcked &&
    !t.tailProbed &&
    t.rtxCount === 0 &&
    t.srtt > 0 &&
    t.recovery === 'open'
  );
}

/**
 * PTO = 2·SRTT, and for a single segment as much more as its ACK may be delayed; Linux takes its
 * least RTO for that (RFC 8985 §7.2, tcp_schedule_loss_probe). Never later than the RTO.
 */
function probeTimeout(s: Step, t: Tcb, rto: number): number {
  const single = seqSub(t.sndNxt, t.sndUna) <= t.mss;
  const margin = single ? s.knobs.rto_min_ms * 1000 : 2_000;
  return Math.min(2 * t.srtt + margin, rto);
}

/** Starts the persist timer: text waits, the window is shut, nothing is in flight. */
export function startPersist(s: Step, t: Tcb): void {
  const k = s.knobs;
  const least = k.persist_min_ms * 1000;
  const first = least === 0 ? t.rto : persistBase(t);
  const wait = Math.min(first * doubled(t.rtxCount), k.persist_max_ms * 1000);
  t.rtxUse = 'persist';
  t.rtxAt = deadline(s, Math.max(least, wait));
  if (t.userAt === 0) t.userAt = deadlineMs(s, t.options.userTimeout_ms);
}

/** Twice the double of the round trip with its variance (BSD tcp_setpersist). */
function persistBase(t: Tcb): number {
  return t.srtt > 0 ? 4 * t.srtt + 8 * t.rttvar : 2 * t.rto;
}

/**
 * Whether one retransmission more would be one too many (R2, RFC 9293 §3.8.3). The USER TIMEOUT
 * that an application sets takes the place of R2 (MUST-21, RFC 5482 §3.1).
 */
export function givesUp(s: Step, t: Tcb): boolean {
  const k = s.knobs;
  const spent = t.rtxSince === 0 ? 0 : s.now - t.rtxSince;
  switch (t.state) {
    case 'SYN-SENT':
      if (k.syn_retries > 0) {
        return t.rtxCount >= k.syn_retries + k.syn_linear || spent >= synTime(k);
      }
      return spent >= k.syn_give_up_ms * 1000;
    case 'SYN-RECEIVED':
      if (k.synack_retries > 0) return t.rtxCount >= k.synack_retries;
      return spent >= k.syn_give_up_ms * 1000;
    default:
      return isShut(t) ? givesUpProbing(s, t) : isSpent(s, t, t.rtxCount, spent);
  }
}

function isOrphan(t: Tcb): boolean {
  return !t.held && t.closed;
}

function isSpent(s: Step, t: Tcb, retries: number, spent: number): boolean {
  const k = s.knobs;
  if (isOrphan(t) && k.orphan_retries > 0) return retries >= k.orphan_retries;
  if (t.options.userTimeout_ms > 0) return spent >= t.options.userTimeout_ms * 1000;
  if (k.r2_retries > 0) return retries >= k.r2_retries;
  return k.r2_ms > 0 && spent >= k.r2_ms * 1000;
}

/** Whether the peer's window is shut: what is sent is a probe, be it text in flight (MUST-35). */
export function isShut(t: Tcb): boolean {
  return t.sndWnd === 0 && t.synAcked;
}

/**
 * Whether probes of a shut window are in vain. As long as the peer answers them the connection
 * stays (MUST-37, SHLD-17): R2 counts from the last answer. An orphan has nobody who would wait,
 * and an application that set a USER TIMEOUT wants no more patience (Linux tcp_probe_timer).
 */
export function givesUpProbing(s: Step, t: Tcb): boolean {
  if (isOrphan(t) && s.knobs.orphan_retries > 0) return t.rtxCount >= s.knobs.orphan_retries;
  if (t.options.userTimeout_ms > 0) return false;
  return isSpent(s, t, t.keepProbes, s.now - t.lastRcvAt);
}

/**
 * The time that the SYN's retransmissions take with back-off from the first (Linux
 * tcp_model_timeout).
 */
function synTime(k: Step['knobs']): number {
  let ms = 0;
  for (let i = 0; i <= k.syn_retries; i += 1) {
    ms += Math.min(k.rto_initial_ms * 2 ** Math.min(i, 30), k.rto_max_ms);
  }
  return ms * 1000;
}
