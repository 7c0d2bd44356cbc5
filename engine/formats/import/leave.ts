/**
 * A segment leaves a host: what must have happened just before it. Our TCP, folded up to here,
 * tells whether it would send the segment by itself; if not, a call or a timer made it do so.
 */
import { seqAdd, seqDiff, seqLt } from '../../base/seq.ts';
import type { HostEdit } from '../../host/edit.ts';
import { mayTakeOver } from '../../host/ports.ts';
import { ACK, FIN, has, RST, type Segment, SYN, segEnd, segLen } from '../../tcp/segment.ts';
import type { Tcb } from '../../tcp/tcb.ts';
import { findExpected, isExpected } from '../../timeline/expect.ts';
import { beginMidway, beginWithSyn } from './begin.ts';
import { isForged } from './forged.ts';
import { makeUpMissed } from './missed.ts';
import { howClosed } from './outlook.ts';
import type { Action } from './packet.ts';
import { givesUpAt, infer, inferCall, inferTimer, type Who, write } from './scribe.ts';
import { isOpening, nameText, type Session, whoIs } from './session.ts';

export function leave(x: Session, i: number): void {
  const action = x.outlook.list[i] as Action;
  const { t, end, packet } = action;
  const { seg } = packet;
  if (isForged(x, i)) {
    packet.forged = true;
    return;
  }
  makeUpMissed(x, i);
  if (has(seg, RST)) beforeReset(x, action);
  else if (isOpening(seg)) beforeSyn(x, action);
  else if (has(seg, SYN)) beforeSynAck(x, i);
  else beforeText(x, i);
  const who = whoIs(x, end);
  packet.seg = nameText(who, end.host, seg);
  packet.n = x.scribe.world.nextFlight;
  write(x.scribe, { t, ev: 'observe', host: end.host, seg: packet.seg });
  afterwards(x, action);
}

/**
 * The application learns of an end and lets go; one that reads late reads what opened the window.
 */
function afterwards(x: Session, { t, end, packet }: Action): void {
  const who = whoIs(x, end);
  const { tcb } = who;
  if (tcb === undefined || !x.outlook.shut.has(end.id)) return;
  const { seg } = packet;
  if (!has(seg, ACK) || has(seg, SYN | RST)) return;
  const widest = Math.max(x.widest.get(end.id) ?? 0, tcb.rcvWnd);
  x.widest.set(end.id, widest);
  const unread = tcb.rcvText - tcb.rcvRead;
  const read = Math.min(unread, tcb.rcvWnd + unread - widest);
  if (read > 0) inferCall(x.scribe, t, end.host, who.num, { call: 'RECEIVE', bytes: read });
}

/** An active OPEN, or the SYN once more. */
function beforeSyn(x: Session, { t, end, packet }: Action): void {
  const { seg } = packet;
  const who = whoIs(x, end);
  const { tcb } = who;
  if (tcb !== undefined && tcb.iss === seg.seq) {
    if (!expectsSyn(who.h, seg)) resend(x, { t, end }, who.num, tcb);
    return;
  }
  if (tcb !== undefined) inferCall(x.scribe, t, end.host, who.num, { call: 'ABORT' });
  if (who.timeWait !== undefined && !mayTakeOver(who.h, who.timeWait)) {
    inferTimer(x.scribe, t, end.host, who.num, 'TIME-WAIT');
  }
  end.known = true;
  inferCall(x.scribe, t, end.host, 0, {
    call: 'OPEN',
    mode: 'active',
    to: seg.dst,
    toPort: seg.dstPort,
    from: seg.src,
    fromPort: seg.srcPort,
    backlog: -1,
    iss: seg.seq,
    nowait: true,
  });
}

function expectsSyn(h: HostEdit, seg: Segment): boolean {
  return findExpected(h, seg, (e) => has(e, SYN) && has(e, ACK) === has(seg, ACK)) !== undefined;
}

/**
 * The answer to a SYN; once more, if our TCP has sent it before; or the first that was captured.
 */
function beforeSynAck(x: Session, i: number): void {
  const { t, end, packet } = x.outlook.list[i] as Action;
  const who = whoIs(x, end);
  if (who.num === 0 && !end.known) {
    beginWithSyn(x, i);
    return;
  }
  const { tcb } = who;
  if (tcb === undefined || expectsSyn(who.h, packet.seg)) return;
  if (tcb.state === 'SYN-RECEIVED') resend(x, { t, end }, who.num, tcb);
}

/** The retransmission timer, unless by our count it would have given the connection up. */
function resend(x: Session, at: Pick<Action, 't' | 'end'>, num: number, tcb: Tcb): void {
  const { h } = whoIs(x, at.end);
  if (tcb.rtxAt === 0 || givesUpAt(x.scribe, h, tcb, at.t)) return;
  inferTimer(x.scribe, at.t, at.end.host, num, 'RETRANSMISSION');
}

