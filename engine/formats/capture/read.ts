/**
 * Which of the two capture file formats bytes are in, by their magic numbers.
 *
 * Our own reader: the parsers on npm are streams over Node's Buffer or know only the classic format
 * in one byte order; none takes bytes on any runtime, keeps nanoseconds and reports offsets.
 */
import type { ReadResult } from './capture.ts';
import { isPcap, readPcap } from './pcap.ts';
import { isPcapng, readPcapng } from './pcapng.ts';

/** The capture in the bytes of an uncompressed pcap or pcapng file. */
export function readCapture(bytes: Uint8Array): ReadResult {
  if (isPcapng(bytes)) return readPcapng(bytes);
  if (isPcap(bytes)) return readPcap(bytes);
  const expected = 'the magic number of a pcap or pcapng file';
  return { ok: false, error: { offset: 0, expected, found: describeStart(bytes) } };
}

function describeStart(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'an empty file';
  const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0'));
  const hex = start.join(' ');
  if (hex.startsWith('1f 8b')) return `gzip-compressed data (${hex})`;
  if (hex === '28 b5 2f fd') return `zstd-compressed data (${hex})`;
  return bytes.length < 4 ? `only ${bytes.length} bytes (${hex})` : hex;
}
