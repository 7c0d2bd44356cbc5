/**
 * Where the messages of an Arrow IPC stream begin and end (Arrow columnar format, "Encapsulated
 * message format"): four bytes of ones, the length of the metadata, the metadata as a flatbuffer,
 * and the body, whose length the metadata tells. The library hides both the places and the cuts;
 * with them a fault can be told by its batch and byte, and what is whole can be used.
 *
 * The format has no checksum of a message, and a flipped bit in its metadata can make a reader ask
 * for all memory there is. So a message of ours is sealed: the padding behind its metadata, which
 * readers pass over, is eight bytes longer and ends with a mark and the CRC-32 of all the rest.
 * A message without the mark, as another program writes it, is taken as it is.
 */
import zlib from 'node:zlib';

export type Frame = {
  readonly kind: 'schema' | 'dictionary' | 'batch' | 'end' | 'unknown';
  /** Of its first byte in the stream. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly sealed: boolean;
  /** False: the seal is broken. */
  readonly sound: boolean;
};

export type ArrowWalk = {
  /** The messages that are whole by now; throws `BadFrame` where there can be none. */
  feed(chunk: Uint8Array): Generator<Frame, void>;
  /** Bytes of a message that has begun. */
  readonly rest: number;
  /** Offset at which the next message begins, or has begun. */
  readonly offset: number;
  /**
   * Once all is fed: the offset of a whole message within the one that has begun. Then nothing was
   * cut, but a length is wrong, which reaches beyond all that follows.
   */
  swallowed(): number | undefined;
};

class BadFrame extends Error {
  override readonly name = 'BadFrame';
}

const PREFIX = 8;
const CONTINUES = 0xffff_ffff;
/** Far more than a batch of ours takes; a length beyond it is no length. */
const LENGTH_MAX = 1 << 30;

/** Whether data begins as a stream of Arrow does. */
export function isArrowStream(head: Uint8Array): boolean {
  return head.length >= 4 && head.subarray(0, 4).every((byte) => byte === 0xff);
}

/** Whether it is Arrow's other format, which ends with a table of contents. */
export function isArrowFile(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 6)).toString('latin1') === 'ARROW1';
}

export function walkArrow(): ArrowWalk {
  let pieces: Uint8Array[] = [];
  let have = 0;
  /** Bytes to come together before the next look. */
  let need = PREFIX;
  let offset = 0;
  return {
    *feed(chunk) {
      if (chunk.length > 0) pieces.push(chunk);
      have += chunk.length;
      while (have >= need) {
        const bytes = pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);
        const frame = frameAt(bytes, offset);
        if (typeof frame === 'number') {
          need = frame;
          pieces = [bytes];
          continue;
        }
        const rest = bytes.subarray(frame.bytes.length);
        pieces = rest.length > 0 ? [rest] : [];
        have = rest.length;
        need = PREFIX;
        offset += frame.bytes.length;
        yield frame;
      }
    },
    get rest() {
      return have;
    },
    get offset() {
      return offset;
    },
    swallowed() {
      const within = swallowedIn(Buffer.concat(pieces));
      return within === undefined ? undefined : offset + within;
    },
  };
}

/** Every message has a multiple of eight bytes. Only one with a seal is surely a message. */
function swallowedIn(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + PREFIX <= bytes.length; at += 8) {
    if (view.getUint32(at, true) === CONTINUES && isSealed(bytes.subarray(at))) return at;
  }
  return undefined;
}

function isSealed(bytes: Uint8Array): boolean {
  try {
    const frame = frameAt(bytes, 0);
    return typeof frame !== 'number' && frame.sealed && frame.sound;
  } catch (error) {
    if (error instanceof BadFrame) return false;
    throw error;
  }
}

/** The message that the bytes begin with, or how many bytes are needed to tell more. */
function frameAt(bytes: Uint8Array, offset: number): Frame | number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < PREFIX) return PREFIX;
  if (view.getUint32(0, true) !== CONTINUES) {
    throw new BadFrame('expected the beginning of a message, four bytes of ones');
  }
  const length = view.getUint32(4, true);
  if (length === 0) {
    const end = bytes.subarray(0, PREFIX);
    return { kind: 'end', offset, bytes: end, sealed: false, sound: true };
  }
  if (length % 8 !== 0 || length > LENGTH_MAX) {
    throw new BadFrame(`expected the length of a message's metadata, found ${length}`);
  }
  if (bytes.length < PREFIX + length) return PREFIX + length;
  const { kind, body } = messageAt(new DataView(bytes.buffer, bytes.byteOffset + PREFIX, length));
  const whole = PREFIX + length + body;
  if (bytes.length < whole) return whole;
  const message = bytes.subarray(0, whole);
  return { kind, offset, bytes: message, ...sealOf(message, PREFIX + length) };
}

const SEAL = 8;
const MARK = 0x6c_73_6d_32;

/** A message that is to be written: its prefix with its metadata, and the pieces of its body. */
export type Message = { readonly head: Uint8Array; readonly body: readonly Uint8Array[] };

/** The bytes of messages, each with its seal; the end of the stream, a bare prefix, has none. */
export function sealed(messages: readonly Message[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (const { head, body } of messages) {
    pieces.push(head.length === PREFIX ? head : sealedHead(head, body), ...body);
  }
  return Buffer.concat(pieces);
}

function sealedHead(head: Uint8Array, body: readonly Uint8Array[]): Uint8Array {
  const end = head.length;
  const whole = new Uint8Array(end + SEAL);
  whole.set(head);
  const view = new DataView(whole.buffer);
  view.setUint32(4, end - PREFIX + SEAL, true);
  view.setUint32(end, MARK, true);
  let sum = zlib.crc32(whole.subarray(0, end + 4));
  for (const piece of body) sum = zlib.crc32(piece, sum);
  view.setUint32(end + 4, sum, true);
  return whole;
}

/** `end`: where the metadata end. */
function sealOf(message: Uint8Array, end: number): Pick<Frame, 'sealed' | 'sound'> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const sealed = end >= PREFIX + SEAL && view.getUint32(end - SEAL, true) === MARK;
  if (!sealed) return { sealed, sound: true };
  const head = zlib.crc32(message.subarray(0, end - 4));
  const sound = zlib.crc32(message.subarray(end), head) === view.getUint32(end - 4, true);
  return { sealed, sound };
}

const KINDS = ['unknown', 'schema', 'dictionary', 'batch'] as const;
/** Fields of the flatbuffer's table `Message`, by number. */
const HEADER_TYPE = 1;
const BODY_LENGTH = 3;

function messageAt(view: DataView): { kind: Frame['kind']; body: number } {
  try {
    const table = view.getUint32(0, true);
    const fields = table - view.getInt32(table, true);
    const size = view.getUint16(fields, true);
    const placeOf = (field: number): number => {
      const at = 4 + 2 * field;
      const relative = at < size ? view.getUint16(fields + at, true) : 0;
      return relative === 0 ? -1 : table + relative;
    };
    const type = placeOf(HEADER_TYPE);
    const length = placeOf(BODY_LENGTH);
    const body = length < 0 ? 0 : Number(view.getBigInt64(length, true));
    if (body < 0 || body > LENGTH_MAX || body % 8 !== 0) {
      throw new BadFrame(`expected the length of a message's body, found ${body}`);
    }
    return { kind: KINDS[type < 0 ? 0 : view.getUint8(type)] ?? 'unknown', body };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new BadFrame("a message's metadata points beyond its end");
  }
}
