/**
 * A persistent set of port numbers, 0..65535, one bit each. The words lie in 32 chunks of 64, and
 * a batch copies the chunks that it writes, so an old version keeps its own. The search for a free
 * port looks at 32 ports at a time: a host that has used up thousands of ephemeral ports, each
 * stuck in TIME-WAIT, is searched on every connect.
 *
 * Words are plain numbers in plain arrays: copying a small array is several times faster than
 * making a typed one. Which chunks the open batch owns is a bit mask in the edit.
 */

import { InvariantError } from './assert.ts';

const CHUNKS = 32;
const CHUNK_WORDS = 64;
const PORT_MAX = 65535;
const EVEN_BITS = 0x55555555;
const ODD_BITS = 0xaaaaaaaa;

/** Thirty-two ports in each word, as a signed 32-bit integer. */
type Chunk = number[];

const EMPTY_CHUNK: Chunk = new Array<number>(CHUNK_WORDS).fill(0);

// Messages are made outside the hot paths: a closure there would cost an allocation per call.
function noSuchPorts(from: number, low: number, high: number): InvariantError {
  return new InvariantError(`no ports from ${from} in ${low}..${high}`);
}

function notAPort(port: number): InvariantError {
  return new InvariantError(`${port} is not a port`);
}

function wordAt(chunks: readonly Chunk[], word: number): number {
  return (chunks[word >>> 6] as Chunk)[word & 63] as number;
}

function hasPort(chunks: readonly Chunk[], port: number): boolean {
  if (!(port >= 0 && port <= PORT_MAX)) return false;
  return ((wordAt(chunks, port >>> 5) >>> (port & 31)) & 1) === 1;
}

/** The lowest port of `mask`'s pattern in low..high that is not in the set, or -1. */
function firstFree(chunks: readonly Chunk[], low: number, high: number, mask: number): number {
  let pattern = mask & (-1 << (low & 31));
  for (let word = low >>> 5; word <= high >>> 5; word += 1) {
    const free = ~wordAt(chunks, word) & pattern;
    if (free !== 0) {
      const port = word * 32 + 31 - Math.clz32(free & -free);
      return port <= high ? port : -1;
    }
    pattern = mask;
  }
  return -1;
}

function nextFree(
  chunks: readonly Chunk[],
  from: number,
  low: number,
  high: number,
  step: 1 | 2,
): number {
  if (!(low >= 0 && low <= from && from <= high && high <= PORT_MAX)) {
    throw noSuchPorts(from, low, high);
  }
  const mask = step === 1 ? -1 : from & 1 ? ODD_BITS : EVEN_BITS;
  const above = firstFree(chunks, from, high, mask);
  return above >= 0 || from === low ? above : firstFree(chunks, low, from - 1, mask);
}

export class PortSet {
  /** How many ports are in the set. */
  readonly count: number;
  /** For `PortSetEdit` alone. Chunks of a finished set are never written. */
  readonly chunks: readonly Chunk[];

  /** Sets are made by `PortSet.empty` and by edits. */
  constructor(chunks: readonly Chunk[], count: number) {
    this.chunks = chunks;
    this.count = count;
  }

  static empty(): PortSet {
    return EMPTY_SET;
  }

  has(port: number): boolean {
    return hasPort(this.chunks, port);
  }

  /**
   * The first port not in the set, going up from `from` by `step` within low..high, and once
   * around from the low end. Step 2 stays with the ports of the same parity as `from`. -1 if all
   * of them are taken.
   */
  nextFree(from: number, low: number, high: number, step: 1 | 2): number {
    return nextFree(this.chunks, from, low, high, step);
  }

  /** Every port of the set, ascending. */
  ports(): number[] {
    const out: number[] = [];
    for (let word = 0; word <= PORT_MAX >>> 5; word += 1) {
      for (let bits = wordAt(this.chunks, word); bits !== 0; bits &= bits - 1) {
        out.push(word * 32 + 31 - Math.clz32(bits & -bits));
      }
    }
    return out;
  }

  /** How many ports of the set lie in low..high. */
  countIn(low: number, high: number): number {
    let count = 0;
    for (let word = low >>> 5; word <= high >>> 5; word += 1) {
      let bits = wordAt(this.chunks, word);
      if (word === low >>> 5) bits &= -1 << (low & 31);
      if (word === high >>> 5) bits &= -1 >>> (31 - (high & 31));
      for (; bits !== 0; bits &= bits - 1) count += 1;
    }
    return count;
  }

  edit(): PortSetEdit {
    return new PortSetEdit(this);
  }

  /** A port set is derived from the sockets that hold the ports: not part of a digest. */
  toCanonical(): undefined {
    return undefined;
  }
}

const EMPTY_SET = new PortSet(new Array<Chunk>(CHUNKS).fill(EMPTY_CHUNK), 0);

/** A batch of writes, or a series of them. Not shared: one edit has one writer. */
export class PortSetEdit {
  private source: PortSet;
  private chunks: readonly Chunk[];
  private size: number;
  /** A bit for each chunk that the open batch has copied; 0 also means that nothing is written. */
  private owned: number;

  constructor(source: PortSet) {
    this.source = source;
    this.chunks = source.chunks;
    this.size = source.count;
    this.owned = 0;
  }

  get count(): number {
    return this.size;
  }

  /** Whether anything was written since the last `done`. */
  get touched(): boolean {
    return this.owned !== 0;
  }

  has(port: number): boolean {
    return hasPort(this.chunks, port);
  }

  /** As `PortSet.nextFree`. */
  nextFree(from: number, low: number, high: number, step: 1 | 2): number {
    return nextFree(this.chunks, from, low, high, step);
  }

  /** Nothing happens if the port is in the set. */
  add(port: number): void {
    if (this.has(port)) return;
    if (!(port >= 0 && port <= PORT_MAX)) throw notAPort(port);
    const chunk = this.chunkToWrite(port >>> 11);
    const at = (port >>> 5) & 63;
    chunk[at] = (chunk[at] as number) | (1 << (port & 31));
    this.size += 1;
  }

  /** Nothing happens if the port is not in the set. */
  delete(port: number): void {
    if (!this.has(port)) return;
    const chunk = this.chunkToWrite(port >>> 11);
    const at = (port >>> 5) & 63;
    chunk[at] = (chunk[at] as number) & ~(1 << (port & 31));
    this.size -= 1;
  }

  /** Ends the batch and gives its set: the very same as before if nothing was written. */
  done(): PortSet {
    if (this.owned === 0) return this.source;
    this.owned = 0;
    this.source = this.size === 0 ? EMPTY_SET : new PortSet(this.chunks, this.size);
    this.chunks = this.source.chunks;
    return this.source;
  }

  private chunkToWrite(index: number): Chunk {
    const bit = 1 << index;
    if ((this.owned & bit) !== 0) return this.chunks[index] as Chunk;
    const chunks = this.owned === 0 ? this.chunks.slice() : (this.chunks as Chunk[]);
    const chunk = (chunks[index] as Chunk).slice();
    chunks[index] = chunk;
    this.chunks = chunks;
    this.owned |= bit;
    return chunk;
  }
}
