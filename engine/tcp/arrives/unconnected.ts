/**
 * SEGMENT ARRIVES where there is no synchronized connection: CLOSED (no connection at all), LISTEN
 * and SYN-SENT (RFC 9293 §3.10.7.1–§3.10.7.3).
 */
import { seqAdd, seqGt, seqLe } from '../../base/seq.ts';
import { chooseIss, learnPeer, prepare, startEstablished, takeWindow } from '../open.ts';
import { takeText, takeUrgentPointer } from '../receive.ts';
import { restartRetransmission, startRetransmission } from '../rto.ts';
import { ACK, FIN, has, RST, type Segment, SYN, URG } from '../segment.ts';
import { output, sendAck, sendResetTo, sendSyn } from '../send.ts';
import { because, endConnection, enter, type Step } from '../step.ts';
import type { Tcb } from '../tcb.ts';
import { sampleRoundTrip } from './acknowledgment.ts';
import { processFin } from './fin.ts';

/** CLOSED: nothing matches the segment (§3.10.7.1). */
export function arrivesClosed(s: Step, seg: Segment): void {
  if (has(seg, RST)) {
    because(s, 'closedDropsRst');
    return;
  }
  if (s.knobs.blackhole && (has(seg, SYN) || !s.knobs.blackhole_syn_only)) {
    because(s, 'closedBlackhole');
    return;
  }
  because(s, 'closedReset');
  sendResetTo(s, seg);
}

/** What LISTEN decides about a segment; only a SYN that is welcome opens a connection. */
export function arrivesListen(s: Step, seg: Segment): 'open' | 'done' {
  if (has(seg, RST)) {
    because(s, 'listenDropsRst');
    return 'done';
  }
  if (has(seg, ACK)) {
    if (s.knobs.listen_ack === 'drop_syn_ack' && has(seg, SYN)) {
      because(s, 'listenDropsSynAck');
      return 'done';
    }
    because(s, 'listenResetsAck');
    sendResetTo(s, seg);
    return 'done';
  }
  if (!has(seg, SYN)) {
    because(s, 'listenDropsOther');
    return 'done';
  }
  return 'open';
}

/**
 * LISTEN to SYN-RECEIVED (§3.10.7.2, third). `t` is the listening TCB itself after an RFC passive
 * OPEN, or a new one for a socket listener, in LISTEN. `iss` -1: by the clock.
 */
export function synReceived(s: Step, t: Tcb, seg: Segment, iss: number): void {
  t.local = seg.dst;
  t.remote = seg.src;
  t.remotePort = seg.srcPort;
  t.opened = 'passive';
  prepare(s, t, iss >= 0 ? iss : chooseIss(s, t));
  learnPeer(s, t, seg);
  takeWindow(t, seg, false);
  enter(s, t, 'SYN-RECEIVED', 'listenSyn');
  if (s.knobs.syn_data === 'queue') keepSynText(s, t, seg);
  sendSyn(s, t);
  startRetransmission(s, t);
}

/**
 * Text and FIN that came with a SYN wait until the connection is ESTABLISHED; the urgent pointer
 * is noted at once.
 */
function keepSynText(s: Step, t: Tcb, seg: Segment): void {
  if (has(seg, URG)) takeUrgentPointer(s, t, seqAdd(seg.seq, seg.up));
  if (seg.len === 0 && !has(seg, FIN)) return;
  const text: Segment = { ...seg, seq: seqAdd(seg.seq, 1) };
  if (seg.len > 0) {
    t.blocks = [{ seq: text.seq, len: seg.len, stream: seg.stream, from: seg.from }];
  }
  if (has(seg, FIN) && s.knobs.syn_fin === 'rfc') t.finAt = seqAdd(text.seq, seg.len);
}

/** SYN-SENT (§3.10.7.3). */
export function arrivesSynSent(s: Step, t: Tcb, seg: Segment): void {
  const acks = has(seg, ACK);
  const acceptable = acks && seqGt(seg.ack, t.iss) && seqLe(seg.ack, t.sndNxt);
  if (acks && !acceptable) {
    if (has(seg, RST)) {
      because(s, 'synSentBadAckRst');
      return;
    }
    because(s, 'synSentBadAck');
    sendResetTo(s, seg);
    return;
  }
  if (has(seg, RST)) {
    if (acceptable) endConnection(s, t, 'ECONNREFUSED', 'synSentRefused');
    else because(s, 'synSentDropsRst');
    return;
  }
  if (!has(seg, SYN)) {
    because(s, 'synSentDrops');
    return;
  }
  learnPeer(s, t, seg);
  takeWindow(t, seg, false);
  if (acceptable) establishedBySynAck(s, t, seg);
  else crossedBySyn(s, t, seg);
}

/** SYN,ACK: ESTABLISHED, and the rest of the segment is processed from the sixth step on. */
function establishedBySynAck(s: Step, t: Tcb, seg: Segment): void {
  sampleRoundTrip(s, t, seg);
  t.sndUna = seg.ack;
  t.synAcked = true;
  enter(s, t, 'ESTABLISHED', 'synSentSynAck');
  startEstablished(s, t);
  restartRetransmission(s, t);
  t.ackOwed = true;
  const before = s.sent.length;
  if (has(seg, URG)) takeUrgentPointer(s, t, seqAdd(seg.seq, seg.up));
  if (seg.len > 0) takeText(s, t, { ...seg, seq: seqAdd(seg.seq, 1) });
  if (has(seg, FIN) && s.knobs.syn_fin === 'rfc') {
    processFin(s, t, seqAdd(seg.seq, 1 + seg.len));
  }
  output(s, t);
  if (s.sent.length === before) sendAck(s, t);
}

/** SYN without ACK: SYN-RECEIVED, simultaneous open (Figure 7). */
function crossedBySyn(s: Step, t: Tcb, seg: Segment): void {
  enter(s, t, 'SYN-RECEIVED', 'synSentSyn');
  keepSynText(s, t, seg);
  t.sndNxt = seqAdd(t.iss, 1);
  t.rtxCount = 0;
  sendSyn(s, t);
  // Our number went out twice: its ACK tells no round trip (Karn).
  t.rttAt = 0;
  startRetransmission(s, t);
}
