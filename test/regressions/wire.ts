/** Two hosts whose calls and deliveries a test orders one by one. */
import type { Call, LogEvent } from '../../engine/log/event.ts';
import { FORMAT_VERSION, type LogHeader, SEMANTICS_VERSION } from '../../engine/log/header.ts';
import type { Flight } from '../../engine/network/flight.ts';
import { flagsText, type Segment } from '../../engine/tcp/segment.ts';
import type { TimerName } from '../../engine/tcp/timers.ts';
import type { Effects } from '../../engine/timeline/effects.ts';
import { evolve } from '../../engine/timeline/evolve.ts';
import { initialState } from '../../engine/timeline/initial.ts';
import type { Snapshot } from '../../engine/timeline/snapshot.ts';

const ADDRESSES = ['10.0.0.1', '10.0.0.2'];
const PORTS = [1000, 2000];

const header: LogHeader = {
  format: 'twomsl',
  version: FORMAT_VERSION,
  semantics: SEMANTICS_VERSION,
  id: 'wire',
  title: 'two hosts, driven by hand',
  about: '',
  seed: 1,
  source: { kind: 'simulation', scenario: 'wire' },
  hosts: ['a', 'b'].map((name, i) => ({
    name,
    addresses: [ADDRESSES[i] as string],
    profile: 'rfc9293',
    knobs: {},
  })),
  links: [],
  defaultLink: { delay: 1_000, jitter: 0, loss: 0, duplicate: 0, reorder: 0, reorderDelay: 0 },
  faults: [],
  programs: [],
  apps: [],
};

/** A network at a moment; each method moves it on by a millisecond. */
export function createWire(profile = 'rfc9293') {
  const own = { ...header, hosts: header.hosts.map((host) => ({ ...host, profile })) };
  let snapshot: Snapshot = initialState(own);
  let effects: Effects | undefined;
  const fold = (event: LogEvent): void => {
    ({ snapshot, effects } = evolve(own, snapshot, event));
  };
  const next = () => snapshot.time + 1_000;
  const call = (host: number, conn: number, what: Call): void =>
    fold({ t: next(), ev: 'call', host, conn, process: -1, call: what });
  /** Flights to a host, as `n flags`. */
  const toward = (host: number): Flight[] =>
    [...snapshot.flights.values()].filter((flight) => flight.to === host);
  return {
    snapshot: () => snapshot,
    effects: () => effects as Effects,
    open(host: number, mode: 'active' | 'passive', conn = 0, backlog = -1): void {
      const to = mode === 'active' ? (ADDRESSES[1 - host] as string) : '';
      const toPort = mode === 'active' ? (PORTS[1 - host] as number) : 0;
      const fromPort = PORTS[host] as number;
      const rest = { from: '', fromPort, backlog, iss: -1, nowait: true };
      call(host, conn, { call: 'OPEN', mode, to, toPort, ...rest });
    },
    send: (host: number, conn: number, bytes: number) =>
      call(host, conn, { call: 'SEND', bytes, urgent: false }),
    close: (host: number, conn: number) => call(host, conn, { call: 'CLOSE', how: 'write' }),
    accept: (host: number, conn: number) => call(host, conn, { call: 'ACCEPT' }),
    inject: (host: number, seg: Segment) => fold({ t: next(), ev: 'inject', host, seg }),
    abort: (host: number, conn: number) => call(host, conn, { call: 'ABORT' }),
    timer: (host: number, conn: number, timer: TimerName) =>
      fold({ t: next(), ev: 'timer', host, conn, timer }),
    /** Delivers the oldest segment to a host with these flags. */
    deliver(host: number, flags: string): void {
      const flight = toward(host).find(({ seg }) => flagsText(seg.flags) === flags);
      if (flight === undefined) throw new Error(`nothing with ${flags} is on its way to ${host}`);
      fold({ t: next(), ev: 'arrive', host, n: flight.n, seg: flight.seg });
    },
    toward: (host: number) => toward(host).map(({ seg }) => flagsText(seg.flags)),
    state: (host: number, conn: number) => {
      const side = snapshot.hosts[host];
      return side?.timeWaits.has(conn) ? 'TIME-WAIT' : side?.conns.get(conn)?.state;
    },
  };
}

/** Host 1 listens as connection 1, and connection 2 waits there to be accepted. */
export function wireWithWaiting() {
  const wire = createWire();
  wire.open(1, 'passive', 0, 5);
  wire.open(0, 'active');
  wire.deliver(1, 'S');
  wire.deliver(0, 'S.');
  wire.deliver(1, '.');
  return wire;
}
