/** Between hosts: what was sent is put on its way with its fate, and taken off it on arrival. */
import type { HostEdit } from '../host/edit.ts';
import type { ArriveEvent } from '../log/event.ts';
import type { Flight } from '../network/flight.ts';
import { isClean } from '../network/topology.ts';
import { applyFault, drawFate, type FateDraw, matchesFault } from '../network/transmit.ts';
import { type Segment, sameSegment } from '../tcp/segment.ts';
import { because } from '../tcp/step.ts';
import type { Fate } from './effects.ts';
import { linkBetween, type MutableEffects, type World } from './world.ts';

/** Puts all segments of the step on the way; the sender is `h`. */
export function launch(w: World, h: HostEdit): void {
  const s = w.step;
  h.totals.segmentsSent += s.sent.length;
  for (let i = 0; i < s.sent.length; i += 1) {
    const seg = s.sent[i] as Segment;
    const conn = s.sentBy[i] as number;
    launchOne(w, h, seg, conn, s.sentAgain[i] as number);
  }
}

function launchOne(w: World, h: HostEdit, seg: Segment, conn: number, again: number): void {
  const n = w.nextFlight;
  w.nextFlight += 1;
  const to = w.addressOf.get(seg.dst) ?? -1;
  const delay = plainDelay(w, h.index, to);
  const fate = delay < 0 ? fateOf(w, h, seg, conn, to, again) : undefined;
  const at = fate === undefined ? w.time + delay : fate.at;
  const lost = fate?.lost === true;
  w.flights.set(n, {
    n,
    copyOf: 0,
    from: h.index,
    to,
    seg,
    sentAt: w.time,
    at,
    lost,
  });
  w.launched.push(n);
  let copies: readonly number[] = [];
  if (fate !== undefined && fate.copyAt >= 0) {
    const copy = w.nextFlight;
    w.nextFlight += 1;
    w.flights.set(copy, {
      n: copy,
      copyOf: n,
      from: h.index,
      to,
      seg,
      sentAt: w.time,
      at: fate.copyAt,
      lost: false,
    });
    w.launched.push(copy);
    copies = [copy];
  }
  if (w.effects !== null) {
    const told: Fate = { kind: lost ? 'lost' : 'arrives', at };
    w.effects.emissions.push({ n, host: h.index, conn, seg, fate: told, copies });
  }
}

/** How long a segment takes where nothing can befall it, as on most links; -1: ask `fateOf`. */
function plainDelay(w: World, from: number, to: number): number {
  if (to < 0 || w.header.faults.length > 0) return -1;
  const link = linkBetween(w, from, to);
  return isClean(link) ? link.delay : -1;
}

function fateOf(
  w: World,
  h: HostEdit,
  seg: Segment,
  conn: number,
  to: number,
  again: number,
): FateDraw {
  if (to < 0) {
    because(w.step, 'noRoute');
    return { at: w.time, lost: true, copyAt: -1 };
  }
  const link = linkBetween(w, h.index, to);
  const t = h.conns.get(conn);
  let fate = drawFate(
    {
      seed: w.header.seed,
      from: h.index,
      to,
      conn,
      iss: t?.iss ?? 0,
      irs: t?.irs ?? 0,
      again,
    },
    link,
    seg,
    w.time,
  );
  for (let i = 0; i < w.header.faults.length; i += 1) {
    const fault = w.header.faults[i] as World['header']['faults'][number];
    if (w.hostNumber.get(fault.from) !== h.index || w.hostNumber.get(fault.to) !== to) continue;
    if (!matchesFault(fault, seg, w.time)) continue;
    const hits = (w.faultHits[i] as number) + 1;
    w.faultHits[i] = hits;
    if (hits >= fault.nth && hits < fault.nth + fault.times) fate = applyFault(fault, fate);
  }
  return fate;
}

/** The flight is over. */
export function noteArrival(w: World, event: ArriveEvent): void {
  if (event.n < 0) return;
  if (w.effects !== null) compare(w.effects, w.flights.get(event.n), event);
  w.flights.delete(event.n);
}

/** One that differs from what was derived is a divergence, not an error. */
function compare(effects: MutableEffects, flight: Flight | undefined, event: ArriveEvent): void {
  if (flight !== undefined && sameSegment(flight.seg, event.seg)) return;
  effects.divergences.push({
    host: event.host,
    conn: 0,
    expected: flight === undefined ? `no emission ${event.n}` : describe(flight.seg),
    seen: describe(event.seg),
  });
}

export function lose(w: World, n: number): void {
  w.flights.delete(n);
}

function describe(seg: Segment): string {
  return JSON.stringify(seg, Object.keys(seg).sort());
}
