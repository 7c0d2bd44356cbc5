/**
 * What the rest of the capture tells about a moment of it. A stack's silence or its answer shows
 * what it held to be true: whether it dropped a segment, knew the connection, still had a reader.
 */
import { type Seq, seqAdd, seqDiff, seqSub } from '../../base/seq.ts';
import type { Micros } from '../../base/time.ts';
import { ACK, FIN, has, RST, type Segment, SYN, segEnd, segLen } from '../../tcp/segment.ts';
import { type Action, type End, entersHost, type IcmpAction } from './packet.ts';

/** How far a question looks ahead, in actions of one end. */
const FAR = 4_096;
/** The largest shift of a window (RFC 7323 §2.3). */
const SCALE_MAX = 14;
/** So many actions after text came it was read, whatever happens then. */
const UNREAD_FAR = 64;
/** An answer to a segment comes at once, give or take a busy machine, µs. */
const AT_ONCE = 20_000;
/** What comes again so late was sent again, not copied on the way, µs. */
const RESENT = 100_000;

export type Outlook = {
  readonly list: readonly (Action | IcmpAction)[];
  /** Position of the next action of the same end; -1: none. */
  readonly next: Int32Array;
  /** Position of the next segment that leaves the same end; -1: none. */
  readonly nextLeave: Int32Array;
  /** By end, the position of its first action; -1: none. */
  readonly first: Int32Array;
  /** By end, the position of the first segment that leaves it; -1: none. */
  readonly firstLeave: Int32Array;
  /** Ends that showed a shut window: their applications read late. */
  readonly shut: ReadonlySet<number>;
};

export function lookOut(list: readonly (Action | IcmpAction)[], ends: number): Outlook {
  const next = new Int32Array(list.length);
  const nextLeave = new Int32Array(list.length);
  const first = new Int32Array(ends).fill(-1);
  const firstLeave = new Int32Array(ends).fill(-1);
  const shut = new Set<number>();
  for (let i = list.length - 1; i >= 0; i -= 1) {
    const action = list[i] as Action | IcmpAction;
    if (action.kind === 'icmp') continue;
    next[i] = first[action.end.id] as number;
    nextLeave[i] = firstLeave[action.end.id] as number;
    first[action.end.id] = i;
    if (action.kind !== 'leave') continue;
    firstLeave[action.end.id] = i;
    const { seg } = action.packet;
    if (seg.wnd === 0 && !has(seg, RST | SYN)) shut.add(action.end.id);
  }
  return { list, next, nextLeave, first, firstLeave, shut };
}

/** The later actions of the same end, in order, at most `far`. */
function* after(o: Outlook, i: number, far = FAR): Generator<Action> {
  let at = o.next[i] as number;
  for (let steps = 0; at >= 0 && steps < far; steps += 1) {
    yield o.list[at] as Action;
    at = o.next[at] as number;
  }
}

export function nextLeaving(o: Outlook, i: number): Action | undefined {
  const at = o.nextLeave[i] as number;
  return at < 0 ? undefined : (o.list[at] as Action);
}

const opens = (seg: Segment) => has(seg, SYN) && !has(seg, ACK);

/** Whether the host took a SYN: it answered before the next copy of the SYN came. */
export function answersSyn(o: Outlook, i: number, syn: Segment): boolean {
  for (const action of after(o, i)) {
    const { seg } = action.packet;
    if (entersHost(action) && opens(seg)) return false;
    if (action.kind !== 'leave') continue;
    if (has(seg, RST | ACK) && !(has(seg, SYN) && seg.ack !== seqAdd(syn.seq, 1))) return true;
  }
  return false;
}

/**
 * Whether a host that waits for the last ACK of a handshake took no notice of it: it sends its
 * SYN,ACK again, or the text that follows has to be sent again before the host says anything.
 */
export function ignoresHandshake(o: Outlook, i: number, iss: number): boolean {
  const texts = new Map<number, Micros>();
  const isAgain = ({ t, packet }: Action): boolean => {
    const { seq, len } = packet.seg;
    if (len === 0) return false;
    const before = texts.get(seq);
    if (before === undefined) texts.set(seq, t);
    return before !== undefined && t - before > RESENT;
  };
  isAgain(o.list[i] as Action);
  for (const action of after(o, i)) {
    const { seg } = action.packet;
    if (action.kind === 'leave') return has(seg, SYN) && has(seg, ACK) && seg.seq === iss;
    if (entersHost(action) && isAgain(action)) return true;
  }
  return false;
}

/** Whether an arriving segment is answered by the RST of a host that knows no such connection. */
export function meetsNobody(o: Outlook, i: number): boolean {
  const action = o.list[i] as Action;
  const { seg } = action.packet;
  if (!has(seg, ACK) || has(seg, RST)) return false;
  const answer = nextLeaving(o, i);
  if (answer === undefined || answer.t - action.t > AT_ONCE) return false;
  // The last of what came before the RST is what it answers.
  const next = o.list[o.next[i] as number] as Action;
  if (next !== answer && segLen(seg) === 0) return false;
  const rst = answer.packet.seg;
  return has(rst, RST) && !has(rst, ACK) && rst.seq === seg.ack;
}

/**
 * How the application closed when its FIN leaves: `write` if what still came was taken, or if the
 * end waited for the peer's FIN longer than a host lets an orphan wait (`orphan`, 0: for ever).
 */
