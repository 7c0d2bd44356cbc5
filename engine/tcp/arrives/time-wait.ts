/**
 * SEGMENT ARRIVES in TIME-WAIT (RFC 9293 §3.10.7.4, §3.6.1; RFC 1337; RFC 6191).
 *
 * TIME-WAIT has two reasons. The last ACK may be lost: then the peer's FIN comes again and is
 * answered here. And old segments may still be under way: they meet this state and not a new
 * incarnation. The code works on the few variables that both a full TCB and the small record have.
 */
import { seqAdd, seqGe, seqGt, seqLt } from '../../base/seq.ts';
import { failsPaws, isAcceptable, mayChallenge } from '../acceptability.ts';
import type { RuleId } from '../rules.ts';
import { ACK, FIN, has, RST, type Segment, SYN, segLen } from '../segment.ts';
import { sendTimeWaitAck } from '../send.ts';
import { because, deadline, type Step } from '../step.ts';
import type { TimeWait } from '../tcb.ts';

/** What becomes of the TIME-WAIT: it stays, ends, or gives way to a new incarnation. */
export type TimeWaitOutcome = 'stays' | 'ends' | 'reopens';

export function arrivesTimeWait(
  s: Step,
  w: TimeWait,
  seg: Segment,
  listening: boolean,
): TimeWaitOutcome {
  const old = failsPaws(s, w, seg);
  if (has(seg, RST)) return rstInTimeWait(s, w, seg, old);
  if (has(seg, SYN) && !has(seg, ACK) && listening && isNewIncarnation(s, w, seg)) {
    because(s, 'timeWaitReopened');
    return 'reopens';
  }
  // A SYN may be of a peer that has forgotten what was agreed on.
  if (w.tsOn && !seg.ts && !has(seg, SYN) && s.knobs.timestamps_missing === 'drop') {
    because(s, 'timestampMissing');
    return 'stays';
  }
  const finAgain = isFinAgain(w, seg);
  const anyAck = s.knobs.time_wait_restart === 'any_ack' && (has(seg, ACK) || old);
  if (finAgain || anyAck) w.timeWaitAt = deadline(s, s.knobs.time_wait_ms * 1000);
  if (finAgain) because(s, 'timeWaitFin');
  answer(s, w, seg, old, finAgain);
  return 'stays';
}

/** An acceptable RST ends TIME-WAIT unless RFC 1337's fix is in force. */
function rstInTimeWait(s: Step, w: TimeWait, seg: Segment, old: boolean): TimeWaitOutcome {
  if (s.knobs.rst_in_time_wait === 'ignore' || old) {
    because(s, 'timeWaitRstIgnored');
    return 'stays';
  }
  if (seg.seq === w.rcvNxt) {
    because(s, 'timeWaitRst');
    return 'ends';
  }
  if (isAcceptable(w, seg) && s.knobs.rst_in_window === 'reset') {
    because(s, 'timeWaitRst');
    return 'ends';
  }
  if (isAcceptable(w, seg) && s.knobs.time_wait_answers === 'every') {
    because(s, 'rstChallenged');
    if (mayChallenge(s, w)) sendTimeWaitAck(s, w);
    return 'stays';
  }
  because(s, 'outsideWindowRst');
  return 'stays';
}

/** A SYN that cannot be an old duplicate (RFC 9293 §3.6.1 MAY-2, RFC 6191 §2). */
function isNewIncarnation(s: Step, w: TimeWait, seg: Segment): boolean {
  const newer = seqGt(seg.seq, w.rcvNxt);
  switch (s.knobs.time_wait_reopen) {
    case 'never':
      return false;
    case 'sequence':
      return newer;
    case 'timestamp':
      return w.tsOn && seg.ts && seqLt(w.tsRecent, seg.tsVal);
    case 'rfc6191':
      return isNewBy6191(s, w, seg);
    case 'sequence_or_timestamp':
      if (failsPaws(s, w, seg)) return false;
      if (w.tsOn && seg.ts && seqLt(w.tsRecent, seg.tsVal)) return true;
      return newer;
  }
}

/** The table of RFC 6191 §2; what it would drop in silence is answered by a challenge ACK. */
function isNewBy6191(s: Step, w: TimeWait, seg: Segment): boolean {
  const stamped = s.knobs.timestamps && seg.ts;
  const larger = seqGe(seg.seq, w.rcvNxt);
  if (!w.tsOn) return stamped || larger;
  if (!stamped) return larger;
  return seqGt(seg.tsVal, w.tsRecent) || (seg.tsVal === w.tsRecent && larger);
}

/** The peer's FIN, sent again: the ACK of it was lost, the first reason for TIME-WAIT. */
function isFinAgain(w: TimeWait, seg: Segment): boolean {
  return has(seg, FIN) && has(seg, ACK) && seqAdd(seg.seq, segLen(seg)) === w.rcvNxt;
}

/** Why a segment that is not the FIN again is answered: most are old ones, the second reason. */
function answerRule(w: TimeWait, seg: Segment, old: boolean): RuleId {
  if (old || seqLt(seg.seq, w.rcvNxt)) return 'timeWaitAnswers';
  if (!isAcceptable(w, seg)) return 'outsideWindow';
  return has(seg, SYN) ? 'synChallenged' : 'timeWaitAcks';
}

/**
 * Which segments get an ACK: all, or all but the expected and the ACK-less, or the old and FINs.
 */
function answer(s: Step, w: TimeWait, seg: Segment, old: boolean, finAgain: boolean): void {
  const len = segLen(seg);
  const expected = len === 0 && seg.seq === w.rcvNxt && has(seg, ACK);
  switch (s.knobs.time_wait_answers) {
    case 'every':
      if (!has(seg, ACK | SYN) && isAcceptable(w, seg)) {
        because(s, 'ackMissing');
        return;
      }
      break;
    case 'not_expected':
      // Only an ACK that tells nothing and asks nothing is expected: PSH or URG on it is not.
      if (!has(seg, ACK) || (expected && seg.ack === w.sndNxt && seg.flags === ACK)) {
        because(s, 'timeWaitDrops');
        return;
      }
      break;
    case 'old_or_fin':
      if (!old && seg.seq === w.rcvNxt && len === 0) {
        because(s, 'timeWaitDrops');
        return;
      }
      break;
  }
  if (!finAgain) because(s, answerRule(w, seg, old));
  // Two ends in TIME-WAIT must not answer each other's bare ACKs for ever.
  const limited = has(seg, SYN) || len === 0;
  if (limited && s.knobs.bare_answers_limited && !mayChallenge(s, w)) {
    because(s, 'rateLimited');
    return;
  }
  sendTimeWaitAck(s, w);
}
