/**
 * The TCP of a capture: every packet is taken through link, IP and TCP headers and ends as a
 * segment, as an ICMP error about one, or counted under the reason why it is neither.
 *
 * Packets stay in the order of the file, which in captures of several interfaces need not be that
 * of time. A packet that was captured at both of its ends is here twice, once per interface.
 */
import type { Micros } from '../../base/time.ts';
import type { Segment } from '../../tcp/segment.ts';
import type {
  Capture,
  CapturedPacket,
  CaptureError,
  CaptureInterface,
  Truncation,
} from './capture.ts';
import { decodeIcmp, type IcmpError } from './icmp.ts';
import {
  type AddressTexts,
  addressTexts,
  decodeIp,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  protocolName,
} from './ip.ts';
import { ipOffset } from './link.ts';
import { readCapture } from './read.ts';
import { isSkip, type Skip, type SkipReason, skip } from './skip.ts';
import { type DecodedTcp, decodeTcp } from './tcp-header.ts';

type Where = {
  /** Since the earliest packet of the file. */
  time: Micros;
  /** The frame number, from 1, as Wireshark counts. */
  frame: number;
  /** Index into the interfaces. */
  interface: number;
};

export type TcpFrame = Where & {
  segment: Segment;
  /** Length of the Fast Open cookie, 0 for the request of one; -1: no such option. */
  fastOpen: number;
  /** The identification of its IPv4 packet, by which copies of it are known; 0: none. */
  ipIdent: number;
};

export type IcmpFrame = Where & { error: IcmpError };

/** How many packets ended for one reason, and the first of them. */
export type Skipped = { reason: SkipReason; what: string; count: number; firstFrame: number };

export type DecodedCapture = {
  format: Capture['format'];
  interfaces: readonly CaptureInterface[];
  /** Time of the earliest packet in microseconds since 1970; 0 without packets. */
  epoch_us: number;
  packetCount: number;
  frames: readonly TcpFrame[];
  icmp: readonly IcmpFrame[];
  /** The most frequent first. */
  skipped: readonly Skipped[];
  /** What was odd about a frame that is used all the same. */
  notes: readonly { frame: number; message: string }[];
  /** Packets without a time of their own, see {@link Capture}. */
  untimed: number;
  truncated?: Truncation;
};

export type DecodeResult =
  | { ok: true; decoded: DecodedCapture }
  | { ok: false; error: CaptureError };

/** The TCP in the bytes of an uncompressed pcap or pcapng file. */
export function decodeCapture(bytes: Uint8Array): DecodeResult {
  const read = readCapture(bytes);
  return read.ok ? { ok: true, decoded: decodePackets(read.capture) } : read;
}

export function decodePackets(capture: Capture): DecodedCapture {
  const { format, interfaces, packets, untimed } = capture;
  const epoch_us = earliest(packets);
  const texts = addressTexts();
  const frames: TcpFrame[] = [];
  const icmp: IcmpFrame[] = [];
  const notes: { frame: number; message: string }[] = [];
  const skipped = new Map<string, Skipped>();
  for (const packet of packets) {
    const time = packet.time_us - epoch_us;
    const frame = packet.index;
    const linkType = interfaces[packet.interface]?.linkType ?? -1;
    const found = decodePacket(packet, linkType, texts);
    if (isSkip(found)) {
      count(skipped, found, frame);
    } else if ('segment' in found) {
      const { segment, fastOpen, ipIdent, note } = found;
      frames.push({ time, frame, interface: packet.interface, segment, fastOpen, ipIdent });
      if (note !== '') notes.push({ frame, message: note });
    } else {
      icmp.push({ time, frame, interface: packet.interface, error: found });
    }
  }
  const decoded: DecodedCapture = {
    format,
    interfaces,
    epoch_us,
    packetCount: packets.length,
    frames,
    icmp,
    skipped: [...skipped.values()].sort((a, b) => b.count - a.count || a.firstFrame - b.firstFrame),
    notes,
    untimed,
  };
  return capture.truncated === undefined ? decoded : { ...decoded, truncated: capture.truncated };
}

function earliest(packets: readonly CapturedPacket[]): number {
  let time_us = packets[0]?.time_us ?? 0;
  for (const packet of packets) if (packet.time_us < time_us) time_us = packet.time_us;
  return time_us;
}

function decodePacket(
  packet: CapturedPacket,
  linkType: number,
  texts: AddressTexts,
): DecodedTcp | IcmpError | Skip {
  const { data, originalLength } = packet;
  const at = ipOffset(linkType, data);
  if (typeof at !== 'number') return at;
  const ip = decodeIp(data, at, originalLength, texts);
  if (isSkip(ip)) return ip;
  const name = protocolName(ip.protocol);
  if (ip.fragment !== 'whole') return skip('fragment', `${ip.fragment} fragment of ${name}`);
  switch (ip.protocol) {
    case PROTOCOL_TCP:
      return decodeTcp(data, ip);
    case PROTOCOL_ICMP:
    case PROTOCOL_ICMPV6:
      return decodeIcmp(data, ip, originalLength, texts);
    default:
      return skip('not TCP', name);
  }
}

function count(skipped: Map<string, Skipped>, { reason, what }: Skip, frame: number): void {
  const key = `${reason}: ${what}`;
  const entry = skipped.get(key);
  if (entry === undefined) skipped.set(key, { reason, what, count: 1, firstFrame: frame });
  else entry.count += 1;
}

/** What a capture holds, in one line: the message for one without TCP. */
export function describeContents(decoded: DecodedCapture): string {
  const { packetCount, frames, icmp, skipped } = decoded;
  if (packetCount === 0) return 'the capture holds no packets';
  const parts: string[] = [];
  if (frames.length > 0) parts.push(`${frames.length} TCP`);
  if (icmp.length > 0) parts.push(`${plural(icmp.length, 'ICMP error')} about TCP`);
  for (const { reason, what, count } of skipped) parts.push(`${count} ${what} (${reason})`);
  return `the capture holds ${plural(packetCount, 'packet')}: ${parts.join(', ')}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
