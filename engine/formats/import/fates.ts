/**
 * Which packets reached a host that stands at no interface of the capture. What it sends later
 * tells:
 *
 * - numbers it acknowledges came with the last copy that had time to be acknowledged; the copies
 *   before that one are taken for lost, and numbers that it never acknowledges too;
 * - an ACK did not come if the host sends again what it acknowledges;
 * - an RST did not come if the host goes on, and a probe did not if nobody answers it.
 *
 * A copy that came and whose acknowledgment was lost looks the same as one that did not come.
 */
import { type Seq, seqDiff } from '../../base/seq.ts';
import type { Micros } from '../../base/time.ts';
import { ACK, has, RST, type Segment, SYN, segEnd, segLen } from '../../tcp/segment.ts';
import type { TcpFrame } from '../capture/index.ts';

/** So long after a segment should have come its ACK may still be outside the capture, µs. */
const PATIENCE = 500_000;

/** A number as an offset on a line, not on a circle; the next is near the one before. */
type Line = { seq: Seq; offset: number };

function place(line: Line, seq: Seq): number {
  line.offset += seqDiff(seq, line.seq);
  line.seq = seq;
  return line.offset;
}

type Sent = {
  readonly frame: TcpFrame;
  /** Offset of its first number and of the one after its last, and of what it acknowledges. */
  readonly start: number;
  readonly end: number;
  readonly ack: number;
};

/** Both directions of one incarnation; `a` is who was seen first. */
type Flow = {
  readonly a: string;
  readonly syn: Seq;
  readonly lines: [Line, Line];
  readonly sent: [Sent[], Sent[]];
};

/** `wayTo`: one-way delay to an address that may lose packets; undefined: it loses none. */
export function lostBeyond(
  frames: readonly TcpFrame[],
  wayTo: (src: string, dst: string) => Micros | undefined,
): ReadonlySet<TcpFrame> {
  const lost = new Set<TcpFrame>();
  const last = frames[frames.length - 1]?.time ?? 0;
  for (const flow of flowsOf(frames)) {
    for (const side of [0, 1] as const) {
      const first = flow.sent[side][0]?.frame.segment;
      const way = first === undefined ? undefined : wayTo(first.src, first.dst);
      if (way !== undefined) judge(flow.sent[side], flow.sent[1 - side] as Sent[], way, last, lost);
    }
  }
  return lost;
}

function flowsOf(frames: readonly TcpFrame[]): Flow[] {
  const flows: Flow[] = [];
  const open = new Map<string, Flow>();
  for (const frame of frames) {
    const { segment: seg } = frame;
    const from = `${seg.src} ${seg.srcPort}`;
    const to = `${seg.dst} ${seg.dstPort}`;
    const key = from < to ? `${from} ${to}` : `${to} ${from}`;
    let flow = open.get(key);
    if (flow === undefined || opensAnew(flow, from, seg)) {
      flow = {
        a: from,
        syn: seg.seq,
        lines: [
          { seq: seg.seq, offset: 0 },
          { seq: has(seg, ACK) ? seg.ack : 0, offset: has(seg, ACK) ? 0 : Number.NaN },
        ],
        sent: [[], []],
      };
      open.set(key, flow);
      flows.push(flow);
    }
    add(flow, from === flow.a ? 0 : 1, frame);
  }
  return flows;
}

function opensAnew(flow: Flow, from: string, seg: Segment): boolean {
  if (!has(seg, SYN) || has(seg, ACK)) return false;
  return from === flow.a ? seg.seq !== flow.syn : flow.sent[1].length > 0;
}

function add(flow: Flow, side: 0 | 1, frame: TcpFrame): void {
  const seg = frame.segment;
  const own = flow.lines[side];
  const other = flow.lines[1 - side] as Line;
  if (Number.isNaN(own.offset)) Object.assign(own, { seq: seg.seq, offset: 0 });
  const start = has(seg, RST) ? own.offset : place(own, seg.seq);
  const end = has(seg, RST) ? start : place(own, segEnd(seg));
  const acks = has(seg, ACK) && !has(seg, RST) && !Number.isNaN(other.offset);
  const ack = acks ? other.offset + seqDiff(seg.ack, other.seq) : Number.NEGATIVE_INFINITY;
  flow.sent[side].push({ frame, start, end, ack });
}