/** An RST that our TCP would not send by itself: ABORT, or CLOSE with text unread. */
function beforeReset(x: Session, { t, end, packet }: Action): void {
  const who = whoIs(x, end);
  if (findExpected(who.h, packet.seg, (e) => has(e, RST)) !== undefined) return;
  const { tcb } = who;
  if (tcb === undefined || tcb.state === 'SYN-SENT') return;
  const unread = tcb.rcvText > tcb.rcvRead && tcb.held;
  const call = unread ? ({ call: 'CLOSE', how: 'both' } as const) : ({ call: 'ABORT' } as const);
  inferCall(x.scribe, t, end.host, who.num, call);
}

function beforeText(x: Session, i: number): void {
  const { end } = x.outlook.list[i] as Action;
  let who = whoIs(x, end);
  if (who.num === 0) {
    if (end.known || !beginMidway(x, i)) return;
    who = whoIs(x, end);
  }
  if (who.tcb === undefined) return;
  if (segLen((x.outlook.list[i] as Action).packet.seg) === 0) beforeBareAck(x, i, who, who.tcb);
  else beforeNumbers(x, i, who, who.tcb);
}

/** A bare ACK: the delayed one, or a probe of a silent peer. */
function beforeBareAck(x: Session, i: number, who: Who, tcb: Tcb): void {
  const { t, end, packet } = x.outlook.list[i] as Action;
  const { seg } = packet;
  if (findExpected(who.h, seg, (e) => e.ack === seg.ack && segLen(e) === 0) !== undefined) return;
  const probes = seg.seq === seqAdd(tcb.sndNxt, -1) && tcb.sndUna === tcb.sndNxt;
  if (probes && tcb.textEnd === tcb.textNxt) {
    keepAlive(x, i, who.num, tcb);
  } else if (tcb.ackOwed && seg.ack === tcb.rcvNxt) {
    inferTimer(x.scribe, t, end.host, who.num, 'DELAYED-ACK');
  }
}

/** A keep-alive probe: the option with the times that the probes keep, then its timer. */
function keepAlive(x: Session, i: number, num: number, tcb: Tcb): void {
  const { t, end } = x.outlook.list[i] as Action;
  const options = tcb.options;
  if (tcb.keepAt === 0) {
    const idle = Math.max(1, Math.floor((t - tcb.lastRcvAt) / 1000));
    const later = x.outlook.next[i] as number;
    const gap = later < 0 ? 0 : Math.floor(((x.outlook.list[later] as Action).t - t) / 1000);
    const set = { keepalive: true, keepaliveIdle_ms: idle, keepaliveInterval_ms: gap };
    inferCall(x.scribe, t, end.host, num, { call: 'SET', options: set });
  }
  const most = options.keepaliveProbes || x.scribe.world.step.knobs.keepalive_probes;
  if (tcb.keepProbes < most) inferTimer(x.scribe, t, end.host, num, 'KEEP-ALIVE');
}

/** Text and FIN: written, closed or sent again just now. */
function beforeNumbers(x: Session, i: number, who: Who, tcb: Tcb): void {
  const { t, end, packet } = x.outlook.list[i] as Action;
  const { seg } = packet;
  const queuedTo = seqAdd(tcb.sndNxt, tcb.textEnd - tcb.textNxt);
  const more = seqDiff(seqAdd(seg.seq, seg.len), queuedTo);
  const again = seqLt(seg.seq, tcb.sndNxt) && !isExpected(who.h, seg);
  if (again) beforeAgain(x, i, who, tcb);
  if (more > 0 && !tcb.finQueued) {
    inferCall(x.scribe, t, end.host, who.num, { call: 'SEND', bytes: more, urgent: false });
  }
  if (!has(seg, FIN)) return;
  const now = whoIs(x, end).tcb;
  if (now === undefined || now.finQueued) return;
  const how = howClosed(x.outlook, i, who.h.knobs.fin_wait_2_ms * 1000);
  inferCall(x.scribe, t, end.host, who.num, { call: 'CLOSE', how });
}

/** Numbers that were sent before: the timer, if what it sends is what was seen. */
function beforeAgain(x: Session, i: number, who: Who, tcb: Tcb): void {
  const { t, end, packet } = x.outlook.list[i] as Action;
  const { seg } = packet;
  const timed = tcb.rtxUse === 'probe' ? segEnd(seg) === tcb.sndNxt : seg.seq === tcb.sndUna;
  if (timed) resend(x, { t, end }, who.num, tcb);
}

/** What a segment that was lost on the way comes to. */
export function lost(x: Session, { t, packet }: Action): void {
  if (packet.n >= 0) infer(x.scribe, { t, ev: 'lose', n: packet.n });
}
