/** The initial sequence numbers of a connection, from which relative numbers count. */
import { type Seq, seqSub } from '../base/seq.ts';
import type { Timeline } from '../timeline/timeline.ts';

export type Bases = {
  /** ISS: what our own numbers count from; undefined: not known. */
  readonly iss: Seq | undefined;
  /** IRS: what the peer's count from. */
  readonly irs: Seq | undefined;
};

const EARLY_EVENTS = 12;

/** Read from the first moments of the connection: a TIME-WAIT record has forgotten them. */
export function basesOf(timeline: Timeline, host: number, conn: number): Bases {
  const own = early(timeline, host, conn);
  if (own.irs !== undefined && own.iss !== undefined) return own;
  const biography = timeline.biography(host, conn);
  if (biography === undefined || biography.peerConn === 0) return own;
  const peer = early(timeline, biography.peerHost, biography.peerConn);
  return { iss: own.iss ?? peer.irs, irs: own.irs ?? peer.iss };
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
