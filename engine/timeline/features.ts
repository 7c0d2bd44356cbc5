/**
 * What happened in which stretch of a log: one set of bits for each block of events, and for each
 * port the blocks in which it occurs. A search reads these and folds only a block that has what is
 * sought.
 *
 * A block's set says exactly whether any of its events is of a kind, enters a state, makes a total
 * grow or moves a connection; of the flags it keeps which combinations occur, for `SYN` in one
 * segment and `FIN` in the next is not the same as both in one.
 */
import type { HostEdit } from '../host/edit.ts';
import { EV } from '../log/columns.ts';
import type { LogEvent } from '../log/event.ts';
import type { Segment } from '../tcp/segment.ts';
import { STATES, stateNumber } from '../tcp/states.ts';
import { type Condition, SOUGHT_TOTALS, soughtSum } from './condition.ts';
import { addPosting, createPostings, lastPosting, type Postings } from './postings.ts';
import type { World } from './world.ts';

/** Events in a block. */
export const BLOCK = 256;
/** Words for the combinations of eight flags. */
const FLAG_WORDS = 8;

/** Bits of a block: kinds of events by their number in a file, states entered, totals grown. */
const FIRST_STATE = EV.size;
const FIRST_TOTAL = FIRST_STATE + STATES.length;
const MOVED = FIRST_TOTAL + SOUGHT_TOTALS.length;

export type Features = {
  /** One word for each block. */
  did: Uint32Array;
  flags: Uint32Array;
  readonly ports: Postings;
  /** By host: the totals sought, as they were after the last event. */
  readonly totals: number[][];
  readonly sums: number[];
};

export function createFeatures(): Features {
  return {
    did: new Uint32Array(64),
    flags: new Uint32Array(64 * FLAG_WORDS),
    ports: createPostings(),
    totals: [],
    sums: [],
  };
}

/**
 * Notes what event `n` did; called after it was folded. `seg`: the segment that it is about;
 * `counted`: a count of states changed.
 */
export function noteFeatures(
  f: Features,
  w: World,
  event: LogEvent,
  seg: Segment | undefined,
  n: number,
  counted: boolean,
): void {
  const block = Math.floor(n / BLOCK);
  if (block >= f.did.length) enlarge(f);
  const { moves, sent } = w.step;
  let did = 1 << (EV.get(event.ev) as number);
  if (counted || moves.length > 0) did |= 1 << MOVED;
  for (let i = 0; i < moves.length; i += 1) {
    did |= 1 << (FIRST_STATE + stateNumber((moves[i] as (typeof moves)[number]).to));
  }
  for (let i = 0; i < w.touched.length; i += 1) did |= grown(f, w.touched[i] as HostEdit);
  f.did[block] = (f.did[block] as number) | did;
  if (seg !== undefined) {
    noteFlags(f, block, seg.flags);
    notePort(f, n, seg.srcPort);
    notePort(f, n, seg.dstPort);
  }
  // What a recorded host would send is an expectation; what it sent is an event.
  if (w.touched[0]?.base.observed === true) return;
  for (let i = 0; i < sent.length; i += 1) {
    noteFlags(f, block, (sent[i] as (typeof sent)[number]).flags);
  }
}

export function notePort(f: Features, n: number, port: number): void {
  const block = Math.floor(n / BLOCK);
  if (lastPosting(f.ports, port) !== block) addPosting(f.ports, port, block, 0);
}

function noteFlags(f: Features, block: number, flags: number): void {
  const at = block * FLAG_WORDS + (flags >> 5);
  f.flags[at] = (f.flags[at] as number) | (1 << (flags & 31));
}

/** The bits of the totals that have grown on a host. */
function grown(f: Features, h: HostEdit): number {
  // They only grow, so their sum tells in nearly every case that none did.
  const sum = soughtSum(h.totals);
  if (sum === (f.sums[h.index] ?? 0)) return 0;
  f.sums[h.index] = sum;
  let known = f.totals[h.index];
  if (known === undefined) {
    known = SOUGHT_TOTALS.map(() => 0);
    f.totals[h.index] = known;
  }
  let bits = 0;
  for (let i = 0; i < SOUGHT_TOTALS.length; i += 1) {
    const now = h.totals[SOUGHT_TOTALS[i] as (typeof SOUGHT_TOTALS)[number]];
    if (now === known[i]) continue;
    if (now > (known[i] as number)) bits |= 1 << (FIRST_TOTAL + i);
    known[i] = now;
  }
  return bits;
}

function enlarge(f: Features): void {
  const did = new Uint32Array(f.did.length * 2);
  did.set(f.did);
  f.did = did;
  const flags = new Uint32Array(f.flags.length * 2);
  flags.set(f.flags);
  f.flags = flags;
}

/** For a condition on what events do: whether it holds somewhere in a block. */
export function blockTest(f: Features, condition: Condition): (block: number) => boolean {
  const { did } = f;
  if (condition.kind === 'flag') return flagTest(f, condition.flags);
  const bit = bitOf(condition);
  if (bit < 0) return () => false;
  const mask = 1 << bit;
  return (block) => ((did[block] as number) & mask) !== 0;
}

function flagTest(f: Features, wanted: number): (block: number) => boolean {
  const words = new Uint32Array(FLAG_WORDS);
  for (let flags = 0; flags < 256; flags += 1) {
    if ((flags & wanted) !== wanted) continue;
    words[flags >> 5] = (words[flags >> 5] as number) | (1 << (flags & 31));
  }
  return (block) => {
    for (let i = 0; i < FLAG_WORDS; i += 1) {
      if (((f.flags[block * FLAG_WORDS + i] as number) & (words[i] as number)) !== 0) return true;
    }
    return false;
  };
}

function bitOf(condition: Condition): number {
  switch (condition.kind) {
    case 'event':
      return EV.get(condition.ev) ?? -1;
    case 'enters':
      return FIRST_STATE + stateNumber(condition.state);
    case 'total':
      return FIRST_TOTAL + SOUGHT_TOTALS.indexOf(condition.total);
    case 'moves':
      return MOVED;
    default:
      return -1;
  }
}

/** Octets of memory, those held in reserve included; without the ports. */
export function featuresBytes(f: Features): number {
  return f.did.byteLength + f.flags.byteLength;
}
