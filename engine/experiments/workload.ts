/**
 * A churn workload: many short connections between clients and a server, as a scenario.
 *
 * With `rate` connections start by the clock, whatever becomes of those before (open loop); with
 * `concurrency` each ends before its place is taken by the next (closed loop). A connect() that
 * fails is not tried again: an open loop goes on by the clock, a closed one after `pause`.
 */
import { INFO_FIELDS, type Scenario, type ScenarioInfo, scenario } from '../simulation/scenario.ts';
import {
  checkFields,
  type Duration,
  fail,
  found,
  micros,
  type Step,
  steps,
  whole,
} from '../simulation/steps.ts';

const { abort, close, connect, listen, receive, receiveEnd, repeat, send, serve, spawn, wait } =
  steps;

export type Churn = Omit<ScenarioInfo, 'title' | 'about'> & {
  readonly title?: string;
  readonly about?: string;
  /** Connections that are tried, over all clients. */
  readonly connections: number;
  /** New connections per second, over all clients. */
  readonly rate?: number;
  /** Connections at a time, over all clients. */
  readonly concurrency?: number;
  /** Who closes first; `abort`: the client resets (SO_LINGER 0). */
  readonly closes?: 'client' | 'server' | 'abort';
  /** Octets the client sends. */
  readonly bytes?: number;
  /** One-way delay; 50 µs if absent. */
  readonly delay?: Duration;
  /** Clients, each with an address and a port space of its own. */
  readonly clients?: number;
  /** Ports of the server that connections go to in turn. */
  readonly ports?: number;
  readonly pause?: Duration;
};

const SECOND = 1_000_000;
const FIRST_PORT = 80;

const OWN = ['connections', 'rate', 'concurrency', 'closes', 'bytes', 'delay', 'clients', 'ports'];
const FIELDS = [...OWN, 'pause', ...INFO_FIELDS];
const CLOSES = ['client', 'server', 'abort'];

/** Hosts `client` (or `client1`, `client2`, …) and `server`. */
export function churn(load: Churn): Scenario {
  const { title = 'Churn', about = 'Many short connections.', ...info } = load;
  checkFields(load, FIELDS, 'churn');
  if (load.closes !== undefined && !CLOSES.includes(load.closes)) {
    fail(`churn, closes: expected one of ${CLOSES.join(', ')}, found ${load.closes}`);
  }
  const clients = whole(load.clients ?? 1, 'clients', 1, 4000);
  const ports = whole(load.ports ?? 1, 'ports', 1, 1000);
  whole(load.bytes ?? 0, 'churn, bytes', 0);
  let made = scenario({ ...pickInfo(info), title, about }).host('server');
  for (const name of clientNames(clients)) {
    made = made.host(name).link(name, 'server', { delay: load.delay ?? 50 });
  }
  for (let i = 0; i < ports; i += 1) {
    const body = [listen(FIRST_PORT + i, { backlog: 4096 }), serve(serverSteps(load))];
    made = made.app('server', body);
  }
  const parts = partsOf(load, clients * ports);
  let start = 1_000;
  clientNames(clients).forEach((name, client) => {
    for (let i = 0; i < ports; i += 1) {
      const part = parts[client * ports + i];
      if (part === undefined) return;
      const app = driver(load, clientSteps(load, FIRST_PORT + i), part);
      made = made.app(name, app, { at: start });
      // Clients and ports take turns.
      start += load.rate === undefined ? 0 : Math.round(SECOND / load.rate);
    }
  });
  return made;
}

/** What one client does towards one port. */
type Part = {
  readonly connections: number;
  /** Connections at a time; 0: they start by the clock. */
  readonly places: number;
  /** Time between two connections that start by the clock. */
  readonly every: number;
};

/** The load in parts as even as they can be; those that would get nothing are not there. */
function partsOf(load: Churn, most: number): Part[] {
  const { rate, concurrency } = load;
  if ((rate === undefined) === (concurrency === undefined)) {
    fail('churn: expected either a rate or a concurrency');
  }
  const all = whole(load.connections, 'churn, connections', 1);
  const together = concurrency === undefined ? 0 : whole(concurrency, 'churn, concurrency', 1);
  const places = Math.min(together, all);
  const parts = Math.min(most, places || all);
  const share = (whole: number, part: number) =>
    Math.floor(whole / parts) + (part < whole % parts ? 1 : 0);
  const every = rate === undefined ? 0 : betweenStarts(rate, most);
  return Array.from({ length: parts }, (_, i) => ({
    connections: share(all, i),
    places: share(places, i),
    every,
  }));
}

function betweenStarts(rate: number, parts: number): number {
  if (typeof rate !== 'number' || !(rate > 0)) {
    fail(`churn, rate: expected more than 0 a second, found ${found(rate)}`);
  }
  const every = Math.round((SECOND * parts) / rate);
  return whole(every, 'churn, rate: time between connections, in µs', 1);
}

function clientNames(clients: number): string[] {
  return clients === 1 ? ['client'] : Array.from({ length: clients }, (_, i) => `client${i + 1}`);
}

function pickInfo({ name, seed, until, profile, knobs, fixed }: Partial<ScenarioInfo>) {
  return {
    ...(name === undefined ? {} : { name }),
    ...(seed === undefined ? {} : { seed }),
    ...(until === undefined ? {} : { until }),
    ...(profile === undefined ? {} : { profile }),
    ...(knobs === undefined ? {} : { knobs }),
    ...(fixed === undefined ? {} : { fixed }),
  };
}

/** How a client starts its part of the connections. */
function driver(load: Churn, body: readonly Step[], part: Part): Step[] {
  const { connections, places, every } = part;
  if (places === 0) return [spawn(connections, every, body)];
  const pause = Math.max(1, micros(load.pause ?? '10ms', 'pause'));
  const rounds = Math.floor(connections / places);
  const longer = connections % places;
  const loops = [
    { of: longer, times: rounds + 1 },
    { of: places - longer, times: rounds },
  ];
  return loops
    .filter(({ of }) => of > 0)
    .map(({ of, times }) => spawn(of, 0, [repeat(times, [...body, wait(pause)])]));
}

function clientSteps(load: Churn, port: number): Step[] {
  const { closes = 'client', bytes = 0 } = load;
  const text = bytes > 0 ? [send(bytes)] : [];
  const open = [connect('server', port), ...text];
  if (closes === 'abort') return [...open, abort()];
  return closes === 'client' ? [...open, close()] : [...open, receiveEnd(), close()];
}

function serverSteps(load: Churn): Step[] {
  const { closes = 'client', bytes = 0 } = load;
  if (closes !== 'server') return [receiveEnd(), close()];
  return bytes > 0 ? [receive(bytes), close()] : [close()];
}
