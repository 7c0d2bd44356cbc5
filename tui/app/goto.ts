/**
 * What may be typed after `:`.
 *
 * `123` an event, `+10` and `-10` so many events on or back, `1.5s` a time, `time-wait` the next
 * entry into a state (of the selected connection in its view, of any otherwise), `client#1` a
 * connection, `loss`, `divergence`, `retransmission`, `reset`, `eaddrnotavail` the next of these.
 */

import { countState, parseTime, type Snapshot, type State } from '../../engine/index.ts';
import type { Data } from './data.ts';
import { statesNamed } from './filter.ts';
import type { ConnId } from './table.ts';
import type { Ui } from './ui.ts';

export type Target =
  | {
      readonly n: number;
      readonly now?: number;
      readonly state?: State;
      /** The connection that enters the state. */
      readonly selects?: ConnId;
    }
  | { readonly id: ConnId }
  | { readonly error: string };

const TOTALS: Readonly<Record<string, (snapshot: Snapshot) => number>> = {
  divergence: (s) => sum(s, 'divergences'),
  retransmission: (s) => sum(s, 'retransmissions'),
  reset: (s) => sum(s, 'resetsSent'),
  eaddrnotavail: (s) => sum(s, 'addrNotAvail'),
};

function sum(snapshot: Snapshot, total: keyof Snapshot['hosts'][number]['totals']): number {
  return snapshot.hosts.reduce((all, host) => all + host.totals[total], 0);
}

export function resolveGoto(raw: string, ui: Ui, data: Data): Target {
  const text = raw.trim();
  if (/^\d+$/.test(text)) return inRange(Number(text), data);
  if (/^[+-]\d+$/.test(text)) return inRange(ui.n + Number(text), data);
  const time = parseTime(text);
  if (time !== undefined) return { n: data.timeline.indexAt(time), now: Math.min(time, data.end) };
  if (text.includes('#')) return findConnection(text, data);
  const word = text.toLowerCase();
  if (word.length >= 3) {
    if ('loss'.startsWith(word)) return nextLoss(ui, data);
    const total = Object.keys(TOTALS).find((name) => name.startsWith(word));
    if (total !== undefined) return nextGrowth(ui, data, total);
  }
  const states = statesNamed(text);
  const state = states[0];
  if (state === undefined)
    return { error: 'an event 123, a time 1.5s, a state, client#1, or loss' };
  if (states.length > 1) return { error: states.join(' or ') };
  return nextEntry(ui, data, state);
}

function inRange(n: number, data: Data): Target {
  if (n >= 0 && n <= data.length) return { n };
  return { error: `events go from 0 to ${data.length}` };
}

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

function nextLoss(ui: Ui, data: Data): Target {
  for (let n = ui.n; n < data.length; n += 1) {
    if (data.timeline.event(n).ev === 'lose') return { n: n + 1 };
  }
  return { error: 'no segment is lost from here on' };
}

function nextGrowth(ui: Ui, data: Data, name: string): Target {
  const total = TOTALS[name] as (snapshot: Snapshot) => number;
  const here = total(data.snapshot(ui.n));
  const n = data.timeline.search(ui.n, 1, (snapshot) => total(snapshot) > here);
  return n < 0 ? { error: `no ${name} from here on` } : { n };
}

function nextEntry(ui: Ui, data: Data, state: State): Target {
  const { selected } = ui;
  if (ui.view === 'connection' && selected !== null) {
    const found = data
      .life(selected.host, selected.conn)
      .find((one) => one.n >= ui.n && (one.after === state || one.via.includes(state)));
    if (found === undefined) return { error: `it does not enter ${state} from here on` };
    return { n: found.n + 1, state };
  }
  // One may leave the state while another enters it: compare with the moment before.
  let last = countState(data.snapshot(ui.n), state);
  const n = data.timeline.search(ui.n, 1, (snapshot) => {
    const count = countState(snapshot, state);
    const grew = count > last;
    last = count;
    return grew;
  });
  if (n < 0) return { error: `no connection enters ${state} from here on` };
  const taken = data.explained(n - 1).effects.transitions.find((one) => one.after === state);
  if (taken === undefined) return { n, state };
  return { n, state, selects: { host: taken.host, conn: taken.conn } };
}
