/**
 * The exchange between the two ends of a connection as rows of a sequence diagram.
 *
 * Each departure and each arrival is a row of its own, so that segments that cross are seen to
 * cross; calls, timeouts and changes of state stand on the side where they happen. A segment that
 * meets nobody arrives all the same, and the RST that answers it departs.
 */
import type { Micros } from '../base/time.ts';
import type { Segment } from '../tcp/segment.ts';
import type { State } from '../tcp/states.ts';
import type { Biography, Explained, Timeline } from '../timeline/timeline.ts';
import { describeCall } from './describe.ts';
import { findConn } from './names.ts';
import { straysOf } from './strays.ts';

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
  /** What arrives was made by the network, as the copy of another. */
  readonly copy: boolean;
  /** State of the row's end after the event, where the event changed it. */
  readonly entered: readonly State[];
  /** What was recorded differs here from what our TCP does. */
  readonly diverged: boolean;
};

export type Ladder = {
  readonly left: { readonly host: number; readonly conn: number };
  /** Conn 0: the other end is not in the log; host -1: nor is its host. */
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
  const peer = peerOf(timeline, biography);
  const selfLeft = peer.host < 0 || host <= peer.host;
  const [left, right] = selfLeft ? [self, peer] : [peer, self];
  const all = eventsOfBoth(timeline, self, peer);
  const { from, to } = windowAround(all, n, rows);
  const chosen = all.slice(from, to);
  const sideOf = sidesOf(left, right, biography, selfLeft);
  const shown = chosen.map((event) => timeline.explain(event));
  const { events, lost } = straysOf(
    timeline,
    shown,
    (seg) => sideOf.sender(seg) !== undefined,
    all[from - 1] ?? -1,
    all[to] ?? timeline.length,
  );
  const out: LadderRow[] = [];
  for (const explained of [...shown, ...events].sort((a, b) => a.n - b.n)) {
    rowsOf(explained, sideOf, lost, out);
  }
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

/** The other end; where it is not in the log, its host by its address. */
function peerOf({ header }: Timeline, known: Biography | undefined): End {
  if (known === undefined) return { host: -1, conn: 0 };
  if (known.peerConn > 0) return { host: known.peerHost, conn: known.peerConn };
  const host = header.hosts.findIndex(({ addresses }) => addresses.includes(known.remote));
  return { host, conn: 0 };
}

type Sides = {
  readonly end: (host: number, conn: number) => Side | undefined;
  /** Of a segment between the two ends, by its sockets. */
  readonly sender: (seg: Segment) => Side | undefined;
};

function sidesOf(left: End, right: End, self: Biography | undefined, selfLeft: boolean): Sides {
  const [own, other]: readonly Side[] = selfLeft ? ['left', 'right'] : ['right', 'left'];
  const here = { address: self?.local, port: self?.localPort };
  const there = { address: self?.remote, port: self?.remotePort };
  const goes = (seg: Segment, from: typeof here, to: typeof here): boolean =>
    seg.srcPort === from.port &&
    seg.dstPort === to.port &&
    seg.src === from.address &&
    seg.dst === to.address;
  return {
    end(host, conn) {
      if (conn > 0 && host === left.host && conn === left.conn) return 'left';
      return conn > 0 && host === right.host && conn === right.conn ? 'right' : undefined;
    },
    sender(seg) {
      if (goes(seg, here, there)) return own;
      return goes(seg, there, here) ? other : undefined;
    },
  };
}

const OPPOSITE: Readonly<Record<Side, Side>> = { left: 'right', right: 'left' };

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

function rowsOf(
  explained: Explained,
  sideOf: Sides,
  lostLater: ReadonlySet<number>,
  out: LadderRow[],
): void {
  const { n, event, effects } = explained;
  const blank = { n, time: event.t, emission: -1, seg: undefined, text: '' };
  const diverged = effects.divergences.some(({ host, conn }) => sideOf.end(host, conn));
  const plain = { lost: false, copy: false, entered: NO_STATES, diverged };
  // Of a segment that was seen to be sent, the change of state stands beside its departure.
  const unshown = new Map<Side, readonly State[]>();
  const touched = effects.touched.filter(({ host, conn }) => sideOf.end(host, conn));
  if (touched.length === 0 && (event.ev === 'arrive' || event.ev === 'inject')) {
    const from = sideOf.sender(event.seg);
    const row = from && stimulusRow(explained, OPPOSITE[from]);
    if (from && row) out.push({ ...blank, ...plain, ...row, side: OPPOSITE[from] });
  }
  for (const { host, conn } of touched) {
    const side = sideOf.end(host, conn) as Side;
    const entered = effects.transitions
      .filter((taken) => taken.host === host && taken.conn === conn)
      .flatMap((taken) => [...taken.via, taken.after]);
    const row = stimulusRow(explained, side);
    if (row !== undefined) out.push({ ...blank, ...plain, ...row, side, entered });
    else if (entered.length > 0) unshown.set(side, entered);
  }
  for (const sent of effects.emissions) {
    // A RST to what matches nothing belongs to no connection, but answers a segment of this one.
    const stray = sent.conn === 0 ? sideOf.sender(sent.seg) : undefined;
    const side = sideOf.end(sent.host, sent.conn) ?? stray;
    if (side === undefined) continue;
    const lost = sent.fate.kind === 'lost' || lostLater.has(sent.n);
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
  { event, before }: Explained,
  side: Side,
): (Pick<LadderRow, 'kind'> & Partial<LadderRow>) | undefined {
  switch (event.ev) {
    case 'arrive': {
      const copy = (before.flights.get(event.n)?.copyOf ?? 0) > 0;
      return { kind: 'arrive', emission: event.n, seg: event.seg, side, copy };
    }
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
