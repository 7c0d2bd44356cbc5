/**
 * A segment reaches a host: which connection is it for? (RFC 9293 §3.10.7, demultiplexing §3.3.1)
 */
import { isUnicast } from '../base/address.ts';
import { seqAdd, seqLe } from '../base/seq.ts';
import { isAcceptable } from '../tcp/acceptability.ts';
import { acksSyn } from '../tcp/arrives/acknowledgment.ts';
import { arrivesConnected } from '../tcp/arrives/connected.ts';
import { arrivesFinWait2, isRecord } from '../tcp/arrives/fin-wait-2.ts';
import { arrivesTimeWait } from '../tcp/arrives/time-wait.ts';
import {
  arrivesClosed,
  arrivesListen,
  arrivesSynSent,
  synReceived,
} from '../tcp/arrives/unconnected.ts';
import { timeWaitOf } from '../tcp/clone.ts';
import { chooseIss } from '../tcp/open.ts';
import { ACK, FIN, has, RST, type Segment, SYN } from '../tcp/segment.ts';
import { sendResetTo } from '../tcp/send.ts';
import { because, endConnection, type Step } from '../tcp/step.ts';
import { createTcb, type Tcb } from '../tcp/tcb.ts';
import { startKeepAlive } from '../tcp/timeouts.ts';
import { findConn, type HostEdit, indexConn, ownTcb, ownTimeWait } from './edit.ts';
import { listenersOn, unlisten } from './listeners.ts';
import { admit, endTimeWait, settle } from './settle.ts';

/** `iss`: given for a connection that this segment opens (recordings); -1: the host chooses. */
export function arrive(h: HostEdit, s: Step, seg: Segment, iss: number): void {
  if (!h.up) {
    because(s, 'hostDown');
    return;
  }
  h.totals.segmentsReceived += 1;
  if (!isUnicast(seg.src) || !isUnicast(seg.dst)) {
    because(s, 'badAddress');
    return;
  }
  if (s.now < h.quietUntil) {
    because(s, 'quietTime');
    return;
  }
  if (h.knobs.syn_fin === 'drop' && has(seg, SYN) && has(seg, FIN)) {
    because(s, 'synFinDropped');
    return;
  }
  const num = findConn(h, seg.dst, seg.dstPort, seg.src, seg.srcPort);
  if (num < 0) {
    toListener(h, s, seg, iss, -1);
    return;
  }
  if (!h.conns.has(num)) {
    toTimeWait(h, s, num, seg, iss);
    return;
  }
  const t = ownTcb(h, num);
  if (t.state === 'TIME-WAIT') toHeldTimeWait(h, s, t, seg, iss);
  else toConnection(h, s, t, seg);
}

function toConnection(h: HostEdit, s: Step, t: Tcb, seg: Segment): void {
  if (isRecord(s, t)) {
    arrivesFinWait2(s, t, seg);
    settle(h, s, t);
    return;
  }
  if (t.state === 'SYN-SENT') arrivesSynSent(s, t, seg);
  else if (acceptQueueFull(h, s, t, seg)) return;
  else arrivesConnected(s, t, seg);
  startKeepAlive(s, t);
  settle(h, s, t);
}

/** The last ACK of a handshake when nobody accepts: dropped, or answered by RST. */
function acceptQueueFull(h: HostEdit, s: Step, t: Tcb, seg: Segment): boolean {
  if (t.state !== 'SYN-RECEIVED' || t.listener === 0) return false;
  if (!has(seg, ACK) || has(seg, RST | SYN)) return false;
  // What is not the last ACK is dealt with as if there were room.
  if (!isAcceptable(t, seg) || !acksSyn(t, seg)) return false;
  const listener = h.conns.get(t.listener);
  if (listener === undefined || !isAcceptFull(h, listener)) return false;
  h.totals.listenDrops += 1;
  if (h.knobs.accept_overflow === 'drop') {
    because(s, 'acceptFull');
    h.touched.push(t.num);
    return true;
  }
  sendResetTo(s, seg);
  endConnection(s, t, 'ECONNREFUSED', 'acceptFullReset');
  t.held = false;
  settle(h, s, t);
  return true;
}

function isAcceptFull(h: HostEdit, listener: Tcb): boolean {
  return listener.acceptQueue.length >= backlogOf(h, listener);
}

/** Bound of the accept queue; that of the SYN queue too, where no knob sets a lower one. */
function backlogOf(h: HostEdit, listener: Tcb): number {
  const { backlog_max, backlog_extra } = h.knobs;
  return Math.max(1, Math.min(listener.backlog, backlog_max) + backlog_extra);
}

function toTimeWait(h: HostEdit, s: Step, num: number, seg: Segment, iss: number): void {
  const w = ownTimeWait(h, num);
  h.touched.push(num);
  const listening = listenerFor(h, seg) > 0;
  const outcome = arrivesTimeWait(s, w, seg, listening);
  if (outcome === 'stays') return;
  const sndNxt = w.sndNxt;
  noteEnd(h, s, w.num, outcome === 'reopens' ? 'timeWaitReopened' : 'timeWaitRst');
  if (outcome === 'reopens') toListener(h, s, seg, iss, sndNxt);
}

