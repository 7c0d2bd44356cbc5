/**
 * Which connections the table lists, and in which order.
 *
 * The order is carried on: from one moment to another those alone are looked at that are not the
 * same there, which the tables of two snapshots tell without looking at the others. So a step costs
 * the same among twenty connections and twenty thousand but for one pass over the list.
 */

import {
  type Biography,
  findOn,
  type Host,
  type Snapshot,
  STATES,
  streamOf,
} from '../../engine/index.ts';
import type { Data } from './data.ts';
import { parseFilter, type Test } from './filter.ts';
import { socketKey } from './names.ts';
import { type Column, type ConnId, indexOf, type Row, rowOf } from './table.ts';

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

/** Of a row that holds at two moments it is the same at both. */
const byColumn: Record<Column, (row: Row) => number | string> = {
  id: () => 0,
  state: (row) => STATES.indexOf(row.state),
  local: (row) => socketKey(row.local, row.localPort),
  remote: (row) => socketKey(row.remote, row.remotePort),
  'recv-q': (row) => -row.receiveQueue,
  'send-q': (row) => -row.sendQueue,
  timer: (row) => (row.expiresAt < 0 ? Number.MAX_SAFE_INTEGER : row.expiresAt),
  // The oldest first.
  age: (row) => (row.live ? row.changedAt : Number.MAX_SAFE_INTEGER),
  rto: (row) => -row.rto,
  cwnd: (row) => -row.cwnd,
};

type Entry = { readonly key: number | string; readonly id: ConnId };

function compare(a: Entry, b: Entry): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.id.host - b.id.host || a.id.conn - b.id.conn;
}

/** An order with what it was made of, to be carried on from. */
type Made = {
  readonly spec: OrderSpec;
  readonly length: number;
  readonly snapshot: Snapshot;
  /** As they were born; none where only those are listed that are there. */
  readonly lives: readonly Biography[];
  /** Ascending, whatever the direction of the list. */
  readonly entries: readonly Entry[];
  readonly order: Order;
};

/** The last order of each dashboard. */
const lastMade = new WeakMap<Data, Made>();

export function orderOf(data: Data, spec: OrderSpec): Order {
  let last = lastMade.get(data);
  if (last !== undefined && !carriesOn(last, data, spec)) last = undefined;
  if (last?.spec.n === spec.n) return last.order;
  const made = makeOrder(data, spec, last);
  lastMade.set(data, made);
  return made.order;
}

function carriesOn({ spec, length }: Made, data: Data, next: OrderSpec): boolean {
  return (
    spec.filter === next.filter &&
    spec.column === next.column &&
    spec.reversed === next.reversed &&
    spec.all === next.all &&
    // Of those still to come a log that grows brings more.
    (!spec.all || length === data.length)
  );
}

function makeOrder(data: Data, spec: OrderSpec, last: Made | undefined): Made {
  const snapshot = data.snapshot(spec.n);
  const lives = last?.lives ?? (spec.all ? data.timeline.biographies() : []);
  const moved = last === undefined ? allIds(snapshot, lives) : movedIds(last, snapshot, spec.n);
  const entries = last?.entries.filter(({ id }) => !moved.has(codeOf(id))) ?? [];
  const test = testOf(spec.filter, data);
  for (const id of moved.values()) {
    if (!spec.all && !isThere(snapshot, id)) continue;
    if (spec.column === 'id' && test === undefined) {
      entries.push({ key: 0, id });
      continue;
    }
    const row = rowOf(data, spec.n, id);
    if (test?.(row) !== false) entries.push({ key: byColumn[spec.column](row), id });
  }
  // Nearly all are in order already, which the sort takes as it finds it.
  entries.sort(compare);
  const ids = entries.map(({ id }) => id);
  const total = spec.all ? lives.length : snapshot.hosts.reduce((sum, one) => sum + sizeOf(one), 0);
  const order = { ids: spec.reversed ? ids.reverse() : ids, total };
  return { spec, length: data.length, snapshot, lives, entries, order };
}

/** What a filter asks; undefined: nothing, or nothing that can be understood. */
function testOf(filter: string, data: Data): Test | undefined {
  if (filter.trim() === '') return undefined;
  const parsed = parseFilter(filter, data.hosts);
  return 'test' in parsed ? parsed.test : undefined;
}

const sizeOf = ({ conns, timeWaits }: Host): number => conns.size + timeWaits.size;

function isThere(snapshot: Snapshot, { host, conn }: ConnId): boolean {
  const on = snapshot.hosts[host];
  return on !== undefined && findOn(on, conn) !== undefined;
}

/** A host and a connection as one number: that of the stream. */
const codeOf = ({ host, conn }: ConnId): number => streamOf(host, conn);

type Ids = Map<number, ConnId>;

function add(ids: Ids, host: number, conn: number): void {
  const id = { host, conn };
  ids.set(codeOf(id), id);
}

function allIds(snapshot: Snapshot, lives: readonly Biography[]): Ids {
  const ids: Ids = new Map();
  for (const { host, conn } of lives) add(ids, host, conn);
  if (lives.length > 0) return ids;
  for (const [host, { conns, timeWaits }] of snapshot.hosts.entries()) {
    for (const conn of conns.ids()) add(ids, host, conn);
    for (const conn of timeWaits.ids()) add(ids, host, conn);
  }
  return ids;
}

/** Those that are not the same at both moments, in either direction. */
function movedIds({ snapshot, lives, spec }: Made, next: Snapshot, n: number): Ids {
  const ids: Ids = new Map();
  for (const [host, { conns, timeWaits }] of next.hosts.entries()) {
    const was = snapshot.hosts[host];
    if (was === undefined) continue;
    for (const conn of conns.diff(was.conns)) add(ids, host, conn);
    for (const conn of timeWaits.diff(was.timeWaits)) add(ids, host, conn);
  }
  // Those that came and went between the two were to come at one, and have ended at the other.
  const until = Math.max(spec.n, n);
  for (let i = firstBornFrom(lives, Math.min(spec.n, n)); i < lives.length; i += 1) {
    const { host, conn, born } = lives[i] as Biography;
    if (born >= until) break;
    add(ids, host, conn);
  }
  return ids;
}

/** The first of lives, in the order of their births, that was born by event `n` or later. */
function firstBornFrom(lives: readonly Biography[], n: number): number {
  let low = 0;
  let high = lives.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lives[middle] as Biography).born < n) low = middle + 1;
    else high = middle;
  }
  return low;
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
  const entryOf = (n: number, one: ConnId): Entry => {
    const column = byColumn[spec.column];
    return { key: spec.column === 'id' ? 0 : column(rowOf(data, n, one)), id: one };
  };
  const own = entryOf(seen, id);
  const before = (one: ConnId): boolean => {
    const order = compare(entryOf(spec.n, one), own);
    return spec.reversed ? order > 0 : order < 0;
  };
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(ids[middle] as ConnId)) low = middle + 1;
    else high = middle;
  }
  return { at: low, listed: false };
}
