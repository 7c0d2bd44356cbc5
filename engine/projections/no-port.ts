/**
 * What a connect() found that failed with EADDRNOTAVAIL: which group of ports is full — source,
 * destination and destination port — and how much of it TIME-WAIT holds.
 */
import { formatEndpoint } from '../base/address.ts';
import { formatTime, type Micros } from '../base/time.ts';
import type { Host } from '../host/host.ts';
import type { LogEvent } from '../log/event.ts';
import type { Snapshot } from '../timeline/snapshot.ts';
import { portSpaces } from './ports.ts';

export type NoPort = {
  readonly host: number;
  readonly local: string;
  /** The port that was asked for; 0: any ephemeral one. */
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
  /** Ports of the range, those in use, and of these in TIME-WAIT; 1 where one was asked for. */
  readonly size: number;
  readonly used: number;
  readonly inTimeWait: number;
  /** When the first TIME-WAIT of the group ends; 0: there is none. */
  readonly nextAt: Micros;
};

/** `before`: the snapshot that the call met. Undefined: the event is no active OPEN. */
export function noPortOf(before: Snapshot, event: LogEvent): NoPort | undefined {
  if (event.ev !== 'call' || event.call.call !== 'OPEN' || event.call.mode !== 'active') return;
  const { call } = event;
  const host = before.hosts[event.host];
  if (host === undefined) return undefined;
  const local = call.from === '' ? sourceOf(host, call.to) : call.from;
  const group = { host: event.host, local, remote: call.to, remotePort: call.toPort };
  // An OPEN of what is in LISTEN keeps its port.
  const localPort = call.fromPort || (host.conns.get(event.conn)?.localPort ?? 0);
  const { waiting, nextAt } = waitingIn(host, { ...group, localPort });
  if (localPort > 0) {
    const one = { localPort, size: 1, used: 1, inTimeWait: waiting, nextAt };
    return { ...group, ...one };
  }
  const space = portSpaces(before.hosts).find(
    (s) =>
      s.host === event.host &&
      s.local === local &&
      s.remote === call.to &&
      s.remotePort === call.toPort,
  );
  const { size = 0, used = 0, inTimeWait = 0 } = space ?? {};
  return { ...group, localPort: 0, size, used, inTimeWait, nextAt };
}

/** `10.0.0.1 to 10.0.0.2:80: all 500 ports are in use, 500 of them in TIME-WAIT; …`. */
export function noPortText(found: NoPort, now: Micros): string {
  const to = formatEndpoint(found.remote, found.remotePort);
  const left = found.nextAt > 0 ? formatTime(found.nextAt - now) : '';
  if (found.localPort > 0) {
    const from = formatEndpoint(found.local, found.localPort);
    if (left === '') return `${from} to ${to} is in use`;
    return `${from} to ${to} is in TIME-WAIT for another ${left}`;
  }
  const { local, used, inTimeWait } = found;
  const next = left === '' ? '' : `; the first is free in ${left}`;
  return `${local} to ${to}: all ${used} ports are in use, ${inTimeWait} in TIME-WAIT${next}`;
}

function sourceOf(host: Host, to: string): string {
  const v6 = to.includes(':');
  return host.addresses.find((a) => a.includes(':') === v6) ?? (host.addresses[0] as string);
}

type Group = Pick<NoPort, 'local' | 'localPort' | 'remote' | 'remotePort'>;

function waitingIn(host: Host, group: Group): { waiting: number; nextAt: Micros } {
  let waiting = 0;
  let nextAt = 0;
  const count = (t: Group & { readonly timeWaitAt: Micros }): void => {
    const same = t.local === group.local && t.remote === group.remote;
    if (!same || t.remotePort !== group.remotePort) return;
    if (group.localPort > 0 && t.localPort !== group.localPort) return;
    waiting += 1;
    if (nextAt === 0 || t.timeWaitAt < nextAt) nextAt = t.timeWaitAt;
  };
  for (const w of host.timeWaits.values()) count(w);
  for (const t of host.conns.values()) if (t.state === 'TIME-WAIT') count(t);
  return { waiting, nextAt };
}
