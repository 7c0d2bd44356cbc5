/** What was sent against what the script expects: when, and which fields differ. */

import type { Knobs } from '../../tcp/knobs.ts';
import { ACK, flagsText, has, type Segment } from '../../tcp/segment.ts';
import { AE, type WrittenOption, type WrittenSegment } from './ast.ts';
import { layOut, optionsText } from './layout.ts';
import { learn, type Numbers, type Told, told } from './numbers.ts';

export type Comparison = {
  readonly numbers: Numbers;
  readonly layout: Knobs['option_layout'];
  /** Octets that the stack's timestamps may be off by; null: their values are not compared. */
  readonly stampTolerance: { readonly tick_usecs: number; readonly usecs: number } | null;
};

/** A segment that was sent, in the words of the script. */
export function sentText(c: Comparison, sent: Segment): string {
  return segmentText(told(c.numbers, sent), optionsOf(c, sent));
}

function segmentText(t: Told, options: readonly WrittenOption[]): string {
  const ack = t.flags & ACK ? ` ack ${t.ack}` : '';
  const urg = t.urg === 0 ? '' : ` urg ${t.urg}`;
  const text = options.length === 0 ? '' : ` <${optionsText(options)}>`;
  const end = (t.seq + t.len) % 2 ** 32;
  return `> ${flagsText(t.flags)} ${t.seq}:${end}(${t.len})${ack} win ${t.win}${urg}${text}`;
}

/** Options in the sender's layout, with the numbers of the script. */
function optionsOf(c: Comparison, sent: Segment): readonly WrittenOption[] {
  const { sack } = told(c.numbers, sent);
  return layOut({ ...sent, sack }, c.layout);
}

/** Whether a segment that was sent is the one expected; what it tells is learned. */
export function matches(c: Comparison, written: WrittenSegment, sent: Segment): boolean {
  if ((written.flags & ~AE) !== sent.flags || written.flags & AE) return false;
  if (written.len !== sent.len) return false;
  learn(c.numbers, written, sent);
  const t = told(c.numbers, sent);
  if (!sameSeq(c, written, sent, t)) return false;
  if (written.ack !== null && has(sent, ACK) && written.ack !== t.ack) return false;
  if (written.win !== null && written.win !== t.win) return false;
  if (written.urg !== null && written.urg !== t.urg) return false;
  return written.options === null || sameOptions(c, written.options, optionsOf(c, sent));
}

/** The RST of a closed port has 0 where it could not know better; 0 counts from no ISN. */
function sameSeq(c: Comparison, written: WrittenSegment, sent: Segment, t: Told): boolean {
  if (written.seq === null || written.seq === t.seq) return true;
  return sent.stream === -1 && sent.seq === 0 && written.seq === 0 && c.numbers.ours !== null;
}

function sameOptions(
  c: Comparison,
  written: readonly WrittenOption[],
  sent: readonly WrittenOption[],
): boolean {
  if (written.length !== sent.length) return false;
  return written.every((option, i) => sameOption(c, option, sent[i] as WrittenOption));
}

function sameOption(c: Comparison, written: WrittenOption, sent: WrittenOption): boolean {
  if (written.kind === 'TS' && sent.kind === 'TS') return sameStamp(c, written.val, sent.val);
  return optionsText([written]) === optionsText([sent]);
}

/** The clock of the script against the stack's, 1 kHz, both from the first timestamp on. */
function sameStamp(c: Comparison, written: number, sent: number): boolean {
  const first = c.numbers.firstStamp;
  if (c.stampTolerance === null || first === null) return true;
  const { tick_usecs: tick, usecs } = c.stampTolerance;
  const scripted = ((written - first.written) | 0) * tick;
  const real = ((sent - first.real) | 0) * 1000;
  return Math.abs(scripted - real) <= usecs;
}