function judge(
  near: readonly Sent[],
  far: readonly Sent[],
  way: Micros,
  last: Micros,
  lost: Set<TcpFrame>,
): void {
  if (far.length === 0 && isAnswered(near)) return;
  const heard = hear(far);
  const came = new Set<number>();
  let highest = Number.NEGATIVE_INFINITY;
  const highestBefore = near.map(({ end }) => {
    const before = highest;
    highest = Math.max(highest, end);
    return before;
  });
  for (let i = near.length - 1; i >= 0; i -= 1) {
    const sent = near[i] as Sent;
    const { segment, time } = sent.frame;
    // What the far host sent from here on it sent knowing of this packet, had it come.
    const back = time + 2 * way;
    const from = firstAt(far, back);
    let gone: boolean;
    if (has(segment, RST)) gone = heard.goesOn[from] === true;
    else if (segLen(segment) > 0) gone = numbersLost(sent, heard, far, back, last, came);
    else if (sent.start < (highestBefore[i] as number)) gone = !answered(far, from, back, last);
    else gone = (heard.lowestAgain[from] ?? Number.POSITIVE_INFINITY) < sent.ack;
    if (gone) lost.add(sent.frame);
  }
}

/** Whether a host acknowledges more and more although nothing for it is in the capture. */
function isAnswered(near: readonly Sent[]): boolean {
  const acks = near.filter(({ frame: { segment } }) => has(segment, ACK) && !has(segment, RST));
  const first = acks[0]?.frame.segment;
  const opened = near.some(({ frame }) => has(frame.segment, SYN) && !has(frame.segment, ACK));
  return (
    first !== undefined && (opened || acks.some(({ frame }) => frame.segment.ack !== first.ack))
  );
}

type Heard = {
  /** Highest number acknowledged up to each packet; an RST ends all questions. */
  readonly acked: readonly number[];
  /** Lowest number that is sent again, at each packet or after it. */
  readonly lowestAgain: readonly number[];
  /** Whether anything but RSTs follows, at each packet or after it. */
  readonly goesOn: readonly boolean[];
};

function hear(far: readonly Sent[]): Heard {
  let acked = Number.NEGATIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  const again = far.map((sent) => {
    const isAgain = sent.end > sent.start && sent.end <= highest;
    highest = Math.max(highest, sent.end);
    return isAgain ? sent.start : Number.POSITIVE_INFINITY;
  });
  const lowestAgain: number[] = new Array(far.length);
  const goesOn: boolean[] = new Array(far.length);
  for (let i = far.length - 1; i >= 0; i -= 1) {
    lowestAgain[i] = Math.min(again[i] as number, lowestAgain[i + 1] ?? Number.POSITIVE_INFINITY);
    goesOn[i] = goesOn[i + 1] === true || !has((far[i] as Sent).frame.segment, RST);
  }
  return {
    acked: far.map(({ ack, frame }) => {
      acked = has(frame.segment, RST) ? Number.POSITIVE_INFINITY : Math.max(acked, ack);
      return acked;
    }),
    lowestAgain,
    goesOn,
  };
}

/** `near` is gone through backwards, so `came` knows of the later copies. */
function numbersLost(
  sent: Sent,
  heard: Heard,
  far: readonly Sent[],
  back: Micros,
  last: Micros,
  came: Set<number>,
): boolean {
  const at = firstWhere(heard.acked.length, (i) => (heard.acked[i] as number) >= sent.end);
  const ack = far[at];
  if (ack === undefined) return back + PATIENCE < last;
  if (ack.frame.time < back) return false;
  if (came.has(sent.end)) return true;
  came.add(sent.end);
  return false;
}

function answered(far: readonly Sent[], from: number, back: Micros, last: Micros): boolean {
  const next = far[from];
  if (next === undefined) return back + PATIENCE >= last;
  return next.frame.time < back + PATIENCE;
}

function firstAt(far: readonly Sent[], time: Micros): number {
  return firstWhere(far.length, (i) => (far[i] as Sent).frame.time >= time);
}

/** The first of `count` positions from which on the condition holds; `count`: none. */
function firstWhere(count: number, holds: (i: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
