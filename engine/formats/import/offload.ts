/**
 * Segmentation offload: a capture on the sending machine sees one large segment where the card
 * sends several, and one on the receiving machine may see several put together. Captures of both
 * ends then show different segments; they are cut here where either end shows a cut, until they are
 * the same. A capture of one end stays as it is: nobody knows how the text was cut.
 */
import { type Seq, seqAdd, seqSub } from '../../base/seq.ts';
import { CWR, FIN, has, PSH, type Segment, SYN } from '../../tcp/segment.ts';
import type { TcpFrame } from '../capture/index.ts';
import type { Places } from './places.ts';

/** Segments up to this are not looked at unless a SYN announced less (RFC 9293 §3.7.1). */
const USUAL_MSS = 1_460;

type Direction = {
  /** MSS that the receiver announced. */
  mss: number;
  /** Places at which text was cut, as distances from the first number seen. */
  readonly base: Seq;
  readonly cuts: Set<number>;
  large: boolean;
};

export function cutOffloaded(frames: readonly TcpFrame[], places: Places): readonly TcpFrame[] {
  if (places.at.size < 2) return frames;
  const directions = new Map<string, Direction>();
  for (const { segment: s } of frames) {
    if (has(s, SYN) && s.mss > 0) directionOf(directions, keyBack(s), s.ack).mss = s.mss;
    if (s.len === 0) continue;
    const direction = directionOf(directions, keyOf(s), s.seq);
    const start = seqSub(s.seq, direction.base);
    direction.cuts.add(start);
    direction.cuts.add(start + s.len);
    if (s.len > direction.mss) direction.large = true;
  }
  if (![...directions.values()].some(({ large }) => large)) return frames;
  const sorted = new Map(
    [...directions].map(([key, { cuts }]) => [key, [...cuts].sort((a, b) => a - b)] as const),
  );
  return frames.flatMap((frame) => {
    const direction = directions.get(keyOf(frame.segment));
    if (direction === undefined || frame.segment.len <= direction.mss) return [frame];
    const start = seqSub(frame.segment.seq, direction.base);
    const inside = between(sorted.get(keyOf(frame.segment)) ?? [], start, frame.segment.len);
    return cut(frame.segment, inside).map((segment) => ({ ...frame, segment }));
  });
}

function keyOf(s: Segment): string {
  return `${s.src} ${s.srcPort} ${s.dst} ${s.dstPort}`;
}

function keyBack(s: Segment): string {
  return `${s.dst} ${s.dstPort} ${s.src} ${s.srcPort}`;
}

function directionOf(directions: Map<string, Direction>, key: string, base: Seq): Direction {
  let direction = directions.get(key);
  if (direction === undefined) {
    direction = { mss: USUAL_MSS, base, cuts: new Set(), large: false };
    directions.set(key, direction);
  }
  return direction;
}

/** The cuts inside `len` octets from `start`, as distances from there. */
function between(cuts: readonly number[], start: number, len: number): number[] {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cuts[middle] as number) > start) high = middle;
    else low = middle + 1;
  }
  const inside: number[] = [];
  for (let at = cuts[low]; at !== undefined && at < start + len; at = cuts[low]) {
    inside.push(at - start);
    low += 1;
  }
  return inside;
}

/** The pieces of a segment; what marks its start or its end stays there. */
function cut(segment: Segment, inside: readonly number[]): Segment[] {
  const edges = [0, ...inside, segment.len];
  return edges.slice(1).map((end, i) => {
    const start = edges[i] as number;
    let flags = segment.flags;
    if (end < segment.len) flags &= ~(PSH | FIN);
    if (start > 0) flags &= ~CWR;
    return { ...segment, seq: seqAdd(segment.seq, start), len: end - start, flags };
  });
}
