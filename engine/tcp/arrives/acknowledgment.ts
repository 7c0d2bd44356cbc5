/** The fifth step, the ACK field (RFC 9293 §3.10.7.4), with round-trip times and loss recovery. */
import { type Seq, seqAdd, seqGe, seqGt, seqLe, seqLt, seqSub } from '../../base/seq.ts';
import { onDuplicateAck, onNewAck } from '../congestion.ts';
import { startEstablished, takeWindow } from '../open.ts';
import { isShut, measureRoundTrip, restartRetransmission } from '../rto.ts';
import { lostUntil, skipSacked } from '../sack.ts';
import { FIN, has, type Segment, SYN } from '../segment.ts';
import { flightSize, resendAt, sendAck, sendMss, sendResetAt, timestampOf } from '../send.ts';
import { because, endConnection, enter, type Step } from '../step.ts';
import type { Tcb } from '../tcb.ts';
import { challenge } from './challenge.ts';
import { enterTimeWait } from './fin.ts';
import { waitForFin } from './fin-wait-2.ts';

/** An echo that old is no round trip but another clock. */
const ECHO_AGE_MAX_MS = 600_000;

/**
 * Processes SEG.ACK. False: the segment is dropped, or the connection is over. `scaled`: whether
 * SEG.WND is, which it is not where the segment came with a SYN (RFC 7323 §2.2).
 */
export function processAck(s: Step, t: Tcb, seg: Segment, scaled = true): boolean {
  // Also in FIN-WAIT-1 and CLOSING, if CLOSE came in SYN-RECEIVED: an ACK that does not cover our
  // SYN is of another incarnation, whose FIN must not be taken for this one's.
  if (!t.synAcked && !acksSyn(t, seg)) {
    because(s, 'synReceivedBadAck');
    sendResetAt(s, t, seg.ack);
    return false;
  }
  if (t.state === 'SYN-RECEIVED') {
    enter(s, t, 'ESTABLISHED', 'synAcked');
    takeWindow(t, seg, scaled);
    // A CLOSE that found text queued in SYN-RECEIVED is processed now (RFC 9293 §3.10.4).
    if (t.finQueued) enter(s, t, 'FIN-WAIT-1', 'closeSendsFin');
  }
  if (s.knobs.old_ack_check && seqLt(seg.ack, seqAdd(t.sndUna, -t.maxSndWnd))) {
    because(s, 'ackTooOld');
    challenge(s, t);
    return false;
  }
  if (seqGt(seg.ack, t.sndNxt)) {
    because(s, 'ackUnsent');
    if (s.knobs.bare_answers_limited) challenge(s, t);
    else sendAck(s, t);
    return false;
  }
  const duplicate = t.sackOn ? noteSack(t, seg) : isDuplicate(t, seg);
  if (seqGt(seg.ack, t.sndUna)) advance(s, t, seg);
  else if (!duplicate) because(s, seg.ack === t.sndUna ? 'ackNothingNew' : 'ackOld');
  if (duplicate) duplicateArrived(s, t);
  updateSendWindow(s, t, seg, scaled);
  return afterAck(s, t);
}

/** Whether SEG.ACK covers our SYN, which is not acknowledged yet. */
export function acksSyn(t: Tcb, seg: Segment): boolean {
  return seqLt(t.sndUna, seg.ack) && seqLe(seg.ack, t.sndNxt);
}

/** SND.UNA moves on: text, SYN and FIN that it covers leave the retransmission queue. */
function advance(s: Step, t: Tcb, seg: Segment): void {
  const octets = seqSub(seg.ack, t.sndUna);
  let text = octets;
  const first = !t.synAcked;
  if (first) {
    t.synAcked = true;
    text -= 1;
  }
  if (t.finSent && !t.finAcked && seg.ack === t.sndNxt) {
    t.finAcked = true;
    text -= 1;
    because(s, 'finAcked');
  }
  sampleRoundTrip(s, t, seg);
  t.softError = '';
  t.sndUna = seg.ack;
  t.textUna += text;
  if (text > 0) because(s, 'textAcked');
  dropSacked(t);
  if (first) startEstablished(s, t);
  const partial = !first && onNewAck(s, t, text);
  restartRetransmission(s, t);
  if (partial) {
    because(s, 'partialAck');
    t.rtxNxt = seqAdd(t.sndUna, resendAt(s, t, t.sndUna));
  }
}

/**
 * A round-trip sample of an ACK that is new: of the segment that is timed, which was not sent again
 * (Karn, RFC 6298 §3); where none is, by the echoed timestamp, which tells a segment from its
 * retransmission (RFC 7323 §4.1).
 */
export function sampleRoundTrip(s: Step, t: Tcb, seg: Segment): void {
  if (t.rttAt !== 0) {
    if (seqLe(seg.ack, t.rttSeq)) {
      if (seg.ack === t.sndNxt) t.rttAt = 0;
      return;
    }
    measureRoundTrip(s, t, s.now - t.rttAt);
    t.rttAt = 0;
  } else if (t.tsOn && seg.ts && seg.tsEcr !== 0) {
    const ms = (timestampOf(s, t.tsOffset) - seg.tsEcr) >>> 0;
    if (ms < ECHO_AGE_MAX_MS) measureRoundTrip(s, t, Math.max(1, ms) * 1000);
  }
}

