/**
 * Our TCP follows a recorded one: after a segment was seen, the TCB says what a TCB must say that
 * has just sent it. One surprise so does not cascade into the next.
 */
import { type Seq, seqAdd, seqDiff, seqGt, seqSub } from '../base/seq.ts';
import { startRetransmission } from '../tcp/rto.ts';
import { ACK, FIN, has, RST, type Segment, SYN } from '../tcp/segment.ts';
import { flightSize } from '../tcp/send.ts';
import { endConnection, enter, type Step } from '../tcp/step.ts';
import type { Tcb } from '../tcp/tcb.ts';

/** Numbers so far apart do not belong to one ISS. */
const FAR_OFF = 2 ** 24;

/** `again`: the recording showed these numbers before. */
export function follow(s: Step, t: Tcb, seg: Segment, again: boolean): void {
  if (has(seg, RST)) {
    followReset(s, t, seg);
    return;
  }
  if (has(seg, SYN)) followSyn(s, t, seg);
  else if (isFarOff(t, seg)) renumber(t, seqAdd(seg.seq, -1));
  if (has(seg, ACK) && t.state !== 'SYN-SENT') followAck(t, seg);
  followWindow(t, seg);
  if (has(seg, SYN)) return;
  if (seg.len > 0 || has(seg, FIN)) followText(s, t, seg, again);
}

/** A passive end whose SYN,ACK was not seen: its first segment shows its numbers. */
function isFarOff(t: Tcb, seg: Segment): boolean {
  if (t.synAcked || t.opened === 'active') return false;
  return Math.abs(seqDiff(seg.seq, t.sndNxt)) > FAR_OFF;
}

/** An RST with the number that is next ends the connection, whatever made the host send it. */
function followReset(s: Step, t: Tcb, seg: Segment): void {
  const atNext = seg.seq === t.sndNxt || seg.seq === t.sndUna;
  if (t.state !== 'SYN-SENT' && atNext) endConnection(s, t, 'ECONNABORTED', 'diverged');
}

/** Options as they were really offered, and the number that a passive end had chosen. */
function followSyn(s: Step, t: Tcb, seg: Segment): void {
  if (has(seg, ACK) && !t.synAcked) renumber(t, seg.seq);
  if (has(seg, ACK)) {
    t.tsOn = t.tsOn && seg.ts;
    t.sackOn = t.sackOn && seg.sackOk;
    if (seg.wscale < 0) t.sndScale = -1;
  }
  t.rcvScale = has(seg, ACK) && t.sndScale < 0 ? -1 : seg.wscale;
  if (seg.ts) t.tsOffset = seqSub(seg.tsVal, Math.floor(s.now / 1000));
  if (seg.mss > 0) t.mss = Math.min(t.mss, seg.mss);
}

/** The ISS turns out to be another: what was sent so far keeps its place after it. */
function renumber(t: Tcb, iss: Seq): void {
  if (t.iss === iss) return;
  const shift = seqDiff(iss, t.iss);
  t.rttSeq = seqAdd(t.rttSeq, shift);
  t.recover = seqAdd(t.recover, shift);
  t.rtxNxt = seqAdd(t.rtxNxt, shift);
  t.iss = iss;
  t.sndUna = iss;
  t.sndUp = iss;
  t.sndNxt = seqAdd(iss, 1 + t.textNxt + (t.finSent ? 1 : 0));
}

/** What it acknowledged is no longer owed; it cannot acknowledge what never came. */
function followAck(t: Tcb, seg: Segment): void {
  const missed = seqDiff(seg.ack, t.rcvNxt);
  if (missed > 0) {
    t.rcvText += missed;
    t.rcvRead = t.rcvText;
    t.rcvNxt = seg.ack;
    t.blocks = t.blocks.filter((block) => seqGt(block.seq, seg.ack));
  }
  if (!seqGt(t.lastAckSent, seg.ack)) t.lastAckSent = seg.ack;
  if (seg.ack !== t.rcvNxt) return;
  t.ackOwed = false;
  t.unackedSegments = 0;
  t.delackAt = 0;
}

/** The window that was announced is the window: the buffer is what makes it so. */
function followWindow(t: Tcb, seg: Segment): void {
  const shift = has(seg, SYN) ? 0 : Math.max(0, t.rcvScale);
  const window = seg.wnd * 2 ** shift;
  if (!has(seg, ACK) || t.state === 'SYN-SENT') {
    t.rcvBuf = window;
    t.rcvWnd = window;
    return;
  }
  const edge = seqAdd(seg.ack, window);
  t.rcvAdv = edge;
  t.rcvWnd = Math.max(0, seqDiff(edge, t.rcvNxt));
  t.rcvBuf = t.rcvWnd + t.rcvText - t.rcvRead;
}

/** The largest window, octets (RFC 7323 §2.3). */
const WINDOW_MAX = 2 ** 30;

/** SND.NXT moves to the end of what was sent; timers start as for text that our TCP sends. */
function followText(s: Step, t: Tcb, seg: Segment, again: boolean): void {
  const fin = has(seg, FIN);
  const text = seqDiff(seqAdd(seg.seq, seg.len), t.sndNxt);
  const beyond = fin ? text + 1 : text;
  // No TCP sends so far ahead: the numbers are damaged, or of another connection.
  if (beyond > 0 && flightSize(t) + beyond > WINDOW_MAX) return;
  if (beyond > 0 && !t.finSent) {
    t.textNxt += Math.max(0, text);
    t.textEnd = Math.max(t.textEnd, t.textNxt);
    t.sndNxt = seqAdd(t.sndNxt, beyond);
    if (fin) followFin(s, t);
    if (t.rtxSince === 0) t.rtxSince = s.now;
    if (t.rtxAt === 0 || t.rtxUse === 'persist') startRetransmission(s, t);
    return;
  }
  // Sent again: the timer starts again too (RFC 6298 §5.5; a tail probe leaves the count alone).
  if (again && t.sndNxt !== t.sndUna) startRetransmission(s, t);
}

/** A FIN was seen that our TCP still held back, or that nobody had asked it for. */
function followFin(s: Step, t: Tcb): void {
  t.finSent = true;
  t.finQueued = true;
  t.closed = true;
  t.textEnd = t.textNxt;
  if (t.state === 'CLOSE-WAIT') enter(s, t, 'LAST-ACK', 'diverged');
  else if (t.state === 'ESTABLISHED' || t.state === 'SYN-RECEIVED') {
    enter(s, t, 'FIN-WAIT-1', 'diverged');
  }
}
