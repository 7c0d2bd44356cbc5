/**
 * What our TCP would send in the place of a recorded host: kept until the recording shows it.
 *
 * A real stack cuts text into other segments, sends an ACK a little later or lets one ACK do for
 * two. So text is matched by the numbers that it covers, and an ACK is done with when a higher one
 * was seen. What is still not seen after {@link PATIENCE} is a divergence: our TCP would have sent
 * it.
 */
import { type Seq, seqDiff, seqLe, seqLt } from '../base/seq.ts';
import type { HostEdit } from '../host/edit.ts';
import type { Expectation } from '../host/host.ts';
import { ACK, controlText, has, RST, type Segment, SYN, segEnd, segLen } from '../tcp/segment.ts';
import type { World } from './world.ts';

/** So long a machine may take to do what TCP says "now" about, µs. */
const PATIENCE = 500_000;
const EXPECTED_MAX = 64;

/** Takes over what the step sent on a recorded host. */
export function expectSent(w: World, h: HostEdit): void {
  const { sent, sentBy } = w.step;
  if (sent.length === 0) return;
  dropStale(w, h);
  const expected = h.expected.slice();
  for (let i = 0; i < sent.length; i += 1) {
    const seg = sent[i] as Segment;
    // A connection that ended by an RST answers what still comes by the same RST.
    if (has(seg, RST) && expected.some((e) => has(e.seg, RST) && isSame(e.seg, seg))) continue;
    expected.push({ at: w.time, conn: sentBy[i] as number, seg });
  }
  h.expected = expected.slice(-EXPECTED_MAX);
}

/** Forgets what was not seen in time, and says so. */
export function dropStale(w: World, h: HostEdit): void {
  const first = h.expected[0];
  if (first === undefined || first.at + PATIENCE >= w.time) return;
  h.expected = h.expected.filter((e) => {
    if (e.at + PATIENCE >= w.time) return true;
    diverge(w, h, e.conn, inWords(e.seg), 'nothing');
    return false;
  });
}

/** Counts a difference between what our TCP would do and what was seen. */
export function diverge(w: World, h: HostEdit, conn: number, expected: string, seen: string): void {
  h.totals.divergences += 1;
  w.effects?.divergences.push({ host: h.index, conn, expected, seen });
}

/** A segment as `ACK,PSH seq 12 ack 34 text 1000`. */
export function inWords(seg: Segment): string {
  const ack = has(seg, ACK) ? ` ack ${seg.ack}` : '';
  const text = seg.len > 0 ? ` text ${seg.len}` : '';
  return `${controlText(seg.flags)} seq ${seg.seq}${ack}${text}`;
}

function isSame(a: Segment, b: Segment): boolean {
  return isOfTuple(a, b) && a.seq === b.seq;
}

function isOfTuple(a: Segment, b: Segment): boolean {
  return a.srcPort === b.srcPort && a.dstPort === b.dstPort && a.src === b.src && a.dst === b.dst;
}

function isBareAck(seg: Segment): boolean {
  return segLen(seg) === 0 && !has(seg, RST);
}

function remove(h: HostEdit, gone: (e: Expectation) => boolean): void {
  h.expected = h.expected.filter((e) => !gone(e));
}

/** What was expected of this kind on the connection of `seg`; the oldest. */
export function findExpected(
  h: HostEdit,
  seg: Segment,
  like: (e: Segment) => boolean,
): Expectation | undefined {
  return h.expected.find((e) => isOfTuple(e.seg, seg) && like(e.seg));
}

/** Whether the text and FIN of `seg` are expected. */
export function isExpected(h: HostEdit, seg: Segment): boolean {
  return findExpected(h, seg, (e) => covers(e, seg.seq)) !== undefined;
}

/** Takes the expected RST: true if it has the number that was seen. */
export function takeReset(h: HostEdit, seg: Segment): boolean {
  const found = findExpected(h, seg, (e) => has(e, RST));
  const exact = findExpected(h, seg, (e) => has(e, RST) && e.seq === seg.seq) ?? found;
  if (exact !== undefined) remove(h, (e) => e === exact);
  return exact !== undefined && exact.seg.seq === seg.seq;
}

/** Takes the expected SYN or SYN,ACK. */
export function takeSyn(h: HostEdit, seg: Segment): boolean {
  const kind = seg.flags & (SYN | ACK);
  const found = findExpected(h, seg, (e) => (e.flags & (SYN | ACK | RST)) === kind && has(e, SYN));
  if (found !== undefined) remove(h, (e) => e === found);
  return found !== undefined;
}

/** Takes the bare ACK with this number, and those that it makes needless. */
export function takeAck(h: HostEdit, seg: Segment): boolean {
  const exact = findExpected(h, seg, (e) => isBareAck(e) && e.ack === seg.ack && e.seq === seg.seq);
  if (exact !== undefined) remove(h, (e) => e === exact);
  forgetAcks(h, seg, false);
  return exact !== undefined;
}

/** Expected bare ACKs below (`orAt`: or at) the one of `seg` will not come any more. */
export function forgetAcks(h: HostEdit, seg: Segment, orAt: boolean): void {
  if (h.expected.length === 0 || !has(seg, ACK)) return;
  remove(
    h,
    (e) =>
      isOfTuple(e.seg, seg) &&
      isBareAck(e.seg) &&
      (orAt ? seqLe(e.seg.ack, seg.ack) : seqLt(e.seg.ack, seg.ack)),
  );
}

/** Takes the expected text and FIN that `seg` covers; gives the first number not expected. */
export function takeText(h: HostEdit, seg: Segment): Seq {
  const end = segEnd(seg);
  let at: Seq = seg.seq;
  while (at !== end) {
    const next = findExpected(h, seg, (e) => covers(e, at));
    if (next === undefined) return at;
    const nextEnd = segEnd(next.seg);
    if (seqLe(nextEnd, end)) {
      remove(h, (e) => e === next);
      at = nextEnd;
    } else {
      const rest = { ...next, seg: cutFront(next.seg, end) };
      h.expected = h.expected.map((e) => (e === next ? rest : e));
      at = end;
    }
  }
  return end;
}

function covers(e: Segment, at: Seq): boolean {
  if (has(e, RST | SYN) || segLen(e) === 0) return false;
  return seqLe(e.seq, at) && seqLt(at, segEnd(e));
}

/** What is left of a segment from the number `at` on. */
function cutFront(seg: Segment, at: Seq): Segment {
  const cut = Math.min(seg.len, seqDiff(at, seg.seq));
  return { ...seg, seq: at, len: seg.len - cut, from: seg.from + cut };
}
