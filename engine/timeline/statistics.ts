/**
 * How many connections were in each state, over the whole log, in bounded memory.
 *
 * After each block of events the counts of every host, and of all hosts together, are kept, with
 * the least and the greatest in the block: a chart is drawn from them, and a search passes over the
 * blocks that cannot hold what it seeks. When there are too many blocks, neighbours are merged and
 * blocks become twice as long: peaks are never lost, only their place becomes coarser.
 */
import type { Micros } from '../base/time.ts';
import type { HostEdit } from '../host/edit.ts';
import { STATES } from '../tcp/states.ts';
import { compares, type Operator } from './condition.ts';

const WIDTH = STATES.length;
const BLOCKS_MAX = 65_536;
const CELLS_MAX = 1 << 19;

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
  const cells = (hosts + 1) * WIDTH;
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

/**
 * Takes the counts after an event that touched these hosts. Tells whether any count changed. What
 * it costs does not grow with the hosts that were not touched, but at the start of a block.
 */
export function countEvent(
  s: Statistics,
  time: Micros,
  touched: readonly Pick<HostEdit, 'index' | 'states' | 'recounted'>[],
): boolean {
  const cells = cellsOf(s);
  const fresh = s.filled === 0;
  const base = s.blocks * cells;
  if (fresh) {
    if (base + cells > s.last.length) enlarge(s, cells);
    if (base > 0) s.last.copyWithin(base, base - cells, base);
  }
  let changed = 0;
  for (let i = 0; i < touched.length; i += 1) {
    const { index, states, recounted } = touched[i] as (typeof touched)[number];
    for (let rest = recounted; rest !== 0; rest &= rest - 1) {
      const state = lowestBit(rest);
      const at = base + index * WIDTH + state;
      const value = states[state] as number;
      const before = s.last[at] as number;
      if (value === before) continue;
      changed |= 1 << state;
      s.last[at] = value;
      if (value < (s.least[at] as number)) s.least[at] = value;
      if (value > (s.most[at] as number)) s.most[at] = value;
      const all = base + s.hosts * WIDTH + state;
      s.last[all] = (s.last[all] as number) + value - before;
    }
  }
  if (fresh) {
    const { last, least, most } = s;
    for (let at = base; at < base + cells; at += 1) {
      const value = last[at] as number;
      least[at] = value;
      most[at] = value;
    }
  } else {
    // Not on the way: of two hosts, one count may fall by what the other rises.
    stretch(s, base + s.hosts * WIDTH, changed);
  }
  s.ends[s.blocks] = time;
  s.filled += 1;
  if (s.filled < s.block) return changed !== 0;
  s.filled = 0;
  s.blocks += 1;
  if (s.blocks === s.blocksMax) merge(s, cells);
  return changed !== 0;
}

/** The number of the lowest bit that is set. */
function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/** The counts of every host, then those of all hosts together. */
function cellsOf(s: Statistics): number {
  return (s.hosts + 1) * WIDTH;
}

/** Takes some counts of a row into the least and the greatest of its block. */
function stretch(s: Statistics, row: number, states: number): void {
  for (let rest = states; rest !== 0; rest &= rest - 1) {
    const at = row + lowestBit(rest);
    const value = s.last[at] as number;
    if (value < (s.least[at] as number)) s.least[at] = value;
    if (value > (s.most[at] as number)) s.most[at] = value;
  }
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
function usedBlocks(s: Statistics): number {
  return s.blocks + (s.filled > 0 ? 1 : 0);
}

/**
 * Whether a count of a state may satisfy a comparison somewhere in a block. Sure but for `=`, as a
 * count may step over a number. `host` -1: of all hosts together.
 */
export function countTest(
  s: Statistics,
  host: number,
  state: number,
  op: Operator,
  value: number,
): (block: number) => boolean {
  const cells = cellsOf(s);
  const cell = (host < 0 ? s.hosts : host) * WIDTH + state;
  return (block) => {
    const least = s.least[block * cells + cell] as number;
    const most = s.most[block * cells + cell] as number;
    switch (op) {
      case '>':
      case '>=':
        return compares(most, op, value);
      case '<':
      case '<=':
        return compares(least, op, value);
      case '=':
        return least <= value && value <= most;
      case '!=':
        return least !== value || most !== value;
    }
  };
}

/**
 * The greatest number in each of `columns` equal slices of time from `from` to `to`; a slice
 * without events has the number it began with. `host` -1: the sum of all hosts.
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
  const cells = cellsOf(s);
  const cell = (host < 0 ? s.hosts : host) * WIDTH + state;
  let block = 0;
  let current = 0;
  for (let column = 1; column <= columns; column += 1) {
    // The product may be too large to be exact, and the last event must not fall out.
    const end = column === columns ? to : from + ((to - from) * column) / columns;
    let peak = current;
    while (block < blocks && (s.ends[block] as number) <= end) {
      peak = Math.max(peak, s.most[block * cells + cell] as number);
      current = s.last[block * cells + cell] as number;
      block += 1;
    }
    result.push(peak);
  }
  return result;
}

/** Octets of memory, those held in reserve included. */
export function statisticsBytes(s: Statistics): number {
  return s.ends.byteLength + 3 * s.last.byteLength;
}
