/**
 * SEGMENT ARRIVES in SYN-RECEIVED and the synchronized states (RFC 9293 §3.10.7.4), in the order of
 * the RFC: sequence number, RST, SYN, ACK, URG, text, FIN; with RFC 5961 and RFC 7323.
 */
import { inWindow, seqAdd, seqDiff, seqGt, seqLe, seqLt, seqSub } from '../../base/seq.ts';
import { failsPaws, isAcceptable, noteTimestamp } from '../acceptability.ts';
import { owe, payAck, takeText, takeUrgentPointer, updateReceiveWindow } from '../receive.ts';
import { startRetransmission } from '../rto.ts';
import { ACK, FIN, has, RST, type Segment, SYN, segLen, URG } from '../segment.ts';
import { output, resendSyn, sendAck, sendReset, sendResetAt, sendSyn } from '../send.ts';
import { because, endConnection, enter, type Step } from '../step.ts';
import { createTcb, type Tcb } from '../tcb.ts';
import { processAck } from './acknowledgment.ts';
import { answerByAck, challenge } from './challenge.ts';
import { processFin } from './fin.ts';

export function arrivesConnected(s: Step, t: Tcb, arrived: Segment): void {
  if (!halfOpenReads(s, t, arrived)) return;
  const seg = crossingSynAck(s, t, arrived);
  if (seg === null) return;
  if (!sequenceOk(s, t, seg)) return;
  noteAlive(s, t);
  if (has(seg, RST)) {
    processRst(s, t, seg);
    return;
  }
  if (has(seg, SYN)) {
    processSyn(s, t, seg);
    return;
  }
  if (!has(seg, ACK)) {
    because(s, 'ackMissing');
    return;
  }
  noteTimestamp(s, t, seg);
  if (!processAck(s, t, seg, !has(arrived, SYN))) return;
  const edge = seqAdd(t.rcvNxt, t.rcvWnd);
  if (has(seg, URG)) processUrgent(s, t, seg);
  if (seg.len > 0 && !processText(s, t, seg)) return;
  if (!drainKept(s, t)) return;
  if (has(seg, FIN)) {
    const finSeq = seqAdd(seg.seq, seg.len);
    if (seqLt(finSeq, edge) || finSeq === t.rcvNxt) processFin(s, t, finSeq);
  }
  output(s, t);
  payAck(s, t);
}

/** The peer was heard: what counts its silence starts anew. */
function noteAlive(s: Step, t: Tcb): void {
  t.lastRcvAt = s.now;
  if (t.keepProbes > 0) t.keepProbes = 0;
}

/**
 * Where a half-open connection is still a matter of LISTEN: a SYN gets the SYN,ACK again, RST and
 * the ACK of our SYN are read, all else is dropped as LISTEN does. True: to be read here.
 */
function halfOpenReads(s: Step, t: Tcb, seg: Segment): boolean {
  if (t.state !== 'SYN-RECEIVED' || t.listener === 0 || s.knobs.half_open === 'rfc') return true;
  if (has(seg, RST)) return true;
  if (has(seg, SYN)) {
    if (has(seg, ACK)) because(s, 'listenDropsSynAck');
    else {
      because(s, 'halfOpenSyn');
      resendSyn(s, t);
      t.rtxCount = 0;
      startRetransmission(s, t);
    }
    return false;
  }
  if (has(seg, ACK)) return true;
  because(s, 'listenDropsOther');
  return false;
}

/**
 * In a simultaneous open the peer's SYN,ACK repeats the SYN we know: by the letter of the sequence
 * check it is too old, by Figure 7 its ACK establishes the connection. The SYN is cut off. Null:
 * dealt with.
 */
function crossingSynAck(s: Step, t: Tcb, seg: Segment): Segment | null {
  const known = has(seg, SYN) && seg.seq === t.irs && t.opened === 'active';
  if (t.state !== 'SYN-RECEIVED' || !known || !has(seg, ACK) || has(seg, RST)) return seg;
  if (s.knobs.simultaneous_open === 'never_ends') {
    because(s, 'crossingSynAckAgain');
    sendSyn(s, t);
    return null;
  }
  because(s, 'crossingSynAck');
  if (s.knobs.simultaneous_open === 'acknowledged') owe(s, t, true);
  return { ...seg, seq: seqAdd(seg.seq, 1), flags: seg.flags & ~SYN };
}

