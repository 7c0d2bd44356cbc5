/**
 * A segment as the bytes of an IP packet: the inverse of decoding, for export and for tests. Which
 * text a segment carried is not known here, so it is zeros; the checksums are right for that.
 *
 * Options stand in the order of Linux, each alone padded to four bytes. A segment longer than an IP
 * packet can say gets length zero, as a capture of segmentation offload has it: the length is then
 * the packet's original length in the capture file.
 */
import { parseAddress } from '../../base/address.ts';
import { assert } from '../../base/assert.ts';
import type { Segment } from '../../tcp/segment.ts';
import { PROTOCOL_TCP } from './ip.ts';
import {
  OPTION_MSS,
  OPTION_NOP,
  OPTION_SACK,
  OPTION_SACK_OK,
  OPTION_TIMESTAMPS,
  OPTION_WSCALE,
  TCP_BYTES,
} from './tcp-header.ts';
import { checksumOf, putU16, putU32, sumWords } from './wire.ts';

const IPV4_BYTES = 20;
const IPV6_BYTES = 40;
const LENGTH_MAX = 0xffff;
const DONT_FRAGMENT = 0x4000;
const HOP_LIMIT = 64;
/** The data offset has four bits of 32-bit words: 60 bytes with the fixed 20. */
const OPTION_BYTES_MAX = 40;

/** The packet's bytes; with `text_max`, no more than so many of its text, as a snap length does. */
export function encodeSegment(segment: Segment, text_max = Number.POSITIVE_INFINITY): Uint8Array {
  const src = addressBytes(segment.src);
  const dst = addressBytes(segment.dst);
  assert(src.length === dst.length, () => `${segment.src} to ${segment.dst}: two IP versions`);
  const options = encodeOptions(segment);
  const ipBytes = src.length === 4 ? IPV4_BYTES : IPV6_BYTES;
  const tcpBytes = TCP_BYTES + options.length;
  const data = new Uint8Array(ipBytes + tcpBytes + Math.min(segment.len, text_max));
  if (src.length === 4) putIpv4(data, tcpBytes + segment.len);
  else putIpv6(data, tcpBytes + segment.len);
  data.set(src, ipBytes - 2 * src.length);
  data.set(dst, ipBytes - dst.length);
  if (src.length === 4) putU16(data, 10, checksumOf(sumWords(data, 0, IPV4_BYTES)));
  putTcp(data, ipBytes, segment, tcpBytes);
  data.set(options, ipBytes + TCP_BYTES);

  // The pseudo-header (RFC 9293 §3.1, RFC 8200 §8.1): addresses, protocol and TCP length.
  const addresses = sumWords(data, ipBytes - 2 * src.length, ipBytes);
  const pseudo = addresses + PROTOCOL_TCP + tcpBytes + segment.len;
  const sum = pseudo + sumWords(data, ipBytes, ipBytes + tcpBytes);
  putU16(data, ipBytes + 16, checksumOf(sum));
  return data;
}

/** The length of the whole packet, also where {@link encodeSegment} left text away. */
export function encodedLength(segment: Segment): number {
  const ipBytes = segment.src.includes(':') ? IPV6_BYTES : IPV4_BYTES;
  return ipBytes + TCP_BYTES + encodeOptions(segment).length + segment.len;
}

function addressBytes(text: string): Uint8Array {
  const bytes = parseAddress(text);
  assert(bytes !== undefined, () => `not an IP address: ${text}`);
  return bytes;
}

function putIpv4(data: Uint8Array, payloadLength: number): void {
  const totalLength = IPV4_BYTES + payloadLength;
  data[0] = 0x45;
  putU16(data, 2, totalLength > LENGTH_MAX ? 0 : totalLength);
  putU16(data, 6, DONT_FRAGMENT);
  data[8] = HOP_LIMIT;
  data[9] = PROTOCOL_TCP;
}

function putIpv6(data: Uint8Array, payloadLength: number): void {
  data[0] = 0x60;
  putU16(data, 4, payloadLength > LENGTH_MAX ? 0 : payloadLength);
  data[6] = PROTOCOL_TCP;
  data[7] = HOP_LIMIT;
}

function putTcp(data: Uint8Array, at: number, segment: Segment, tcpBytes: number): void {
  putU16(data, at, segment.srcPort);
  putU16(data, at + 2, segment.dstPort);
  putU32(data, at + 4, segment.seq);
  putU32(data, at + 8, segment.ack);
  data[at + 12] = (tcpBytes / 4) << 4;
  data[at + 13] = segment.flags;
  putU16(data, at + 14, segment.wnd);
  putU16(data, at + 18, segment.up);
}

function encodeOptions(segment: Segment): Uint8Array {
  const bytes: number[] = [];
  if (segment.mss > 0) bytes.push(OPTION_MSS, 4, segment.mss >> 8, segment.mss & 0xff);
  // SACK-permitted takes the place of the two NOPs before timestamps (RFC 7323 appendix A).
  const beforeTimestamps = segment.sackOk ? [OPTION_SACK_OK, 2] : [OPTION_NOP, OPTION_NOP];
  if (segment.sackOk || segment.ts) bytes.push(...beforeTimestamps);
  if (segment.ts) {
    bytes.push(OPTION_TIMESTAMPS, 10, ...be32(segment.tsVal), ...be32(segment.tsEcr));
  } else if (segment.sackOk) {
    bytes.push(OPTION_NOP, OPTION_NOP);
  }
  if (segment.wscale >= 0) bytes.push(OPTION_NOP, OPTION_WSCALE, 3, segment.wscale);
  const edges = segment.sack ?? [];
  if (edges.length > 0) {
    bytes.push(OPTION_NOP, OPTION_NOP, OPTION_SACK, 2 + 4 * edges.length);
    for (const edge of edges) bytes.push(...be32(edge));
  }
  assert(bytes.length <= OPTION_BYTES_MAX, () => `${bytes.length} bytes of TCP options`);
  return Uint8Array.from(bytes);
}

function be32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}
