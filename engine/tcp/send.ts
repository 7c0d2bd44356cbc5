/**
 * Sending: how a segment is made and when (RFC 9293 §3.7.4, §3.8, §3.8.6.2.1, §3.10.2).
 *
 * Text is sent from SND.NXT as far as the send window, the congestion window, silly-window
 * avoidance and Nagle's algorithm allow; a FIN follows the last of it. What must be sent again is
 * sent from `rtxNxt` before anything new. A zero window with text waiting starts the persist timer.
 */
import { type Seq, seqAdd, seqDiff, seqGe, seqGt, seqLt, seqMax, seqSub } from '../base/seq.ts';
import { congestionRoom, onWindowFull, restartAfterIdle } from './congestion.ts';
import { startPersist, startRetransmission } from './rto.ts';
import { lostUntil, pipe, sackBlocks, skipSacked } from './sack.ts';
import {
  ACK,
  blankSegment,
  CWR,
  ECE,
  FIN,
  PSH,
  RST,
  type Segment,
  SYN,
  segEnd,
  streamOf,
  URG,
} from './segment.ts';
import { because, notBecause, type Step } from './step.ts';
import type { Tcb, TimeWait } from './tcb.ts';

/** Milliseconds of the timestamp clock of a connection (RFC 7323 §5.4: 1 kHz here). */
export function timestampOf(s: Step, tsOffset: number): number {
  return (Math.floor(s.now / 1000) + tsOffset) >>> 0;
}

/** Free octets of the receive buffer: RCV.WND before silly-window avoidance. */
export function receiveSpace(t: Tcb): number {
  return Math.max(0, t.rcvBuf - (t.rcvText - t.rcvRead));
}

/**
 * The window to announce: the right edge moves on only by a full segment or half the buffer
 * (RFC 9293 §3.8.6.2.2), and never back (§3.8.6).
 */
function windowToAnnounce(t: Tcb): number {
  const space = receiveSpace(t);
  const open = Math.max(0, seqDiff(t.rcvAdv, t.rcvNxt));
  if (space - open >= Math.min(t.rcvBuf >> 1, t.mss)) return space;
  return Math.min(open, Math.max(space, open));
}

/**
 * All that is free, but nothing rather than a silly window, and never less than what was announced
 * (FreeBSD tcp_output).
 */
function freeWindow(t: Tcb): number {
  const space = receiveSpace(t);
  const open = Math.max(0, seqDiff(t.rcvAdv, t.rcvNxt));
  const silly = space < t.rcvBuf >> 2 && space < t.mss;
  return Math.max(silly ? 0 : space, open);
}

/** The header field for the window, and the new right edge. */
function announce(s: Step, t: Tcb, flags: number): number {
  const wanted = s.knobs.window_edge === 'buffer' ? freeWindow(t) : windowToAnnounce(t);
  const shift = flags & SYN || t.rcvScale < 0 || t.sndScale < 0 ? 0 : t.rcvScale;
  const field = Math.min(65_535, wanted >>> shift);
  const edge = seqAdd(t.rcvNxt, field << shift);
  if (seqGt(edge, t.rcvAdv)) t.rcvAdv = edge;
  return field;
}

