/**
 * Where the capture was taken: which addresses stand at which interface, and how far away the
 * others are.
 *
 * A packet that was seen at two interfaces was first seen where it left and then where it arrived,
 * so most packets vote for the place of two addresses. With one interface nobody votes; then the
 * distance of an address is half the shortest time in which it ever answered, which is nothing for
 * the machine that captured and the way to the far end for the other. It serves a capture at either
 * end, on loopback and at a router alike.
 */
import { inWindow, type Seq, seqAdd, seqGt } from '../../base/seq.ts';
import type { Micros } from '../../base/time.ts';
import { ACK, has, PSH, type Segment, SYN, segEnd, segLen } from '../../tcp/segment.ts';
import type { TcpFrame } from '../capture/index.ts';

/** Half the time of an answer that never came. */
const NEVER = Number.POSITIVE_INFINITY;
/** A distance below this is the capturing machine itself, µs. */
const NEAR = 500;
/** More text than that fits in no segment of an Ethernet (RFC 9293 §3.7.1). */
const USUAL_MSS = 1_460;

export type Places = {
  /** Interface at which an address stands; absent: at none of them. */
  readonly at: ReadonlyMap<string, number>;
  /** One-way delay between the capture and an address that stands at no interface. */
  readonly distance: ReadonlyMap<string, Micros>;
  /**
   * Half the shortest time in which an address answered; unlike `distance` never rounded to 0, and
   * {@link NEVER} where it did not answer.
   */
  readonly halfTurn: ReadonlyMap<string, Micros>;
};

/** One text per segment, equal for the sightings of one packet; offload may lose a PSH. */
export function identityOf(s: Segment): string {
  return (
    `${s.src} ${s.srcPort} ${s.dst} ${s.dstPort} ${s.seq} ${s.ack} ${s.flags & ~PSH} ${s.len} ` +
    `${s.wnd} ${s.tsVal} ${s.tsEcr}`
  );
}

export function findPlaces(frames: readonly TcpFrame[]): Places {
  const interfaces = new Set(frames.map((frame) => frame.interface));
  const at = interfaces.size > 1 ? byVote(frames) : new Map<string, number>();
  const halfTurn = halfTurns(frames, at);
  const far = (half: Micros) => (half < NEAR || half === NEVER ? 0 : half);
  const distance = new Map([...halfTurn].map(([a, half]) => [a, far(half)] as const));
  return { at, distance, halfTurn };
}

function byVote(frames: readonly TcpFrame[]): Map<string, number> {
  const votes = new Map<string, Map<number, number>>();
  const vote = (address: string, place: number) => {
    const of = votes.get(address) ?? new Map<number, number>();
    votes.set(address, of);
    of.set(place, (of.get(place) ?? 0) + 1);
  };
  const waiting = new Map<string, number[]>();
  for (const frame of frames) {
    const key = identityOf(frame.segment);
    const seen = waiting.get(key) ?? [];
    waiting.set(key, seen);
    const other = seen.findIndex((place) => place !== frame.interface);
    if (other < 0) {
      seen.push(frame.interface);
      continue;
    }
    vote(frame.segment.src, seen[other] as number);
    vote(frame.segment.dst, frame.interface);
    seen.splice(other, 1);
  }
  const at = new Map<string, number>();
  for (const [address, of] of votes) {
    const best = [...of].sort((a, b) => b[1] - a[1])[0];
    if (best !== undefined) at.set(address, best[0]);
  }
  return at;
}

/**
 * The end of what made a host send an ACK: that of the first block (RFC 2018 §4), unless the block
 * tells of what came twice (RFC 2883 §4).
 */
function answeredTo(s: Segment): Seq {
  const block = s.sack?.[1] ?? s.ack;
  return seqGt(block, s.ack) ? block : s.ack;
}

/**
 * Half the shortest time between a segment and the ACK of exactly its end, or of a part of it where
 * it was too large for the wire, per answering address.
 */
export function halfTurns(
  frames: readonly TcpFrame[],
  at: ReadonlyMap<string, number>,
): Map<string, Micros> {
  const shortest = new Map<string, Micros>();
  const sent = new Map<string, Micros>();
  const large = new Map<string, { seg: Segment; time: Micros }>();
  for (const { segment: s, time } of frames) {
    if (!at.has(s.src)) {
      if (!shortest.has(s.src)) shortest.set(s.src, NEVER);
      const key = `${s.dst} ${s.dstPort} ${s.src} ${s.srcPort}`;
      let asked = sent.get(has(s, ACK) ? `${key} ${answeredTo(s)}` : `${key} rst ${s.seq}`);
      const cut = large.get(key);
      if (cut !== undefined && inWindow(s.ack, seqAdd(cut.seg.seq, 1), cut.seg.len - 1)) {
        asked = cut.time;
      }
      if (asked !== undefined && time - asked < (shortest.get(s.src) as number)) {
        shortest.set(s.src, time - asked);
      }
    }
    if (at.has(s.dst)) continue;
    if (!shortest.has(s.dst)) shortest.set(s.dst, NEVER);
    const key = `${s.src} ${s.srcPort} ${s.dst} ${s.dstPort}`;
    const end = `${key} ${segEnd(s)}`;
    if (segLen(s) > 0 && !sent.has(end)) sent.set(end, time);
    if (s.len > USUAL_MSS) large.set(key, { seg: s, time });
    // A host without the connection answers by <SEQ=SEG.ACK><CTL=RST>.
    if (has(s, SYN) && has(s, ACK)) sent.set(`${key} rst ${s.ack}`, time);
  }
  const result = new Map<string, Micros>();
  for (const [address, time] of shortest) {
    result.set(address, Math.floor(time / 2));
  }
  return result;
}
