/**
 * Events of an exchange that touch neither of its ends, and so are in no biography: a segment meets
 * nobody, as the connection is over, was never there, or its host is down; and a host that has no
 * such connection sends an RST. They are found from the segments that the ends sent and got.
 */
import type { Segment } from '../tcp/segment.ts';
import type { Emission } from '../timeline/effects.ts';
import type { Explained, Timeline } from '../timeline/timeline.ts';

/** In a recording what became of a segment is looked for in so many events. */
const FAR = 4_096;

export type Strays = {
  readonly events: readonly Explained[];
  /** Emissions that the log says were lost, though it was not known when they were sent. */
  readonly lost: ReadonlySet<number>;
};

/**
 * Of the explained events of a ladder. `isOurs`: whether a segment is between its two ends. What
 * lies at `from` and before, or at `to` and after, is of another part of the ladder.
 */
export function straysOf(
  timeline: Timeline,
  shown: readonly Explained[],
  isOurs: (seg: Segment) => boolean,
  from: number,
  to: number,
): Strays {
  const known = new Set(shown.map(({ n }) => n));
  const arrived = new Set(shown.map(({ event }) => (event.ev === 'arrive' ? event.n : -1)));
  const departed = new Set(shown.flatMap(({ effects }) => effects.emissions.map(({ n }) => n)));
  const events: Explained[] = [];
  const lost = new Set<number>();
  const todo = [...shown];
  const add = (n: number): void => {
    if (n <= from || n >= to || known.has(n)) return;
    known.add(n);
    const found = timeline.explain(n);
    events.push(found);
    todo.push(found);
  };
  for (let one = todo.pop(); one !== undefined; one = todo.pop()) {
    const { n, event, effects } = one;
    for (const sent of effects.emissions) {
      if (!isOurs(sent.seg) || sent.fate.kind === 'lost' || arrived.has(sent.n)) continue;
      const outcome = outcomeOf(timeline, n, sent);
      if (outcome < 0) continue;
      if (timeline.event(outcome).ev === 'lose') lost.add(sent.n);
      else add(outcome);
    }
    if (event.ev === 'arrive' && !departed.has(event.n)) add(departureOf(timeline, one, event.n));
  }
  return { events, lost };
}

/** The event that tells what became of a segment; -1: none does. */
function outcomeOf(timeline: Timeline, from: number, { n, fate }: Emission): number {
  const isKnown = fate.kind === 'arrives';
  const first = isKnown ? timeline.indexAt(fate.at - 1) : from + 1;
  const end = isKnown ? timeline.indexAt(fate.at) : Math.min(timeline.length, first + FAR);
  for (let at = Math.max(first, from + 1); at < end; at += 1) {
    const event = timeline.event(at);
    if ((event.ev === 'arrive' || event.ev === 'lose') && event.n === n) return at;
  }
  return -1;
}

/** The event in which a recorded host was seen to send what arrives; -1: none, or it is a copy. */
function departureOf(timeline: Timeline, { before }: Explained, n: number): number {
  const flight = before.flights.get(n);
  if (flight === undefined || flight.copyOf > 0) return -1;
  const { from, seg, sentAt } = flight;
  for (let at = timeline.indexAt(sentAt) - 1; at >= 0 && timeline.timeOf(at) === sentAt; at -= 1) {
    const event = timeline.event(at);
    if (event.ev !== 'observe' || event.host !== from) continue;
    const { srcPort, dst, dstPort, seq, flags } = event.seg;
    const same = srcPort === seg.srcPort && dst === seg.dst && dstPort === seg.dstPort;
    if (same && seq === seg.seq && flags === seg.flags) return at;
  }
  return -1;
}
