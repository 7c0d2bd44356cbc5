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
  let made = scenario({ ...pickInfo(info), title, about }).host('server');
  for (const name of clientNames(clients)) {
    made = made.host(name).link(name, 'server', { delay: load.delay ?? 50 });
  }
  for (let i = 0; i < ports; i += 1) {
    const body = [listen(FIRST_PORT + i, { backlog: 4096 }), serve(serverSteps(load))];
    made = made.app('server', body);
  }
  const each = Math.floor(whole(load.connections, 'connections', 1) / (clients * ports));
  let start = 1_000;
  for (const name of clientNames(clients)) {
    for (let i = 0; i < ports; i += 1) {
      const body = clientSteps(load, FIRST_PORT + i);
      const app = driver(load, body, each, clients * ports);
      made = made.app(name, app, { at: start });
      // Clients and ports take turns.
      start += load.rate === undefined ? 0 : Math.round(SECOND / load.rate);
    }
  }
  return made;
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

/** How one client starts its share of the connections. */
function driver(load: Churn, body: readonly Step[], count: number, parts: number): Step[] {
  const { rate, concurrency } = load;
  if ((rate === undefined) === (concurrency === undefined)) {
    fail('churn: expected either a rate or a concurrency');
  }
  if (rate !== undefined) {
    if (!(rate > 0)) fail(`churn, rate: expected more than 0 a second, found ${rate}`);
    const every = Math.round((SECOND * parts) / rate);
    return [spawn(count, whole(every, 'churn, rate: time between connections', 1), body)];
  }
  const places = whole(concurrency ?? 0, 'concurrency', 1);
  const rounds = Math.max(1, Math.floor(count / places));
  const pause = Math.max(1, micros(load.pause ?? '10ms', 'pause'));
  return [spawn(places, 0, [repeat(rounds, [...body, wait(pause)])])];
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
