/**
 * Who closed first, and therefore where TIME-WAIT is and what it waits for.
 *
 * The end that leaves ESTABLISHED by its own CLOSE is the active closer; the other meets its FIN in
 * ESTABLISHED and goes by CLOSE-WAIT. Where both CLOSE before either FIN arrives, the close is
 * simultaneous and both ends pass through TIME-WAIT. A reset ends a connection without one.
 */
import type { Micros } from '../base/time.ts';
import type { State } from '../tcp/states.ts';
import type { Snapshot } from '../timeline/snapshot.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { entering, type Life, lifeOf } from './life.ts';
import { findConn, stateOf } from './names.ts';

export type End = { readonly host: number; readonly conn: number };

export type Closing = {
  /** `this`: the connection asked about; `peer`: its other end. */
  readonly first: 'this' | 'peer' | 'both' | 'reset' | 'unopened' | 'nobody';
  readonly self: End;
  /** Conn 0: the other end is not in the log. */
  readonly peer: End;
  /** When each end sent its FIN for the first time, or would have: its CLOSE; -1: it did not. */
  readonly closedAt: Micros;
  readonly peerClosedAt: Micros;
  /** The ends that were ever in TIME-WAIT. */
  readonly timeWait: readonly End[];
};

/** Over the whole log, what came after the moment on screen included. */
export function closingOf(
  timeline: Timeline,
  host: number,
  conn: number,
  lives: (host: number, conn: number) => Life = (h, c) => lifeOf(timeline, h, c),
): Closing {
  const biography = timeline.biography(host, conn);
  const self = { host, conn };
  const peer = { host: biography?.peerHost ?? -1, conn: biography?.peerConn ?? 0 };
  const own = lives(host, conn);
  const other = peer.conn > 0 ? lives(peer.host, peer.conn) : [];
  const mine = ownClose(own);
  const theirs = ownClose(other);
  const ends: [End, Life][] = [
    [self, own],
    [peer, other],
  ];
  return {
    first: firstOf(own, other),
    self,
    peer,
    closedAt: mine,
    peerClosedAt: theirs,
    timeWait: ends.filter(([, life]) => entering(life, 'TIME-WAIT')).map(([end]) => end),
  };
}

/** When an end began to close: on entering FIN-WAIT-1 or LAST-ACK. */
function ownClose(life: Life): Micros {
  const step = entering(life, 'FIN-WAIT-1') ?? entering(life, 'LAST-ACK');
  return step?.time ?? -1;
}

function firstOf(own: Life, other: Life): Closing['first'] {
  const active = entering(own, 'FIN-WAIT-1') !== undefined;
  const peerActive = entering(other, 'FIN-WAIT-1') !== undefined;
  if (active && peerActive) return 'both';
  // Without the peer's life, CLOSING tells of a FIN that crossed ours.
  if (active) return entering(own, 'CLOSING') ? 'both' : 'this';
  if (peerActive || entering(own, 'CLOSE-WAIT')) return 'peer';
  const opened = entering(own, 'ESTABLISHED') ?? entering(other, 'ESTABLISHED');
  const ended = own.some((step) => step.after === 'CLOSED');
  if (ended) return opened === undefined ? 'unopened' : 'reset';
  return 'nobody';
}

/** What a TIME-WAIT still waits for, at one moment. */
export type WaitReason = {
  readonly reason: 'last-ack' | 'old-duplicates';
  readonly peerState: State | 'unknown';
  readonly says: string;
};

/**
 * RFC 9293 §3.6.1 and RFC 1337 give two reasons: the last ACK may be lost, then the peer sends its
 * FIN again and must meet an ACK, not a RST; and old duplicates must die out before the same pair
 * of sockets is used again. The first holds as long as the peer has not had its FIN acknowledged.
 */
export function waitReason(snapshot: Snapshot, peer: End): WaitReason {
  const there = peer.conn > 0 ? findConn(snapshot, peer.host, peer.conn) : undefined;
  const peerState = peer.conn > 0 ? stateOf(snapshot, peer.host, peer.conn) : 'unknown';
  const awaits = peerState === 'LAST-ACK' || peerState === 'CLOSING' || peerState === 'FIN-WAIT-1';
  if (there !== undefined && awaits) {
    const says =
      `the peer is in ${peerState} and still waits for the ACK of its FIN: ` +
      'should that ACK be lost, this end must be here to acknowledge the FIN again';
    return { reason: 'last-ack', peerState, says };
  }
  const says =
    (peerState === 'unknown'
      ? 'the other end is not in the log, so its FIN may come again; and '
      : `the peer (${peerState}) needs no ACK any more, but `) +
    'old duplicates must die out before this pair of sockets is used again';
  return { reason: 'old-duplicates', peerState, says };
}

/** Who closed first, in a sentence. `self` and `peer` are the names of the two ends. */
export function closingText(closing: Closing, self: string, peer: string): string {
  switch (closing.first) {
    case 'this':
      return `${self} closed first: TIME-WAIT is here, at the active closer`;
    case 'peer':
      return `${peer} closed first: TIME-WAIT is there, not here`;
    case 'both':
      return 'simultaneous close: both sent FIN before either had the other’s, both wait';
    case 'reset':
      return 'ended by a reset or a timeout: no TIME-WAIT';
    case 'unopened':
      return 'never ESTABLISHED: no TIME-WAIT';
    case 'nobody':
      return 'neither end has closed';
  }
}
