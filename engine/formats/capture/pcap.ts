/**
 * The classic capture file (draft-ietf-opsawg-pcap): one header of 24 bytes, then one record of 16
 * bytes and the packet for each. The magic number tells the byte order of everything that follows
 * and whether fractions of a second are microseconds or nanoseconds.
 *
 * Left out: the time zone and accuracy fields (always zero in practice, ignored by other readers),
 * the frame check sequence bits beside the link type, and the variants with longer records that
 * some systems wrote in the 1990s; their magic numbers are refused.
 */
import { type CapturedPacket, cut, type ReadResult, type Truncation } from './capture.ts';

const MAGIC_MICROS = 0xa1b2c3d4;
const MAGIC_NANOS = 0xa1b23c4d;
const HEADER_BYTES = 24;
const RECORD_BYTES = 16;
/** No capture program keeps more of a packet, whatever the header says (libpcap's own limit). */
const PACKET_BYTES_MAX = 262_144;

type FileKind = { little: boolean; nanos: boolean };

function kindOf(bytes: Uint8Array): FileKind | undefined {
  if (bytes.length < 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 4);
  for (const little of [true, false]) {
    const magic = view.getUint32(0, little);
    if (magic === MAGIC_MICROS) return { little, nanos: false };
    if (magic === MAGIC_NANOS) return { little, nanos: true };
  }
  return undefined;
}

export function isPcap(bytes: Uint8Array): boolean {
  return kindOf(bytes) !== undefined;
}

/** Reads a file for which {@link isPcap} holds. */
export function readPcap(bytes: Uint8Array): ReadResult {
  const kind = kindOf(bytes);
  if (kind === undefined) throw new Error('readPcap: not the magic number of a pcap file');
  const { little, nanos } = kind;
  const format = 'pcap';
  if (bytes.length < HEADER_BYTES) {
    const truncated = cut(0, 'file header', HEADER_BYTES, bytes.length);
    return { ok: true, capture: { format, interfaces: [], packets: [], untimed: 0, truncated } };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = view.getUint16(4, little);
  const minor = view.getUint16(6, little);
  // Before 2.3 the two length fields of a record stood in the other order.
  if (major !== 2 || minor < 3) {
    const error = { offset: 4, expected: 'format version 2.4', found: `${major}.${minor}` };
    return { ok: false, error };
  }
  const snapLen = view.getUint32(16, little);
  const linkType = view.getUint32(20, little) & 0xffff;

  const packets: CapturedPacket[] = [];
  const length_max = Math.max(snapLen, PACKET_BYTES_MAX);
  let truncated: Truncation | undefined;
  let offset = HEADER_BYTES;
  while (offset < bytes.length) {
    const left = bytes.length - offset;
    if (left < RECORD_BYTES) {
      truncated = cut(offset, 'packet record', RECORD_BYTES, left);
      break;
    }
    const kept = view.getUint32(offset + 8, little);
    if (kept > length_max) {
      const expected = `a packet of at most ${length_max} bytes`;
      return { ok: false, error: { offset: offset + 8, expected, found: `${kept} bytes` } };
    }
    if (left < RECORD_BYTES + kept) {
      truncated = cut(offset, 'packet record', RECORD_BYTES + kept, left);
      break;
    }
    const fraction = view.getUint32(offset + 4, little);
    const fraction_us = nanos ? Math.floor(fraction / 1000) : fraction;
    const start = offset + RECORD_BYTES;
    packets.push({
      index: packets.length + 1,
      offset,
      interface: 0,
      time_us: view.getUint32(offset, little) * 1_000_000 + fraction_us,
      rest_ns: nanos ? fraction % 1000 : 0,
      data: bytes.subarray(start, start + kept),
      originalLength: view.getUint32(offset + 12, little),
    });
    offset = start + kept;
  }
  const capture = {
    format,
    interfaces: [{ name: '', linkType, snapLen }],
    packets,
    untimed: 0,
  } as const;
  return { ok: true, capture: truncated === undefined ? capture : { ...capture, truncated } };
}
