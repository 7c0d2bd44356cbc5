/**
 * A connection whose start is not in the capture: its handshake and the text that was under way are
 * made up, at once and marked as inferred, with the numbers that its first segments show. Window
 * scale, MSS and SACK are only exchanged on SYNs, so they are guessed.
 */
import { type Seq, seqAdd, seqDiff, seqLt } from '../../base/seq.ts';
import type { Micros } from '../../base/time.ts';
import { listenersOn } from '../../host/listeners.ts';
import { ACK, blankSegment, has, RST, type Segment, SYN, segLen } from '../../tcp/segment.ts';
import { hostOf } from '../../timeline/world.ts';
import { beginsConnection, nextLeaving, scaleShown } from './outlook.ts';
import type { Action, End } from './packet.ts';
import { infer, inferCall } from './scribe.ts';
import { nameText, peerOf, type Session, whoIs } from './session.ts';

const GUESSED_MSS = 1_460;
const GUESSED_SCALE = 7;
const GUESSED_WINDOW = 65_535;
/** What was under way is told in segments of at most so many octets: less than a window. */
const PIECE = 2 ** 15;
/** Numbers farther apart than any flight are not of one connection. */
const NEAR = 2 ** 24;

/** Opens both ends at the first segment of a connection under way; false: it shows none. */
export function beginMidway(x: Session, i: number): boolean {
  const { t, end } = x.outlook.list[i] as Action;
  const peer = peerOf(x, end);
  if (peer === undefined || peer.known || !beginsConnection(x.outlook, i)) return false;
  x.underWay += 1;
  const [client, server] = end.localPort >= peer.localPort ? [end, peer] : [peer, end];
  const a = startOf(x, i, client, server);
  const b = startOf(x, i, server, client);
  pass(x, t, client, server, open(x, t, client, server, guess(client, SYN, a, 0)));
  pass(x, t, server, client, guess(server, SYN | ACK, b, a.from));
  pass(x, t, client, server, guess(client, ACK, a, b.from));
  accept(x, t, server);
  // Both send before either hears of it, so neither has acknowledged what the other sent.
  const sent = [
    ...sendBefore(x, t, client, server, a, b),
    ...sendBefore(x, t, server, client, b, a),
  ];
  for (const { to, seg, n } of sent) {
    infer(x.scribe, { t, ev: 'arrive', host: to.host, n, seg });
    const receive = { call: 'RECEIVE', bytes: seg.len } as const;
    inferCall(x.scribe, t, to.host, whoIs(x, to).num, receive);
  }
  return true;
}

/**
 * An end at the beginning of the capture: it had sent its text up to `to`, all of which came; the
 * part from `from` on was not yet acknowledged. `scale` is that of the windows it announces.
 */
type Start = {
  readonly scale: number;
  readonly from: Seq;
  readonly to: Seq;
  readonly ts: boolean;
  readonly clock: number;
};

/**
 * The numbers of `own`, by the first segments of both ends. An ACK of less than `own` sends first
 * is for text that was under way; one without text is for something, if only an octet.
 */
function startOf(x: Session, i: number, own: End, other: End): Start {
  const { packet } = x.outlook.list[i] as Action;
  const mine = firstOf(x, i, own);
  const theirs = firstOf(x, i, other);
  const { ts, tsVal, tsEcr } = packet.seg;
  const scale = scaleOf(x, x.outlook.first[other.id] as number);
  const known = { scale, ts, clock: isSentBy(own, packet.seg) ? tsVal : tsEcr };
  const ack = theirs?.packet.seg.ack;
  const seq = mine?.packet.seg.seq ?? ack ?? 0;
  if (theirs === undefined || ack === undefined || Math.abs(seqDiff(ack, seq)) > NEAR) {
    return { ...known, from: seq, to: seq };
  }
  if (isProbe(x, mine, theirs)) return { ...known, from: ack, to: ack };
  const alone = segLen(theirs.packet.seg) === 0 && !isProbe(x, theirs, mine);
  const from = alone ? seqAdd(ack, -1) : ack;
  return { ...known, from: seqLt(from, seq) ? from : seq, to: seq };
}

/** The first thing of a connection under way that an end is known to have sent. */
function firstOf({ outlook }: Session, i: number, end: End): Action | undefined {
  const start = outlook.list[i] as Action;
  const at = isSentBy(end, start.packet.seg) ? i : (outlook.firstLeave[end.id] as number);
  const first = at < 0 ? undefined : (outlook.list[at] as Action);
  if (first === undefined || has(first.packet.seg, SYN | RST)) return undefined;
  return has(first.packet.seg, ACK) ? first : undefined;
}

/** How the other end must scale its windows, by what an end does from position `i` on. */
export function scaleOf(x: Session, i: number): number {
  return scaleShown(x.outlook, i, GUESSED_SCALE);
}

