/**
 * The network between hosts: what becomes of a segment that was sent.
 *
 * Every draw is a hash of the seed and of what it is for: the link, the ports, the direction, the
 * place in the stream, the flags, and how often the same was sent before. It does not depend on
 * other segments, so two runs that differ in one knob differ by that knob only.
 */
import { hash32, unit } from '../base/random.ts';
import { seqSub } from '../base/seq.ts';
import type { Micros } from '../base/time.ts';
import { flagsText, PSH, type Segment } from '../tcp/segment.ts';
import type { FaultSpec, LinkRules } from './topology.ts';

/** When a segment arrives (`lost` false) or is lost, and when a copy of it arrives; -1: none. */
export type FateDraw = { at: Micros; lost: boolean; copyAt: Micros };

/** What tells one draw from another. */
export type DrawKey = {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  /** Number of the connection on the sending host. */
  readonly conn: number;
  /** ISS and IRS of the sender, so that the place in the streams counts and not the number. */
  readonly iss: number;
  readonly irs: number;
  /** What tells it from an equal one: how often the like was sent, or the time. */
  readonly again: number;
};

function draw(key: DrawKey, seg: Segment, purpose: number): number {
  const where = hash32(key.seed, key.from * 4096 + key.to, key.conn, purpose);
  const what = hash32(seg.flags, seg.len, key.again);
  // A bare ACK has its place in the peer's stream.
  const place = seg.len > 0 ? seqSub(seg.seq, key.iss) : seqSub(seg.ack, key.irs);
  return unit(hash32(where, place, what));
}

/** The fate of one segment on a link. */
export function drawFate(key: DrawKey, link: LinkRules, seg: Segment, now: Micros): FateDraw {
  let delay = link.delay;
  if (link.jitter > 0) delay += Math.floor(draw(key, seg, 1) * (link.jitter + 1));
  if (link.loss > 0 && draw(key, seg, 2) < link.loss) {
    // Lost half-way, so that a picture of it shows where it went.
    return { at: now + Math.floor(delay / 2), lost: true, copyAt: -1 };
  }
  if (link.reorder > 0 && draw(key, seg, 3) < link.reorder) delay += link.reorderDelay;
  const copy = link.duplicate > 0 && draw(key, seg, 4) < link.duplicate;
  return { at: now + delay, lost: false, copyAt: copy ? now + delay + 1 : -1 };
}

/** Whether a fault is about this segment. */
export function matchesFault(fault: FaultSpec, seg: Segment, now: Micros): boolean {
  const m = fault.match;
  if (m.flags !== undefined && m.flags !== flagsText(seg.flags & ~PSH)) return false;
  if (m.text !== undefined && m.text !== seg.len > 0) return false;
  if (m.srcPort !== undefined && m.srcPort !== seg.srcPort) return false;
  if (m.dstPort !== undefined && m.dstPort !== seg.dstPort) return false;
  return m.after === undefined || now >= m.after;
}

/** Applies an exact fault to the fate that was drawn. */
export function applyFault(fault: FaultSpec, fate: FateDraw): FateDraw {
  switch (fault.act.kind) {
    case 'lose':
      return { at: fate.at, lost: true, copyAt: -1 };
    case 'delay':
      return { ...fate, at: fate.at + fault.act.us };
    case 'copy':
      return { ...fate, copyAt: fate.at + fault.act.us };
  }
}

export function linkKey(a: number, b: number): string {
  return a < b ? `${a}|${b}` : `${b}|${a}`;
}
