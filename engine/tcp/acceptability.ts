/**
 * Is a segment in the window? (RFC 9293 §3.4, Table 6; §3.10.7.4, first), PAWS (RFC 7323 §5), and
 * the rate limits of the ACKs that answer what is not (RFC 5961 §7).
 */
import { inWindow, seqAdd, seqLt } from '../base/seq.ts';
import { has, RST, type Segment, SYN, segLen } from './segment.ts';
import type { Step } from './step.ts';
import type { Tcb, TimeWait } from './tcb.ts';

type ReceiveVars = Pick<Tcb, 'rcvNxt' | 'rcvWnd' | 'tsOn' | 'tsRecent' | 'tsRecentAt'>;

/** A timestamp that old says nothing any more (RFC 7323 §5.5). */
const TS_RECENT_LIFE = 24 * 24 * 3600 * 1_000_000;

/** The four cases of the acceptability test. */
export function isAcceptable(t: ReceiveVars, seg: Segment): boolean {
  const len = segLen(seg);
  if (len === 0) {
    return t.rcvWnd === 0 ? seg.seq === t.rcvNxt : inWindow(seg.seq, t.rcvNxt, t.rcvWnd);
  }
  if (t.rcvWnd === 0) return false;
  const last = seqAdd(seg.seq, len - 1);
  return inWindow(seg.seq, t.rcvNxt, t.rcvWnd) || inWindow(last, t.rcvNxt, t.rcvWnd);
}

/** R1 of PAWS: the timestamp is older than the newest one that was accepted. */
export function failsPaws(s: Step, t: ReceiveVars, seg: Segment): boolean {
  if (!t.tsOn || !seg.ts || has(seg, RST)) return false;
  return seqLt(seg.tsVal, t.tsRecent) && !isOutdated(s, t);
}

function isOutdated(s: Step, t: ReceiveVars): boolean {
  return s.now - t.tsRecentAt > TS_RECENT_LIFE;
}

/** Keeps the timestamp of a segment that covers the last ACK we sent (RFC 7323 §4.3). */
export function noteTimestamp(s: Step, t: Tcb, seg: Segment): void {
  if (!t.tsOn || !seg.ts || has(seg, SYN)) return;
  if (seqLt(t.lastAckSent, seg.seq)) return;
  if (seqLt(seg.tsVal, t.tsRecent) && !isOutdated(s, t)) return;
  t.tsRecent = seg.tsVal;
  t.tsRecentAt = s.now;
}

/** Whether another challenge ACK may be sent now; counts it (RFC 5961 §7). */
export function mayChallenge(
  s: Step,
  t: Pick<Tcb | TimeWait, 'challengeAt' | 'challenges'>,
): boolean {
  const { challenge_acks_max: most, challenge_interval_ms: interval } = s.knobs;
  if (most === 0) return true;
  if (t.challengeAt === 0 || s.now - t.challengeAt >= interval * 1000) {
    t.challengeAt = Math.max(1, s.now);
    t.challenges = 0;
  }
  t.challenges += 1;
  return t.challenges <= most;
}
