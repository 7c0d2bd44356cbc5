/**
 * A segment enters a host: what the host no longer knew before it came, and what its applications
 * do after. A segment that the host shows to have ignored never reached its TCP.
 */
import type { Segment } from '../../tcp/segment.ts';
import { accept, beginMidway } from './begin.ts';
import { answerUnseen } from './missed.ts';
import { answersSyn, ignoresHandshake, meetsNobody, staysUnread } from './outlook.ts';
import type { Action } from './packet.ts';
import { infer, inferCall, inferTimer, type Who, write } from './scribe.ts';
import { isOpening, type Session, whoIs } from './session.ts';

export function enter(x: Session, i: number): void {
  const action = x.outlook.list[i] as Action;
  const { t, end, packet, kind } = action;
  let forged = kind === 'forged' || packet.forged;
  let who = whoIs(x, end);
  if (who.num === 0 && !end.known && !packet.forged && !isOpening(packet.seg)) {
    if (beginMidway(x, i)) {
      who = whoIs(x, end);
      // It was under way when the capture began: nobody can have seen it leave.
      forged = false;
    }
  }
  if (isIgnored(x, i, who)) {
    if (packet.n >= 0) infer(x.scribe, { t, ev: 'lose', n: packet.n });
    return;
  }
  if (isOpening(packet.seg)) end.known = true;
  beforeArrival(x, i, who);
  const { seg } = packet;
  if (forged) write(x.scribe, { t, ev: 'inject', host: end.host, seg });
  else {
    const n = kind === 'enter' ? packet.n : -1;
    write(x.scribe, { t, ev: 'arrive', host: end.host, n, seg });
  }
  afterArrival(x, i);
  answerUnseen(x, i);
}

/** Dropped before TCP saw it: a filter, or a queue that was full. */
function isIgnored(x: Session, i: number, who: Who): boolean {
  const { packet } = x.outlook.list[i] as Action;
  if (isOpening(packet.seg)) return who.num === 0 && !answersSyn(x.outlook, i, packet.seg);
  const half = who.tcb?.state === 'SYN-RECEIVED' && who.tcb.listener > 0 ? who.tcb : undefined;
  return half !== undefined && ignoresHandshake(x.outlook, i, half.iss);
}

/** The RST of a host without such a connection tells that it had ended before. */
function beforeArrival(x: Session, i: number, who: Who): void {
  const { t, end, packet } = x.outlook.list[i] as Action;
  if (who.num === 0 || !meetsNobody(x.outlook, i)) return;
  if (who.timeWait !== undefined) {
    inferTimer(x.scribe, t, end.host, who.num, 'TIME-WAIT');
    return;
  }
  const tcb = who.tcb as NonNullable<Who['tcb']>;
  switch (tcb.state) {
    case 'SYN-SENT':
      if (packet.seg.ack !== tcb.sndNxt) return;
      inferCall(x.scribe, t, end.host, who.num, { call: 'CLOSE', how: 'both' });
      return;
    case 'FIN-WAIT-2':
      // Our TCP too resets an orphan for which text comes.
      if (!tcb.held && packet.seg.len > 0) return;
      if (tcb.held) inferCall(x.scribe, t, end.host, who.num, { call: 'CLOSE', how: 'both' });
      inferTimer(x.scribe, t, end.host, who.num, 'FIN-WAIT-2');
      return;
    default:
      inferCall(x.scribe, t, end.host, who.num, { call: 'ABORT' });
  }
}

/** ACCEPT, RECEIVE, and the end of a descriptor that has nothing more to give. */
function afterArrival(x: Session, i: number): void {
  const { t, end, packet } = x.outlook.list[i] as Action;
  const who = whoIs(x, end);
  const { tcb } = who;
  accept(x, t, end);
  letGo(x, t, end.host);
  if (tcb === undefined) return;
  if (tcb.rcvText > tcb.rcvRead && tcb.held) read(x, i, who.num, packet.seg);
  const now = whoIs(x, end).tcb;
  if (now?.held && (now.state === 'TIME-WAIT' || now.state === 'CLOSING')) {
    inferCall(x.scribe, t, end.host, who.num, { call: 'CLOSE', how: 'both' });
  }
}

function read(x: Session, i: number, num: number, seg: Segment): void {
  const { t, end } = x.outlook.list[i] as Action;
  const tcb = whoIs(x, end).tcb;
  if (tcb === undefined || x.outlook.shut.has(end.id)) return;
  const scale = Math.max(0, tcb.rcvScale);
  const bytes = tcb.rcvText - tcb.rcvRead;
  // Who read what came before reads on, where the window is too coarse to show it.
  const readsOn = tcb.rcvRead > 0 && bytes < 2 ** scale;
  const window = tcb.rcvWnd >>> scale;
  if (seg.len > 0 && !readsOn && staysUnread(x.outlook, i, window + 1)) return;
  inferCall(x.scribe, t, end.host, num, { call: 'RECEIVE', bytes });
}

/** A connection that ended under its application: there is nothing left but to CLOSE. */
export function letGo(x: Session, t: number, host: number): void {
  const { world } = x.scribe;
  for (const h of world.touched.slice()) {
    for (const num of h.touched.slice()) {
      const tcb = h.conns.get(num);
      if (tcb?.state !== 'CLOSED' || !tcb.held) continue;
      inferCall(x.scribe, t, host, num, { call: 'CLOSE', how: 'both' });
    }
  }
}
