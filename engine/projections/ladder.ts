/**
 * The exchange between the two ends of a connection as rows of a sequence diagram.
 *
 * Each departure and each arrival is a row of its own, so that segments that cross are seen to
 * cross; calls, timeouts and changes of state stand on the side where they happen.
 */
import type { Micros } from '../base/time.ts';
import type { Segment } from '../tcp/segment.ts';
import type { State } from '../tcp/states.ts';
import type { Emission } from '../timeline/effects.ts';
import type { Explained, Timeline } from '../timeline/timeline.ts';
import { describeCall } from './describe.ts';
import { findConn } from './names.ts';

export type Side = 'left' | 'right';

export type LadderRow = {
  /** Number of the event. */
  readonly n: number;
  readonly time: Micros;
  readonly side: Side;
  readonly kind: 'depart' | 'arrive' | 'call' | 'timer' | 'note';
  /** Number of the emission, for `depart` and `arrive`; -1: not known. */
  readonly emission: number;
  readonly seg: Segment | undefined;
  /** A call, a timer or a note in words. */
  readonly text: string;
  /** The network loses this departure. */
  readonly lost: boolean;
  /** It is sent by the network, as the copy of another. */
  readonly copy: boolean;
  /** State of the row's end after the event, where the event changed it. */
  readonly entered: readonly State[];
  /** What was recorded differs here from what our TCP does. */
  readonly diverged: boolean;
};

export type Ladder = {
  readonly left: { readonly host: number; readonly conn: number };
  /** Conn 0: the other end is not in the log. */
  readonly right: { readonly host: number; readonly conn: number };
  readonly rows: readonly LadderRow[];
  /** Whether the connection has events before the first and after the last row. */
  readonly more: { readonly before: boolean; readonly after: boolean };
  /** States of both ends before the first row. */
  readonly states: { readonly left: State | ''; readonly right: State | '' };
};

/** The rows of about `rows` events around event `n`. The host with the smaller number is left. */
export function ladderOf(
  timeline: Timeline,
  host: number,
  conn: number,
  n: number,
  rows: number,
): Ladder {
  const biography = timeline.biography(host, conn);
  const self = { host, conn };
  const peer = { host: biography?.peerHost ?? -1, conn: biography?.peerConn ?? 0 };
  const selfLeft = peer.host < 0 || host <= peer.host;
  const [left, right] = selfLeft ? [self, peer] : [peer, self];
  const all = eventsOfBoth(timeline, self, peer);
  const { from, to } = windowAround(all, n, rows);
  const chosen = all.slice(from, to);
  const out: LadderRow[] = [];
  for (const event of chosen) rowsOf(timeline.explain(event), left, right, out);
  const first = chosen[0];
  return {
    left,
    right,
    rows: out,
    more: { before: from > 0, after: to < all.length },
    states: {
      left: first === undefined ? '' : stateAt(timeline, first, left),
      right: first === undefined ? '' : stateAt(timeline, first, right),
    },
  };
}

type End = Ladder['left'];

function stateAt(timeline: Timeline, n: number, end: End): State | '' {
  return findConn(timeline.at(n), end.host, end.conn)?.state ?? '';
}

function eventsOfBoth(timeline: Timeline, self: End, peer: End): readonly number[] {
  const own = timeline.eventsOf(self.host, self.conn);
  if (peer.conn === 0) return own;
  return merge(own, timeline.eventsOf(peer.host, peer.conn));
}

/** Two ascending lists as one, what is in both once. */
function merge(a: readonly number[], b: readonly number[]): readonly number[] {
  const out: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const x = a[i] ?? Number.POSITIVE_INFINITY;
    const y = b[j] ?? Number.POSITIVE_INFINITY;
    out.push(Math.min(x, y));
    if (x <= y) i += 1;
    if (y <= x) j += 1;
  }
  return out;
}

function windowAround(events: readonly number[], n: number, size: number) {
  let at = 0;
  let high = events.length;
  while (at < high) {
    const middle = (at + high) >>> 1;
    if ((events[middle] as number) < n) at = middle + 1;
    else high = middle;
  }
  const from = Math.max(0, Math.min(at - Math.ceil(size / 2), events.length - size));
  return { from, to: Math.min(events.length, from + size) };
}

function rowsOf(explained: Explained, left: End, right: End, out: LadderRow[]): void {
  const { n, event, effects } = explained;
  const sideOf = (host: number, conn: number): Side | undefined => {
    if (host === left.host && conn === left.conn) return 'left';
    if (host === right.host && conn === right.conn && right.conn > 0) return 'right';
    return undefined;
  };
  const blank = { n, time: event.t, emission: -1, seg: undefined, text: '' };
  const diverged = effects.divergences.some(({ host, conn }) => sideOf(host, conn) !== undefined);
  const plain = { lost: false, copy: false, entered: NO_STATES, diverged };
  // Of a segment that was seen to be sent, the change of state stands beside its departure.
  const unshown = new Map<Side, readonly State[]>();
  for (const { host, conn } of effects.touched) {
    const side = sideOf(host, conn);
    if (side === undefined) continue;
    const entered = effects.transitions
      .filter((taken) => taken.host === host && taken.conn === conn)
      .flatMap((taken) => [...taken.via, taken.after]);
    const row = stimulusRow(explained, side);
    if (row !== undefined) out.push({ ...blank, ...plain, ...row, side, entered });
    else if (entered.length > 0) unshown.set(side, entered);
  }
  for (const sent of effects.emissions) {
    const side = sideOf(sent.host, sent.conn) ?? sideOfReset(sent, explained, left, right);
    if (side === undefined) continue;
    const lost = sent.fate.kind === 'lost';
    const entered = unshown.get(side) ?? NO_STATES;
    unshown.delete(side);
    const { n: emission, seg } = sent;
    out.push({ ...blank, ...plain, kind: 'depart', emission, seg, lost, side, entered });
  }
  for (const [side, entered] of unshown) {
    out.push({ ...blank, ...plain, kind: 'note', text: event.ev, side, entered });
  }
}

const NO_STATES: readonly State[] = [];

function stimulusRow(
  { event }: Explained,
  side: Side,
): (Pick<LadderRow, 'kind'> & Partial<LadderRow>) | undefined {
  switch (event.ev) {
    case 'arrive':
      return { kind: 'arrive', emission: event.n, seg: event.seg, side };
    case 'inject':
      return { kind: 'arrive', seg: event.seg, text: 'forged' };
    case 'call':
      // Reading and asking change nothing that the ladder shows.
      if (event.call.call === 'STATUS' || event.call.call === 'RECEIVE') return undefined;
      return { kind: 'call', text: describeCall(event.call).replace(/ to .*/, '') };
    case 'timer':
      return { kind: 'timer', text: `${event.timer} timeout` };
    case 'icmp':
      return { kind: 'note', text: `ICMP ${event.what}` };
    case 'crash':
    case 'restart':
      return { kind: 'note', text: event.ev };
    default:
      return undefined;
  }
}

/** A RST to what matches nothing belongs to no connection, but answers a segment of this one. */
function sideOfReset(
  sent: Emission,
  { event }: Explained,
  left: End,
  right: End,
): Side | undefined {
  if (sent.conn !== 0 || (event.ev !== 'arrive' && event.ev !== 'inject')) return undefined;
  if (sent.host === left.host) return 'left';
  return sent.host === right.host ? 'right' : undefined;
}
