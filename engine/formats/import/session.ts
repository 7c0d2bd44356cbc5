/** One import under way: the actions, what they tell ahead, and the log so far. */

import { seqDiff } from '../../base/seq.ts';
import { ACK, has, type Segment, SYN, streamOf } from '../../tcp/segment.ts';
import { textSeq } from '../../tcp/send.ts';
import type { Outlook } from './outlook.ts';
import type { End } from './packet.ts';
import { lookUp, type Scribe, type Who } from './scribe.ts';

export type Session = {
  readonly outlook: Outlook;
  readonly scribe: Scribe;
  readonly ends: ReadonlyMap<string, End>;
  /** By end: the widest window it announced. */
  readonly widest: Map<number, number>;
  /** Connections whose start is not in the capture. */
  underWay: number;
  /** How often something was made up that the capture lacks. */
  missed: number;
};

export function endKey(local: string, localPort: number, remote: string, remotePort: number) {
  return `${local} ${localPort} ${remote} ${remotePort}`;
}

export function whoIs(x: Session, end: End): Who {
  return lookUp(x.scribe, end.host, end.local, end.localPort, end.remote, end.remotePort);
}

export function peerOf(x: Session, end: End): End | undefined {
  return x.ends.get(endKey(end.remote, end.remotePort, end.local, end.localPort));
}

/** The segment with the name of its text: which incarnation sends it, from which offset. */
export function nameText(who: Who, host: number, seg: Segment): Segment {
  if (who.num === 0) return seg;
  const stream = streamOf(host, who.num);
  const t = who.tcb;
  if (t === undefined || has(seg, SYN)) return { ...seg, stream, from: 0 };
  const from = Math.max(0, t.textUna + seqDiff(seg.seq, textSeq(t)));
  return { ...seg, stream, from };
}

export function isOpening(seg: Segment): boolean {
  return has(seg, SYN) && !has(seg, ACK);
}
