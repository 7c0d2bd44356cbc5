/** Moving through the log: by events, those of a connection, changes of state, or the clock. */

import { countStates, sameCounts } from '../../engine/index.ts';
import type { Data } from './data.ts';
import { orderOf } from './order.ts';
import { type ConnId, indexOf, sameId } from './table.ts';
import { type Direction, orderSpec, type Place, speedOf, type Ui } from './ui.ts';

const PAST_MAX = 50;
/** While many connections play, the table is put in order again only so often. */
const REORDER_MS = 400;
const REORDER_AT_ONCE_MAX = 20_000;
/** A silence is shown for no longer than this: playing goes on shortly before the next event. */
const SILENCE_MAX_MS = 1_500;

export function placeOf({ n, now }: Ui): Place {
  return { n, now };
}

/** To a position. A jump, other than a step, is remembered. `now` may be later than its event. */
export function moveTo(ui: Ui, data: Data, to: number, jump: boolean, now?: number): Ui {
  const n = Math.max(0, Math.min(data.length, to));
  const time = now ?? (n > 0 ? data.timeline.timeOf(n - 1) : 0);
  if (n === ui.n && time === ui.now) return ui;
  const past = jump ? [...ui.past, placeOf(ui)].slice(-PAST_MAX) : ui.past;
  const future = jump ? [] : ui.future;
  const moved = { ...ui, n, now: time, tableAt: n, stale: 0, carry: 0, past, future };
  const scrolled =
    ui.scroll.explanation === undefined
      ? moved
      : { ...moved, scroll: { ...ui.scroll, explanation: 0 } };
  return followed(scrolled, data);
}

type Touch = { readonly host: number; readonly conn: number };

/** What the current event touched; a connection that it took to another state before all others. */
function touchedAt({ n }: Ui, data: Data): readonly Touch[] {
  if (n === 0) return [];
  const { touched, transitions } = data.explained(n - 1).effects;
  // A SYN touches the listener and the connection that it makes: the latter changes its state.
  return [...transitions, ...touched];
}

const idOf = ({ host, conn }: Touch): ConnId => ({ host, conn });

/** Selects what the current event touched, if asked to. */
function followed(ui: Ui, data: Data): Ui {
  if (!ui.follow) return ui;
  const touched = touchedAt(ui, data);
  const [first] = touched;
  const already = touched.some((one) => sameId(idOf(one), ui.selected));
  return first === undefined || already ? ui : { ...ui, selected: idOf(first) };
}

/** Where nothing is selected yet, a row of the list: one that the current event touched, if any. */
export function withSelection(ui: Ui, data: Data): Ui {
  if (ui.selected !== null) return ui;
  const { ids } = orderOf(data, orderSpec(ui));
  const touched = touchedAt(ui, data).map(idOf);
  const selected = touched.find((id) => indexOf(ids, id) >= 0) ?? ids[0];
  return selected === undefined ? ui : { ...ui, selected };
}

export function step(ui: Ui, data: Data, by: number): Ui {
  return moveTo({ ...ui, playing: false }, data, ui.n + by, false);
}

/** `fraction` of the events. */
export function seek(ui: Ui, data: Data, fraction: number): Ui {
  return moveTo({ ...ui, playing: false }, data, Math.round(fraction * data.length), true);
}

export function peerOf(data: Data, id: ConnId | null): ConnId | null {
  if (id === null) return null;
  const known = data.timeline.biography(id.host, id.conn);
  if (known === undefined || known.peerConn === 0) return null;
  return { host: known.peerHost, conn: known.peerConn };
}

/** The nearest of ascending event numbers whose position lies beyond `n`; -1: none. */
function beyond(events: readonly number[], n: number, by: Direction): number {
  let low = 0;
  let high = events.length;
  const limit = by > 0 ? n : n - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((events[middle] as number) < limit) low = middle + 1;
    else high = middle;
  }
  const at = by > 0 ? low : low - 1;
  const event = events[at];
  return event === undefined ? -1 : event + 1;
}

/** `both`: rows of the ladder, which are steps and not jumps. */
export function stepConn(ui: Ui, data: Data, by: Direction, times = 1, both = false): Ui {
  if (ui.selected === null) return { ...ui, message: 'no connection is selected' };
  const ends = [ui.selected, both ? peerOf(data, ui.selected) : null];
  let n = ui.n;
  for (let i = 0; i < times; i += 1) {
    const found = ends
      .flatMap((id) => (id === null ? [] : [data.timeline.eventsOf(id.host, id.conn)]))
      .map((events) => beyond(events, n, by))
      .filter((to) => to >= 0);
    if (found.length === 0) break;
    n = by > 0 ? Math.min(...found) : Math.max(...found);
  }
  if (n === ui.n) {
    return { ...ui, message: `no ${by > 0 ? 'later' : 'earlier'} event of this connection` };
  }
  return moveTo({ ...ui, playing: false }, data, n, !both);
}

