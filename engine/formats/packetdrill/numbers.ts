/**
 * What the numbers of a script stand for.
 *
 * A script is written before the stack has chosen its initial sequence number and the offset of its
 * timestamps. On segments with SYN numbers are absolute: the peer's are real, ours count from the
 * number in the first `> S`, which stands for the ISS. On all others they count from each side's
 * ISN; before that is known, they are as written. Both stay in force until a new connection begins.
 */
import { type Seq, seqAdd, seqSub } from '../../base/seq.ts';
import { ACK, blankSegment, has, type Segment, SYN } from '../../tcp/segment.ts';
import type { WrittenOption, WrittenSegment } from './ast.ts';

export type Numbers = {
  /** ISN of the peer; null: not known. */
  peer: Seq | null;
  /** Our ISS, and the number that stands for it. */
  ours: { readonly real: Seq; readonly written: Seq } | null;
  /** A new connection has begun: the next `> S` says what stands for its ISS. */
  learning: boolean;
  /** Real timestamps by the values that the script wrote for them. */
  readonly stamps: Map<number, number>;
  /** The first timestamp sent. */
  firstStamp: { readonly real: number; readonly written: number } | null;
};

export function createNumbers(): Numbers {
  return { peer: null, ours: null, learning: true, stamps: new Map(), firstStamp: null };
}

/** A new connection begins: our next SYN is learned from. */
export function startLearning(n: Numbers): void {
  n.learning = true;
  n.stamps.clear();
  n.firstStamp = null;
}

/** The number of ours that the script wrote, as the stack has it. */
function oursReal(n: Numbers, written: number, syn: boolean): Seq {
  if (n.ours === null) return written;
  return seqAdd(n.ours.real, syn ? seqSub(written, n.ours.written) : written);
}

function oursWritten(n: Numbers, real: Seq, syn: boolean): number {
  if (n.ours === null) return real;
  const offset = seqSub(real, n.ours.real);
  return syn ? seqAdd(n.ours.written, offset) : offset;
}

function peerReal(n: Numbers, written: number, syn: boolean): Seq {
  return syn || n.peer === null ? written : seqAdd(n.peer, written);
}

function peerWritten(n: Numbers, real: Seq, syn: boolean): number {
  return syn || n.peer === null ? real : seqSub(real, n.peer);
}

type Sockets = {
  readonly src: string;
  readonly srcPort: number;
  readonly dst: string;
  readonly dstPort: number;
};

/** A segment of the script as it reaches the stack. */
export function realSegment(n: Numbers, written: WrittenSegment, to: Sockets): Segment {
  const seg = blankSegment(to.src, to.srcPort, to.dst, to.dstPort);
  const syn = (written.flags & SYN) !== 0;
  seg.flags = written.flags & 0xff;
  seg.seq = peerReal(n, written.seq ?? 0, syn);
  // Without the flag nobody reads the field, so it needs no meaning.
  seg.ack = has(seg, ACK) ? oursReal(n, written.ack ?? 0, syn) : (written.ack ?? 0);
  seg.wnd = written.win ?? 0;
  seg.up = written.urg ?? 0;
  seg.len = written.len;
  for (const option of written.options ?? []) setOption(n, seg, option);
  return seg;
}

function setOption(n: Numbers, seg: Segment, option: WrittenOption): void {
  switch (option.kind) {
    case 'mss':
      seg.mss = option.value;
      break;
    case 'wscale':
      seg.wscale = option.value;
      break;
    case 'sackOK':
      seg.sackOk = true;
      break;
    case 'sack':
      seg.sack = option.edges.map((edge) => oursReal(n, edge, false));
      break;
    case 'TS':
      seg.ts = true;
      seg.tsVal = option.val;
      seg.tsEcr = realStamp(n, option.ecr);
      break;
    default:
  }
}

/** The timestamp sent where the script wrote `val`; near it, if it wrote another value. */
function realStamp(n: Numbers, val: number): number {
  const known = n.stamps.get(val);
  if (known !== undefined) return known;
  // 0 is the echo of nothing.
  if (n.firstStamp === null || val === 0) return val;
  return seqAdd(n.firstStamp.real, seqSub(val, n.firstStamp.written));
}

/** Takes over what an expected segment, which was sent, tells about our numbers. */
export function learn(n: Numbers, written: WrittenSegment, sent: Segment): void {
  if (has(sent, SYN) && n.learning && written.seq !== null) {
    n.ours = { real: sent.seq, written: written.seq };
    n.learning = false;
  }
  if (!sent.ts) return;
  for (const option of written.options ?? []) {
    if (option.kind !== 'TS') continue;
    n.stamps.set(option.val, sent.tsVal);
    n.firstStamp ??= { real: sent.tsVal, written: option.val };
  }
}

/** A segment that was sent, in the numbers of the script; its options are laid out elsewhere. */
export type Told = {
  readonly flags: number;
  readonly seq: number;
  readonly len: number;
  readonly ack: number;
  readonly win: number;
  readonly urg: number;
  readonly sack: readonly number[] | null;
};

export function told(n: Numbers, sent: Segment): Told {
  const syn = has(sent, SYN);
  return {
    flags: sent.flags,
    seq: syn && n.learning ? sent.seq : oursWritten(n, sent.seq, syn),
    len: sent.len,
    ack: has(sent, ACK) ? peerWritten(n, sent.ack, syn) : 0,
    win: sent.wnd,
    urg: sent.up,
    sack: sent.sack === null ? null : sent.sack.map((edge) => peerWritten(n, edge, false)),
  };
}

/** Options with our timestamps as `stamp` tells them. */
export function toldOptions(
  options: readonly WrittenOption[],
  stamp: (val: number) => number,
): readonly WrittenOption[] {
  return options.map((option) =>
    option.kind === 'TS' ? { ...option, val: stamp(option.val) } : option,
  );
}
