/**
 * What was sent but is not in the capture: a packet that the capture program dropped, or a whole
 * direction that took another way. A host acknowledges only what came (RFC 9293 §3.4), so an ACK of
 * what nobody was seen to send tells of it. It is made up, marked as inferred, just before the
 * segment that shows it.
 */
import { type Seq, seqAdd, seqDiff, seqGt, seqLt } from '../../base/seq.ts';
import { ACK, FIN, has, RST, type Segment, SYN, segLen } from '../../tcp/segment.ts';
import type { Tcb } from '../../tcp/tcb.ts';
import { accept, guess, leaves, listen, pass, scaleOf } from './begin.ts';
import { comesSoon, endsText, nextEntering } from './outlook.ts';
import type { Action, End } from './packet.ts';
import { infer, inferCall, inferTimer } from './scribe.ts';
import { nameText, peerOf, type Session, whoIs } from './session.ts';

/** Numbers farther apart than any flight are not of one connection. */
const NEAR = 2 ** 24;

/** Makes up what the segment that leaves now shows to have come before. */
export function makeUpMissed(x: Session, i: number): void {
  const { end, packet } = x.outlook.list[i] as Action;
  const { seg } = packet;
  if (!has(seg, ACK) || has(seg, SYN | RST)) return;
  const tcb = whoIs(x, end).tcb;
  if (tcb === undefined) return;
  const shaking = tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED';
  if (!shaking && !seqGt(seg.ack, tcb.rcvNxt)) return;
  const peer = peerOf(x, end);
  if (peer === undefined) return;
  if (tcb.state === 'SYN-SENT' && seg.seq === tcb.sndNxt) missedSynAck(x, i, peer, tcb);
  const now = whoIs(x, end).tcb;
  if (now === undefined || now.state === 'SYN-SENT') return;
  if (now.state === 'SYN-RECEIVED' && segLen(seg) > 0) missedAck(x, i, peer, now.rcvNxt);
  missedText(x, i, peer);
}

/** A SYN,ACK, without which the host could not acknowledge anything. */
function missedSynAck(x: Session, i: number, peer: End, tcb: Tcb): void {
  const { t, end, packet } = x.outlook.list[i] as Action;
  const { seg } = packet;
  const next = nextEntering(x.outlook, i);
  const isBefore = next !== undefined && !has(next, SYN | RST) && seqLt(next.seq, seg.ack);
  const first = isBefore && seqDiff(seg.ack, next.seq) < NEAR ? next.seq : seg.ack;
  const known = { ts: seg.ts, scale: scaleOf(x, i) };
  if (whoIs(x, peer).num === 0) {
    listen(x, t, peer.host, peer.localPort);
    const own = { ...known, from: seqAdd(tcb.iss, 1), to: 0, clock: seg.tsVal };
    const syn = nameText(whoIs(x, end), end.host, guess(end, SYN, own, 0));
    infer(x.scribe, { t, ev: 'arrive', host: peer.host, n: -1, seg: syn });
  }
  if (whoIs(x, peer).tcb?.state !== 'SYN-RECEIVED') return;
  end.known = true;
  peer.known = true;
  x.missed += 1;
  const start = { ...known, from: first, to: first, clock: seg.tsEcr };
  pass(x, t, peer, end, guess(peer, SYN | ACK, start, seqAdd(tcb.iss, 1)));
}

/** The last ACK of a handshake: the host sends text, so it came. */
function missedAck(x: Session, i: number, peer: End, seq: Seq): void {
  const { t, end } = x.outlook.list[i] as Action;
  x.missed += 1;
  pass(x, t, peer, end, madeFor(x, i, peer, seq));
  accept(x, t, end);
}

/** Text and FIN that are acknowledged now and were not seen to come. */
function missedText(x: Session, i: number, peer: End): void {
  const { t, end, packet } = x.outlook.list[i] as Action;
  const { seg } = packet;
  const tcb = whoIs(x, end).tcb as Tcb;
  const missing = seqDiff(seg.ack, tcb.rcvNxt);
  if (missing <= 0 || missing > NEAR || comesSoon(x.outlook, i, tcb.rcvNxt)) return;
  const from = whoIs(x, peer).tcb;
  if (from === undefined) return;
  x.missed += 1;
  const sentTo = from.sndNxt;
  const old = seqLt(tcb.rcvNxt, sentTo) ? seqDiff(sentTo, tcb.rcvNxt) : 0;
  if (old > 0) {
    const fin = from.finSent && !seqGt(sentTo, seg.ack);
    const again = madeFor(x, i, peer, tcb.rcvNxt, Math.min(old, missing), fin);
    const named = nameText(whoIs(x, peer), peer.host, again);
    infer(x.scribe, { t, ev: 'arrive', host: end.host, n: -1, seg: named });
  }
  const more = seqDiff(seg.ack, sentTo);
  if (more > 0 && !from.finQueued) {
    const fin = more === 1 && endsText(x.outlook, i);
    const { num } = whoIs(x, peer);
    if (fin) inferCall(x.scribe, t, peer.host, num, { call: 'CLOSE', how: 'write' });
    else inferCall(x.scribe, t, peer.host, num, { call: 'SEND', bytes: more, urgent: false });
    pass(x, t, peer, end, madeFor(x, i, peer, sentTo, more, fin));
  }
  accept(x, t, end);
  const now = whoIs(x, end);
  const bytes = now.tcb === undefined ? 0 : now.tcb.rcvText - now.tcb.rcvRead;
  if (bytes > 0 && now.tcb?.held) {
    inferCall(x.scribe, t, end.host, now.num, { call: 'RECEIVE', bytes });
  }
}

/** `length` numbers from `seq` on, which what leaves now answers; `fin`: the last is a FIN. */
function madeFor(x: Session, i: number, from: End, seq: Seq, length = 0, fin = false): Segment {
  const { end, packet } = x.outlook.list[i] as Action;
  const to = whoIs(x, end).tcb as Tcb;
  const { ts, tsEcr } = packet.seg;
  // A clock that is echoed late must not seem to run backward (RFC 7323 §5.3).
  const clock = seqGt(to.tsRecent, tsEcr) ? to.tsRecent : tsEcr;
  const known = { ts, clock, scale: Math.max(0, to.sndScale), from: seq, to: seq };
  const ack = whoIs(x, from).tcb?.rcvNxt ?? packet.seg.seq;
  const made = guess(from, fin ? ACK | FIN : ACK, known, ack);
  return { ...made, len: fin ? length - 1 : length };
}

/** An end of which nothing was captured did what our TCP does. */
export function answerUnseen(x: Session, i: number): void {
  const { t, end } = x.outlook.list[i] as Action;
  if ((x.outlook.firstLeave[end.id] as number) >= 0) return;
  const peer = peerOf(x, end);
  if (peer === undefined) return;
  const who = whoIs(x, end);
  if (who.tcb?.ackOwed) inferTimer(x.scribe, t, end.host, who.num, 'DELAYED-ACK');
  const mine = who.h.expected.filter(({ conn }) => conn === who.num);
  for (const { seg } of mine) {
    const { n, seg: named } = leaves(x, t, end, seg);
    infer(x.scribe, { t, ev: 'arrive', host: peer.host, n, seg: named });
  }
}
