/**
 * What may be typed after `:`.
 *
 * `123` an event, `+10` and `-10` so many events on or back, `1.5s` a time, `client#1` a
 * connection, or a condition: the next moment at which it begins to hold. `time-wait` is the entry
 * into a state (of the selected connection in its view, of any otherwise); `loss`, `flag R`,
 * `TIME-WAIT > 500`, `client#3 = CLOSING`, … are those of the engine (timeline/condition-text.ts).
 */

import {
  type Condition,
  formatTime,
  type Micros,
  parseCondition,
  parseTime,
  type Snapshot,
  type State,
  searchBeginning,
  senderOf,
} from '../../engine/index.ts';
import type { Data } from './data.ts';
import { type ConnId, sameId } from './table.ts';
import type { Direction, Ui } from './ui.ts';

export type Target =
  | {
      readonly n: number;
      readonly now?: number;
      readonly state?: State;
      /** The condition that was sought, as text. */
      readonly found?: string;
      /** The connection that enters the state, or is in it, or that the event is about. */
      readonly selects?: ConnId;
    }
  | { readonly id: ConnId }
  /** `found`: what was sought, where a condition is one but nothing answers it. */
  | { readonly error: string; readonly found?: string };

export function resolveGoto(raw: string, ui: Ui, data: Data): Target {
  const text = raw.trim();
  if (/^\d+$/.test(text)) return inRange(Number(text), data);
  if (/^[+-]\d+$/.test(text)) return inRange(ui.n + Number(text), data);
  const time = parseTime(text);
  if (time !== undefined) return atTime(time, data);
  if (/^[^=<>!≠]*#[^=<>!≠]*$/u.test(text)) return findConnection(text, data);
  return resolveCondition(text, ui, data, 1);
}

/** The nearest moment, later or earlier, at which a condition begins to hold. */
export function resolveCondition(text: string, ui: Ui, data: Data, by: Direction): Target {
  const parsed = parseCondition(text, data.hosts);
  if (!parsed.ok) {
    const unknown = parsed.error.startsWith('expected ');
    return {
      error: unknown ? `an event 123, a time 1.5s, ${parsed.error.slice(9)}` : parsed.error,
    };
  }
  const { condition } = parsed;
  if (condition.kind === 'enters') return nearestEntry(ui, data, condition, by);
  const n = searchBeginning(data.timeline, ui.n, by, condition);
  if (n < 0) return { error: none(NAMED[nameOf(condition)] ?? text, by, data), found: text };
  if (condition.kind === 'state') {
    return { n, found: text, state: condition.state, selects: condition };
  }
  const selects = condition.kind === 'count' ? undefined : concerned(ui, data, n);
  return selects === undefined ? { n, found: text } : { n, found: text, selects };
}

/** The connection that an event is about: the one that is looked at, if it is among them. */
function concerned({ selected }: Ui, data: Data, n: number): ConnId | undefined {
  if (n === 0) return undefined;
  const { event, before, effects } = data.explained(n - 1);
  const about =
    event.ev === 'lose' ? sendersOf(before, event.n) : [...effects.transitions, ...effects.touched];
  return about.find((one) => sameId(one, selected)) ?? about[0];
}

/** The connection that sent a segment which is still under way. */
function sendersOf(before: Snapshot, emission: number): readonly ConnId[] {
  const flight = before.flights.get(emission);
  const conn = flight === undefined ? 0 : senderOf(before, flight);
  return flight === undefined || conn === 0 ? [] : [{ host: flight.from, conn }];
}

/** What is said where there is none of what was sought. */
const NAMED: Readonly<Record<string, string>> = {
  lose: 'no segment is lost',
  divergences: 'no divergence',
  retransmissions: 'no retransmission',
  resetsSent: 'no reset',
  addrNotAvail: 'no EADDRNOTAVAIL',
};

function nameOf(condition: Condition): string {
  if (condition.kind === 'event') return condition.ev;
  return condition.kind === 'total' ? condition.total : '';
}

function none(what: string, by: Direction, data: Data): string {
  const where = by < 0 ? 'before' : data.growing ? 'from here on so far' : 'from here on';
  return what.startsWith('no ') ? `${what} ${where}` : `nowhere ${where}: ${what}`;
}

function inRange(n: number, data: Data): Target {
  if (n >= 0 && n <= data.length) return { n };
  return { error: `events ${readSoFar(data)}go from 0 to ${data.length}` };
}

function atTime(time: Micros, data: Data): Target {
  if (time <= data.end) return { n: data.timeline.indexAt(time), now: time };
  return { error: `times ${readSoFar(data)}go from 0 s to ${formatTime(data.end)}` };
}

const readSoFar = (data: Data): string => (data.growing ? 'read so far ' : '');

function findConnection(text: string, data: Data): Target {
  const [name = '', number = ''] = text.split('#');
  const host = data.hosts.findIndex((one) => one.toLowerCase() === name.toLowerCase());
  const conn = Number(number);
  if (host < 0) return { error: `no host is called ${name}` };
  if (!Number.isInteger(conn) || data.timeline.biography(host, conn) === undefined) {
    return { error: `${name} has no connection ${number}` };
  }
  return { id: { host, conn } };
}

function nearestEntry(
  ui: Ui,
  data: Data,
  condition: Condition & { kind: 'enters' },
  by: Direction,
): Target {
  const { state } = condition;
  const { selected } = ui;
  const found = `enters ${state}`;
  if (ui.view === 'connection' && selected !== null) {
    const entries = data
      .life(selected.host, selected.conn)
      .filter((one) => one.after === state || one.via.includes(state))
      .map((one) => one.n + 1);
    const n = by > 0 ? entries.find((at) => at > ui.n) : entries.findLast((at) => at < ui.n);
    if (n === undefined) return { error: none(`no entry of it into ${state}`, by, data), found };
    return { n, state, found };
  }
  const n = data.timeline.search(ui.n, by, condition);
  if (n < 0) return { error: none(`no connection enters ${state}`, by, data), found };
  const taken = data
    .explained(n - 1)
    .effects.transitions.find((one) => one.after === state || one.via.includes(state));
  if (taken === undefined) return { n, state, found };
  return { n, state, found, selects: { host: taken.host, conn: taken.conn } };
}
