// Simulating end to end: from the scenario to a log that is written and snapshots that are kept.

import { type Scenario, type Snapshot, startSimulation } from '../../engine/index.ts';
import { CONCURRENT, timeOf } from './load.ts';
import type { OpenSink } from './sinks.ts';

export type Load = {
  readonly scenario: () => Scenario;
  /** Connections before the first that counts. They are simulated, but not timed. */
  readonly before: number;
  /** Connections that count; with none before, they are all. */
  readonly each: number;
};

/** Connections for a second of the clock on the wall, and of the time the process was given. */
export type Speed = { readonly wall: number; readonly processor: number };

const SNAPSHOT_EVERY = 1_000;

const completed = ({ hosts }: Snapshot): number =>
  hosts.find((host) => host.name === 'server')?.totals.ended ?? 0;

export function simulated(load: Load, open: OpenSink, snapshots = true): Speed {
  let wall = performance.now();
  let processor = process.cpuUsage();
  const header = load.scenario().build();
  const simulation = startSimulation(header);
  const sink = open(header);
  const kept: Snapshot[] = [];
  let count = 0;
  const runTo = (until: number): void => {
    for (let e = simulation.next(until); e !== undefined; e = simulation.next(until)) {
      sink.add(e);
      count += 1;
      if (snapshots && count % SNAPSHOT_EVERY === 0) kept.push(simulation.snapshot());
    }
  };
  let first = 0;
  if (load.before > 0) {
    runTo(timeOf(load.before));
    first = completed(simulation.snapshot());
    wall = performance.now();
    processor = process.cpuUsage();
    runTo(timeOf(load.before + load.each));
  } else {
    runTo(Number.POSITIVE_INFINITY);
  }
  sink.end();
  const done = completed(simulation.snapshot()) - first;
  const tookMs = performance.now() - wall;
  // Threads that collect garbage beside the one that simulates count here.
  const { user, system } = process.cpuUsage(processor);
  if (Math.abs(done - load.each) > CONCURRENT) {
    throw new Error(`expected ${load.each} connections, found ${done}`);
  }
  return { wall: (done * 1e3) / tookMs, processor: (done * 1e6) / (user + system) };
}