/** A small record has no TCB; its end is told as the move of a TCB in its place. */
export function noteEnd(
  h: HostEdit,
  s: Step,
  num: number,
  rule: 'timeWaitReopened' | 'timeWaitRst' | 'timeWaitOver' | 'timeWaitReused' | 'abortSilent',
): void {
  const tcb = { num, state: 'CLOSED' } as Tcb;
  s.moves.push({ tcb, from: 'TIME-WAIT', to: 'CLOSED', rule });
  endTimeWait(h, num);
}

function toHeldTimeWait(h: HostEdit, s: Step, t: Tcb, seg: Segment, iss: number): void {
  const w = timeWaitOf(t);
  const listening = listenerFor(h, seg) > 0;
  const outcome = arrivesTimeWait(s, w, seg, listening);
  t.timeWaitAt = w.timeWaitAt;
  t.challengeAt = w.challengeAt;
  t.challenges = w.challenges;
  if (outcome === 'stays') {
    settle(h, s, t);
    return;
  }
  const sndNxt = t.sndNxt;
  endConnection(s, t, '', outcome === 'reopens' ? 'timeWaitReopened' : 'timeWaitRst');
  settle(h, s, t);
  if (outcome === 'reopens') toListener(h, s, seg, iss, sndNxt);
}

/** No connection has the 4-tuple: a listener, or nobody. `oldNxt` -1: no old incarnation. */
function toListener(h: HostEdit, s: Step, seg: Segment, iss: number, oldNxt: number): void {
  const num = listenerFor(h, seg);
  if (num === 0) {
    arrivesClosed(s, seg);
    return;
  }
  h.touched.push(num);
  if (arrivesListen(s, seg) === 'done') return;
  const listener = h.conns.get(num) as Tcb;
  if (listener.backlog < 0) {
    const given = iss < 0 && listener.iss > 0 ? listener.iss : iss;
    openItself(h, s, ownTcb(h, num), seg, issAfter(h, s, seg, given, oldNxt));
    return;
  }
  if (listenQueueFull(h, listener)) {
    because(s, 'listenFull');
    h.totals.listenDrops += 1;
    return;
  }
  openChild(h, s, listener, seg, issAfter(h, s, seg, iss, oldNxt));
}

/** The connection in LISTEN for a segment; 0: none. The more a passive OPEN named, the better. */
function listenerFor(h: HostEdit, seg: Segment): number {
  const { dst, dstPort } = seg;
  return (
    listenerOf(h, listenersOn(h.listeners, dst, dstPort), seg) ||
    listenerOf(h, listenersOn(h.listeners, '', dstPort), seg)
  );
}

function listenerOf(h: HostEdit, nums: readonly number[], seg: Segment): number {
  let forAnyone = 0;
  for (const num of nums) {
    const t = h.conns.get(num) as Tcb;
    if (t.awaits && t.remote === seg.src && t.remotePort === seg.srcPort) return num;
    if (!t.awaits && forAnyone === 0) forAnyone = num;
  }
  return forAnyone;
}

/** A new incarnation starts beyond the numbers of the old one (RFC 9293 §3.6.1). */
function issAfter(h: HostEdit, s: Step, seg: Segment, iss: number, oldNxt: number): number {
  if (iss >= 0 || oldNxt < 0) return iss;
  if (h.knobs.iss_step > 0) return seqAdd(oldNxt, h.knobs.iss_step) || 1;
  const clock = chooseIss(s, {
    local: seg.dst,
    localPort: seg.dstPort,
    remote: seg.src,
    remotePort: seg.srcPort,
  });
  return seqLe(clock, oldNxt) ? seqAdd(oldNxt, 1) : clock;
}

function listenQueueFull(h: HostEdit, listener: Tcb): boolean {
  if (isAcceptFull(h, listener)) return true;
  if (h.knobs.syn_cookies) return false;
  const bound = h.knobs.syn_backlog || Number.POSITIVE_INFINITY;
  return listener.synQueue >= Math.min(bound, backlogOf(h, listener));
}

/** RFC passive OPEN: the listening TCB becomes the connection. */
function openItself(h: HostEdit, s: Step, t: Tcb, seg: Segment, iss: number): void {
  unlisten(h.listeners, t.local, t.localPort, t.num);
  synReceived(s, t, seg, iss);
  indexConn(h, t);
  settle(h, s, t);
}

/** A socket listener stays; a child of it is the connection. */
function openChild(h: HostEdit, s: Step, listener: Tcb, seg: Segment, iss: number): void {
  const t = createTcb(h.nextConn, seg.dst, seg.dstPort, s.now);
  h.nextConn += 1;
  t.state = 'LISTEN';
  t.listener = listener.num;
  t.options = listener.options;
  admit(h, t);
  synReceived(s, t, seg, iss);
  ownTcb(h, listener.num).synQueue += 1;
  indexConn(h, t);
  settle(h, s, t);
}