/** First: the sequence number (Table 6), with PAWS before it. */
function sequenceOk(s: Step, t: Tcb, seg: Segment): boolean {
  if (failsPaws(s, t, seg)) {
    if (seg.len > 0 || s.knobs.paws_answer === 'every') {
      answerUnacceptable(s, t, seg, 'pawsFailed');
    } else because(s, 'pawsDropped');
    return false;
  }
  if (t.tsOn && !seg.ts && !has(seg, RST) && s.knobs.timestamps_missing === 'drop') {
    because(s, 'timestampMissing');
    return false;
  }
  if (isAcceptable(t, seg)) return true;
  // An RST counts with a shut window too, whatever text it carries (MUST-66, SHLD-2).
  if (has(seg, RST) && meetsShutWindow(t, seg)) return true;
  if (has(seg, RST)) {
    because(s, 'outsideWindowRst');
    return false;
  }
  if (meetsShutWindow(t, seg) && has(seg, ACK) && !has(seg, SYN)) {
    because(s, segLen(seg) > 0 ? 'shutWindowText' : 'shutWindowAck');
    noteAlive(s, t);
    noteTimestamp(s, t, seg);
    if (!processAck(s, t, seg)) return false;
    if (has(seg, URG)) processUrgent(s, t, seg);
    // Two ends that probe each other must not answer each other's bare ACKs for ever.
    if (segLen(seg) > 0) owe(s, t, true);
    output(s, t);
    payAck(s, t);
    return false;
  }
  if (readsOldAck(s, t, seg)) {
    because(s, 'oldSegmentRead');
    noteAlive(s, t);
    if (!processAck(s, t, seg) || !drainKept(s, t)) return false;
    owe(s, t, true);
    output(s, t);
    payAck(s, t);
    return false;
  }
  if (seqLe(seqAdd(seg.seq, segLen(seg)), t.rcvNxt) && retransmittedFin(t, seg)) {
    because(s, 'finResent');
    sendAck(s, t);
    return false;
  }
  answerUnacceptable(s, t, seg, 'outsideWindow');
  return false;
}

/**
 * Whether a segment is where the next text would be while the window is shut, or one octet beyond:
 * SND.NXT of a peer that probes, whose octet was not taken, is RCV.NXT + 1.
 */
function meetsShutWindow(t: Tcb, seg: Segment): boolean {
  return t.rcvWnd === 0 && seqSub(seg.seq, t.rcvNxt) <= 1;
}

/** A segment that lies wholly before RCV.NXT, of which the ACK counts all the same. */
function readsOldAck(s: Step, t: Tcb, seg: Segment): boolean {
  if (s.knobs.old_segment_ack !== 'read' || !has(seg, ACK) || has(seg, SYN)) return false;
  if (t.state === 'SYN-RECEIVED' && t.listener > 0) return false;
  return seqLt(seg.seq, t.rcvNxt) && seqLe(seqAdd(seg.seq, segLen(seg)), t.rcvNxt);
}

/** A FIN that is sent again shows that our ACK was lost: it is always answered. */
function retransmittedFin(t: Tcb, seg: Segment): boolean {
  return t.finRcvd && has(seg, FIN) && seqDiff(t.rcvNxt, seqAdd(seg.seq, segLen(seg))) === 0;
}

/** An ACK; or, to a SYN that comes again, our SYN,ACK where the stack takes it to be lost. */
function answerUnacceptable(
  s: Step,
  t: Tcb,
  seg: Segment,
  rule: 'outsideWindow' | 'pawsFailed',
): void {
  const again = t.state === 'SYN-RECEIVED' && has(seg, SYN) && !has(seg, ACK);
  if (again && seg.seq === t.irs && s.knobs.syn_again === 'syn_ack') {
    because(s, 'synAgain');
    resendSyn(s, t);
    return;
  }
  because(s, rule);
  answerByAck(s, t, seg);
}

/** Second: RST (RFC 5961 §3). */
function processRst(s: Step, t: Tcb, seg: Segment): void {
  if (seg.seq !== t.rcvNxt && s.knobs.rst_in_window === 'challenge') {
    because(s, 'rstChallenged');
    challenge(s, t);
    return;
  }
  if (t.state === 'SYN-RECEIVED') {
    if (t.opened === 'passive') backToListen(s, t, 'ECONNREFUSED', 'rstBackToListen');
    else endConnection(s, t, 'ECONNREFUSED', 'rstRefused');
    return;
  }
  const told = !isClosing(t) || s.knobs.rst_when_closing === 'told';
  const rule = seg.seq === t.rcvNxt ? 'rstAccepted' : 'rstInWindow';
  endConnection(s, t, told ? 'ECONNRESET' : '', rule);
}

