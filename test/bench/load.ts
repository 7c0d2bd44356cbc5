// The logs that are measured. One connection is always the same: connect, 100 bytes, close.

import {
  churn,
  foldAll,
  initialState,
  type LogEvent,
  type LogHeader,
  type Scenario,
  type Snapshot,
  scenario,
  startSimulation,
  steps,
} from '../../engine/index.ts';

/** With a round trip of 10 ms a connection takes 20 ms: 64 are under way at a time. */
export const RATE = 3_200;
export const DELAY_MS = 5;
export const CONCURRENT = 64;
export const BYTES = 100;

/** The virtual time in which so many connections start, µs. */
export function timeOf(connections: number): number {
  return Math.ceil((connections * 1_000_000) / RATE);
}

/** So many lingering in TIME-WAIT at a time, beside the 64: the length of TIME-WAIT, ms. */
export function timeWaitFor(lingering: number): number {
  return Math.max(1, Math.round((lingering * 1_000) / RATE));
}

/** Connections that start by the clock, 64 under way at a time. */
export function churnOf(connections: number, timeWaitMs = 1): Scenario {
  return churn({
    rate: RATE,
    connections,
    bytes: BYTES,
    delay: `${DELAY_MS}ms`,
    profile: 'linux',
    knobs: { time_wait_ms: timeWaitMs },
  });
}

export type Log = {
  readonly header: LogHeader;
  /** Events up to where as many linger as ever will, and the snapshot there. */
  readonly before: readonly LogEvent[];
  readonly start: Snapshot;
  /** The events that are measured. */
  readonly events: readonly LogEvent[];
};

/** A log in which so many connections linger in TIME-WAIT, and more come and go. */
export function lingeringLog(lingering: number, count: number): Log {
  // More connections than events are never needed.
  const header = churnOf(2 * lingering + count + 1_000, timeWaitFor(lingering)).build();
  const simulation = startSimulation(header);
  const before: LogEvent[] = [];
  const until = timeOf(lingering + 2 * CONCURRENT);
  for (let e = simulation.next(until); e !== undefined; e = simulation.next(until)) before.push(e);
  const events = take(simulation.next, count);
  // Folded anew, so that it shares nothing with a simulation that goes on.
  return { header, before, start: foldAll(header, initialState(header), before), events };
}

export function take(next: () => LogEvent | undefined, count: number): LogEvent[] {
  const events: LogEvent[] = [];
  while (events.length < count) {
    const event = next();
    if (event === undefined) break;
    events.push(event);
  }
  return events;
}

/** A long log: TIME-WAIT of Linux over 16 clients, 120,000 connections in it. */
export const LONG = churn({
  rate: 2_000,
  connections: 2_000_000,
  profile: 'linux',
  clients: 16,
  bytes: BYTES,
});

const BATCH = 10_000;

/** The events of a long log in batches, so that ten millions need not be there at once. */
export function* batches(header: LogHeader, count: number): Generator<readonly LogEvent[], void> {
  const simulation = startSimulation(header);
  for (let done = 0; done < count; ) {
    const batch = take(simulation.next, Math.min(BATCH, count - done));
    if (batch.length === 0) return;
    done += batch.length;
    yield batch;
  }
}

export function* eventsOf(header: LogHeader, count: number): Generator<LogEvent, void> {
  for (const batch of batches(header, count)) yield* batch;
}

const { close, connect, listen, receiveEnd, send, serve, spawn, wait } = steps;

const CLIENTS = 16;
const PORTS = 4;
/** Starts a second: what a connection waits for is longer than any timer of the handshake. */
const HOLDING_RATE = 10_000;

/** A network in which so many connections come to be ESTABLISHED at a time. */
export type Crowd = {
  readonly made: Scenario;
  /** When they are all there, µs. */
  readonly full: number;
};

/** Clients that connect one after the other, `HOLDING_RATE` a second, and hold on for a while. */
function crowd(connections: number, holdUs: number, more: number): Scenario {
  const groups = CLIENTS * PORTS;
  const each = Math.ceil((connections + more) / groups);
  const every = Math.round((groups * 1_000_000) / HOLDING_RATE);
  let made = scenario({
    title: 'Connections that stay',
    about: 'Each connects, sends and stays for a while.',
    profile: 'linux',
    knobs: { time_wait_ms: 1 },
  }).host('server');
  for (let port = 0; port < PORTS; port += 1) {
    const body = [listen(80 + port, { backlog: 4096 }), serve([receiveEnd(), close()])];
    made = made.app('server', body);
  }
  let start = 1_000;
  for (let client = 1; client <= CLIENTS; client += 1) {
    const name = `client${client}`;
    made = made.host(name).link(name, 'server', { delay: 50 });
    for (let port = 0; port < PORTS; port += 1) {
      const body = [connect('server', 80 + port), send(BYTES), wait(holdUs), close()];
      made = made.app(name, [spawn(each, every, body)], { at: start });
      start += every / groups;
    }
  }
  return made;
}

const fullAt = (connections: number): number =>
  1_000 + Math.round((connections * 1_000_000) / HOLDING_RATE);

/**
 * Connections that close in the order in which they came, while others come: each moment touches
 * those that start and those that end, and an end was touched last when all others had yet to come.
 * Clients and ports are enough for more than a million.
 */
export function replacing(connections: number, more: number): Crowd {
  const full = fullAt(connections);
  return { made: crowd(connections, full - 1_000, more), full };
}

const DAY_US = 86_400_000_000;

/** Connections that stay and say nothing, and beside them the churn that is measured elsewhere. */
export function idling(connections: number): Crowd {
  const full = fullAt(connections);
  const visit = [connect('server', 80), send(BYTES), close()];
  const made = crowd(connections, DAY_US, 0)
    .host('visitor')
    .link('visitor', 'server', { delay: DELAY_MS * 1_000 })
    .app('visitor', [spawn(1_000_000, Math.round(1_000_000 / RATE), visit)], { at: full });
  // The first visitors are under way: as many come as go.
  return { made, full: full + 100_000 };
}

/** The same numbers on every run, spread over a range. */
export function positions(count: number, length: number, round: number): number[] {
  return Array.from({ length: count }, (_, i) => ((i + round * count) * 1_037_389 + 7) % length);
}
