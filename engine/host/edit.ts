/**
 * A host while a batch of events is folded: tables in edit, counters as plain numbers. What is
 * written here becomes the next immutable {@link Host} when the batch is committed.
 */
import { hashAddress } from '../base/address.ts';
import type { PortSetEdit } from '../base/bitmap.ts';
import { PortSet } from '../base/bitmap.ts';
import { copyOf } from '../base/copy.ts';
import type { HashIndexEdit } from '../base/hash-index.ts';
import type { TableEdit } from '../base/table.ts';
import type { Micros } from '../base/time.ts';
import { cloneTcb, timeWaitOf } from '../tcp/clone.ts';
import type { Knobs } from '../tcp/knobs.ts';
import { stateNumber } from '../tcp/states.ts';
import type { Tcb, TimeWait } from '../tcp/tcb.ts';
import type { Expectation, Host, HostTotals, PortGroup } from './host.ts';
import { doneListeners, editListeners, type ListenersEdit } from './listeners.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export type GroupEdit = { readonly base: PortGroup; readonly used: PortSetEdit };

export type HostEdit = {
  readonly index: number;
  base: Host;
  /** Whether an event since the last commit was about the host; else it is as it was. */
  dirty: boolean;
  knobs: Knobs;
  up: boolean;
  quietUntil: Micros;
  nextConn: number;
  perturbation: number;
  states: number[];
  /** Of `states`, those that the current event counted anew: a bit for each. */
  recounted: number;
  totals: Mutable<HostTotals>;
  conns: TableEdit<Tcb>;
  timeWaits: TableEdit<TimeWait>;
  demux: HashIndexEdit;
  readonly listeners: ListenersEdit;
  groups: Map<string, GroupEdit>;
  /** The one that was asked for last. */
  nearGroup: GroupEdit | undefined;
  readonly sought: Sought;
  /** Replaced, never written in place: snapshots share it. */
  expected: readonly Expectation[];
  /** Connections touched by the current event. */
  touched: number[];
};

export function editHost(host: Host, index: number): HostEdit {
  const groups = new Map<string, GroupEdit>();
  for (const [key, group] of Object.entries(host.groups)) {
    groups.set(key, { base: group, used: group.used.edit() });
  }
  return {
    index,
    base: host,
    dirty: false,
    knobs: host.knobs,
    up: host.up,
    quietUntil: host.quietUntil,
    nextConn: host.nextConn,
    perturbation: host.perturbation,
    states: copyOf(host.states),
    recounted: 0,
    totals: cloneTotals(host.totals),
    conns: host.conns.edit(),
    timeWaits: host.timeWaits.edit(),
    demux: host.demux.edit(),
    listeners: editListeners(host.listeners),
    groups,
    nearGroup: undefined,
    sought: { local: '', localPort: 0, remote: '', remotePort: 0 },
    expected: host.expected,
    touched: [],
  };
}

function cloneTotals(t: HostTotals): Mutable<HostTotals> {
  return {
    opened: t.opened,
    established: t.established,
    ended: t.ended,
    refused: t.refused,
    reset: t.reset,
    timedOut: t.timedOut,
    addrNotAvail: t.addrNotAvail,
    timeWaitOverflow: t.timeWaitOverflow,
    timeWaitReused: t.timeWaitReused,
    listenDrops: t.listenDrops,
    segmentsSent: t.segmentsSent,
    segmentsReceived: t.segmentsReceived,
    retransmissions: t.retransmissions,
    resetsSent: t.resetsSent,
    divergences: t.divergences,
  };
}

/** The immutable host after a batch; the edit goes on from it. */
export function commitHost(h: HostEdit, freeze: boolean): Host {
  h.dirty = false;
  // In full, and frozen here: a spread and immer's walk to freeze it cost many times more.
  h.base = Object.freeze({
    name: h.base.name,
    addresses: h.base.addresses,
    knobs: h.knobs,
    quietUntil: h.quietUntil,
    up: h.up,
    key: h.base.key,
    observed: h.base.observed,
    expected: h.expected,
    nextConn: h.nextConn,
    perturbation: h.perturbation,
    states: Object.freeze(h.states.slice()),
    totals: Object.freeze(cloneTotals(h.totals)),
    conns: h.conns.done(freeze),
    timeWaits: h.timeWaits.done(freeze),
    demux: h.demux.done(),
    listeners: doneListeners(h.listeners),
    groups: commitGroups(h),
  });
  return h.base;
}

