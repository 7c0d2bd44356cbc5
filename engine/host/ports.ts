/**
 * Ephemeral ports: which one a connect() gets (RFC 6056; Linux 6.18 for `hash_parity`).
 *
 * A port is free towards a foreign socket if the 4-tuple is: one local port serves many peers. So
 * the space is counted per (source, destination, destination port), and when it is used up the call
 * fails with EADDRNOTAVAIL, however many connections the host has otherwise.
 */
import { hashAddress } from '../base/address.ts';
import { keyedHash } from '../base/random.ts';
import type { Micros } from '../base/time.ts';
import type { Tcb, TimeWait } from '../tcp/tcb.ts';
import { findConn, type GroupEdit, groupOf, type HostEdit } from './edit.ts';
import { isListenedOn } from './listeners.ts';

/** A port for a new connection, and the TIME-WAIT it takes over (0: none); -1: none is free. */
export type PortChoice = { readonly port: number; readonly reused: number };

const NOTHING: PortChoice = { port: -1, reused: 0 };

export function chooseEphemeralPort(
  h: HostEdit,
  now: Micros,
  local: string,
  remote: string,
  remotePort: number,
): PortChoice {
  const { ephemeral_low: low, ephemeral_high: high, port_choice: way } = h.knobs;
  const group = groupOf(h, local, remote, remotePort);
  const range = high - low + 1;
  const search: Search = { h, now, group, low, high };
  if (way === 'sequential') {
    const choice = scan(search, low + (h.perturbation % range), 1);
    if (choice.port >= 0) h.perturbation = choice.port - low + 1;
    return choice;
  }
  const hash = keyedHash(h.base.key, 3, hashAddress(local), hashAddress(remote), remotePort);
  if (way === 'hash') {
    const choice = scan(search, low + ((hash + h.perturbation) % range), 1);
    if (choice.port >= 0) h.perturbation += 1 + (hash % 7);
    return choice;
  }
  // All ports of the parity of the low end first, then the others. There are as many of both: of an
  // odd number of ports the last is not used.
  const even = range === 1 ? 1 : range & ~1;
  const start = ((hash + h.perturbation) % even) & ~1;
  const paired: Search = { ...search, high: low + even - 1 };
  let choice = scan(paired, low + start, 2);
  if (choice.port < 0 && even > 1) choice = scan(paired, low + start + 1, 2);
  if (choice.port >= 0) h.perturbation += 2 * (1 + (hash % 7));
  return choice;
}

type Search = {
  readonly h: HostEdit;
  readonly now: Micros;
  readonly group: GroupEdit;
  readonly low: number;
  readonly high: number;
};

function scan(search: Search, from: number, step: 1 | 2): PortChoice {
  const { h, group, low, high } = search;
  const free = freePort(search, from, step);
  if (!mayReuse(h, group.base.local, group.base.remote)) {
    return free < 0 ? NOTHING : { port: free, reused: 0 };
  }
  // In the order of the search, a port in TIME-WAIT that is old enough is as good as a free one.
  const base = step === 1 ? low : low + ((from - low) & 1);
  const total = Math.floor((high - base) / step) + 1;
  const first = (from - base) / step;
  for (let i = 0; i < total; i += 1) {
    const port = base + ((first + i) % total) * step;
    if (port === free) return { port, reused: 0 };
    const reused = reusableTimeWait(search, port);
    if (reused > 0) return { port, reused };
  }
  return NOTHING;
}

/** The next port without such a 4-tuple on which nothing listens. */
function freePort({ h, group, low, high }: Search, from: number, step: 1 | 2): number {
  const first = group.used.nextFree(from, low, high, step);
  let port = first;
  while (port >= 0 && isListenedOn(h.listeners, port)) {
    const next = port + step <= high ? port + step : low + ((port - low) & (step - 1));
    port = group.used.nextFree(next, low, high, step);
    if (port === first) return -1;
  }
  return port;
}

function isLoopback(local: string, remote: string): boolean {
  return local === remote || remote.startsWith('127.') || remote === '::1';
}

function mayReuse(h: HostEdit, local: string, remote: string): boolean {
  const mode = h.knobs.tw_reuse;
  return h.knobs.timestamps && (mode === 1 || (mode === 2 && isLoopback(local, remote)));
}

function reusableTimeWait({ h, now, group }: Search, port: number): number {
  const { local, remote, remotePort } = group.base;
  const num = findConn(h, local, port, remote, remotePort);
  const w = num > 0 ? h.timeWaits.get(num) : undefined;
  if (w === undefined || !w.tsOn) return 0;
  return now - w.changedAt > h.knobs.tw_reuse_delay_ms * 1000 ? num : 0;
}

/** Whether an explicit local port can be used towards a peer; the TIME-WAIT it takes over. */
export function claimPort(h: HostEdit, t: Tcb): 'free' | 'taken' | number {
  const num = findConn(h, t.local, t.localPort, t.remote, t.remotePort);
  if (num < 0) return 'free';
  const w = h.timeWaits.get(num);
  return w !== undefined && mayTakeOver(h, w) ? num : 'taken';
}

/**
 * Whether connect() from an explicit local port may take a TIME-WAIT over: with a recorded
 * timestamp of the peer the old incarnation cannot be confused with the new one.
 */
export function mayTakeOver(h: HostEdit, w: TimeWait): boolean {
  return w.tsOn && (h.knobs.tw_reuse > 0 || h.knobs.tw_reuse_bound);
}