/**
 * An ACK of SND.UNA itself while text is in flight, and nothing else in it (RFC 5681 §2). That a
 * probe of a shut window is answered tells of no loss.
 */
function isDuplicate(t: Tcb, seg: Segment): boolean {
  if (seg.ack !== t.sndUna || seg.len > 0 || has(seg, SYN | FIN) || isShut(t)) return false;
  return flightSize(t) > 0 && seg.wnd << Math.max(0, t.sndScale) === t.sndWnd;
}

function duplicateArrived(s: Step, t: Tcb): void {
  because(s, 'duplicateAck');
  if (onDuplicateAck(s, t, flightSize(t), seqGt(lostUntil(t), t.sndUna))) {
    because(s, 'fastRetransmit');
    t.rtxNxt = seqAdd(t.sndUna, resendAt(s, t, t.sndUna));
    t.rescueRxt = t.rtxNxt;
  }
}

/** SND.WND from the newest segment (RFC 9293 §3.10.7.4). */
function updateSendWindow(s: Step, t: Tcb, seg: Segment, scaled: boolean): void {
  if (seqGt(t.sndUna, seg.ack)) return;
  const newer = seqLt(t.sndWl1, seg.seq) || (t.sndWl1 === seg.seq && seqLe(t.sndWl2, seg.ack));
  if (!newer) return;
  const before = t.sndWnd;
  takeWindow(t, seg, scaled);
  if (t.sndWnd !== before) because(s, 'windowMoved');
  if (t.rtxAt === 0 || t.sndWnd === 0) return;
  if (t.rtxUse === 'persist') {
    t.rtxAt = 0;
    t.rtxCount = 0;
    t.userAt = 0;
    takeBackProbe(s, t);
  } else if (before === 0 && t.rtxCount > 0) {
    // These retransmissions were probes: they count no more, and what they found shut is open.
    because(s, 'windowReopened');
    restartRetransmission(s, t);
    t.rtxNxt = seqAdd(t.sndUna, resendAt(s, t, t.sndUna));
  }
}

/**
 * The octet of a probe that was not taken is sent again with what follows it; where the window lets
 * no more out that is worth sending it stays in flight. It goes twice, so it is not timed (Karn).
 */
function takeBackProbe(s: Step, t: Tcb): void {
  if (flightSize(t) === 0) return;
  if (t.sndWnd < Math.min(sendMss(t), t.textEnd - t.textUna)) return;
  t.sndNxt = t.sndUna;
  t.textNxt = t.textUna;
  t.finSent = t.finAcked;
  t.rttAt = Math.max(1, s.now);
  t.rttSeq = seqAdd(t.sndUna, 1);
}

/** What the acknowledgment of our FIN does in each state. False: the connection is over. */
function afterAck(s: Step, t: Tcb): boolean {
  if (!t.finAcked) return true;
  switch (t.state) {
    case 'FIN-WAIT-1':
      enter(s, t, 'FIN-WAIT-2', 'finWait2');
      waitForFin(s, t);
      return true;
    case 'CLOSING':
      enterTimeWait(s, t, 'closingTimeWait');
      return true;
    case 'LAST-ACK':
      endConnection(s, t, '', 'lastAckClosed');
      return false;
    default:
      return true;
  }
}

/**
 * Merges the blocks of a SACK option into the scoreboard (RFC 6675 §3). True: they report what was
 * not reported before, which makes the segment a duplicate ACK, whatever else is in it (§2).
 */
function noteSack(t: Tcb, seg: Segment): boolean {
  let news = false;
  if (seg.sack === null) return news;
  for (let i = 0; i < seg.sack.length; i += 2) {
    const left = seg.sack[i] as Seq;
    const right = seg.sack[i + 1] as Seq;
    // By distances from SND.UNA: pairwise comparisons also hold for a block around the circle.
    const from = seqSub(left, t.sndUna);
    const to = seqSub(right, t.sndUna);
    const sane = from < to && to <= flightSize(t) && seqGt(left, seg.ack);
    if (!sane || seqGe(skipSacked(t, left), right)) continue;
    t.sacked = mergeRange(t.sacked, left, right);
    news = true;
  }
  return news;
}

function mergeRange(ranges: readonly Seq[], left: Seq, right: Seq): readonly Seq[] {
  const merged: Seq[] = [];
  let [lo, hi] = [left, right];
  let placed = false;
  for (let i = 0; i < ranges.length; i += 2) {
    const a = ranges[i] as Seq;
    const b = ranges[i + 1] as Seq;
    if (seqLt(b, lo)) merged.push(a, b);
    else if (seqGt(a, hi)) {
      if (!placed) merged.push(lo, hi);
      placed = true;
      merged.push(a, b);
    } else {
      lo = seqLt(a, lo) ? a : lo;
      hi = seqGt(b, hi) ? b : hi;
    }
  }
  if (!placed) merged.push(lo, hi);
  return merged;
}

/** Forgets reports below SND.UNA. */
function dropSacked(t: Tcb): void {
  if (t.sacked.length === 0) return;
  const kept: Seq[] = [];
  for (let i = 0; i < t.sacked.length; i += 2) {
    const right = t.sacked[i + 1] as Seq;
    if (seqGt(right, t.sndUna)) kept.push(t.sacked[i] as Seq, right);
  }
  t.sacked = kept;
}
