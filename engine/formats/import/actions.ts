/** Packets of the capture as things that happen at its ends, in order of time. */
import type { Micros } from '../../base/time.ts';
import type { Segment } from '../../tcp/segment.ts';
import type { DecodedCapture, TcpFrame } from '../capture/index.ts';
import { lostBeyond } from './fates.ts';
import type { HostPlan } from './hosts.ts';
import type { Action, End, IcmpAction, Packet } from './packet.ts';
import { identityOf, type Places } from './places.ts';

export type Actions = {
  readonly list: readonly (Action | IcmpAction)[];
  readonly ends: readonly End[];
  /** By how much all times are later than in the capture, so that none is negative. */
  readonly shift: Micros;
  /** Shortest way from one end to another. */
  readonly way: Micros;
};

type Maker = {
  readonly places: Places;
  readonly plan: HostPlan;
  readonly shift: Micros;
  readonly last: Micros;
  readonly ends: Map<string, End>;
  readonly list: (Action | IcmpAction)[];
  /** Packets seen leaving one interface and not yet entering another, by identity. */
  readonly leaving: Map<string, Leaving[]>;
  /** Packets that a host far from the capture shows not to have got. */
  readonly lostBeyond: ReadonlySet<TcpFrame>;
  /** Packets seen entering an interface and at no time leaving another. */
  readonly appearing: { readonly t: Micros; readonly packet: Packet }[];
  /** When the first packet was captured at each interface. */
  readonly start: ReadonlyMap<number, Micros>;
  /** Shortest way seen between two interfaces. */
  shortest: Micros;
};

type Leaving = { readonly t: Micros; readonly packet: Packet; arrived: boolean };

export function listActions(
  decoded: DecodedCapture,
  frames: readonly TcpFrame[],
  places: Places,
  plan: HostPlan,
): Actions {
  // Time 0 means "never" in a TCB, so nothing happens then but that hosts listen.
  let shift = 1;
  for (const far of places.distance.values()) shift = Math.max(shift, far);
  const maker: Maker = {
    places,
    plan,
    shift,
    last: (frames[frames.length - 1] as TcpFrame).time + shift,
    ends: new Map(),
    list: [],
    leaving: new Map(),
    appearing: [],
    start: startOf(frames, shift),
    lostBeyond: lostBeyond(frames, (src, dst) => wayBeyond(places, src, dst)),
    shortest: Number.POSITIVE_INFINITY,
  };
  for (const frame of frames) addFrame(maker, frame);
  addLost(maker);
  addAppearing(maker);
  addIcmp(maker, decoded);
  // The sort is stable: at one time the order is that of the file.
  maker.list.sort((a, b) => a.t - b.t);
  const way = Number.isFinite(maker.shortest) ? maker.shortest : shift;
  return { list: maker.list, ends: [...maker.ends.values()], shift, way };
}

function addFrame(m: Maker, frame: TcpFrame): void {
  const { segment: seg, interface: place } = frame;
  const t = frame.time + m.shift;
  const from = m.places.at.get(seg.src);
  const to = m.places.at.get(seg.dst);
  const packet: Packet = { seg, n: -1, forged: false };
  if (from !== undefined && from !== place && to === place) {
    addEntering(m, t, packet);
    return;
  }
  // A third interface on the way shows nothing new.
  if (from !== undefined && from !== place) return;
  if (from === undefined && to !== undefined && to !== place) return;
  add(m, 'leave', t - (from === place ? 0 : far(m, seg.src)), packet);
  if (to !== undefined && to !== place) {
    const key = identityOf(seg);
    const leaving = { t, packet, arrived: false };
    const known = m.leaving.get(key);
    if (known === undefined) m.leaving.set(key, [leaving]);
    else known.push(leaving);
    return;
  }
  const way = to === place ? 0 : far(m, seg.dst);
  if (m.lostBeyond.has(frame)) add(m, 'lost', t + Math.floor(way / 2), packet);
  else add(m, 'enter', t + way, packet);
}

