/**
 * A TCP header (RFC 9293 §3.1) with its options (RFC 9293 §3.2, RFC 7323, RFC 2018, RFC 7413) as
 * the simulator's segment.
 *
 * Real stacks ignore options they do not know and options of a wrong length, and keep the segment;
 * so does this, with a note. Header bits beyond the eight classic flags are ignored, and checksums
 * are not verified: in a sender's capture the network card has not filled them in yet.
 */
import { blankSegment, type Segment } from '../../tcp/segment.ts';
import type { IpPacket } from './ip.ts';
import { type Skip, skip } from './skip.ts';
import { u8, u16, u32 } from './wire.ts';

export const TCP_BYTES = 20;

const OPTION_END = 0;
export const OPTION_NOP = 1;
export const OPTION_MSS = 2;
export const OPTION_WSCALE = 3;
export const OPTION_SACK_OK = 4;
export const OPTION_SACK = 5;
export const OPTION_TIMESTAMPS = 8;
const OPTION_FAST_OPEN = 34;
/** Fast Open before it had a number: an experimental option that begins with this (RFC 6994). */
const OPTION_EXPERIMENT = 254;
const EXPERIMENT_FAST_OPEN = 0xf989;

export type DecodedTcp = {
  segment: Segment;
  /** Length of the Fast Open cookie (RFC 7413 §4.1), 0 for the request of one; -1: no option. */
  fastOpen: number;
  /** Identification of the IP packet, see {@link IpPacket}. */
  ipIdent: number;
  /** What was wrong with the options; empty where nothing was. */
  note: string;
};

/** The segment that `ip` carries. Text is known by its length only: stream -1, from 0. */
export function decodeTcp(data: Uint8Array, ip: IpPacket): DecodedTcp | Skip {
  const { start } = ip;
  if (ip.length < TCP_BYTES) return skip('malformed header', 'TCP header');
  if (data.length < start + TCP_BYTES) return skip('cut header', 'TCP header');
  const headerBytes = (u8(data, start + 12) >> 4) * 4;
  if (headerBytes < TCP_BYTES || headerBytes > ip.length) {
    return skip('malformed header', 'TCP header');
  }
  const segment = blankSegment(ip.src, u16(data, start), ip.dst, u16(data, start + 2));
  segment.seq = u32(data, start + 4);
  segment.ack = u32(data, start + 8);
  segment.flags = u8(data, start + 13);
  segment.wnd = u16(data, start + 14);
  segment.up = u16(data, start + 18);
  segment.len = ip.length - headerBytes;
  const decoded: DecodedTcp = { segment, fastOpen: -1, ipIdent: ip.ident, note: '' };
  if (headerBytes > TCP_BYTES) readOptions(data, start + TCP_BYTES, start + headerBytes, decoded);
  return decoded;
}

function readOptions(data: Uint8Array, first: number, end: number, decoded: DecodedTcp): void {
  const kept = Math.min(end, data.length);
  let at = first;
  while (at < kept) {
    const kind = u8(data, at);
    if (kind === OPTION_END) return;
    if (kind === OPTION_NOP) {
      at += 1;
      continue;
    }
    const length = at + 1 < kept ? u8(data, at + 1) : 2;
    if (at + length > kept && kept < end) break;
    if (length < 2 || at + length > end) {
      decoded.note = `option ${kind} of length ${length} does not fit the header; the rest ignored`;
      return;
    }
    if (!readOption(data, at, kind, length, decoded)) {
      decoded.note = `option ${kind} ignored: wrong length ${length}`;
    }
    at += length;
  }
  if (kept < end) decoded.note = 'the capture holds only a part of the options';
}

/** Whether an option has the length its kind asks for; unknown ones have any. */
function readOption(
  data: Uint8Array,
  at: number,
  kind: number,
  length: number,
  decoded: DecodedTcp,
): boolean {
  const { segment } = decoded;
  switch (kind) {
    case OPTION_MSS:
      if (length !== 4) return false;
      segment.mss = u16(data, at + 2);
      return true;
    case OPTION_WSCALE:
      if (length !== 3) return false;
      segment.wscale = u8(data, at + 2);
      return true;
    case OPTION_SACK_OK:
      if (length !== 2) return false;
      segment.sackOk = true;
      return true;
    case OPTION_SACK:
      if (length < 10 || length % 8 !== 2) return false;
      segment.sack = sackEdges(data, at + 2, at + length);
      return true;
    case OPTION_TIMESTAMPS:
      if (length !== 10) return false;
      segment.ts = true;
      segment.tsVal = u32(data, at + 2);
      segment.tsEcr = u32(data, at + 6);
      return true;
    case OPTION_FAST_OPEN:
      decoded.fastOpen = length - 2;
      return true;
    case OPTION_EXPERIMENT:
      if (length >= 4 && u16(data, at + 2) === EXPERIMENT_FAST_OPEN) decoded.fastOpen = length - 4;
      return true;
    default:
      return true;
  }
}

function sackEdges(data: Uint8Array, first: number, end: number): number[] {
  const edges: number[] = [];
  for (let at = first; at < end; at += 4) edges.push(u32(data, at));
  return edges;
}