export function howClosed(o: Outlook, i: number, orphan: Micros): 'write' | 'both' {
  const { t: start, packet } = o.list[i] as Action;
  let at = o.next[i] as number;
  for (let steps = 0; at >= 0 && steps < FAR; steps += 1) {
    const action = o.list[at] as Action;
    const { seg } = action.packet;
    if (has(seg, SYN | RST)) return 'both';
    if (entersHost(action) && seg.len > 0) return meetsNobody(o, at) ? 'both' : 'write';
    // The text may be missing in the capture, but not in what is acknowledged.
    if (action.kind === 'leave' && seqDiff(seg.ack, packet.seg.ack) > 1) return 'write';
    if (entersHost(action) && has(seg, FIN)) {
      const late = orphan > 0 && action.t - start > orphan;
      return late && !meetsNobody(o, at) ? 'write' : 'both';
    }
    at = o.next[at] as number;
  }
  return 'both';
}

/**
 * Whether text that comes now is never read: the next thing the end does of its own accord is to
 * reset the connection, and until then its window does not grow.
 */
export function staysUnread(o: Outlook, i: number, window: number): boolean {
  for (const action of after(o, i, UNREAD_FAR)) {
    const { seg } = action.packet;
    if (action.kind !== 'leave') {
      if (entersHost(action) && has(seg, RST | FIN)) return false;
      continue;
    }
    if (has(seg, RST)) return has(seg, ACK);
    if (segLen(seg) > 0 || seg.wnd > window) return false;
  }
  return false;
}

/** Whether this end sends anything of the connection later on, an RST to strangers apart. */
export function isHeardLater(o: Outlook, last: number): boolean {
  let at = last;
  for (let steps = 0; at >= 0 && steps < FAR; steps += 1) {
    const action = o.list[at] as Action;
    if (action.kind === 'leave') {
      const { seg } = action.packet;
      return !has(seg, RST) && !opens(seg);
    }
    if (entersHost(action) && opens(action.packet.seg)) return false;
    at = o.next[at] as number;
  }
  return false;
}

/** Whether a segment of an unknown connection begins to show one: nobody resets it. */
export function beginsConnection(o: Outlook, i: number): boolean {
  const action = o.list[i] as Action;
  if (has(action.packet.seg, RST | SYN)) return false;
  if (entersHost(action)) return !meetsNobody(o, i);
  for (const later of after(o, i)) {
    if (entersHost(later)) {
      const { seg } = later.packet;
      return !(has(seg, RST) && !has(seg, ACK) && seg.seq === action.packet.seg.ack);
    }
  }
  return true;
}

/** Whether the end goes on as before: what it sends next is near in numbers, not SYN nor RST. */
export function goesOn(o: Outlook, i: number, near: (seg: Segment) => boolean): boolean {
  const { seg } = (o.list[i] as Action).packet;
  for (const action of after(o, i)) {
    if (action.kind !== 'leave') continue;
    const later = action.packet.seg;
    if (has(later, RST)) continue;
    return !has(later, SYN) && later.seq !== seqAdd(seg.seq, 1) && near(later);
  }
  return false;
}

/** Whether the end resets the first thing that comes in answer to what it sent. */
export function resetsAnswer(o: Outlook, i: number): boolean {
  let at = o.next[i] as number;
  if (at < 0 || !entersHost(o.list[at] as Action)) return false;
  at = o.next[at] as number;
  const answer = at < 0 ? undefined : (o.list[at] as Action);
  return answer?.kind === 'leave' && has(answer.packet.seg, RST) && !has(answer.packet.seg, ACK);
}

/** What the other end sends first after position `i`. */
export function answerOfPeer(o: Outlook, i: number, peer: End): Segment | undefined {
  for (let at = i + 1; at < o.list.length && at < i + FAR; at += 1) {
    const action = o.list[at] as Action | IcmpAction;
    if (action.kind === 'leave' && action.end === peer) return action.packet.seg;
  }
  return undefined;
}

/**
 * The least shift, from `least` on, by which the windows that reach an end allow the text that it
 * sends (RFC 7323 §2.2), from position `start` up to the next SYN.
 */
export function scaleShown(o: Outlook, start: number, least: number): number {
  let scale = least;
  let edge: Segment | undefined;
  for (let at = start; at >= 0; at = o.next[at] as number) {
    const action = o.list[at] as Action;
    const { seg } = action.packet;
    if (has(seg, SYN)) return scale;
    if (has(seg, RST) || !has(seg, ACK)) continue;
    if (action.kind !== 'leave') edge = entersHost(action) && seg.wnd > 0 ? seg : undefined;
    else if (edge !== undefined && segLen(seg) > 0) {
      const flight = seqDiff(segEnd(seg), edge.ack);
      while (scale < SCALE_MAX && flight > edge.wnd * 2 ** scale) scale += 1;
    }
  }
  return scale;
}

/** Whether the number `seq` enters the same end within the time that a busy machine is late. */
export function comesSoon(o: Outlook, i: number, seq: Seq): boolean {
  const now = (o.list[i] as Action).t;
  for (const action of after(o, i)) {
    if (action.t - now > AT_ONCE) return false;
    const { seg } = action.packet;
    if (entersHost(action) && seqSub(seq, seg.seq) < segLen(seg)) return true;
  }
  return false;
}

/** The next segment that enters the same end. */
export function nextEntering(o: Outlook, i: number): Segment | undefined {
  for (const action of after(o, i)) if (entersHost(action)) return action.packet.seg;
  return undefined;
}

/** Whether neither text nor a FIN of this connection enters the same end any more. */
export function endsText(o: Outlook, i: number): boolean {
  for (const action of after(o, i)) {
    const { seg } = action.packet;
    if (has(seg, SYN)) return true;
    if (entersHost(action) && segLen(seg) > 0) return false;
  }
  return true;
}
