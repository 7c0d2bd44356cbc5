/** A row of the table of connections, and which columns there are. A frame fills those it shows. */

import { connName, findOn, type Micros, nextTimer, type State } from '../../engine/index.ts';
import type { Data } from './data.ts';
import type { FilterRow } from './filter.ts';

export type ConnId = { readonly host: number; readonly conn: number };

export type Row = FilterRow & {
  readonly id: ConnId;
  /** Whether it is there at this moment; a past or future one otherwise. */
  readonly live: boolean;
  /** Octets received but not read, and written but not acknowledged. */
  readonly receiveQueue: number;
  readonly sendQueue: number;
  readonly timer: string;
  /** When the next timer expires; -1: none runs. */
  readonly expiresAt: Micros;
  /** When the state was entered; -1: it is not there. */
  readonly changedAt: Micros;
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

/** A row says nothing that passes with time alone: it holds for as long as the connection rests. */
export function rowOf(data: Data, n: number, id: ConnId): Row {
  const snapshot = data.snapshot(n);
  const host = snapshot.hosts[id.host];
  const name = connName(snapshot, id.host, id.conn);
  const found = host === undefined ? undefined : findOn(host, id.conn);
  if (found === undefined) return absentRow(data, n, id, name);
  const { tcb } = found;
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
    expiresAt: timer?.at ?? -1,
    changedAt: tcb.changedAt,
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
    expiresAt: -1,
    changedAt: -1,
    rto: 0,
    cwnd: 0,
  };
}

export function sameId(a: ConnId | null, b: ConnId | null): boolean {
  return a !== null && b !== null && a.host === b.host && a.conn === b.conn;
}

export function indexOf(ids: readonly ConnId[], id: ConnId | null): number {
  return id === null ? -1 : ids.findIndex((other) => sameId(other, id));
}
