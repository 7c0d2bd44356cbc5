/**
 * The rows of the table of connections: which there are and in which order, and one row's contents.
 *
 * The order is made anew only when its inputs change; a frame fills the visible rows alone.
 */

import {
  type Biography,
  connName,
  findOn,
  type Host,
  type Micros,
  nextTimer,
  STATES,
  type State,
} from '../../engine/index.ts';
import type { Data } from './data.ts';
import { type FilterRow, parseFilter } from './filter.ts';
import { socketKey } from './names.ts';

export type ConnId = { readonly host: number; readonly conn: number };

export type Row = FilterRow & {
  readonly id: ConnId;
  /** Whether it is there at this moment; a past or future one otherwise. */
  readonly live: boolean;
  /** Octets received but not read, and written but not acknowledged. */
  readonly receiveQueue: number;
  readonly sendQueue: number;
  readonly timer: string;
  /** Until the next timer; -1: none runs. */
  readonly left: Micros;
  /** Since the state was entered. */
  readonly age: Micros;
  readonly rto: Micros;
  readonly cwnd: number;
};

export const COLUMNS = [
  'id',
  'state',
  'local',
  'remote',
  'recv-q',
  'send-q',
  'timer',
  'age',
  'rto',
  'cwnd',
] as const;
export type Column = (typeof COLUMNS)[number];

export type Order = {
  readonly ids: readonly ConnId[];
  /** Before the filter. */
  readonly total: number;
};

export type OrderSpec = {
  readonly n: number;
  readonly filter: string;
  readonly column: Column;
  readonly reversed: boolean;
  /** Also those that have ended or are still to come. */
  readonly all: boolean;
};

export function rowOf(data: Data, n: number, id: ConnId, now?: Micros): Row {
  const snapshot = data.snapshot(n);
  const host = snapshot.hosts[id.host];
  const name = connName(snapshot, id.host, id.conn);
  const found = host === undefined ? undefined : findOn(host, id.conn);
  if (found === undefined) return absentRow(data, n, id, name);
  const { tcb } = found;
  const time = now ?? snapshot.time;
  const timer = nextTimer(found);
  const full = found.kind === 'tcb' ? found.tcb : undefined;
  return {
    id,
    live: true,
    absent: '',
    name,
    host: data.hosts[id.host] ?? '',
    state: found.state,
    local: tcb.local,
    localPort: tcb.localPort,
    remote: tcb.remote,
    remotePort: tcb.remotePort,
    receiveQueue: full === undefined ? 0 : receiveQueue(full),
    sendQueue: full === undefined ? 0 : full.textEnd - full.textUna,
    timer: timer?.timer ?? '',
    left: timer === undefined ? -1 : Math.max(0, timer.at - time),
    age: Math.max(0, time - tcb.changedAt),
    rto: full?.rto ?? 0,
    cwnd: full?.cwnd ?? 0,
  };
}

/** As ss shows it: of a listening socket, the length of its accept queue. */
function receiveQueue(tcb: { state: State; acceptQueue: readonly number[] } & ReadCounts): number {
  return tcb.state === 'LISTEN' ? tcb.acceptQueue.length : tcb.rcvText - tcb.rcvRead;
}

type ReadCounts = { rcvText: number; rcvRead: number };

function absentRow(data: Data, n: number, id: ConnId, name: string): Row {
  const known = data.timeline.biography(id.host, id.conn);
  return {
    id,
    live: false,
    absent: known !== undefined && known.born >= n ? 'to come' : 'ended',
    name,
    host: data.hosts[id.host] ?? '',
    state: 'CLOSED',
    local: known?.local ?? '',
    localPort: known?.localPort ?? 0,
    remote: known?.remote ?? '',
    remotePort: known?.remotePort ?? 0,
    receiveQueue: 0,
    sendQueue: 0,
    timer: '',
    left: -1,
    age: 0,
    rto: 0,
    cwnd: 0,
  };
}

const byColumn: Record<Column, (row: Row) => number | string> = {
  id: () => 0,
  state: (row) => STATES.indexOf(row.state),
  local: (row) => socketKey(row.local, row.localPort),
  remote: (row) => socketKey(row.remote, row.remotePort),
  'recv-q': (row) => -row.receiveQueue,
  'send-q': (row) => -row.sendQueue,
  timer: (row) => (row.left < 0 ? Number.MAX_SAFE_INTEGER : row.left),
  age: (row) => -row.age,
  rto: (row) => -row.rto,
  cwnd: (row) => -row.cwnd,
};

