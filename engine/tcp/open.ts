/**
 * Opening: initial sequence numbers, options on SYNs, and the steps into SYN-SENT, SYN-RECEIVED and
 * ESTABLISHED (RFC 9293 §3.4.1, §3.5, §3.7; RFC 6528; RFC 7323 §2–3).
 */
import { hashAddress } from '../base/address.ts';
import { keyedHash } from '../base/random.ts';
import { seqAdd } from '../base/seq.ts';
import { startCongestion } from './congestion.ts';
import { initialRto, startRetransmission } from './rto.ts';
import { ACK, CWR, ECE, has, type Segment } from './segment.ts';
import { ownMss, sendSyn } from './send.ts';
import { deadlineMs, enter, type Step } from './step.ts';
import type { Tcb } from './tcb.ts';

const DEFAULT_MSS = 536;
const DEFAULT_MSS_V6 = 1220;

type Sockets = Pick<Tcb, 'local' | 'localPort' | 'remote' | 'remotePort'>;

/** F of RFC 6528 §3, of two addresses and ports; `purpose` tells it from other uses of the key. */
function tupleHash(s: Step, t: Sockets, purpose: number, ports: number): number {
  return keyedHash(s.key, purpose, hashAddress(t.local), hashAddress(t.remote), ports);
}

/** ISN = M + F(…): a clock of 4 µs and a keyed hash (RFC 6528 §3, RFC 9293 §3.4.1). */
export function chooseIss(s: Step, t: Sockets): number {
  return (Math.floor(s.now / 4) + tupleHash(s, t, 1, t.localPort * 65_536 + t.remotePort)) >>> 0;
}

/** Offset of the timestamp clock towards a peer, whatever the ports (RFC 7323 §5.4). */
function chooseTimestampOffset(s: Step, t: Sockets): number {
  return tupleHash(s, t, 2, 0);
}

/** The shift with which a 16-bit field covers the largest buffer (RFC 7323 §2.2–2.3). */
function chooseScale(s: Step): number {
  if (!s.knobs.window_scaling) return -1;
  let shift = 0;
  while (shift < 14 && 65_535 << shift < s.knobs.sockbuf_max) shift += 1;
  return shift;
}

/** Buffers and everything else that is known before the peer is. */
export function prepare(s: Step, t: Tcb, iss: number): void {
  t.rcvBuf = t.options.rcvBuf || s.knobs.recv_space;
  t.sndBuf = t.options.sndBuf || s.knobs.send_space;
  t.iss = iss;
  t.sndUna = iss;
  t.sndNxt = iss;
  t.sndUp = iss;
  t.rcvScale = chooseScale(s);
  t.tsOffset = s.knobs.timestamps ? chooseTimestampOffset(s, t) : 0;
  t.mss = Math.min(DEFAULT_MSS, ownMss(s, t.local));
  t.rcvWnd = t.rcvBuf;
  initialRto(s, t);
}

/** Active OPEN: CLOSED or LISTEN to SYN-SENT (RFC 9293 §3.10.1). */
export function openActive(s: Step, t: Tcb, iss: number): void {
  const listening = t.state === 'LISTEN';
  prepare(s, t, iss);
  t.opened = 'active';
  enter(s, t, 'SYN-SENT', listening ? 'openListening' : 'openActive');
  sendSyn(s, t);
  startRetransmission(s, t);
  t.keepAt = deadlineMs(s, t.options.keepaliveInit_ms || s.knobs.keepalive_init_ms);
}

/** Takes the peer's numbers and options from its SYN. */
export function learnPeer(s: Step, t: Tcb, seg: Segment): void {
  t.irs = seg.seq;
  t.rcvNxt = seqAdd(seg.seq, 1);
  t.rcvUp = t.rcvNxt;
  t.rcvAdv = t.rcvNxt;
  t.lastAckSent = t.rcvNxt;
  t.peerStream = seg.stream;
  const v6 = t.local.includes(':');
  t.peerMss = seg.mss || (v6 ? DEFAULT_MSS_V6 : DEFAULT_MSS);
  t.mss = Math.min(t.peerMss, ownMss(s, t.local));
  t.sackOn = s.knobs.sack && seg.sackOk;
  t.ecnOn = agreesOnEcn(s, seg);
  t.tsOn = s.knobs.timestamps && seg.ts;
  if (t.tsOn) {
    t.tsRecent = seg.tsVal;
    t.tsRecentAt = s.now;
  } else {
    t.tsOffset = 0;
  }
  t.sndScale = seg.wscale < 0 || t.rcvScale < 0 ? -1 : Math.min(14, seg.wscale);
  if (t.sndScale < 0) t.rcvScale = -1;
  t.rcvWnd = Math.max(0, t.rcvBuf - t.rcvText + t.rcvRead);
  if (!s.knobs.recv_round_mss) return;
  // Before its handshake is over a listener's connection has no buffer of its own yet.
  if (t.listener > 0) t.rcvWnd = Math.min(t.rcvWnd, WINDOW_UNSCALED);
  else roundBuffers(s, t);
}

/** A SYN asks by ECE and CWR, a SYN,ACK agrees by ECE alone, if ours asked (RFC 3168 §6.1.1). */
function agreesOnEcn(s: Step, seg: Segment): boolean {
  const marks = seg.flags & (ECE | CWR);
  if (has(seg, ACK)) return s.knobs.ecn === 1 && marks === ECE;
  return s.knobs.ecn > 0 && marks === (ECE | CWR);
}

const WINDOW_UNSCALED = 65_535;

/** FreeBSD rounds buffers up to whole segments once the peer's MSS is known (tcp_mss). */
function roundBuffers(s: Step, t: Tcb): void {
  if (!s.knobs.recv_round_mss) return;
  if (t.rcvBuf > t.mss) t.rcvBuf = Math.ceil(t.rcvBuf / t.mss) * t.mss;
  if (t.sndBuf > t.mss) t.sndBuf = Math.ceil(t.sndBuf / t.mss) * t.mss;
  t.rcvWnd = Math.max(0, t.rcvBuf - t.rcvText + t.rcvRead);
}

/** SND.WND from a segment (RFC 9293 §3.10.7.4; the window of a SYN is never scaled). */
export function takeWindow(t: Tcb, seg: Segment, scaled: boolean): void {
  t.sndWnd = scaled && t.sndScale > 0 ? seg.wnd << t.sndScale : seg.wnd;
  t.sndWl1 = seg.seq;
  t.sndWl2 = seg.ack;
  if (t.sndWnd > t.maxSndWnd) t.maxSndWnd = t.sndWnd;
}

/**
 * Our SYN is acknowledged: the data-transfer side starts. After a lost SYN that is with an RTO of
 * its own, without the SYN's back-off (RFC 6298 §5.7).
 */
export function startEstablished(s: Step, t: Tcb): void {
  roundBuffers(s, t);
  startCongestion(s, t);
  if (t.synRetransmitted && t.srtt === 0) {
    t.rto = Math.max(t.rto, s.knobs.rto_after_syn_loss_ms * 1000);
  }
  t.rtxCount = 0;
  t.lastRcvAt = s.now;
  // The limit of the handshake was met.
  t.keepAt = 0;
}
