/**
 * Who closed first, and therefore where TIME-WAIT is and what it waits for.
 *
 * The end that leaves ESTABLISHED by its own CLOSE is the active closer; the other meets its FIN in
 * ESTABLISHED and goes by CLOSE-WAIT. Where both CLOSE before either FIN arrives, the close is
 * simultaneous and both ends pass through TIME-WAIT. A reset ends a connection without one; where
 * the other end does not learn of it, the connection is half-open.
 */

import { seqGe } from '../base/seq.ts';
import type { Micros } from '../base/time.ts';
import { RULES, type RuleId } from '../tcp/rules.ts';
import { ACK, has } from '../tcp/segment.ts';
import type { State } from '../tcp/states.ts';
import type { Tcb } from '../tcp/tcb.ts';
import type { Snapshot } from '../timeline/snapshot.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { entering, type Life, type LifeStep, lifeOf } from './life.ts';
import { findConn, stateOf } from './names.ts';

export type End = { readonly host: number; readonly conn: number };

export type Closing = {
  /** `this`: the connection asked about; `peer`: its other end. */
  readonly first: 'this' | 'peer' | 'both' | 'reset' | 'half-open' | 'unopened' | 'nobody';
  readonly self: End;
  /** Conn 0: the other end is not in the log. */
  readonly peer: End;
  /** When each end sent its FIN for the first time, or would have: its CLOSE; -1: it did not. */
  readonly closedAt: Micros;
  readonly peerClosedAt: Micros;
  /** The ends that were ever in TIME-WAIT. */
  readonly timeWait: readonly End[];
  /** Which end was CLOSED first, by which rule, and when; undefined: none is. */
  readonly ended: Ended | undefined;
};

type Ended = { readonly end: 'this' | 'peer'; readonly rule: RuleId; readonly at: Micros };

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
    ended: endOf(own, other),
  };
}

function isEnd(step: LifeStep): boolean {
  return step.after === 'CLOSED';
}

function endOf(own: Life, other: Life): Ended | undefined {
  const mine = own.find(isEnd);
  const theirs = other.find(isEnd);
  if (mine !== undefined && !(theirs !== undefined && theirs.n < mine.n)) {
    return { end: 'this', rule: mine.rule, at: mine.time };
  }
  return theirs && { end: 'peer', rule: theirs.rule, at: theirs.time };
}

/** When an end began to close: on entering FIN-WAIT-1 or LAST-ACK. */
function ownClose(life: Life): Micros {
  const step = entering(life, 'FIN-WAIT-1') ?? entering(life, 'LAST-ACK');
  return step?.time ?? -1;
}

function firstOf(own: Life, other: Life): Closing['first'] {
  const active = entering(own, 'FIN-WAIT-1') !== undefined;
  const peerActive = entering(other, 'FIN-WAIT-1') !== undefined;
  if (active && peerActive) return firstOfTwo(own, other);
  // Without the peer's life, CLOSING tells of a FIN that crossed ours.
  if (active) return entering(own, 'CLOSING') ? 'both' : 'this';
  if (peerActive || entering(own, 'CLOSE-WAIT')) return 'peer';
  const opened = entering(own, 'ESTABLISHED') ?? entering(other, 'ESTABLISHED');
  if (own.some(isEnd)) return opened === undefined ? 'unopened' : 'reset';
  return opened !== undefined && other.some(isEnd) ? 'half-open' : 'nobody';
}

/**
 * Of two that closed by themselves. FINs that cross bring one end or both to CLOSING. Where none
 * was there and yet a FIN was acknowledged, the recording shows less than had happened: the FIN
 * that was sent first is the one that the other end must have had.
 */
function firstOfTwo(own: Life, other: Life): Closing['first'] {
  const either = (state: State): boolean =>
    entering(own, state) !== undefined || entering(other, state) !== undefined;
  if (either('CLOSING') || !either('FIN-WAIT-2')) return 'both';
  return ownClose(own) <= ownClose(other) ? 'this' : 'peer';
}

/** What a TIME-WAIT still waits for, at one moment. */
export type WaitReason = {
  readonly reason: 'last-ack' | 'old-duplicates';
  readonly peerState: State | 'unknown';
  readonly says: string;
  readonly source: string;
};

const WAIT_SOURCE = 'RFC 9293 §3.3.2, §3.6.1 (MUST-13)';
const OLD_DUPLICATES = 'old duplicates must die out before this pair of sockets is used again';

/**
 * RFC 9293 §3.3.2 gives two reasons: the last ACK may be lost, then the peer sends its FIN again
 * and must meet an ACK, not a RST; and old duplicates must die out before the same pair of sockets
 * is used again. The first holds as long as the peer has not had its FIN acknowledged, the second
 * to the end.
 */
export function waitReason(snapshot: Snapshot, peer: End): WaitReason {
  const there = peer.conn > 0 ? findConn(snapshot, peer.host, peer.conn) : undefined;
  const peerState = peer.conn > 0 ? stateOf(snapshot, peer.host, peer.conn) : 'unknown';
  const awaits = peerState === 'LAST-ACK' || peerState === 'CLOSING' || peerState === 'FIN-WAIT-1';
  if (there !== undefined && awaits) {
    const onTheWay = there.kind === 'tcb' ? ackOnTheWay(snapshot, peer.host, there.tcb) : 'none';
    const awaited = `the peer is in ${peerState} and still waits for the ACK of its FIN`;
    const says = `${awaited}: ${IF_LOST[onTheWay]}; and ${OLD_DUPLICATES}`;
    return { reason: 'last-ack', peerState, says, source: WAIT_SOURCE };
  }
  const says =
    (peerState === 'unknown'
      ? 'the other end is not in the log, so its FIN may come again; and '
      : `the peer (${peerState}) needs no ACK any more, but `) + OLD_DUPLICATES;
  return { reason: 'old-duplicates', peerState, says, source: WAIT_SOURCE };
}

