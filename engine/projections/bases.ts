/** The initial sequence numbers of a connection, from which relative numbers count. */
import { type Seq, seqSub } from '../base/seq.ts';
import { has, SYN } from '../tcp/segment.ts';
import type { Timeline } from '../timeline/timeline.ts';

export type Bases = {
  /** ISS: what our own numbers count from; undefined: not known. */
  readonly iss: Seq | undefined;
  /** IRS: what the peer's count from. */
  readonly irs: Seq | undefined;
};

const EARLY_EVENTS = 12;

/**
 * The SYNs that arrived tell the numbers without a fold. Where one is not in the log (a recording
 * that begins late), the first moments of the TCB do: a TIME-WAIT record has forgotten them.
 */
export function basesOf(timeline: Timeline, host: number, conn: number): Bases {
  const known = timeline.biography(host, conn);
  // A listener hears of many connections and has the numbers of none.
  if (known === undefined || known.remotePort === 0) return { iss: undefined, irs: undefined };
  const { peerHost, peerConn } = known;
  const irs = synThatReached(timeline, host, conn);
  const iss = peerConn > 0 ? synThatReached(timeline, peerHost, peerConn) : undefined;
  if (irs !== undefined && iss !== undefined) return { iss, irs };
  const own = early(timeline, host, conn);
  return { iss: iss ?? own.iss, irs: irs ?? own.irs };
}

function synThatReached(timeline: Timeline, host: number, conn: number): Seq | undefined {
  for (const n of timeline.eventsOf(host, conn).slice(0, EARLY_EVENTS)) {
    const event = timeline.event(n);
    if (event.ev === 'arrive' && event.host === host && has(event.seg, SYN)) return event.seg.seq;
  }
  return undefined;
}

function early(timeline: Timeline, host: number, conn: number): Bases {
  let iss: Seq | undefined;
  let irs: Seq | undefined;
  for (const n of timeline.eventsOf(host, conn).slice(0, EARLY_EVENTS)) {
    const tcb = timeline.at(n + 1).hosts[host]?.conns.get(conn);
    if (tcb === undefined || tcb.state === 'CLOSED' || tcb.state === 'LISTEN') continue;
    iss = tcb.iss;
    // In SYN-SENT nothing of the peer is known yet.
    if (tcb.state !== 'SYN-SENT') irs = tcb.irs;
    if (irs !== undefined) break;
  }
  return { iss, irs };
}

/** A number as the distance from its base, or as it is where the base is not known. */
export function relative(seq: Seq, base: Seq | undefined): number {
  return base === undefined ? seq : seqSub(seq, base);
}
