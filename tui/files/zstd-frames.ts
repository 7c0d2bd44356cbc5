/**
 * Walks over the frames and blocks of zstd data (RFC 8878 §3.1) without decoding them, to know
 * where frames end, whether the data ends there, and whether something else follows.
 */

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a5;

export type ZstdWalk = {
  /** Gives the offsets in the chunk at which frames end. */
  feed(chunk: Uint8Array): number[];
  /** Whether all data so far is a row of whole frames. */
  readonly whole: boolean;
  /** Whether something was met where a frame should begin. What follows is not walked over. */
  readonly lost: boolean;
};

type Part = 'magic' | 'descriptor' | 'block' | 'skippable' | 'lost';

export function walkZstd(): ZstdWalk {
  /** What is to be read next, and how many bytes that takes. */
  let part: Part = 'magic';
  let want = 4;
  let value = 0;
  let have = 0;
  /** Bytes to pass over before that. */
  let skip = 0;
  let checksum = 0;

  const expect = (next: Part, bytes: number, skipped: number): void => {
    part = next;
    want = bytes;
    skip = skipped;
    value = 0;
    have = 0;
  };

  const take = (): void => {
    if (part === 'magic') {
      if (value >>> 4 === SKIPPABLE) expect('skippable', 4, 0);
      else expect('descriptor', 1, 0);
    } else if (part === 'skippable') {
      expect('magic', 4, value);
    } else if (part === 'descriptor') {
      checksum = (value & 4) !== 0 ? 4 : 0;
      expect('block', 3, headerRest(value));
    } else {
      const size = value >>> 3;
      // A block of type 1 is one byte that is repeated.
      const length = ((value >>> 1) & 3) === 1 ? 1 : size;
      if ((value & 1) !== 0) expect('magic', 4, length + checksum);
      else expect('block', 3, length);
    }
  };

  const atEnd = (): boolean => part === 'magic' && have === 0 && skip === 0;

  return {
    feed(chunk) {
      const ends: number[] = [];
      for (let i = 0; i < chunk.length && part !== 'lost'; ) {
        if (skip > 0) {
          const passed = Math.min(skip, chunk.length - i);
          skip -= passed;
          i += passed;
          if (atEnd()) ends.push(i);
          continue;
        }
        value = (value | ((chunk[i] as number) << (8 * (have % 4)))) >>> 0;
        have += 1;
        i += 1;
        if (part === 'magic' && !beginsMagic(value, have)) part = 'lost';
        else if (have === want) take();
        if (atEnd()) ends.push(i);
      }
      return ends;
    },
    get whole() {
      return atEnd();
    },
    get lost() {
      return part === 'lost';
    },
  };
}

/** Whether the first bytes of a frame, little-endian, are what one can begin with. */
function beginsMagic(value: number, bytes: number): boolean {
  const first = (magic: number): number => (magic & (0xffff_ffff >>> (32 - 8 * bytes))) >>> 0;
  // The last four bits of the magic of a frame to skip are free.
  return value === first(MAGIC) || value >>> 4 === first(SKIPPABLE << 4) >>> 4;
}

/** Bytes of a frame's header after its descriptor (RFC 8878 §3.1.1.1). */
function headerRest(descriptor: number): number {
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] as number;
  const content = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6] as number;
  return (singleSegment ? 0 : 1) + dictionary + content;
}

/** The longest head of a frame; and more than a column takes, which only a damaged one tells. */
const HEAD = 18;
const CONTENT_MOST = 1 << 24;

/** What a zstd frame says of the size of its content (RFC 8878 §3.1.1.1); undefined: nothing. */
export function contentSize(frame: Uint8Array): number | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < HEAD || view.getUint32(0, true) !== MAGIC) return undefined;
  const descriptor = view.getUint8(4);
  const single = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] as number;
  const at = 5 + (single ? 0 : 1) + dictionary;
  const size = [
    single ? view.getUint8(at) : 0,
    view.getUint16(at, true) + 256,
    view.getUint32(at, true),
  ];
  const found = size[descriptor >> 6] ?? 0;
  return found > 0 && found <= CONTENT_MOST ? found : undefined;
}