/** The very same record as before if no port was taken or given up. */
function commitGroups(h: HostEdit): Host['groups'] {
  // A crash has emptied the map.
  let changed = h.groups.size < Object.keys(h.base.groups).length;
  for (const { used } of h.groups.values()) changed ||= used.touched;
  if (!changed) return h.base.groups;
  const groups: Record<string, PortGroup> = {};
  for (const [key, group] of h.groups) {
    const used = group.used.done();
    if (used.count === 0) continue;
    groups[key] = used === group.base.used ? group.base : Object.freeze({ ...group.base, used });
  }
  return Object.freeze(groups);
}

/** The record of a connection, to write. */
export function ownTcb(h: HostEdit, num: number): Tcb {
  return h.conns.own(num, cloneTcb);
}

export function ownTimeWait(h: HostEdit, num: number): TimeWait {
  return h.timeWaits.own(num, timeWaitOf);
}

/**
 * Hash of a 4-tuple as the host sees it. Connections come with ports next to each other, so the
 * digits of the ports go first into it, the highest foremost: neighbours then share their nodes of
 * the index but the last, and a batch copies few. The rest tells the others apart.
 */
function tupleHash(localPort: number, remote: string, remotePort: number): number {
  const ports = localPort ^ remotePort;
  const digits =
    (ports >>> 12) | ((ports >>> 4) & 0xf0) | ((ports << 4) & 0xf00) | ((ports & 0xf) << 12);
  const spread = Math.imul(localPort, 0x9e37_79b1) & 0xffff_0000;
  return (digits | spread) ^ hashAddress(remote);
}

/** The 4-tuple that is looked for, in place: a record for each segment would be thrown away. */
type Sought = { local: string; localPort: number; remote: string; remotePort: number };

function matchesTuple(num: number, h: HostEdit): boolean {
  const t = h.conns.get(num) ?? h.timeWaits.get(num);
  const key = h.sought;
  return (
    t !== undefined &&
    t.localPort === key.localPort &&
    t.remotePort === key.remotePort &&
    t.remote === key.remote &&
    t.local === key.local
  );
}

/** The connection with a 4-tuple; -1: none. */
export function findConn(
  h: HostEdit,
  local: string,
  localPort: number,
  remote: string,
  remotePort: number,
): number {
  const key = h.sought;
  key.local = local;
  key.localPort = localPort;
  key.remote = remote;
  key.remotePort = remotePort;
  return h.demux.find(tupleHash(localPort, remote, remotePort), matchesTuple, h);
}

type Sockets = Pick<Tcb, 'num' | 'local' | 'localPort' | 'remote' | 'remotePort' | 'opened'>;

function hashOfConn(num: number, h: HostEdit): number {
  const t = (h.conns.get(num) ?? h.timeWaits.get(num)) as Sockets;
  return tupleHash(t.localPort, t.remote, t.remotePort);
}

/** Enters a connection in the index of 4-tuples, and its port among those in use. */
export function indexConn(h: HostEdit, t: Sockets): void {
  h.demux.add(tupleHash(t.localPort, t.remote, t.remotePort), t.num, hashOfConn, h);
  if (t.opened === 'active') groupOf(h, t.local, t.remote, t.remotePort).used.add(t.localPort);
}

export function unindexConn(h: HostEdit, t: Sockets): void {
  h.demux.remove(tupleHash(t.localPort, t.remote, t.remotePort), t.num);
  if (t.opened === 'active') groupOf(h, t.local, t.remote, t.remotePort).used.delete(t.localPort);
}

/** The ports in use towards a foreign socket. */
export function groupOf(h: HostEdit, local: string, remote: string, remotePort: number): GroupEdit {
  const near = h.nearGroup?.base;
  // Most connects go where the last one went; the text of a key is long to make.
  if (near?.remotePort === remotePort && near.remote === remote && near.local === local) {
    return h.nearGroup as GroupEdit;
  }
  const key = `${local}|${remote}|${remotePort}`;
  let group = h.groups.get(key);
  if (group === undefined) {
    const base: PortGroup = { local, remote, remotePort, used: PortSet.empty() };
    group = { base, used: base.used.edit() };
    h.groups.set(key, group);
  }
  h.nearGroup = group;
  return group;
}

/** Counts a connection into a state, or out of it (`by` -1). */
export function countState(h: HostEdit, state: Tcb['state'], by: 1 | -1): void {
  const at = stateNumber(state);
  h.states[at] = (h.states[at] as number) + by;
  h.recounted |= 1 << at;
}
