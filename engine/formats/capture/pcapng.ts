/**
 * The pcapng capture file (draft-ietf-opsawg-pcapng): a sequence of blocks, each with its type and
 * its length before and after the body. A section header starts a section and gives its byte order;
 * interface descriptions in it are numbered from 0; packets name their interface.
 *
 * Read are section headers, interface descriptions and the three kinds of packet blocks. Everything
 * else (names, statistics, secrets, custom blocks) is skipped by its length, as are all options but
 * the name and the clock of an interface.
 */
import { type CaptureError, cut, type ReadResult, type Truncation } from './capture.ts';
import {
  type Reader,
  readInterface,
  readPacket,
  readSectionHeader,
  readSimplePacket,
  wrong,
} from './pcapng-blocks.ts';

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Type, length, and the length again. */
const BLOCK_BYTES_MIN = 12;
/** A block that reaches beyond the file and is longer than this was not cut, it is nonsense. */
const CUT_BLOCK_BYTES_MAX = 16 * 1024 * 1024;
/** The least length of the blocks that are read: their fixed fields without any option. */
const BYTES_MIN = new Map([
  [SECTION_HEADER, 28],
  [INTERFACE_DESCRIPTION, 20],
  [OBSOLETE_PACKET, 32],
  [SIMPLE_PACKET, 16],
  [ENHANCED_PACKET, 32],
]);

export function isPcapng(bytes: Uint8Array): boolean {
  // The type of a section header reads the same in both byte orders.
  return bytes[0] === 0x0a && bytes[1] === 0x0d && bytes[2] === 0x0d && bytes[3] === 0x0a;
}

/** Reads a file for which {@link isPcapng} holds. */
export function readPcapng(bytes: Uint8Array): ReadResult {
  const reader: Reader = {
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    little: true,
    interfaces: [],
    clocks: [],
    sectionFirst: 0,
    packets: [],
    untimed: 0,
  };
  let truncated: Truncation | undefined;
  let offset = 0;
  while (offset < bytes.length) {
    const block = readBlock(reader, offset);
    if ('expected' in block) return { ok: false, error: block };
    if ('message' in block) {
      truncated = block;
      break;
    }
    offset += block.length;
  }
  const { interfaces, packets, untimed } = reader;
  const capture = { format: 'pcapng', interfaces, packets, untimed } as const;
  return { ok: true, capture: truncated === undefined ? capture : { ...capture, truncated } };
}

function readBlock(reader: Reader, offset: number): { length: number } | Truncation | CaptureError {
  const { view } = reader;
  const left = view.byteLength - offset;
  if (left < BLOCK_BYTES_MIN) return cut(offset, 'block', BLOCK_BYTES_MIN, left);
  const type = view.getUint32(offset, reader.little);
  if (type === SECTION_HEADER) {
    const little = view.getUint32(offset + 8, true) === BYTE_ORDER_MAGIC;
    if (!little && view.getUint32(offset + 8, false) !== BYTE_ORDER_MAGIC) {
      return wrong(offset + 8, 'a byte-order magic', hex(view.getUint32(offset + 8, false)));
    }
    reader.little = little;
  }
  const length = view.getUint32(offset + 4, reader.little);
  const length_min = BYTES_MIN.get(type) ?? BLOCK_BYTES_MIN;
  if (length < length_min || length % 4 !== 0) {
    const expected = `a length of at least ${length_min} and a multiple of 4 for ${name(type)}`;
    return wrong(offset + 4, expected, `${length}`);
  }
  if (length > left) {
    if (length <= CUT_BLOCK_BYTES_MAX) return cut(offset, 'block', length, left);
    return wrong(offset + 4, `a block of at most the ${left} bytes left`, `${length}`);
  }
  const again = view.getUint32(offset + length - 4, reader.little);
  if (again !== length) {
    return wrong(offset + length - 4, `the block's length ${length} again`, `${again}`);
  }
  return readBody(reader, type, offset, length) ?? { length };
}

function readBody(
  reader: Reader,
  type: number,
  offset: number,
  length: number,
): CaptureError | undefined {
  switch (type) {
    case SECTION_HEADER:
      return readSectionHeader(reader, offset);
    case INTERFACE_DESCRIPTION:
      return readInterface(reader, offset, length);
    case ENHANCED_PACKET:
      return readPacket(reader, offset, length, reader.view.getUint32(offset + 8, reader.little));
    case OBSOLETE_PACKET:
      // The other half of this word counts dropped packets.
      return readPacket(reader, offset, length, reader.view.getUint16(offset + 8, reader.little));
    case SIMPLE_PACKET:
      return readSimplePacket(reader, offset, length);
    default:
      return undefined;
  }
}

function name(type: number): string {
  switch (type) {
    case SECTION_HEADER:
      return 'a section header block';
    case INTERFACE_DESCRIPTION:
      return 'an interface description block';
    case OBSOLETE_PACKET:
    case SIMPLE_PACKET:
    case ENHANCED_PACKET:
      return 'a packet block';
    default:
      return `a block of type ${hex(type)}`;
  }
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
