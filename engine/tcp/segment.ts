/**
 * A TCP segment as a flat record (RFC 9293 §3.1).
 *
 * Text is not bytes but an identity: `stream` names the sending incarnation and `from` the offset
 * of the first byte in it. So a receiver can prove that a byte came from another incarnation of the
 * connection, and a gigabyte of text costs nothing. Option values are here; their order and padding
 * on the wire are a matter of the sender's stack and live with the formats that need them.
 */
import { type Seq, seqAdd } from '../base/seq.ts';

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;
export const URG = 32;
export const ECE = 64;
export const CWR = 128;

/** Names one sending incarnation; see {@link streamOf}. Unknown (a forged segment): -1. */
export type StreamId = number;

export type Segment = {
  /** Address in canonical text, IPv4 or IPv6 (RFC 5952). */
  src: string;
  dst: string;
  srcPort: number;
  dstPort: number;
  /** SEG.SEQ: the number of the first octet, or of the SYN. */
  seq: Seq;
  /** SEG.ACK; meaningful only with the ACK flag. */
  ack: Seq;
  /** A set of {@link FIN} … {@link CWR}. */
  flags: number;
  /** The window field as it stands in the header, not scaled. */
  wnd: number;
  /** SEG.UP: the urgent pointer field; meaningful only with the URG flag. */
  up: number;
  /** Octets of text. SEG.LEN counts SYN and FIN too: {@link segLen}. */
  len: number;
  stream: StreamId;
  /** Offset in the stream of the first octet of text. */
  from: number;
  /** Maximum segment size option; 0: absent. */
  mss: number;
  /** Window scale shift (RFC 7323 §2); -1: absent. */
  wscale: number;
  /** SACK permitted (RFC 2018 §2). */
  sackOk: boolean;
  /** Whether the timestamps option is present (RFC 7323 §3). */
  ts: boolean;
  tsVal: number;
  tsEcr: number;
  /** SACK blocks as pairs left edge, right edge (RFC 2018 §3); null: absent. */
  sack: readonly Seq[] | null;
};

/** Hosts in one network at most; bounds {@link streamOf}. */
export const HOSTS_MAX = 4096;

/** The stream that connection `conn` of host number `host` sends. */
export function streamOf(host: number, conn: number): StreamId {
  return conn * HOSTS_MAX + host;
}

export function hostOfStream(stream: StreamId): number {
  // Not by the remainder, which is slow for numbers beyond 32 bits.
  return stream - connOfStream(stream) * HOSTS_MAX;
}

export function connOfStream(stream: StreamId): number {
  return Math.floor(stream / HOSTS_MAX);
}

export function has(segment: Segment, flags: number): boolean {
  return (segment.flags & flags) !== 0;
}

/** SEG.LEN: the sequence space a segment takes, SYN and FIN included (RFC 9293 §3.4). */
export function segLen(segment: Segment): number {
  return segment.len + ((segment.flags >> 1) & 1) + (segment.flags & 1);
}

/** The first sequence number after the segment: SEG.SEQ + SEG.LEN. */
export function segEnd(segment: Segment): Seq {
  return seqAdd(segment.seq, segLen(segment));
}

const FLAG_LETTERS: readonly [number, string][] = [
  [SYN, 'S'],
  [FIN, 'F'],
  [RST, 'R'],
  [PSH, 'P'],
  [URG, 'U'],
  [ECE, 'E'],
  [CWR, 'W'],
  [ACK, '.'],
];

/** Flags in tcpdump's letters, such as `S.`, `FP.`; no flag at all: `-`. */
export function flagsText(flags: number): string {
  let text = '';
  for (const [bit, letter] of FLAG_LETTERS) if (flags & bit) text += letter;
  return text === '' ? '-' : text;
}

/** The inverse of {@link flagsText}, letters in any order; undefined where a letter is unknown. */
export function flagsOf(text: string): number | undefined {
  if (text === '-') return 0;
  let flags = 0;
  for (const letter of text) {
    const found = FLAG_LETTERS.find(([, l]) => l === letter);
    if (!found) return undefined;
    flags |= found[0];
  }
  return flags;
}

/** Flags in the words of RFC 9293's figures: `SYN,ACK`, `FIN,ACK`; no flag: `none`. */
export function controlText(flags: number): string {
  const names: string[] = [];
  if (flags & SYN) names.push('SYN');
  if (flags & FIN) names.push('FIN');
  if (flags & RST) names.push('RST');
  if (flags & PSH) names.push('PSH');
  if (flags & URG) names.push('URG');
  if (flags & ECE) names.push('ECE');
  if (flags & CWR) names.push('CWR');
  if (flags & ACK) names.push('ACK');
  return names.length === 0 ? 'none' : names.join(',');
}

/** Whether two segments are the same on the wire, and carry the same text. */
export function sameSegment(a: Segment, b: Segment): boolean {
  return (
    a === b ||
    (a.seq === b.seq &&
      a.ack === b.ack &&
      a.flags === b.flags &&
      a.wnd === b.wnd &&
      a.up === b.up &&
      a.len === b.len &&
      a.stream === b.stream &&
      a.from === b.from &&
      a.srcPort === b.srcPort &&
      a.dstPort === b.dstPort &&
      a.src === b.src &&
      a.dst === b.dst &&
      a.mss === b.mss &&
      a.wscale === b.wscale &&
      a.sackOk === b.sackOk &&
      a.ts === b.ts &&
      a.tsVal === b.tsVal &&
      a.tsEcr === b.tsEcr &&
      sameEdges(a.sack, b.sack))
  );
}

function sameEdges(a: readonly Seq[] | null, b: readonly Seq[] | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((edge, i) => edge === b[i]);
}

/** A bare segment to build others from: no flag, no text, no option. */
export function blankSegment(src: string, srcPort: number, dst: string, dstPort: number): Segment {
  return {
    src,
    dst,
    srcPort,
    dstPort,
    seq: 0,
    ack: 0,
    flags: 0,
    wnd: 0,
    up: 0,
    len: 0,
    stream: -1,
    from: 0,
    mss: 0,
    wscale: -1,
    sackOk: false,
    ts: false,
    tsVal: 0,
    tsEcr: 0,
    sack: null,
  };
}