/** Makes and sends a segment of a connection; what it acknowledges is no longer owed. */
export function emit(s: Step, t: Tcb, flags: number, seq: Seq, from: number, len: number): Segment {
  const syn = (flags & SYN) !== 0;
  const acks = (flags & ACK) !== 0;
  const ts = (flags & RST) === 0 && (t.tsOn || (syn && offersTimestamps(s, t)));
  const seg: Segment = {
    src: t.local,
    dst: t.remote,
    srcPort: t.localPort,
    dstPort: t.remotePort,
    seq,
    ack: acks ? t.rcvNxt : 0,
    flags,
    wnd: (flags & RST) !== 0 ? 0 : announce(s, t, flags),
    up: 0,
    len,
    stream: streamOf(s.host, t.num),
    from,
    mss: syn ? ownMss(s, t.local) : 0,
    wscale: syn ? t.rcvScale : -1,
    sackOk: syn && (acks ? t.sackOn : s.knobs.sack),
    ts,
    tsVal: ts ? timestampOf(s, t.tsOffset) : 0,
    tsEcr: ts && acks ? t.tsRecent : 0,
    sack: acks && !syn && (flags & RST) === 0 ? sackBlocks(t) : null,
  };
  if (t.urgentEnd > from && (flags & (SYN | RST)) === 0) {
    seg.flags |= URG;
    // Not from where the text begins: an empty probe has an older number.
    const end = seqAdd(textSeq(t), t.urgentEnd - t.textUna);
    seg.up = Math.min(65_535, seqSub(end, seq));
  }
  if (acks) {
    if (t.ackOwed) notBecause(s, 'ackDelayed');
    t.ackOwed = false;
    t.unackedSegments = 0;
    t.delackAt = 0;
    t.sameAcks = t.lastAckSent === t.rcvNxt ? t.sameAcks + 1 : 0;
    t.lastAckSent = t.rcvNxt;
  }
  s.sent.push(seg);
  s.sentBy.push(t.num);
  s.sentAgain.push(flags === ACK && len === 0 ? t.sameAcks : 0);
  return seg;
}

/** A SYN offers timestamps; a SYN,ACK only what the peer offered. */
function offersTimestamps(s: Step, t: Tcb): boolean {
  return t.state === 'SYN-SENT' && s.knobs.timestamps;
}

/** The MSS we announce: the MTU less the fixed headers (RFC 9293 §3.7.1). */
export function ownMss(s: Step, local: string): number {
  return s.knobs.mtu - (local.includes(':') ? 60 : 40);
}

/** A bare ACK: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>. */
export function sendAck(s: Step, t: Tcb): void {
  emit(s, t, ACK, t.sndNxt, t.textNxt, 0);
}

/** An ACK of TIME-WAIT, from the little that is left of the connection. */
export function sendTimeWaitAck(s: Step, w: TimeWait): void {
  const seg = blankSegment(w.local, w.localPort, w.remote, w.remotePort);
  seg.flags = ACK;
  seg.seq = w.sndNxt;
  seg.ack = w.rcvNxt;
  seg.wnd = Math.min(65_535, w.rcvWnd >>> Math.max(0, w.rcvScale));
  seg.stream = streamOf(s.host, w.num);
  if (w.tsOn) {
    seg.ts = true;
    seg.tsVal = timestampOf(s, w.tsOffset);
    seg.tsEcr = w.tsRecent;
  }
  sendBeside(s, seg, w.num);
}

/** RST of a connection: <SEQ=SND.NXT><CTL=RST>, or with the ACK where the rule says so. */
export function sendReset(s: Step, t: Tcb, flags: number = RST): void {
  s.resetsSent += 1;
  emit(s, t, flags, t.sndNxt, t.textNxt, 0);
}

/** <SEQ=SEG.ACK><CTL=RST>: the answer to an unacceptable ACK (RFC 9293 §3.10.7). */
export function sendResetAt(s: Step, t: Tcb, seq: Seq): void {
  s.resetsSent += 1;
  emit(s, t, RST, seq, t.textNxt, 0);
}

/** The RST that answers a segment for which there is no connection (RFC 9293 §3.10.7.1). */
export function sendResetTo(s: Step, seg: Segment): void {
  const reset = blankSegment(seg.dst, seg.dstPort, seg.src, seg.srcPort);
  if ((seg.flags & ACK) !== 0) {
    reset.flags = RST;
    reset.seq = seg.ack;
  } else {
    reset.flags = RST | ACK;
    reset.ack = segEnd(seg);
  }
  s.resetsSent += 1;
  sendBeside(s, reset, 0);
}

/** A segment that no TCB sends; the time tells it from an equal one. */
function sendBeside(s: Step, seg: Segment, conn: number): void {
  s.sent.push(seg);
  s.sentBy.push(conn);
  s.sentAgain.push(s.now);
}

/** Sends our SYN, or SYN,ACK in SYN-RECEIVED. */
export function sendSyn(s: Step, t: Tcb): void {
  emit(s, t, synFlags(s, t), t.iss, 0, 0);
  if (t.sndNxt === t.iss) t.sndNxt = seqAdd(t.iss, 1);
  t.rttSeq = t.iss;
  const timed = t.state === 'SYN-SENT' || s.knobs.syn_ack_timed;
  t.rttAt = timed && !t.synRetransmitted ? Math.max(1, s.now) : 0;
}