/** The last order of each dashboard: a frame asks for it several times. */
const lastOrders = new WeakMap<Data, { key: string; order: Order }>();

export function orderOf(data: Data, spec: OrderSpec): Order {
  // Those still to come, and which have ended, a log that grows says anew.
  const key = JSON.stringify([spec, spec.all ? data.edition : 0]);
  const last = lastOrders.get(data);
  if (last?.key === key) return last.order;
  const order = makeOrder(data, spec);
  lastOrders.set(data, { key, order });
  return order;
}

function makeOrder(data: Data, spec: OrderSpec): Order {
  const every = spec.all ? allIds(data) : liveIds(data, spec.n);
  const parsed = parseFilter(spec.filter, data.hosts);
  const filtered = spec.filter.trim() !== '' && 'test' in parsed;
  if (spec.column === 'id' && !filtered) {
    return { ids: spec.reversed ? every.toReversed() : every, total: every.length };
  }
  let rows = every.map((id) => rowOf(data, spec.n, id));
  if (filtered) rows = rows.filter(parsed.test);
  if (spec.column !== 'id') sortBy(rows, byColumn[spec.column]);
  if (spec.reversed) rows.reverse();
  return { ids: rows.map((row) => row.id), total: every.length };
}

type Key = { readonly key: number | string; readonly id: ConnId };

function compare(a: Key, b: Key): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.id.host - b.id.host || a.id.conn - b.id.conn;
}

/** The position nearest to `n` at which a connection is there. */
function seenAt({ born, died }: Biography, n: number): number {
  if (born >= n) return born + 1;
  return died >= 0 && died < n ? died : n;
}

/** Where a connection stands in the list, or would stand if it were as it was when it was there. */
export function standsAt(
  data: Data,
  spec: OrderSpec,
  id: ConnId | null,
): { readonly at: number; readonly listed: boolean } {
  const { ids } = orderOf(data, spec);
  const found = indexOf(ids, id);
  if (found >= 0 || id === null) return { at: Math.max(0, found), listed: found >= 0 };
  const known = data.timeline.biography(id.host, id.conn);
  const seen = known === undefined ? spec.n : seenAt(known, spec.n);
  const keyOf = (n: number, one: ConnId): Key => {
    const column = byColumn[spec.column];
    return { key: spec.column === 'id' ? 0 : column(rowOf(data, n, one)), id: one };
  };
  const own = keyOf(seen, id);
  const before = (one: ConnId): boolean =>
    spec.reversed ? compare(keyOf(spec.n, one), own) > 0 : compare(keyOf(spec.n, one), own) < 0;
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(ids[middle] as ConnId)) low = middle + 1;
    else high = middle;
  }
  return { at: low, listed: false };
}

function sortBy(rows: Row[], key: (row: Row) => number | string): void {
  const keyed = rows.map((row, i) => ({ row, i, key: key(row) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.i - b.i));
  for (const [i, { row }] of keyed.entries()) rows[i] = row;
}

/** In the same order as those that live; the log tells them as they were born. */
function allIds(data: Data): readonly ConnId[] {
  const ids = data.timeline.biographies().map(({ host, conn }: Biography) => ({ host, conn }));
  return ids.sort((a, b) => a.host - b.host || a.conn - b.conn);
}

/** By host and number; the two tables of a host are each in order already. */
function liveIds(data: Data, n: number): readonly ConnId[] {
  const out: ConnId[] = [];
  for (const [host, of] of data.snapshot(n).hosts.entries()) mergeIds(of, host, out);
  return out;
}

function mergeIds(of: Host, host: number, out: ConnId[]): void {
  const conns = of.conns.ids();
  const waits = of.timeWaits.ids();
  let a = conns.next();
  let b = waits.next();
  while (!a.done || !b.done) {
    const first = b.done || (!a.done && a.value < b.value);
    if (first) {
      out.push({ host, conn: a.value as number });
      a = conns.next();
    } else {
      out.push({ host, conn: b.value as number });
      b = waits.next();
    }
  }
}

export function sameId(a: ConnId | null, b: ConnId | null): boolean {
  return a !== null && b !== null && a.host === b.host && a.conn === b.conn;
}

export function indexOf(ids: readonly ConnId[], id: ConnId | null): number {
  return id === null ? -1 : ids.findIndex((other) => sameId(other, id));
}
