/**
 * Strokes from outside into a running network: segments that nobody sent, drawn around the numbers
 * of a connection in whatever state it is, and calls that its program does not make.
 */
import { seqAdd } from '../base/seq.ts';
import type { HostEdit } from '../host/edit.ts';
import type { Call, LogEvent } from '../log/event.ts';
import { ACK, blankSegment, FIN, PSH, RST, type Segment, SYN, URG } from '../tcp/segment.ts';
import type { Tcb, TimeWait } from '../tcp/tcb.ts';
import { hostOf, type World } from '../timeline/world.ts';
import { type Draw, oneOf } from './fuzz-network.ts';

const FLAGS = [
  ACK,
  ACK,
  SYN,
  SYN | ACK,
  RST,
  RST | ACK,
  FIN | ACK,
  ACK | PSH,
  FIN,
  0,
  ACK | URG,
  SYN | FIN,
  SYN | RST,
  FIN | SYN | RST | PSH | ACK | URG,
];

/** A connection of a host: one of the last few, TIME-WAIT records among them. */
function anyConn(h: HostEdit, draw: Draw): Tcb | TimeWait | undefined {
  for (let tries = 0; tries < 6; tries += 1) {
    const num = h.nextConn - 1 - draw(Math.min(8, h.nextConn));
    const t = h.conns.get(num) ?? h.timeWaits.get(num);
    if (t !== undefined) return t;
  }
  return undefined;
}

/** A number at, near or far from those that matter. */
function near(draw: Draw, base: readonly number[]): number {
  const from = oneOf(draw, base);
  switch (draw(5)) {
    case 0:
    case 1:
      return from;
    case 2:
      return seqAdd(from, draw(9) - 4);
    case 3:
      return seqAdd(from, draw(200_000) - 100_000);
    default:
      return draw(2 ** 32);
  }
}

function forge(draw: Draw, w: World, t: Tcb | TimeWait, h: HostEdit): Segment {
  const known = 'state' in t ? t : undefined;
  const others = w.header.hosts.filter((_, i) => i !== h.index).map((spec) => spec.addresses[0]);
  const remote = t.remote === '' ? (oneOf(draw, others) as string) : t.remote;
  const local = t.local === '' ? (h.base.addresses[0] as string) : t.local;
  const seg = blankSegment(remote, t.remotePort || 1_024 + draw(4), local, t.localPort);
  seg.flags = oneOf(draw, FLAGS);
  seg.seq = near(draw, [t.rcvNxt, seqAdd(t.rcvNxt, t.rcvWnd), known?.irs ?? t.rcvNxt]);
  seg.ack = near(draw, [t.sndNxt, known?.sndUna ?? t.sndNxt, seqAdd(known?.iss ?? t.sndNxt, 1)]);
  seg.wnd = oneOf(draw, [0, 1, 1_000, 65_535]);
  seg.len = draw(3) === 0 ? oneOf(draw, [1, 2, 536, 1_460, 70_000]) : 0;
  seg.up = draw(2) * draw(65_536);
  if (seg.flags & SYN) {
    seg.mss = oneOf(draw, [0, 1, 536, 1_460, 65_535]);
    seg.wscale = oneOf(draw, [-1, 0, 7, 14, 15]);
    seg.sackOk = draw(2) === 0;
  }
  seg.ts = draw(2) === 0;
  if (seg.ts) {
    seg.tsVal = near(draw, [t.tsRecent]);
    seg.tsEcr = near(draw, [t.tsOffset + Math.floor(w.time / 1000)]) >>> 0;
  }
  if (draw(6) === 0) seg.sack = [near(draw, [t.sndNxt]), near(draw, [t.sndNxt])];
  return seg;
}

function anyCall(draw: Draw): Call {
  return oneOf<Call>(draw, [
    { call: 'SEND', bytes: oneOf(draw, [0, 1, 1_000, 100_000]), urgent: draw(4) === 0 },
    { call: 'RECEIVE', bytes: oneOf(draw, [1, 1_000, 2 ** 31]) },
    { call: 'CLOSE', how: oneOf(draw, ['write', 'read', 'both'] as const) },
    { call: 'ABORT' },
    { call: 'STATUS' },
    { call: 'ACCEPT' },
  ]);
}

/** An RFC passive OPEN, or an active one between ports that come up again and again. */
function anyOpen(draw: Draw, w: World, h: HostEdit): Call {
  const mode = oneOf(draw, ['active', 'passive'] as const);
  const peer = oneOf(draw, w.header.hosts).addresses[0] as string;
  const to = mode === 'active' ? peer : '';
  const toPort = mode === 'active' ? oneOf(draw, [80, 2_000, 2_001, 9]) : 0;
  const fromPort = mode === 'active' ? oneOf(draw, [0, 2_000, 2_001]) : 2_000 + draw(2);
  const from = draw(4) === 0 ? (h.base.addresses[0] as string) : '';
  return { call: 'OPEN', mode, to, toPort, from, fromPort, backlog: -1, iss: -1, nowait: true };
}

/** An event from outside for this moment; undefined: there is nothing to strike. */
export function stroke(draw: Draw, w: World): LogEvent | undefined {
  const host = draw(w.header.hosts.length);
  const h = hostOf(w, host);
  const at = { t: w.time, host };
  if (draw(8) === 0) {
    return { ...at, ev: 'call', conn: 0, process: -1, call: anyOpen(draw, w, h) };
  }
  const t = anyConn(h, draw);
  if (t === undefined) return undefined;
  if (draw(4) > 0) return { ...at, ev: 'inject', seg: forge(draw, w, t, h) };
  if (draw(6) === 0 && 'state' in t && t.state === 'LISTEN') {
    return { ...at, ev: 'call', conn: t.num, process: -1, call: anyOpen(draw, w, h) };
  }
  return { ...at, ev: 'call', conn: t.num, process: -1, call: anyCall(draw) };
}
