/**
 * A host while a batch of events is folded: tables in edit, counters as plain numbers. What is
 * written here becomes the next immutable {@link Host} when the batch is committed.
 */
import type { PortSetEdit } from '../base/bitmap.ts';
import { PortSet } from '../base/bitmap.ts';
import type { HashIndexEdit } from '../base/hash-index.ts';
import { hashText } from '../base/random.ts';
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
  knobs: Knobs;
  up: boolean;
  quietUntil: Micros;
  nextConn: number;
  perturbation: number;
  states: number[];
  totals: Mutable<HostTotals>;
  conns: TableEdit<Tcb>;
  timeWaits: TableEdit<TimeWait>;
  demux: HashIndexEdit;
  readonly listeners: ListenersEdit;
  groups: Map<string, GroupEdit>;
  /** The one that was asked for last. */
  nearGroup: GroupEdit | undefined;
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
    knobs: host.knobs,
    up: host.up,
    quietUntil: host.quietUntil,
    nextConn: host.nextConn,
    perturbation: host.perturbation,
    states: host.states.slice(),
    totals: { ...host.totals },
    conns: host.conns.edit(),
    timeWaits: host.timeWaits.edit(),
    demux: host.demux.edit(),
    listeners: editListeners(host.listeners),
    groups,
    nearGroup: undefined,
    expected: host.expected,
    touched: [],
  };
}

/** The immutable host after a batch; the edit goes on from it. */
export function commitHost(h: HostEdit, freeze: boolean): Host {
  const groups: Record<string, PortGroup> = {};
  for (const [key, group] of h.groups) {
    const used = group.used.done();
    if (used.count === 0) continue;
    groups[key] = used === group.base.used ? group.base : Object.freeze({ ...group.base, used });
  }
  // Frozen here, or immer would walk through all of it to do so.
  h.base = Object.freeze({
    ...h.base,
    knobs: h.knobs,
    up: h.up,
    quietUntil: h.quietUntil,
    nextConn: h.nextConn,
    perturbation: h.perturbation,
    states: Object.freeze(h.states.slice()),
    totals: Object.freeze({ ...h.totals }),
    conns: h.conns.done(freeze),
    timeWaits: h.timeWaits.done(freeze),
    demux: h.demux.done(),
    listeners: doneListeners(h.listeners),
    groups: Object.freeze(groups),
    expected: h.expected,
  });
  return h.base;
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
  return (digits | spread) ^ hashText(remote);
}

type Tuple = { h: HostEdit; local: string; localPort: number; remote: string; remotePort: number };

function matchesTuple(num: number, key: Tuple): boolean {
  const t = key.h.conns.get(num) ?? key.h.timeWaits.get(num);
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
  return h.demux.find(tupleHash(localPort, remote, remotePort), matchesTuple, {
    h,
    local,
    localPort,
    remote,
    remotePort,
  });
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
}
