/**
 * Selective acknowledgment: what a receiver reports of text beyond a gap (RFC 2018 §3–4), and what
 * a sender makes of such reports, its scoreboard (RFC 6675 §4).
 */
import { type Seq, seqAdd, seqGe, seqLe, seqLt, seqMax, seqMin, seqSub } from '../base/seq.ts';
import type { Tcb } from './tcb.ts';

/** What fits beside the timestamps, and without them (RFC 2018 §3). */
const SACK_BLOCKS_BESIDE_TS = 3;
const SACK_BLOCKS_MAX = 4;

/** DupThresh: so much beyond a hole, blocks or duplicate ACKs, tells a loss from reordering. */
export const DUPLICATE_THRESHOLD = 3;

/** Blocks of the SACK option; null: none. */
export function sackBlocks(t: Tcb): readonly Seq[] | null {
  if (!t.sackOn || t.blocks.length === 0) return null;
  const edges: Seq[] = [];
  for (const block of t.blocks) {
    const end = seqAdd(block.seq, block.len);
    const last = edges.length - 1;
    if (last > 0 && edges[last] === block.seq) edges[last] = end;
    else edges.push(block.seq, end);
  }
  putNewestFirst(edges, t.newestBlocks);
  return edges.slice(0, 2 * (t.tsOn ? SACK_BLOCKS_BESIDE_TS : SACK_BLOCKS_MAX));
}

/**
 * The block that holds the segment that came last is first, then those reported before it, newest
 * first (RFC 2018 §4); `newest` holds a number in each.
 */
function putNewestFirst(edges: Seq[], newest: readonly Seq[]): void {
  let placed = 0;
  for (const seq of newest) {
    for (let i = placed; i < edges.length; i += 2) {
      if (seqLt(seq, edges[i] as Seq) || seqGe(seq, edges[i + 1] as Seq)) continue;
      const pair = edges.splice(i, 2);
      edges.splice(placed, 0, ...pair);
      placed += 2;
      break;
    }
  }
}

/** Whether the peer reported that it has `seq`; gives the number after that block, else `seq`. */
export function skipSacked(t: Tcb, seq: Seq): Seq {
  for (let i = 0; i < t.sacked.length; i += 2) {
    const left = t.sacked[i] as Seq;
    const right = t.sacked[i + 1] as Seq;
    if (seqLe(left, seq) && seqLt(seq, right)) return right;
  }
  return seq;
}

/**
 * The end of what is regarded as lost: holes with three blocks reported beyond, or with more octets
 * than two segments have (RFC 6675 §4, IsLost).
 */
export function lostUntil(t: Tcb): Seq {
  let octets = 0;
  for (let i = t.sacked.length - 2; i >= 0; i -= 2) {
    const left = t.sacked[i] as Seq;
    octets += seqSub(t.sacked[i + 1] as Seq, left);
    const blocks = (t.sacked.length - i) / 2;
    if (blocks >= DUPLICATE_THRESHOLD || octets > (DUPLICATE_THRESHOLD - 1) * t.mss) return left;
  }
  return t.sndUna;
}

/**
 * Octets thought to be in the network while recovering: what was not reported counts once if it was
 * sent again, and once if it is not regarded as lost (RFC 6675 §4, SetPipe).
 */
export function pipe(t: Tcb): number {
  const lost = t.recovery === 'loss' ? t.recover : lostUntil(t);
  return unreported(t, t.sndUna, t.rtxNxt) + unreported(t, lost, t.sndNxt);
}

/** Octets of `from =< n < to` that no block reports. */
function unreported(t: Tcb, from: Seq, to: Seq): number {
  if (seqGe(from, to)) return 0;
  let octets = seqSub(to, from);
  for (let i = 0; i < t.sacked.length; i += 2) {
    const left = seqMax(t.sacked[i] as Seq, from);
    const right = seqMin(t.sacked[i + 1] as Seq, to);
    if (seqLt(left, right)) octets -= seqSub(right, left);
  }
  return octets;
}