function isSentBy(end: End, seg: Segment): boolean {
  return seg.src === end.local && seg.srcPort === end.localPort;
}

/** Whether what an end sends first asks for no more than the ACK that it gets (a keep-alive). */
function isProbe({ outlook }: Session, first?: Action, answer?: Action): boolean {
  if (first?.kind !== 'leave' || answer === undefined) return false;
  if (segLen(first.packet.seg) > 0) return false;
  if (answer.packet.seg.ack !== seqAdd(first.packet.seg.seq, 1)) return false;
  const next = nextLeaving(outlook, outlook.firstLeave[first.end.id] as number);
  return next === undefined || next.t > answer.t;
}

type Sent = { readonly to: End; readonly seg: Segment; readonly n: number };

/** Sends the text that was under way when the capture began. */
function sendBefore(x: Session, t: Micros, from: End, to: End, a: Start, b: Start): Sent[] {
  const bytes = seqDiff(a.to, a.from);
  const sent: Sent[] = [];
  if (bytes <= 0) return sent;
  const send = { call: 'SEND', bytes, urgent: false } as const;
  inferCall(x.scribe, t, from.host, whoIs(x, from).num, send);
  for (let at = 0; at < bytes; at += PIECE) {
    const text = guess(from, ACK, { ...a, from: seqAdd(a.from, at) }, b.from);
    const made = { ...text, len: Math.min(PIECE, bytes - at) };
    sent.push({ to, ...leaves(x, t, from, made) });
  }
  return sent;
}

/** The first segment is a SYN,ACK: the SYN before it is known but for its window. */
export function beginWithSyn(x: Session, i: number): void {
  const { t, end, packet } = x.outlook.list[i] as Action;
  const peer = peerOf(x, end);
  if (peer === undefined || peer.known) return;
  const { seg } = packet;
  const at = { scale: GUESSED_SCALE, from: seg.ack, to: seg.ack };
  const start = { ...at, ts: seg.ts, clock: seg.tsEcr };
  const syn = { ...guess(peer, SYN, start, 0), sackOk: seg.sackOk };
  pass(x, t, peer, end, open(x, t, peer, end, syn));
}

/** A made-up segment of an end whose first text has the number `from`. */
export function guess(end: End, flags: number, start: Start, ack: number): Segment {
  const syn = (flags & SYN) !== 0;
  return {
    ...blankSegment(end.local, end.localPort, end.remote, end.remotePort),
    seq: syn ? seqAdd(start.from, -1) : start.from,
    ack,
    flags,
    wnd: syn ? GUESSED_WINDOW : GUESSED_WINDOW >> start.scale,
    mss: syn ? GUESSED_MSS : 0,
    wscale: syn ? start.scale : -1,
    sackOk: syn,
    ts: start.ts,
    tsVal: start.clock,
  };
}

/** Makes the server listen and the client OPEN. */
function open(x: Session, t: Micros, client: End, server: End, syn: Segment): Segment {
  client.known = true;
  server.known = true;
  listen(x, t, server.host, server.localPort);
  inferCall(x.scribe, t, client.host, 0, {
    call: 'OPEN',
    mode: 'active',
    to: syn.dst,
    toPort: syn.dstPort,
    from: syn.src,
    fromPort: syn.srcPort,
    backlog: -1,
    iss: syn.seq,
    nowait: true,
  });
  return syn;
}

/** A passive OPEN on a port, unless one is there. */
export function listen(x: Session, t: Micros, host: number, port: number): void {
  const h = hostOf(x.scribe.world, host);
  if (listenersOn(h.listeners, '', port).length > 0) return;
  inferCall(x.scribe, t, host, 0, {
    call: 'OPEN',
    mode: 'passive',
    to: '',
    toPort: 0,
    from: '',
    fromPort: port,
    backlog: h.knobs.backlog_max,
    iss: -1,
    nowait: false,
  });
}

/** The application takes a connection that waits for it. */
export function accept(x: Session, t: Micros, end: End): void {
  const { tcb, h } = whoIs(x, end);
  if (tcb === undefined || !h.conns.get(tcb.listener)?.acceptQueue?.includes(tcb.num)) return;
  inferCall(x.scribe, t, end.host, tcb.listener, { call: 'ACCEPT' });
}

/** A made-up segment leaves one end and enters the other. */
export function pass(x: Session, t: Micros, from: End, to: End, made: Segment): void {
  const { seg, n } = leaves(x, t, from, made);
  infer(x.scribe, { t, ev: 'arrive', host: to.host, n, seg });
}

export function leaves(
  x: Session,
  t: Micros,
  from: End,
  made: Segment,
): { seg: Segment; n: number } {
  const seg = nameText(whoIs(x, from), from.host, made);
  const n = x.scribe.world.nextFlight;
  infer(x.scribe, { t, ev: 'observe', host: from.host, seg });
  return { seg, n };
}
