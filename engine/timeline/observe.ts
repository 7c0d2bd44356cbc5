/**
 * A recorded host was seen to send a segment: it is compared with what our TCP would send, and our
 * TCP is made to follow.
 *
 * What follows from the arrivals, calls and timers of the log stands among the host's expectations
 * (expect.ts). A segment that is one of them is explained. Some others are too, since a capture
 * shows neither how the application wrote nor how the stack put off its work: text that our window
 * of congestion or Nagle's algorithm still held back, an ACK that was owed, a window that moved, a
 * probe. All else is a divergence: shown, counted, never fatal. Window, timestamps and options are
 * never compared; they are taken over.
 */
import { type Seq, seqAdd, seqDiff, seqGe, seqGt, seqLe, seqSub } from '../base/seq.ts';
import { findConn, type HostEdit, ownTcb } from '../host/edit.ts';
import { settle } from '../host/settle.ts';
import type { ObserveEvent } from '../log/event.ts';
import { ACK, FIN, has, RST, type Segment, SYN, segEnd, segLen } from '../tcp/segment.ts';
import { because } from '../tcp/step.ts';
import type { Tcb } from '../tcp/tcb.ts';
import {
  diverge,
  dropStale,
  findExpected,
  forgetAcks,
  inWords,
  takeAck,
  takeReset,
  takeSyn,
  takeText,
} from './expect.ts';
import { follow } from './follow.ts';
import type { World } from './world.ts';

export function observe(w: World, h: HostEdit, event: ObserveEvent): void {
  const { seg } = event;
  dropStale(w, h);
  const found = findConn(h, seg.src, seg.srcPort, seg.dst, seg.dstPort);
  const num = Math.max(0, found);
  const t = h.conns.has(num) ? ownTcb(h, num) : undefined;
  const again = t !== undefined && isAgain(h, t, seg);
  const explained = explains(h, t, seg);
  because(w.step, explained ? 'observed' : 'diverged');
  if (!explained) diverge(w, h, num, expectation(h, num, t), inWords(seg));
  h.totals.segmentsSent += 1;
  if (has(seg, RST)) h.totals.resetsSent += 1;
  if (again) h.totals.retransmissions += 1;
  takeOff(w, h, num, seg);
  if (t === undefined) {
    if (num > 0) h.touched.push(num);
    return;
  }
  follow(w.step, t, seg, again);
  settle(h, w.step, t);
}

/** The segment is on its way; what becomes of it is not known yet. */
function takeOff(w: World, h: HostEdit, conn: number, seg: Segment): void {
  const n = w.nextFlight;
  w.nextFlight += 1;
  const to = w.addressOf.get(seg.dst) ?? -1;
  w.flights.set(n, { n, copyOf: 0, from: h.index, to, seg, sentAt: w.time, at: -1, lost: false });
  w.launched.push(n);
  w.effects?.emissions.push({
    n,
    host: h.index,
    conn,
    seg,
    fate: { kind: 'open' },
    copies: [],
  });
}

/** Whether numbers are sent that the recording showed before. */
function isAgain(h: HostEdit, t: Tcb, seg: Segment): boolean {
  if (segLen(seg) === 0 || has(seg, RST)) return false;
  if (has(seg, SYN)) {
    // The ISS is the recorded host's own choice: against ours it tells nothing.
    return seg.seq === t.iss && !h.expected.some((e) => e.conn === t.num && has(e.seg, SYN));
  }
  if (seqGe(seg.seq, t.sndNxt)) return false;
  // Our TCP may be ahead by what it expects to be seen now.
  return !h.expected.some((e) => e.conn === t.num && segLen(e.seg) > 0 && e.seg.seq === seg.seq);
}

function explains(h: HostEdit, t: Tcb | undefined, seg: Segment): boolean {
  if (has(seg, RST)) return takeReset(h, seg);
  if (has(seg, SYN)) return takeSyn(h, seg);
  if (segLen(seg) > 0) {
    const rest = takeText(h, seg);
    forgetAcks(h, seg, true);
    return rest === segEnd(seg) || (t !== undefined && isHeldBack(t, seg, rest));
  }
  return takeAck(h, seg) || (t !== undefined && isAckAllowed(h, t, seg));
}

/**
 * Text that is queued, inside the peer's window, and next: only our own brakes held back what `seg`
 * has from `rest` on. What the network card is to cut may be longer than our congestion window.
 */
function isHeldBack(t: Tcb, seg: Segment, rest: Seq): boolean {
  if (rest !== t.sndNxt) return false;
  if (has(seg, FIN) && !t.finQueued) return false;
  const end = seqAdd(seg.seq, seg.len);
  const queued = t.textEnd - t.textNxt >= seqDiff(end, rest);
  return queued && seqLe(end, seqAdd(t.sndUna, t.sndWnd));
}

/**
 * ACKs that may be sent at any time: one owed, one with another window, a probe of one octet back.
 */
function isAckAllowed(h: HostEdit, t: Tcb, seg: Segment): boolean {
  if (!has(seg, ACK)) return false;
  // A stack that is slower than ours still acknowledges the segments before.
  if (findExpected(h, seg, (e) => segLen(e) === 0 && seqGt(e.ack, seg.ack))) return true;
  if (seg.seq === seqAdd(t.sndUna, -1) || seg.seq === seqAdd(t.sndNxt, -1)) return true;
  if (seqGt(seg.ack, t.rcvNxt) || seqGt(t.lastAckSent, seg.ack)) return false;
  if (seg.ack !== t.lastAckSent || t.ackOwed) return true;
  // A window that moved by less than a segment is not worth an ACK (RFC 9293 §3.8.6.2.2).
  return seqDiff(windowEdge(t, seg), t.rcvAdv) >= Math.min(t.mss, t.rcvBuf >> 1);
}

/** The right edge of the window that a segment announces. */
function windowEdge(t: Tcb, seg: Segment): Seq {
  return seqAdd(seg.ack, seg.wnd * 2 ** Math.max(0, t.rcvScale));
}

/** What our TCP expects next of this connection, in words. */
function expectation(h: HostEdit, num: number, t: Tcb | undefined): string {
  if (h.timeWaits.has(num)) return 'nothing in TIME-WAIT';
  if (t === undefined) return 'nothing: there is no such connection';
  const next = h.expected.find((e) => e.conn === t.num);
  if (next !== undefined) return inWords(next.seg);
  const flight = seqSub(t.sndNxt, t.sndUna);
  const owed = seqDiff(t.rcvNxt, t.lastAckSent);
  return `nothing in ${t.state}, ${flight} in flight, ${owed} not acknowledged`;
}
