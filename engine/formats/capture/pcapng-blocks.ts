/**
 * The blocks of a pcapng file that are read (draft-ietf-opsawg-pcapng §4.1 to §4.4, appendix A):
 * section headers, interface descriptions and the three kinds of packet blocks. Each function here
 * is given a block that lies whole in the file and is at least as long as its fixed fields; it adds
 * to what was read so far, or returns what is wrong.
 */
import type { CapturedPacket, CaptureError, CaptureInterface } from './capture.ts';
import { type ReadTime, TSRESOL_MICROS, timeReader } from './pcapng-time.ts';

const OPTION_END = 0;
const OPTION_IF_NAME = 2;
const OPTION_IF_TSRESOL = 9;
const OPTION_IF_TSOFFSET = 14;

/** What was read of the file so far. */
export type Reader = {
  bytes: Uint8Array;
  view: DataView;
  /** Byte order of the section. */
  little: boolean;
  interfaces: CaptureInterface[];
  /** By interface, as is the list above. */
  clocks: ReadTime[];
  /** Index of the section's interface 0. */
  sectionFirst: number;
  packets: CapturedPacket[];
  untimed: number;
};

export function readSectionHeader(reader: Reader, offset: number): CaptureError | undefined {
  const major = reader.view.getUint16(offset + 12, reader.little);
  const minor = reader.view.getUint16(offset + 14, reader.little);
  if (major !== 1) return wrong(offset + 12, 'format version 1.0', `${major}.${minor}`);
  reader.sectionFirst = reader.interfaces.length;
  return undefined;
}

export function readInterface(reader: Reader, offset: number, length: number): undefined {
  const { view, little } = reader;
  let ifName = '';
  let tsresol = TSRESOL_MICROS;
  let tsoffset_s = 0n;
  const end = offset + length - 4;
  let at = offset + 16;
  // An option list that does not fit its block ends here: other readers forgive it too.
  while (at + 4 <= end) {
    const code = view.getUint16(at, little);
    const size = view.getUint16(at + 2, little);
    const value = at + 4;
    if (code === OPTION_END || value + size > end) break;
    if (code === OPTION_IF_NAME) ifName = text(reader.bytes.subarray(value, value + size));
    else if (code === OPTION_IF_TSRESOL && size >= 1) tsresol = view.getUint8(value);
    else if (code === OPTION_IF_TSOFFSET && size >= 8) tsoffset_s = view.getBigInt64(value, little);
    at = value + Math.ceil(size / 4) * 4;
  }
  const linkType = view.getUint16(offset + 8, little);
  const snapLen = view.getUint32(offset + 12, little);
  reader.interfaces.push({ name: ifName, linkType, snapLen });
  reader.clocks.push(timeReader(tsresol, tsoffset_s));
  return undefined;
}

/** An enhanced packet block, or an obsolete one: both have the same fields from byte 12 on. */
export function readPacket(
  reader: Reader,
  offset: number,
  length: number,
  id: number,
): CaptureError | undefined {
  const { view, little } = reader;
  const clock = reader.clocks[reader.sectionFirst + id];
  if (clock === undefined) return unknownInterface(reader, offset, id);
  const time = clock(view.getUint32(offset + 12, little), view.getUint32(offset + 16, little));
  if (time === undefined) return wrong(offset + 12, 'a time before the year 2255', 'a later one');
  const kept = view.getUint32(offset + 20, little);
  if (kept > length - 32) {
    return wrong(offset + 20, `at most ${length - 32} bytes of packet in its block`, `${kept}`);
  }
  const start = offset + 28;
  reader.packets.push({
    index: reader.packets.length + 1,
    offset,
    interface: reader.sectionFirst + id,
    time_us: time.time_us,
    rest_ns: time.rest_ns,
    data: reader.bytes.subarray(start, start + kept),
    originalLength: view.getUint32(offset + 24, little),
  });
  return undefined;
}

/** A packet of interface 0, without a time; its limit says how much of it was kept. */
export function readSimplePacket(
  reader: Reader,
  offset: number,
  length: number,
): CaptureError | undefined {
  const of = reader.interfaces[reader.sectionFirst];
  if (of === undefined) return unknownInterface(reader, offset, 0);
  const originalLength = reader.view.getUint32(offset + 8, reader.little);
  const limit = of.snapLen === 0 ? originalLength : Math.min(of.snapLen, originalLength);
  const room = length - 16;
  if (limit > room) return wrong(offset + 8, `at most ${room} bytes of packet`, `${limit}`);
  const before = reader.packets.at(-1);
  const start = offset + 12;
  reader.packets.push({
    index: reader.packets.length + 1,
    offset,
    interface: reader.sectionFirst,
    time_us: before?.time_us ?? 0,
    rest_ns: before?.rest_ns ?? 0,
    data: reader.bytes.subarray(start, start + limit),
    originalLength,
  });
  reader.untimed += 1;
  return undefined;
}

function unknownInterface(reader: Reader, offset: number, id: number): CaptureError {
  const described = reader.interfaces.length - reader.sectionFirst;
  const expected = `one of the ${described} interfaces described so far in this section`;
  return wrong(offset + 8, expected, `interface ${id}`);
}

export function wrong(offset: number, expected: string, found: string): CaptureError {
  return { offset, expected, found };
}

/** UTF-8; some writers count a final zero byte in. */
function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replace(/\0+$/, '');
}
