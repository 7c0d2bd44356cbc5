/**
 * The port space of connect(): local ports per (source, destination, destination port).
 *
 * A port may be shared by several destinations, so the space is exhausted per destination, not per
 * host. How much of it TIME-WAIT takes is counted over the records of the host, once per call.
 */
import type { Host } from '../host/host.ts';

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

/** Every group that is in use, the fullest first. */
export function portSpaces(hosts: readonly Host[]): readonly PortSpace[] {
  return hosts.flatMap((host, i) => spacesOf(host, i)).sort((a, b) => a.free - b.free);
}

function spacesOf(host: Host, number: number): PortSpace[] {
  const groups = Object.values(host.groups);
  if (groups.length === 0) return [];
  const { ephemeral_low: low, ephemeral_high: high } = host.knobs;
  const waiting = waitingByGroup(host, low, high);
  return groups.map(({ local, remote, remotePort, used }) => {
    let count = 0;
    for (const port of used.ports()) if (port >= low && port <= high) count += 1;
    const size = high - low + 1;
    const inTimeWait = waiting.get(`${remote}|${remotePort}|${local}`) ?? 0;
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

function waitingByGroup(host: Host, low: number, high: number): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (c: { local: string; localPort: number; remote: string; remotePort: number }) => {
    if (c.localPort < low || c.localPort > high) return;
    const key = `${c.remote}|${c.remotePort}|${c.local}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  for (const record of host.timeWaits.values()) count(record);
  // A connection that an application still holds keeps its whole TCB in TIME-WAIT.
  for (const tcb of host.conns.values()) if (tcb.state === 'TIME-WAIT') count(tcb);
  return counts;
}