/** A SYN asks for ECN by both flags, once; a SYN,ACK agrees by ECE alone (RFC 3168 §6.1.1). */
function synFlags(s: Step, t: Tcb): number {
  if (t.state !== 'SYN-SENT') return SYN | ACK | (t.ecnOn ? ECE : 0);
  return s.knobs.ecn === 1 && !t.synRetransmitted ? SYN | ECE | CWR : SYN;
}

/** Sends our SYN or SYN,ACK again. */
export function resendSyn(s: Step, t: Tcb): void {
  t.synRetransmitted = true;
  sendSyn(s, t);
  noteResent(s, t);
}

function noteResent(s: Step, t: Tcb): void {
  t.resent += 1;
  s.retransmissions += 1;
  s.sentAgain[s.sentAgain.length - 1] = t.resent;
}

/** Octets of sequence space sent and not acknowledged. */
export function flightSize(t: Tcb): number {
  return seqSub(t.sndNxt, t.sndUna);
}

/** The number of the first octet of text not acknowledged. */
export function textSeq(t: Tcb): Seq {
  return t.synAcked ? t.sndUna : seqAdd(t.iss, 1);
}

/** Whether the states let text and FIN out (RFC 9293 §3.10.2, §3.10.4). */
function maySend(t: Tcb): boolean {
  switch (t.state) {
    case 'ESTABLISHED':
    case 'CLOSE-WAIT':
    case 'FIN-WAIT-1':
    case 'CLOSING':
    case 'LAST-ACK':
      return true;
    default:
      return false;
  }
}

/** Eff.snd.MSS, the largest text of one segment: the peer's MSS less our options (RFC 6691). */
export function sendMss(t: Tcb): number {
  const sack = sackBlocks(t);
  return Math.max(1, t.mss - (t.tsOn ? 12 : 0) - (sack === null ? 0 : 4 + 4 * sack.length));
}

/**
 * Sends all that may be sent now: lost text first, then new text and the FIN, then an ACK if owed.
 */
export function output(s: Step, t: Tcb): void {
  if (maySend(t)) {
    if (t.recovery !== 'open') resendLost(s, t);
    const idle = flightSize(t) === 0;
    while (sendNext(s, t, idle));
    if (t.recovery === 'recovery' && t.sackOn) resendUnsure(s, t);
    if (t.rtxAt === 0) {
      if (t.sndNxt !== t.sndUna) startRetransmission(s, t);
      else if (t.textEnd > t.textNxt || (t.finQueued && !t.finSent)) startPersist(s, t);
    }
  }
}

/** Sends the next segment of new text, with the FIN where it is the last. False: nothing may go. */
export function sendNext(s: Step, t: Tcb, idle = flightSize(t) === 0, anySize = false): boolean {
  const queued = t.textEnd - t.textNxt;
  const fin = t.finQueued && !t.finSent;
  if (queued === 0 && !fin) return false;
  const inFlight = flightSize(t);
  if (inFlight === 0) restartAfterIdle(s, t);
  const window = t.sndWnd - inFlight;
  const recovering = t.recovery !== 'open' && t.sacked.length > 0;
  const allowed = congestionRoom(s, t, recovering ? pipe(t) : inFlight);
  const room = Math.min(window, allowed);
  const mss = sendMss(t);
  const len = Math.max(0, Math.min(queued, room, mss));
  const last = len === queued;
  if (queued > 0 && len <= 0) return false;
  const anyway = s.knobs.fin_beyond_window;
  if (queued === 0 && window <= 0 && !anyway) return false;
  const quiet = s.knobs.nagle_idle === 'call' ? idle : inFlight === 0;
  if (!anySize && !worthSending(s, t, len, last && fin, quiet, mss)) return false;
  const withFin = last && fin && (window > len || len === 0 || anyway);
  const flags = ACK | (last && len > 0 ? PSH : 0) | (withFin ? FIN : 0);
  timeRoundTrip(s, t);
  emit(s, t, flags, t.sndNxt, t.textNxt, len);
  t.textNxt += len;
  if (allowed - len < t.mss) onWindowFull(s, t);
  t.textAt = s.now;
  t.sndNxt = seqAdd(t.sndNxt, len + (withFin ? 1 : 0));
  if (withFin) t.finSent = true;
  if (t.rtxSince === 0) t.rtxSince = s.now;
  // A probe of the tail is due after the last segment, the RTO after the first.
  if (t.rtxAt === 0 || t.rtxUse !== 'rto') startRetransmission(s, t);
  return true;
}

