/**
 * IPv4 and IPv6 headers (RFC 791 §3.1, RFC 8200 §3 and §4): addresses, the protocol above, where
 * its bytes begin and how many the sender sent, whatever was kept of them. Lengths come from the
 * header, so padding of short Ethernet frames and captures cut to some bytes per packet are fine.
 *
 * A length of zero is what a sender's capture holds for a segment its network card was to cut up
 * (segmentation offload), and what IPv6 jumbograms say (RFC 2675): the frame's own length counts.
 *
 * Left out: reassembly. A fragment is reported as one, since neither part tells the whole length.
 */
import { formatIpv4, formatIpv6 } from '../../base/address.ts';
import { type Skip, skip } from './skip.ts';
import { u8, u16, u32 } from './wire.ts';

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_ICMPV6 = 58;

export type IpPacket = {
  version: 4 | 6;
  src: string;
  dst: string;
  protocol: number;
  fragment: 'whole' | 'first' | 'later';
  /** The identification of IPv4 (RFC 6864); 0 where it tells nothing, as always with IPv6. */
  ident: number;
  /** Where the payload begins in the packet's bytes. */
  start: number;
  /** Its length as sent; the bytes kept may be fewer, or be followed by padding. */
  length: number;
};

/** Address texts of one capture: the same few addresses come in every packet. */
export type AddressTexts = { ipv4: Map<number, string>; ipv6: Map<string, string> };

export function addressTexts(): AddressTexts {
  return { ipv4: new Map(), ipv6: new Map() };
}

/** The IP packet at `at`; `frameLength` is the length the whole frame had on the link. */
export function decodeIp(
  data: Uint8Array,
  at: number,
  frameLength: number,
  texts: AddressTexts,
): IpPacket | Skip {
  if (data.length <= at) return skip('cut header', 'IP header');
  const version = u8(data, at) >> 4;
  if (version === 4) return decodeIpv4(data, at, frameLength, texts);
  if (version === 6) return decodeIpv6(data, at, frameLength, texts);
  return skip('not IP', `IP version ${version}`);
}

const IPV4_BYTES = 20;
const MORE_FRAGMENTS = 0x2000;

function decodeIpv4(
  data: Uint8Array,
  at: number,
  frameLength: number,
  texts: AddressTexts,
): IpPacket | Skip {
  if (data.length < at + IPV4_BYTES) return skip('cut header', 'IPv4 header');
  const headerBytes = (u8(data, at) & 0x0f) * 4;
  const totalLength = u16(data, at + 2) || frameLength - at;
  if (headerBytes < IPV4_BYTES || totalLength < headerBytes) {
    return skip('malformed header', 'IPv4 header');
  }
  const flagsAndOffset = u16(data, at + 6);
  const offset = flagsAndOffset & 0x1fff;
  const more = (flagsAndOffset & MORE_FRAGMENTS) !== 0;
  const packet: IpPacket = {
    version: 4,
    src: ipv4Text(data, at + 12, texts),
    dst: ipv4Text(data, at + 16, texts),
    protocol: u8(data, at + 9),
    fragment: fragmentKind(offset, more),
    ident: u16(data, at + 4),
    start: at + headerBytes,
    length: totalLength - headerBytes,
  };
  return packet.protocol === PROTOCOL_TCP ? packet : skipExtensions(data, packet);
}

const IPV6_BYTES = 40;

function decodeIpv6(
  data: Uint8Array,
  at: number,
  frameLength: number,
  texts: AddressTexts,
): IpPacket | Skip {
  if (data.length < at + IPV6_BYTES) return skip('cut header', 'IPv6 header');
  const length = u16(data, at + 4) || frameLength - at - IPV6_BYTES;
  const packet: IpPacket = {
    version: 6,
    src: ipv6Text(data, at + 8, texts),
    dst: ipv6Text(data, at + 24, texts),
    protocol: u8(data, at + 6),
    fragment: 'whole',
    ident: 0,
    start: at + IPV6_BYTES,
    length,
  };
  return packet.protocol === PROTOCOL_TCP ? packet : skipExtensions(data, packet);
}

function fragmentKind(offset: number, more: boolean): IpPacket['fragment'] {
  if (offset > 0) return 'later';
  return more ? 'first' : 'whole';
}

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION = 60;
const MOBILITY = 135;
const IPV6_EXTENSIONS = new Set([HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION, MOBILITY]);

/** Moves the packet on to the protocol behind its extension headers (RFC 8200 §4, RFC 4302). */
function skipExtensions(data: Uint8Array, packet: IpPacket): IpPacket | Skip {
  while (packet.fragment !== 'later' && isExtension(packet)) {
    const { start, protocol } = packet;
    if (data.length < start + 8) return skip('cut header', 'IP extension header');
    let bytes = (u8(data, start + 1) + 1) * 8;
    if (protocol === AUTHENTICATION) bytes = (u8(data, start + 1) + 2) * 4;
    if (protocol === FRAGMENT) {
      bytes = 8;
      const field = u16(data, start + 2);
      packet.fragment = fragmentKind(field >> 3, (field & 1) !== 0);
    }
    packet.protocol = u8(data, start);
    packet.start += bytes;
    packet.length -= bytes;
    if (packet.length < 0) return skip('malformed header', 'IP extension header');
  }
  return packet;
}

function isExtension(packet: IpPacket): boolean {
  if (packet.protocol === AUTHENTICATION) return true;
  return packet.version === 6 && IPV6_EXTENSIONS.has(packet.protocol);
}

function ipv4Text(data: Uint8Array, at: number, texts: AddressTexts): string {
  const key = u32(data, at);
  let text = texts.ipv4.get(key);
  if (text === undefined) {
    text = formatIpv4(data, at);
    texts.ipv4.set(key, text);
  }
  return text;
}

function ipv6Text(data: Uint8Array, at: number, texts: AddressTexts): string {
  let key = '';
  for (let i = at; i < at + 16; i += 2) key += String.fromCharCode(u16(data, i));
  let text = texts.ipv6.get(key);
  if (text === undefined) {
    text = formatIpv6(data, at);
    texts.ipv6.set(key, text);
  }
  return text;
}

const PROTOCOL_NAMES = new Map([
  [PROTOCOL_ICMP, 'ICMP'],
  [2, 'IGMP'],
  [4, 'IPv4 in IP'],
  [PROTOCOL_TCP, 'TCP'],
  [17, 'UDP'],
  [41, 'IPv6 in IP'],
  [47, 'GRE'],
  [50, 'ESP'],
  [PROTOCOL_ICMPV6, 'ICMPv6'],
  [89, 'OSPF'],
  [132, 'SCTP'],
]);

export function protocolName(protocol: number): string {
  return PROTOCOL_NAMES.get(protocol) ?? `IP protocol ${protocol}`;
}