/** The way on which a packet can still be lost: to the farther end from the capture. */
function wayBeyond(places: Places, src: string, dst: string): Micros | undefined {
  if (places.at.has(dst)) return undefined;
  const way = places.halfTurn.get(dst) ?? 0;
  if (!places.at.has(src) && way < (places.halfTurn.get(src) ?? 0)) return undefined;
  return places.distance.get(dst);
}

function far(m: Maker, address: string): Micros {
  return m.places.distance.get(address) ?? 0;
}

/** Matches what enters with the last of the same that left and has not arrived. */
function addEntering(m: Maker, t: Micros, packet: Packet): void {
  const same = m.leaving.get(identityOf(packet.seg)) ?? [];
  const left = same.findLast((leaving) => !leaving.arrived && leaving.t <= t);
  if (left !== undefined) {
    left.arrived = true;
    m.shortest = Math.min(m.shortest, t - left.t);
    add(m, 'enter', t, left.packet);
    return;
  }
  if (same.length > 0) add(m, 'copy', t, packet);
  else m.appearing.push({ t, packet });
}

function startOf(frames: readonly TcpFrame[], shift: Micros): Map<number, Micros> {
  const start = new Map<number, Micros>();
  for (const { time, interface: place } of frames) {
    if (!start.has(place)) start.set(place, time + shift);
  }
  return start;
}

/** Whether an address has its interface, and nothing was captured there yet. */
function isBeforeStart(m: Maker, address: string, t: Micros): boolean {
  return t < (m.start.get(m.places.at.get(address) ?? -1) ?? 0);
}

/**
 * What left, had time to arrive and did not, was lost half-way; but where the capture of the other
 * end had not begun, nobody could see it arrive.
 */
function addLost(m: Maker): void {
  const way = Number.isFinite(m.shortest) ? m.shortest : 0;
  for (const same of m.leaving.values()) {
    for (const { t, packet, arrived } of same) {
      if (arrived || t + 2 * way > m.last) continue;
      if (isBeforeStart(m, packet.seg.dst, t + way)) add(m, 'enter', t + way, packet);
      else add(m, 'lost', t + Math.floor(way / 2), packet);
    }
  }
}

/** What entered and never left is forged, unless it left before that end was captured. */
function addAppearing(m: Maker): void {
  const way = Number.isFinite(m.shortest) ? m.shortest : 0;
  for (const { t, packet } of m.appearing) {
    const left = Math.max(m.shift, t - way);
    if (isBeforeStart(m, packet.seg.src, left)) {
      add(m, 'leave', left, packet);
      add(m, 'enter', t, packet);
    } else {
      add(m, 'forged', t, packet);
    }
  }
}

function add(m: Maker, kind: Action['kind'], t: Micros, packet: Packet): void {
  const leaves = kind === 'leave' || kind === 'lost';
  m.list.push({ t, kind, end: endOf(m, packet.seg, leaves), packet });
}

/** The end at which a segment leaves, or the other. */
function endOf(m: Maker, seg: Segment, leaves: boolean): End {
  const local = leaves ? seg.src : seg.dst;
  const localPort = leaves ? seg.srcPort : seg.dstPort;
  const remote = leaves ? seg.dst : seg.src;
  const remotePort = leaves ? seg.dstPort : seg.srcPort;
  const key = `${local} ${localPort} ${remote} ${remotePort}`;
  let end = m.ends.get(key);
  if (end === undefined) {
    const host = m.plan.of.get(local) as number;
    end = { id: m.ends.size, host, local, localPort, remote, remotePort, known: false };
    m.ends.set(key, end);
  }
  return end;
}

/** An ICMP error counts where it reaches the host whose segment it quotes. */
function addIcmp(m: Maker, decoded: DecodedCapture): void {
  for (const { time, interface: place, error } of decoded.icmp) {
    const host = m.plan.of.get(error.quoted.src);
    const at = m.places.at.get(error.quoted.src);
    if (host === undefined || (at !== undefined && at !== place)) continue;
    const way = at === undefined ? far(m, error.quoted.src) : 0;
    m.list.push({ t: time + m.shift + way, kind: 'icmp', host, error });
  }
}