/** Both sides have closed: only the ACK of our FIN is missing. */
function isClosing(t: Tcb): boolean {
  return t.state === 'CLOSING' || t.state === 'LAST-ACK';
}

/**
 * An RFC passive OPEN that met a wrong peer waits again: all that came of it is at rest, also the
 * ISS, for what answers the old one must not fit the next; the host gives the sockets back. After a
 * CLOSE, whose FIN still waited for the text before it, nobody waits any more. Of a socket it is
 * the listener that waits: its child is given up.
 */
function backToListen(
  s: Step,
  t: Tcb,
  error: 'ECONNREFUSED' | 'ECONNRESET',
  rule: 'rstBackToListen' | 'synBackToListen',
): void {
  if (t.closed || t.listener > 0) {
    endConnection(s, t, error, rule === 'rstBackToListen' ? 'rstHalfOpen' : 'synHalfOpen');
    return;
  }
  Object.assign(t, createTcb(t.num, t.local, t.localPort, t.openedAt), {
    state: t.state,
    remote: t.remote,
    remotePort: t.remotePort,
    opened: t.opened,
    openedOn: t.openedOn,
    awaits: t.awaits,
    rcvShut: t.rcvShut,
    process: t.process,
    options: t.options,
    rcvBuf: t.rcvBuf,
    sndBuf: t.sndBuf,
    resent: t.resent,
  });
  enter(s, t, 'LISTEN', rule);
}

/** Fourth: SYN (RFC 5961 §4). */
function processSyn(s: Step, t: Tcb, seg: Segment): void {
  if (t.state === 'SYN-RECEIVED' && t.opened === 'passive') {
    backToListen(s, t, 'ECONNRESET', 'synBackToListen');
    return;
  }
  const inside = inWindow(seg.seq, t.rcvNxt, t.rcvWnd);
  if (s.knobs.syn_when_synchronized === 'reset' && inside) {
    sendReset(s, t, RST | ACK);
    endConnection(s, t, 'ECONNRESET', 'synResets');
    return;
  }
  because(s, 'synChallenged');
  challenge(s, t);
}

/** Sixth: the urgent pointer, RCV.UP <- max(RCV.UP, SEG.UP). */
function processUrgent(s: Step, t: Tcb, seg: Segment): void {
  if (!t.finRcvd) takeUrgentPointer(s, t, seqAdd(seg.seq, seg.up));
}

/** Seventh: text. False: the connection is over. */
function processText(s: Step, t: Tcb, seg: Segment): boolean {
  switch (t.state) {
    case 'ESTABLISHED':
    case 'FIN-WAIT-1':
    case 'FIN-WAIT-2':
      break;
    default:
      because(s, 'textIgnored');
      return true;
  }
  const newText = seqGt(seqAdd(seg.seq, seg.len), t.rcvNxt);
  if (newText && t.closed && !t.held && s.knobs.reset_orphan_data) {
    // As in CLOSED: <SEQ=SEG.ACK><CTL=RST>.
    sendResetAt(s, t, seg.ack);
    endConnection(s, t, 'ECONNRESET', 'textForOrphan');
    return false;
  }
  takeText(s, t, seg);
  if (t.rcvShut) {
    t.rcvRead = t.rcvText;
    updateReceiveWindow(t);
  }
  return true;
}

/**
 * What was kept beyond a gap (or came with the SYN) may be in order now. False: the connection is
 * over.
 */
function drainKept(s: Step, t: Tcb): boolean {
  const first = t.blocks[0];
  if (first !== undefined && seqLe(first.seq, t.rcvNxt)) {
    t.blocks = t.blocks.slice(1);
    if (!processText(s, t, textOf(t, first))) return false;
  }
  if (t.finAt >= 0 && t.finAt === t.rcvNxt) processFin(s, t, t.finAt);
  return true;
}

function textOf(
  t: Tcb,
  block: { seq: number; len: number; stream: number; from: number },
): Segment {
  return {
    src: t.remote,
    dst: t.local,
    srcPort: t.remotePort,
    dstPort: t.localPort,
    seq: block.seq,
    ack: t.sndUna,
    flags: ACK,
    wnd: 0,
    up: 0,
    len: block.len,
    stream: block.stream,
    from: block.from,
    mss: 0,
    wscale: -1,
    sackOk: false,
    ts: false,
    tsVal: 0,
    tsEcr: 0,
    sack: null,
  };
}
