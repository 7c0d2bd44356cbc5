/**
 * How many connections were in each state, over the whole log, in bounded memory.
 *
 * After each block of events the counts of every host are kept, with the least and the greatest in
 * the block. When there are too many blocks, neighbours are merged and blocks become twice as long:
 * peaks are never lost, only their place becomes coarser.
 */
import type { Micros } from '../base/time.ts';
import { STATES } from '../tcp/states.ts';

const WIDTH = STATES.length;
const BLOCKS_MAX = 65_536;
const CELLS_MAX = 1 << 22;

export type Statistics = {
  readonly hosts: number;
  /** Events in a block. */
  block: number;
  /** Finished blocks. */
  blocks: number;
  /** Events in the block that is being filled. */
  filled: number;
  readonly blocksMax: number;
  /** Time of the last event of each block. */
  ends: Float64Array;
  last: Int32Array;
  least: Int32Array;
  most: Int32Array;
};

export function createStatistics(hosts: number): Statistics {
  const cells = hosts * WIDTH;
  const blocksMax = Math.max(64, Math.min(BLOCKS_MAX, Math.floor(CELLS_MAX / cells)) & ~1);
  return {
    hosts,
    block: 1,
    blocks: 0,
    filled: 0,
    blocksMax,
    ends: new Float64Array(64),
    last: new Int32Array(64 * cells),
    least: new Int32Array(64 * cells),
    most: new Int32Array(64 * cells),
  };
}

/** Takes the counts after an event; `statesOf` gives a host's counts by position in STATES. */
export function countEvent(
  s: Statistics,
  time: Micros,
  statesOf: (host: number) => readonly number[],
): void {
  const cells = s.hosts * WIDTH;
  if (s.filled === 0 && (s.blocks + 1) * cells > s.last.length) enlarge(s, cells);
  const base = s.blocks * cells;
  for (let host = 0; host < s.hosts; host += 1) {
    const states = statesOf(host);
    for (let i = 0; i < WIDTH; i += 1) {
      const at = base + host * WIDTH + i;
      const value = states[i] as number;
      s.last[at] = value;
      if (s.filled === 0 || value < (s.least[at] as number)) s.least[at] = value;
      if (s.filled === 0 || value > (s.most[at] as number)) s.most[at] = value;
    }
  }
  s.ends[s.blocks] = time;
  s.filled += 1;
  if (s.filled < s.block) return;
  s.filled = 0;
  s.blocks += 1;
  if (s.blocks === s.blocksMax) merge(s, cells);
}

function enlarge(s: Statistics, cells: number): void {
  const capacity = Math.min(s.blocksMax, s.ends.length * 2);
  const grow = (from: Int32Array): Int32Array => {
    const to = new Int32Array(capacity * cells);
    to.set(from.subarray(0, Math.min(from.length, to.length)));
    return to;
  };
  const ends = new Float64Array(capacity);
  ends.set(s.ends.subarray(0, capacity));
  s.ends = ends;
  s.last = grow(s.last);
  s.least = grow(s.least);
  s.most = grow(s.most);
}

function merge(s: Statistics, cells: number): void {
  const half = s.blocks >> 1;
  for (let b = 0; b < half; b += 1) {
    s.ends[b] = s.ends[2 * b + 1] as number;
    for (let i = 0; i < cells; i += 1) {
      const to = b * cells + i;
      const one = 2 * b * cells + i;
      const two = one + cells;
      s.last[to] = s.last[two] as number;
      s.least[to] = Math.min(s.least[one] as number, s.least[two] as number);
      s.most[to] = Math.max(s.most[one] as number, s.most[two] as number);
    }
  }
  s.blocks = half;
  s.block *= 2;
}

/** Blocks with something in them. */
export function usedBlocks(s: Statistics): number {
  return s.blocks + (s.filled > 0 ? 1 : 0);
}

/**
 * The greatest number in each of `columns` equal slices of time from `from` to `to`; a slice
 * without events has the number it began with. `host` -1: the sum of all hosts, at the ends of
 * blocks.
 */
export function seriesOf(
  s: Statistics,
  host: number,
  state: number,
  columns: number,
  from: Micros,
  to: Micros,
): number[] {
  const result: number[] = [];
  const blocks = usedBlocks(s);
  const cells = s.hosts * WIDTH;
  const value = (table: Int32Array, block: number): number => {
    if (host >= 0) return table[block * cells + host * WIDTH + state] as number;
    let sum = 0;
    for (let h = 0; h < s.hosts; h += 1) sum += table[block * cells + h * WIDTH + state] as number;
    return sum;
  };
  const most = host >= 0 || s.hosts === 1 ? s.most : s.block === 1 ? s.last : s.most;
  let block = 0;
  let current = 0;
  for (let column = 1; column <= columns; column += 1) {
    const end = from + ((to - from) * column) / columns;
    let peak = current;
    while (block < blocks && (s.ends[block] as number) <= end) {
      peak = Math.max(peak, value(most, block));
      current = value(s.last, block);
      block += 1;
    }
    result.push(peak);
  }
  return result;
}
