// Churn: 10,000 connections simulated, written as a log and folded, and a run of 90,000 by an
// experiment, which keeps no events.

import { measure } from '../../engine/experiments/measure.ts';
import { churn } from '../../engine/experiments/workload.ts';
import { createEventEncoder } from '../../engine/log/codec.ts';
import type { LogEvent } from '../../engine/log/event.ts';
import { SCENARIOS } from '../../engine/simulation/scenarios/index.ts';
import { startSimulation } from '../../engine/simulation/simulate.ts';
import { foldAll } from '../../engine/timeline/evolve.ts';
import { initialState } from '../../engine/timeline/initial.ts';

function timed<T>(what: string, work: () => T): T {
  const from = performance.now();
  const result = work();
  console.log(`${(performance.now() - from).toFixed(0).padStart(8)} ms  ${what}`);
  return result;
}

const header = SCENARIOS['churn']?.build();
if (header === undefined) throw new Error('there is no scenario churn');

for (const round of ['cold', 'warm']) {
  const events = timed(`10,000 connections simulated, ${round}`, () => {
    const simulation = startSimulation(header);
    const list: LogEvent[] = [];
    for (let e = simulation.next(); e !== undefined; e = simulation.next()) list.push(e);
    simulation.snapshot();
    return list;
  });
  const encode = createEventEncoder(header);
  timed(`their ${events.length} events as lines of a log`, () =>
    events.reduce((size, event) => size + encode(event).length, 0),
  );
  timed('folded in one batch', () => foldAll(header, initialState(header), events));
}

timed('an experiment of 600 connections a second for 150 s', () => {
  const load = churn({ rate: 600, connections: 90_000, profile: 'linux' }).build();
  const steps = measure(load, 150_000_000, 1_000_000);
  while (steps.next().done !== true);
});