/** In the view of a connection, of its two ends; in the overview, of any connection. */
export function stepTransition(ui: Ui, data: Data, by: Direction, rows = 0): Ui {
  let n = -1;
  for (let i = 0; i < Math.max(1, rows); i += 1) {
    const from = n < 0 ? ui : { ...ui, n };
    const pair = ui.view === 'connection';
    const found = pair ? pairTransition(from, data, by) : anyTransition(from, data, by);
    if (found < 0) break;
    n = found;
  }
  if (n < 0) return { ...ui, message: `no ${by > 0 ? 'later' : 'earlier'} change of state` };
  return moveTo({ ...ui, playing: false }, data, n, rows === 0);
}

function pairTransition(ui: Ui, data: Data, by: Direction): number {
  const found = [ui.selected, peerOf(data, ui.selected)]
    .flatMap((id) => (id === null ? [] : [data.life(id.host, id.conn).map((one) => one.n)]))
    .map((events) => beyond(events, ui.n, by))
    .filter((to) => to >= 0);
  if (found.length === 0) return -1;
  return by > 0 ? Math.min(...found) : Math.max(...found);
}

function anyTransition(ui: Ui, data: Data, by: Direction): number {
  let found = data.timeline.search(ui.n, by, { kind: 'moves' });
  while (found > 0 && onlyForgotten(data, found)) {
    found = data.timeline.search(found, by, { kind: 'moves' });
  }
  if (found >= 0 || by > 0) return found;
  // Before the first change there is the start, if anything has changed since.
  return sameCounts(data.snapshot(ui.n), data.snapshot(0)) ? -1 : 0;
}

/** Whether nothing but a CLOSED connection's record went: no connection took a transition. */
function onlyForgotten(data: Data, n: number): boolean {
  const before = countStates(data.snapshot(n - 1));
  const after = countStates(data.snapshot(n));
  const same = after.every(
    ({ state, byHost }, i) =>
      state === 'CLOSED' || byHost.every((count, host) => count === before[i]?.byHost[host]),
  );
  return same && data.explained(n - 1).effects.transitions.length === 0;
}

export function play(ui: Ui, data: Data): Ui {
  if (ui.playing) return { ...ui, playing: false, tableAt: ui.n };
  if (ui.n < data.length || data.growing) return { ...ui, playing: true, carry: 0 };
  return { ...moveTo(ui, data, 0, true), playing: true };
}

export function tick(ui: Ui, data: Data, ms: number): Ui {
  if (!ui.playing) return ui;
  // At the end of what is read so far it waits for more.
  if (ui.n >= data.length && data.growing) return ui;
  const moved = ui.pace === 'events' ? tickEvents(ui, data, ms) : tickTime(ui, data, ms);
  const done = moved.n >= data.length && !data.growing;
  return done ? { ...moved, playing: false, tableAt: moved.n } : moved;
}

function tickEvents(ui: Ui, data: Data, ms: number): Ui {
  const carry = ui.carry + (ms * speedOf(ui)) / 1_000;
  const whole = Math.floor(carry);
  if (whole === 0) return { ...ui, carry };
  return { ...playTo(ui, data, ms, ui.n + whole), carry: carry - whole };
}

function tickTime(ui: Ui, data: Data, ms: number): Ui {
  const speed = speedOf(ui);
  const next = data.timeline.timeOf(Math.min(ui.n, data.length - 1));
  const silence = (next - ui.now) / 1_000 / speed;
  const start = silence > SILENCE_MAX_MS ? next - SILENCE_MAX_MS * 1_000 * speed : ui.now;
  const now = Math.round(start + ms * 1_000 * speed);
  const n = data.timeline.indexAt(now);
  if (n <= ui.n) return { ...ui, now };
  return playTo(ui, data, ms, n, Math.min(now, data.end));
}

function playTo(ui: Ui, data: Data, ms: number, n: number, now?: number): Ui {
  const moved = moveTo(ui, data, n, false, now);
  const hosts = data.snapshot(moved.n).hosts;
  const rows = hosts.reduce((sum, host) => sum + host.conns.size + host.timeWaits.size, 0);
  const stale = ui.stale + ms;
  if (rows <= REORDER_AT_ONCE_MAX || stale >= REORDER_MS) return moved;
  return { ...moved, tableAt: ui.tableAt, stale };
}
