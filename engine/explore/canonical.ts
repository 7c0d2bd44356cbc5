/**
 * The canonical form of a state: two states with the same text behave the same for ever. It is the
 * whole text that is compared, no hash of it.
 *
 * Left out, and why it decides nothing here:
 * - absolute time and every deadline: a timer is on or off and may expire at any moment; an owed
 *   ACK whose moment has come is told apart;
 * - ISS: numbers are told by their incarnation and the distance from its ISS. Those of an older one
 *   lie before all of a newer one, however far;
 * - round trips, RTO, back-off, retransmission counts (save for a SYN, where they end in giving
 *   up): they only set deadlines;
 * - congestion window, timestamps, scaling: off, see STILLED;
 * - counters for statistics and for draws of the network; errors that are told to the user;
 * - connections in CLOSED: no segment finds them any more.
 */
import type { Flight } from '../network/flight.ts';
import { connOfStream, hostOfStream, type StreamId } from '../tcp/segment.ts';
import { stateNumber } from '../tcp/states.ts';
import type { Tcb, TimeWait } from '../tcp/tcb.ts';
import { deadlineOf, TIMERS } from '../tcp/timers.ts';
import { NUMBERS_PER_STEP } from './bounds.ts';
import {
  type Ghost,
  liveConns,
  type Net,
  pastOf,
  type Side,
  timeWaitSince,
  timeWaits,
} from './node.ts';

const NOWHERE = 0xffff;

/** Places of the sequence numbers of one state. */
type Places = readonly (readonly number[])[];

/**
 * A sequence number of a side in 16 bits: of which incarnation, counted back from the newest, and
 * where in it. Such as 0, which stands for no number, is nowhere.
 */
function place(places: Places, host: number, seq: number): number {
  const known = places[host] as readonly number[];
  for (let i = known.length - 1; i >= 0; i -= 1) {
    const at = (seq - (known[i] as number)) >>> 0;
    if (at < NUMBERS_PER_STEP) return (known.length - 1 - i) * 64 + at;
  }
  return NOWHERE;
}

/** Numbers of 16 bits as text. */
function text(numbers: readonly number[]): string {
  return String.fromCharCode.apply(null, numbers as number[]);
}

function streamCode(stream: StreamId): number {
  return stream < 0 ? 0 : connOfStream(stream) * 2 + hostOfStream(stream) + 1;
}

const bits = (...flags: readonly boolean[]): number =>
  flags.reduce((sum, flag, i) => (flag ? sum | (1 << i) : sum), 0);

function timerBits(t: Tcb): number {
  let on = 0;
  for (let i = 0; i < TIMERS.length; i += 1) {
    if (deadlineOf(t, TIMERS[i] as (typeof TIMERS)[number]) > 0) on |= 1 << i;
  }
  return on;
}

/** One connection, as seen at time `now`. */
function connText(p: Places, host: number, t: Tcb, now: number): string {
  const peer = 1 - host;
  const opening = t.state === 'SYN-SENT' || t.state === 'SYN-RECEIVED';
  const numbers = [
    t.num,
    stateNumber(t.state),
    bits(
      t.opened === 'active',
      t.held,
      t.closed,
      t.rcvShut,
      t.synAcked,
      t.finQueued,
      t.finSent,
      t.finAcked,
      t.finRcvd,
      t.ackOwed,
      t.delackAt > 0 && t.delackAt <= now,
      t.rtxUse === 'persist',
    ),
    timerBits(t),
    opening ? Math.min(t.rtxCount, 1) : 0,
    t.textUna,
    t.textNxt,
    t.textEnd,
    place(p, host, t.iss),
    place(p, host, t.sndUna),
    place(p, host, t.sndNxt),
    t.sndWnd,
    place(p, peer, t.sndWl1),
    place(p, host, t.sndWl2),
    t.maxSndWnd,
    place(p, peer, t.irs),
    place(p, peer, t.rcvNxt),
    t.rcvText,
    t.rcvRead,
    Math.min(0xffff, (t.rcvAdv - t.rcvNxt) >>> 0),
    t.finAt < 0 ? NOWHERE : place(p, peer, t.finAt),
    streamCode(t.peerStream),
    Math.min(t.unackedSegments, 8),
    Math.min(t.dupAcks, 8),
    t.recovery === 'open' ? 0 : t.recovery === 'loss' ? 1 : 2,
  ];
  if (t.recovery !== 'open') numbers.push(place(p, host, t.recover), place(p, host, t.rtxNxt));
  numbers.push(t.sacked.length, t.blocks.length);
  for (const edge of t.sacked) numbers.push(place(p, host, edge));
  for (const b of t.blocks)
    numbers.push(place(p, peer, b.seq), b.len, b.from, streamCode(b.stream));
  return text(numbers);
}

/** What LISTEN keeps; the rest is set anew by the SYN. */
function listenText(host: number, t: Tcb): string {
  const flags = bits(t.opened === 'active', t.held, t.closed, t.synAcked, t.finQueued, t.finSent);
  return text([host, t.num, 1, flags, t.textUna, t.textNxt, t.textEnd, t.iss > 0 ? 1 : 0]);
}

function timeWaitText(ghost: Ghost, host: number, w: TimeWait): string {
  const p = ghost.iss;
  return text([
    w.num,
    64,
    pastOf(ghost, host, w.num)?.peer ?? 0,
    place(p, host, w.sndNxt),
    place(p, 1 - host, w.rcvNxt),
    w.rcvWnd & 0xffff,
  ]);
}

/** A flight: its segment, and which TIME-WAITs began after it was sent. */
export function flightKey(flight: Flight, hosts: readonly Side[], ghost: Ghost): string {
  const { seg, from, to } = flight;
  const p = ghost.iss;
  const before =
    (flight.sentAt <= timeWaitSince(hosts[0] as Side) ? 1 : 0) |
    (flight.sentAt <= timeWaitSince(hosts[1] as Side) ? 2 : 0);
  const numbers = [
    to + 1,
    before,
    seg.flags,
    place(p, from, seg.seq),
    place(p, to, seg.ack),
    seg.wnd,
    seg.len,
    seg.from,
    streamCode(seg.stream),
  ];
  const sack = seg.sack ?? [];
  numbers.push(sack.length);
  for (const edge of sack) numbers.push(place(p, to, edge));
  return text(numbers);
}

/** Of what is over only that counts which a living connection takes for its peer. */
function pastText(ghost: Ghost, host: number, t: Tcb): string {
  if (t.peerStream < 0) return '\uffff';
  const past = pastOf(ghost, 1 - host, connOfStream(t.peerStream));
  if (past === undefined) return '\uffff';
  return text([past.written, past.timeWait ? 1 : 0]);
}

/** The whole state: the network, what is on the way, what the ghosts know. */
export function canonicalText(net: Net, ghost: Ghost, flights: readonly number[]): string {
  const p = ghost.iss;
  const parts = [text([...ghost.used, ghost.excuse])];
  for (let host = 0; host < 2; host += 1) {
    const side = net.hosts[host] as Side;
    const live = liveConns(side);
    const waiting = timeWaits(side);
    parts.push(text([live.length, waiting.length]));
    for (const t of live) {
      const own = t.state === 'LISTEN' ? listenText(host, t) : connText(p, host, t, net.time);
      parts.push(own, pastText(ghost, host, t));
    }
    for (const w of waiting) parts.push(timeWaitText(ghost, host, w));
  }
  const moving: string[] = [];
  for (const n of flights) moving.push(flightKey(net.flights.get(n) as Flight, net.hosts, ghost));
  moving.sort();
  return parts.concat(moving).join('');
}
