/**
 * A connection whose start is not in the capture: its handshake is made up, at once and marked as
 * inferred, with the numbers that its first segments show. Window scale, MSS and SACK are only
 * exchanged on SYNs, so they are guessed.
 */
import { seqAdd } from '../../base/seq.ts';
import type { Micros } from '../../base/time.ts';
import { listenersOn } from '../../host/listeners.ts';
import { ACK, blankSegment, has, type Segment, SYN } from '../../tcp/segment.ts';
import { hostOf } from '../../timeline/world.ts';
import { beginsConnection } from './outlook.ts';
import type { Action, End } from './packet.ts';
import { infer, inferCall } from './scribe.ts';
import { nameText, peerOf, type Session, whoIs } from './session.ts';

const GUESSED_MSS = 1_460;
const GUESSED_SCALE = 7;
const GUESSED_WINDOW = 65_535;

/** Opens both ends at the first segment of a connection under way; false: it shows none. */
export function beginMidway(x: Session, i: number): boolean {
  const { t, end, packet } = x.outlook.list[i] as Action;
  const peer = peerOf(x, end);
  if (peer === undefined || peer.known || !beginsConnection(x.outlook, i)) return false;
  const { seg } = packet;
  const sender = seg.src === end.local && seg.srcPort === end.localPort ? end : peer;
  const receiver = sender === end ? peer : end;
  const start = { seq: seqAdd(seg.seq, -1), ts: seg.ts, clock: seg.tsVal };
  const answer = {
    seq: has(seg, ACK) ? seqAdd(seg.ack, -1) : 0,
    ts: seg.ts,
    clock: seg.tsEcr,
  };
  const senderOpens = sender.localPort >= receiver.localPort;
  const client = senderOpens ? sender : receiver;
  const server = senderOpens ? receiver : sender;
  const [a, b] = senderOpens ? [start, answer] : [answer, start];
  const syn = guess(client, SYN, a, 0);
  pass(x, t, client, server, open(x, t, client, server, syn));
  pass(x, t, server, client, guess(server, SYN | ACK, b, seqAdd(a.seq, 1)));
  const ack = { ...guess(client, ACK, { ...a, seq: seqAdd(a.seq, 1) }, seqAdd(b.seq, 1)), mss: 0 };
  pass(x, t, client, server, { ...ack, wscale: -1, sackOk: false, wnd: GUESSED_WINDOW >> 7 });
  const child = whoIs(x, server).tcb;
  if (child !== undefined && child.listener > 0) {
    inferCall(x.scribe, t, server.host, child.listener, { call: 'ACCEPT' });
  }
  return true;
}

/** The first segment is a SYN,ACK: the SYN before it is known but for its window. */
export function beginWithSyn(x: Session, i: number): void {
  const { t, end, packet } = x.outlook.list[i] as Action;
  const peer = peerOf(x, end);
  if (peer === undefined || peer.known) return;
  const { seg } = packet;
  const start = { seq: seqAdd(seg.ack, -1), ts: seg.ts, clock: seg.tsEcr };
  const syn = { ...guess(peer, SYN, start, 0), sackOk: seg.sackOk };
  pass(x, t, peer, end, open(x, t, peer, end, syn));
}

type Start = { readonly seq: number; readonly ts: boolean; readonly clock: number };

function guess(end: End, flags: number, start: Start, ack: number): Segment {
  return {
    ...blankSegment(end.local, end.localPort, end.remote, end.remotePort),
    seq: start.seq,
    ack,
    flags,
    wnd: GUESSED_WINDOW,
    mss: GUESSED_MSS,
    wscale: GUESSED_SCALE,
    sackOk: true,
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

/** A made-up segment leaves one end and enters the other. */
function pass(x: Session, t: Micros, from: End, to: End, made: Segment): void {
  const seg = nameText(whoIs(x, from), from.host, made);
  const n = x.scribe.world.nextFlight;
  infer(x.scribe, { t, ev: 'observe', host: from.host, seg });
  infer(x.scribe, { t, ev: 'arrive', host: to.host, n, seg });
}