type AckOnTheWay = 'alive' | 'lost' | 'none';

const IF_LOST: Readonly<Record<AckOnTheWay, string>> = {
  alive: 'should that ACK be lost, this end must be here to acknowledge the FIN again',
  lost: 'that ACK is lost, and this end must be here to acknowledge the FIN when it comes again',
  none: 'without it the FIN comes again, and this end must be here to acknowledge it',
};

/** Whether an ACK of the last number that an end has sent, its FIN, is on its way there. */
function ackOnTheWay({ flights }: Snapshot, host: number, t: Tcb): AckOnTheWay {
  let found: AckOnTheWay = 'none';
  for (const { to, seg, lost } of flights.values()) {
    if (to !== host || seg.dstPort !== t.localPort || seg.srcPort !== t.remotePort) continue;
    if (seg.src !== t.remote || !has(seg, ACK) || !seqGe(seg.ack, t.sndNxt)) continue;
    if (!lost) return 'alive';
    found = 'lost';
  }
  return found;
}

/**
 * Who closed first, in a sentence, of a whole log. `self` and `peer` are the names of the
 * two ends.
 */
export function closingText(closing: Closing, self: string, peer: string): string {
  switch (closing.first) {
    case 'this':
      return waits(closing, closing.self)
        ? `${self} closed first: TIME-WAIT is here, at the active closer`
        : `${self} closed first: no TIME-WAIT in this log`;
    case 'peer':
      if (closing.peer.conn === 0) return `${peer} closed first: TIME-WAIT is not here`;
      return waits(closing, closing.peer)
        ? `${peer} closed first: TIME-WAIT is there, not here`
        : `${peer} closed first: no TIME-WAIT in this log`;
    case 'both':
      return (
        'simultaneous close: both closed before either had the other’s FIN: ' +
        waitsText(closing, self, peer)
      );
    case 'reset':
      return `ended without a FIN, first at ${endText(closing, self, peer)}: no TIME-WAIT`;
    case 'half-open':
      return `half-open: ended without a FIN at ${endText(closing, self, peer)}`;
    case 'unopened':
      return 'never ESTABLISHED: no TIME-WAIT';
    case 'nobody':
      return 'neither end has closed';
  }
}

function endText({ ended }: Closing, self: string, peer: string): string {
  const { end, rule } = ended as Ended;
  return `${end === 'this' ? self : peer} (${RULES[rule].says})`;
}

function waitsText(closing: Closing, self: string, peer: string): string {
  const names = [
    ...(waits(closing, closing.self) ? [self] : []),
    ...(waits(closing, closing.peer) ? [peer] : []),
  ];
  if (names.length === 0) return 'no TIME-WAIT in this log';
  return names.length === 2 ? 'TIME-WAIT is at both ends' : `TIME-WAIT is at ${names[0]}`;
}

function waits({ timeWait }: Closing, end: End): boolean {
  return timeWait.some(({ host, conn }) => host === end.host && conn === end.conn);
}

/**
 * Who has closed first so far, and where TIME-WAIT is to come: for an event of the close, with a
 * closing of what had happened by then. The snapshot is the one after the event.
 */
export function closingSoFar(closing: Closing, after: Snapshot, self: string, peer: string) {
  switch (closing.first) {
    case 'this':
      return waits(closing, closing.self)
        ? `${self} closed first: TIME-WAIT is here, at the active closer`
        : `${self} closed first: TIME-WAIT is to come here, if the peer’s FIN comes`;
    case 'peer': {
      const { peer: there } = closing;
      const state = there.conn > 0 ? stateOf(after, there.host, there.conn) : 'unknown';
      const isToCome = state === 'FIN-WAIT-1' || state === 'FIN-WAIT-2' || state === 'unknown';
      const where = isToCome ? ': TIME-WAIT is to come there, if our FIN gets there' : '';
      return `${peer} closed first${where}`;
    }
    case 'both':
      if (isGone(closing, after)) {
        return `both ends have closed, neither had the other’s FIN: ${peer} is there no more`;
      }
      if (!hasSentFin(after, closing.self) || !hasSentFin(after, closing.peer)) {
        return 'both ends have closed, neither has the other’s FIN yet';
      }
      return (
        'simultaneous close: both sent FIN before either had the other’s: ' +
        'TIME-WAIT is for both ends'
      );
    default:
      return closingText(closing, self, peer);
  }
}

/** Whether the other end was given up, aborted or forgotten before it could be in TIME-WAIT. */
function isGone(closing: Closing, after: Snapshot): boolean {
  const { peer } = closing;
  if (peer.conn === 0 || waits(closing, peer)) return false;
  return stateOf(after, peer.host, peer.conn) === 'CLOSED';
}

/** An end that is not in the log, or is there no more, is taken to have done so. */
function hasSentFin(after: Snapshot, end: End): boolean {
  const there = findConn(after, end.host, end.conn);
  return there?.kind !== 'tcb' || there.tcb.finSent;
}
