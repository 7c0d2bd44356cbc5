/**
 * Segments that a host's TCP cannot have sent although they left it: sent past TCP by a tool, by a
 * middlebox in its name, or by an incarnation from before the capture. They reach the other end all
 * the same, as forged segments do.
 */
import { seqDiff, seqLe } from '../../base/seq.ts';
import { ACK, has, RST, type Segment, SYN, segEnd } from '../../tcp/segment.ts';
import { findExpected, isExpected } from '../../timeline/expect.ts';
import { answerOfPeer, beginsConnection, goesOn, nextLeaving, resetsAnswer } from './outlook.ts';
import type { Action } from './packet.ts';
import type { Who } from './scribe.ts';
import { isOpening, peerOf, type Session, whoIs } from './session.ts';

/** After an ACK of everything, what was acknowledged is not sent again but by mistake, µs. */
const SETTLED = 5_000;
/** Numbers farther apart belong to different incarnations. */
const NEAR = 2 ** 24;

export function isForged(x: Session, i: number): boolean {
  const { end, packet } = x.outlook.list[i] as Action;
  const { seg } = packet;
  const who = whoIs(x, end);
  if (has(seg, RST) && findExpected(who.h, seg, (e) => has(e, RST)) !== undefined) return false;
  if (who.tcb !== undefined) return isForeignTo(x, i, who);
  if (isOpening(seg)) return isStraySyn(x, i, who);
  if (who.timeWait !== undefined) return has(seg, RST) || seg.len > 0;
  if (has(seg, RST)) return true;
  if (!end.known) return has(seg, SYN) ? isStraySynAck(x, i) : !beginsConnection(x.outlook, i);
  // The connection is over: only if it goes on were we wrong about that.
  const later = nextLeaving(x.outlook, i)?.packet.seg;
  return !has(seg, SYN) && (later === undefined || has(later, RST) || isOpening(later));
}

/**
 * Against a connection that exists: the host takes no notice of what it is supposed to have sent.
 */
function isForeignTo(x: Session, i: number, { tcb, h }: Who): boolean {
  const { t, packet } = x.outlook.list[i] as Action;
  const { seg } = packet;
  if (tcb === undefined || !tcb.synAcked) return false;
  const near = (later: Segment) => Math.abs(seqDiff(later.seq, tcb.sndNxt)) < NEAR;
  if (isOpening(seg) && seg.seq !== tcb.iss) return goesOn(x.outlook, i, near);
  if (has(seg, RST)) return goesOn(x.outlook, i, near);
  const old = seg.len > 0 && tcb.sndUna === tcb.sndNxt && seqLe(segEnd(seg), tcb.sndUna);
  return old && seg.len > 1 && t - tcb.lastRcvAt > SETTLED && !isExpected(h, seg);
}

/** A SYN without the options of the host's stack, whose answer the host itself resets. */
function isStraySyn(x: Session, i: number, { h }: Who): boolean {
  const { seg } = (x.outlook.list[i] as Action).packet;
  return h.knobs.sack && !seg.sackOk && resetsAnswer(x.outlook, i);
}

/** A SYN,ACK that the other host meets with an RST. */
function isStraySynAck(x: Session, i: number): boolean {
  const { end, packet } = x.outlook.list[i] as Action;
  const peer = peerOf(x, end);
  const answer = peer === undefined ? undefined : answerOfPeer(x.outlook, i, peer);
  return (
    answer !== undefined && has(answer, RST) && !has(answer, ACK) && answer.seq === packet.seg.ack
  );
}
