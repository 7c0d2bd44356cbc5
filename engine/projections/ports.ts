/**
 * The port space of connect(): local ports per (source, destination, destination port).
 *
 * A port may be shared by several destinations, so the space is exhausted per destination, not per
 * host. How much of it TIME-WAIT takes is counted over the records of the host.
 */
import { Table } from '../base/table.ts';
import type { Host } from '../host/host.ts';
import type { Tcb, TimeWait } from '../tcp/tcb.ts';

export type PortSpace = {
  readonly host: number;
  readonly local: string;
  readonly remote: string;
  readonly remotePort: number;
  readonly used: number;
  readonly free: number;
  readonly size: number;
  readonly inTimeWait: number;
};

type Sockets = {
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
};

const keyOf = ({ local, remote, remotePort }: Omit<Sockets, 'localPort'>): string =>
  `${remote}|${remotePort}|${local}`;

/** Of each host, how many ports TIME-WAIT holds, by group. */
export type WaitingPorts = {
  readonly hosts: readonly Host[];
  readonly counts: readonly ReadonlyMap<string, number>[];
};

/** `last`, of another moment: what is the same in both is not counted again. */
export function waitingPorts(hosts: readonly Host[], last?: WaitingPorts): WaitingPorts {
  const counts = hosts.map((host, i) => countWaiting(host, last?.hosts[i], last?.counts[i]));
  return { hosts, counts };
}

function countWaiting(
  host: Host,
  was: Host | undefined,
  known: ReadonlyMap<string, number> | undefined,
): ReadonlyMap<string, number> {
  const { ephemeral_low: low, ephemeral_high: high } = host.knobs;
  if (was?.knobs.ephemeral_low !== low || was.knobs.ephemeral_high !== high) {
    was = undefined;
    known = undefined;
  }
  const counts = new Map(known);
  const count = (c: Sockets | undefined, by: 1 | -1): void => {
    if (c === undefined || c.localPort < low || c.localPort > high) return;
    const key = keyOf(c);
    counts.set(key, (counts.get(key) ?? 0) + by);
  };
  const waits = was?.timeWaits ?? Table.empty<TimeWait>();
  for (const id of host.timeWaits.diff(waits)) {
    count(waits.get(id), -1);
    count(host.timeWaits.get(id), 1);
  }
  // A connection that an application still holds keeps its whole TCB in TIME-WAIT.
  const held = (tcb: Tcb | undefined) => (tcb?.state === 'TIME-WAIT' ? tcb : undefined);
  const conns = was?.conns ?? Table.empty<Tcb>();
  for (const id of host.conns.diff(conns)) {
    count(held(conns.get(id)), -1);
    count(held(host.conns.get(id)), 1);
  }
  return counts;
}

/** Every group that is in use, the fullest first. */
export function portSpaces(
  hosts: readonly Host[],
  waiting = waitingPorts(hosts),
): readonly PortSpace[] {
  return hosts
    .flatMap((host, i) => spacesOf(host, i, waiting.counts[i]))
    .sort((a, b) => a.free - b.free);
}

function spacesOf(
  host: Host,
  number: number,
  waiting: ReadonlyMap<string, number> | undefined,
): PortSpace[] {
  const { ephemeral_low: low, ephemeral_high: high } = host.knobs;
  const size = high - low + 1;
  return Object.values(host.groups).map(({ local, remote, remotePort, used }) => {
    const count = used.countIn(low, high);
    const inTimeWait = waiting?.get(keyOf({ local, remote, remotePort })) ?? 0;
    return {
      host: number,
      local,
      remote,
      remotePort,
      used: count,
      free: size - count,
      size,
      inTimeWait,
    };
  });
}