/** Silly-window avoidance of the sender and Nagle (RFC 9293 §3.8.6.2.1, §3.7.4). */
function worthSending(
  s: Step,
  t: Tcb,
  len: number,
  finishes: boolean,
  quiet: boolean,
  mss: number,
): boolean {
  if (len >= mss || finishes) return true;
  const all = len === t.textEnd - t.textNxt;
  if (all && t.urgentEnd > t.textNxt) return true;
  const nagle = s.knobs.nagle && !t.options.noDelay;
  return (quiet || !nagle) && (all || len >= t.maxSndWnd / 2);
}

/** Times one segment per round trip (RFC 6298 §3). */
function timeRoundTrip(s: Step, t: Tcb): void {
  if (t.rttAt !== 0 || t.recovery !== 'open') return;
  t.rttAt = Math.max(1, s.now);
  t.rttSeq = t.sndNxt;
}

/** Sends again the segment that starts at `seq`, up to the MSS or the next octet the peer has. */
export function resendAt(s: Step, t: Tcb, seq: Seq): number {
  const start = textSeq(t);
  if (!t.synAcked && seqLt(seq, start)) {
    resendSyn(s, t);
    return 1;
  }
  const from = t.textUna + seqSub(seq, start);
  let len = Math.max(0, Math.min(sendMss(t), t.textNxt - from));
  for (let i = 0; i < t.sacked.length; i += 2) {
    const left = t.sacked[i] as Seq;
    if (seqGt(left, seq)) len = Math.min(len, seqSub(left, seq));
  }
  const withFin = t.finSent && !t.finAcked && from + len === t.textNxt;
  const push = len > 0 && from + len === t.textEnd;
  emit(s, t, ACK | (push ? PSH : 0) | (withFin ? FIN : 0), seq, from, len);
  t.rttAt = 0;
  noteResent(s, t);
  return len + (withFin ? 1 : 0);
}

/** What is regarded as lost is sent again by the segments cwnd has room for (RFC 6675 §5, C). */
function resendLost(s: Step, t: Tcb): void {
  if (t.recovery === 'loss') resendHoles(s, t, t.recover, 'resentAfterRto');
  else resendHoles(s, t, lostUntil(t), t.sackOn ? 'lostResent' : 'partialAck');
}

type ResendRule = 'resentAfterRto' | 'lostResent' | 'partialAck' | 'holeResent';

function resendHoles(s: Step, t: Tcb, limit: Seq, rule: ResendRule): void {
  for (;;) {
    t.rtxNxt = skipSacked(t, seqLt(t.rtxNxt, t.sndUna) ? t.sndUna : t.rtxNxt);
    if (seqGe(t.rtxNxt, limit) || t.cwnd - pipe(t) < t.mss) return;
    because(s, rule);
    t.rtxNxt = seqAdd(t.rtxNxt, resendAt(s, t, t.rtxNxt));
  }
}

/**
 * Nothing that is lost and nothing new may go. So that ACKs keep coming, holes that may be no loss
 * are sent again, then the end of the flight, of which nothing is known, once in a recovery
 * (RFC 6675 §4, NextSeg 3 and 4).
 */
function resendUnsure(s: Step, t: Tcb): void {
  const reported = t.sacked.at(-1) ?? t.sndUna;
  resendHoles(s, t, reported, 'holeResent');
  const octets = Math.min(seqSub(t.sndNxt, seqMax(reported, t.rtxNxt)), sendMss(t));
  if (octets === 0 || !seqGt(t.sndUna, t.rescueRxt) || t.cwnd - pipe(t) < t.mss) return;
  because(s, 'tailRescued');
  t.rescueRxt = t.recover;
  resendAt(s, t, seqAdd(t.sndNxt, -octets));
}
