/**
 * Receiving text: what is in order is delivered, what is beyond a gap is kept (RFC 9293 §3.10.7.4,
 * seventh and eighth; §3.8.6.3 for when to acknowledge; RFC 5681 §4.2 for ACKs at once).
 *
 * Delivered octets are only counted, but each is checked for its name: it must be the next octet of
 * the incarnation that opened the connection. One that is not is the corruption that TIME-WAIT is
 * there to prevent, and it is reported.
 */
import { type Seq, seqAdd, seqDiff, seqGe, seqGt, seqLe, seqLt, seqSub } from '../base/seq.ts';
import type { Segment } from './segment.ts';
import { receiveSpace, sendAck, sendMss } from './send.ts';
import { because, deadline, type Step } from './step.ts';
import type { Block, Tcb } from './tcb.ts';

/** Blocks that a SACK option has room for at most (RFC 2018 §3). */
const NEWEST_MAX = 4;

/** The number of the next octet for the user. */
function readSeq(t: Tcb): Seq {
  return seqAdd(t.rcvNxt, t.rcvRead - t.rcvText - (t.finRcvd ? 1 : 0));
}

/** Urgent octets that the user has not read yet (RFC 9293 §3.8.5, MUST-33). */
export function urgentLeft(t: Tcb): number {
  return t.urgent ? Math.max(0, seqDiff(t.rcvUp, readSeq(t))) : 0;
}

/** Sixth: RCV.UP <- max(RCV.UP, SEG.UP); the user is told when it is ahead of what was read. */
export function takeUrgentPointer(s: Step, t: Tcb, up: Seq): void {
  if (!seqGt(up, t.urgent ? t.rcvUp : readSeq(t))) return;
  t.rcvUp = up;
  t.urgent = true;
  because(s, 'urgentSeen');
}

/** Sets RCV.WND after text came or was read: never less than what was announced (SHLD-14). */
export function updateReceiveWindow(t: Tcb): void {
  t.rcvWnd = Math.max(receiveSpace(t), seqDiff(t.rcvAdv, t.rcvNxt));
}

/** Hands octets over to the user's buffer and checks their names. */
function deliver(s: Step, t: Tcb, stream: number, from: number, bytes: number): void {
  const known = stream >= 0 && t.peerStream >= 0;
  if (known && (stream !== t.peerStream || from !== t.rcvText)) {
    t.foreign += bytes;
    because(s, 'textForeign');
    s.corruptions.push({ conn: t.num, stream, from, bytes });
  }
  t.rcvText += bytes;
  t.rcvNxt = seqAdd(t.rcvNxt, bytes);
}

/** Takes the text of an acceptable segment; `fits` octets of the window are left for it. */
export function takeText(s: Step, t: Tcb, seg: Segment): void {
  const skip = Math.max(0, seqDiff(t.rcvNxt, seg.seq));
  if (skip >= seg.len) {
    because(s, 'textOld');
    t.ackOwed = true;
    owe(s, t, true);
    return;
  }
  const seq = seqAdd(seg.seq, skip);
  const room = Math.max(0, seqDiff(seqAdd(t.rcvNxt, t.rcvWnd), seq));
  const len = Math.min(seg.len - skip, room);
  if (len === 0) {
    owe(s, t, true);
    return;
  }
  if (seqGt(seq, t.rcvNxt)) {
    because(s, 'textHeld');
    t.newestBlocks = [seq, ...t.newestBlocks.filter((n) => n !== seq)].slice(0, NEWEST_MAX);
    t.blocks = insertBlock(t.blocks, { seq, len, stream: seg.stream, from: seg.from + skip });
    owe(s, t, true);
    return;
  }
  because(s, 'textTaken');
  deliver(s, t, seg.stream, seg.from + skip, len);
  const gap = t.blocks.length > 0;
  if (gap) drainBlocks(s, t);
  updateReceiveWindow(t);
  // More than one full segment at once counts as that many (RFC 9293 §3.8.6.3).
  t.unackedSegments += Math.max(1, Math.ceil(len / t.mss));
  owe(s, t, gap || isAckDue(s, t));
}

/**
 * Whether what came since the last ACK is enough for another (RFC 9293 §3.8.6.3; RFC 5681 §4.2).
 */
function isAckDue(s: Step, t: Tcb): boolean {
  const { delayed_ack_counts: counts, delayed_ack_segments: most } = s.knobs;
  const octets = seqSub(t.rcvNxt, t.lastAckSent);
  switch (counts) {
    case 'full':
      return octets >= most * sendMss(t);
    case 'over_one':
      return octets > (most - 1) * sendMss(t);
    case 'segments':
      return t.unackedSegments >= most;
  }
}

/** Notes that an ACK is owed: at once, or by the delayed-ACK timer. */
export function owe(s: Step, t: Tcb, atOnce: boolean): void {
  t.ackOwed = true;
  if (atOnce || s.knobs.delayed_ack_ms === 0) {
    t.delackAt = s.now;
    return;
  }
  because(s, 'ackDelayed');
  if (t.delackAt === 0) t.delackAt = deadline(s, s.knobs.delayed_ack_ms * 1000);
}

/** Sends the ACK that is owed and due; called last, so that text may carry it instead. */
export function payAck(s: Step, t: Tcb): void {
  if (t.ackOwed && t.delackAt !== 0 && t.delackAt <= s.now && t.state !== 'CLOSED') sendAck(s, t);
}

/** Moves what became contiguous from the blocks to the user. */
function drainBlocks(s: Step, t: Tcb): void {
  let taken = 0;
  for (const block of t.blocks) {
    if (seqGt(block.seq, t.rcvNxt)) break;
    taken += 1;
    const skip = seqSub(t.rcvNxt, block.seq);
    if (skip < block.len) deliver(s, t, block.stream, block.from + skip, block.len - skip);
  }
  if (taken > 0) t.blocks = t.blocks.slice(taken);
}

/** Inserts a block in order; what is covered already is cut off, so that blocks never overlap. */
function insertBlock(blocks: readonly Block[], added: Block): readonly Block[] {
  const result: Block[] = [];
  let seq: Seq = added.seq;
  const end = seqAdd(added.seq, added.len);
  const piece = (to: Seq) => {
    if (seqLt(seq, to)) {
      result.push({
        seq,
        len: seqSub(to, seq),
        stream: added.stream,
        from: added.from + seqSub(seq, added.seq),
      });
    }
  };
  for (const block of blocks) {
    const blockEnd = seqAdd(block.seq, block.len);
    if (seqLe(blockEnd, seq) || seqGe(block.seq, end)) {
      if (seqGe(block.seq, end)) {
        piece(end);
        seq = end;
      }
      result.push(block);
      continue;
    }
    piece(block.seq);
    result.push(block);
    if (seqGt(blockEnd, seq)) seq = blockEnd;
  }
  piece(end);
  return result;
}
