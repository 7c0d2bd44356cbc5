/**
 * ICMP errors about TCP segments (RFC 792, RFC 4443 §3, RFC 5927): the message quotes the IP header
 * and at least the first eight bytes of the segment it is about, which hold the ports and SEG.SEQ.
 *
 * Left out: everything that is no error (echo, neighbour discovery, …) and errors about other
 * protocols; both are skipped under their name.
 */
import { type AddressTexts, decodeIp, type IpPacket, PROTOCOL_TCP, protocolName } from './ip.ts';
import { isSkip, type Skip, skip } from './skip.ts';
import { u8, u16, u32 } from './wire.ts';

export type IcmpError = {
  /** ICMP or ICMPv6: types and codes mean different things. */
  version: 4 | 6;
  /** Who reports the error: a host or a router on the way. */
  src: string;
  dst: string;
  type: number;
  code: number;
  /** The next link's limit, in "fragmentation needed" and "packet too big"; else 0. */
  mtu: number;
  /** The segment the error is about, as it left its sender. */
  quoted: { src: string; dst: string; srcPort: number; dstPort: number; seq: number };
};

const ICMP_BYTES = 8;
const QUOTED_TCP_BYTES = 8;

const ICMP_UNREACHABLE = 3;
const ICMP_FRAGMENTATION_NEEDED = 4;
/** Destination unreachable, source quench, time exceeded, parameter problem (RFC 792). */
const ICMP_ERRORS = new Set([ICMP_UNREACHABLE, 4, 11, 12]);
const ICMPV6_TOO_BIG = 2;
/** ICMPv6 marks informational messages with the top bit (RFC 4443 §2.1). */
const ICMPV6_INFORMATIONAL = 0x80;

/** The ICMP error in `outer`; a skip where it is none about TCP. */
export function decodeIcmp(
  data: Uint8Array,
  outer: IpPacket,
  frameLength: number,
  texts: AddressTexts,
): IcmpError | Skip {
  const { version, src, dst, start } = outer;
  const name = protocolName(outer.protocol);
  if (data.length < start + ICMP_BYTES) return skip('cut header', `${name} header`);
  const type = u8(data, start);
  const code = u8(data, start + 1);
  const isError = version === 4 ? ICMP_ERRORS.has(type) : type < ICMPV6_INFORMATIONAL;
  if (!isError) return skip('not TCP', `${name} type ${type}`);

  const inner = decodeIp(data, start + ICMP_BYTES, frameLength, texts);
  if (isSkip(inner)) return skip(inner.reason, `${inner.what} quoted by ${name}`);
  if (inner.protocol !== PROTOCOL_TCP) {
    return skip('not TCP', `${name} error about ${protocolName(inner.protocol)}`);
  }
  if (inner.fragment === 'later') return skip('fragment', `later fragment quoted by ${name}`);
  const tcp = inner.start;
  if (data.length < tcp + QUOTED_TCP_BYTES) return skip('cut header', `segment quoted by ${name}`);
  return {
    version,
    src,
    dst,
    type,
    code,
    mtu: mtuOf(data, start, version, type, code),
    quoted: {
      src: inner.src,
      dst: inner.dst,
      srcPort: u16(data, tcp),
      dstPort: u16(data, tcp + 2),
      seq: u32(data, tcp + 4),
    },
  };
}

function mtuOf(
  data: Uint8Array,
  start: number,
  version: 4 | 6,
  type: number,
  code: number,
): number {
  if (version === 6) return type === ICMPV6_TOO_BIG ? u32(data, start + 4) : 0;
  // RFC 1191 §4.
  const needed = type === ICMP_UNREACHABLE && code === ICMP_FRAGMENTATION_NEEDED;
  return needed ? u16(data, start + 6) : 0;
}
