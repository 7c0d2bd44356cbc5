// What the measurements of timelines share: a log of churn, a timeline of it, rounds, and a table
// or JSON (`--json`) of medians and spreads. A number after the name is how many events: 10000000
// for the log that the aims are about.

import { churn } from '../../engine/experiments/workload.ts';
import type { LogEvent } from '../../engine/log/event.ts';
import { startSimulation } from '../../engine/simulation/simulate.ts';
import { buildTimeline, type TimelineBuilder } from '../../engine/timeline/create.ts';

export const header = churn({
  rate: 2_000,
  connections: 2_000_000,
  profile: 'linux',
  clients: 16,
  bytes: 100,
}).build();

export const COUNT = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 300_000);

const asJson = process.argv.includes('--json');
const BATCH = 10_000;

export type Rounds = { readonly what: string; readonly unit: string; readonly values: number[] };

/** The events of the log in batches, so that ten millions need not be there at once. */
export function* batches(count = COUNT): Generator<readonly LogEvent[], void> {
  const simulation = startSimulation(header);
  for (let done = 0; done < count; ) {
    const batch: LogEvent[] = [];
    while (batch.length < Math.min(BATCH, count - done)) {
      const event = simulation.next();
      if (event === undefined) break;
      batch.push(event);
    }
    if (batch.length === 0) return;
    done += batch.length;
    yield batch;
  }
}

/** A timeline of the log. */
export function folded(): TimelineBuilder {
  const builder = buildTimeline(header);
  for (const batch of batches()) for (const event of batch) builder.add(event);
  return builder;
}

/** The same numbers on every run, spread over a range. */
export function positions(count: number, length: number, round: number): number[] {
  return Array.from({ length: count }, (_, i) => ((i + round * count) * 1_037_389 + 7) % length);
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

/** Median, and the least and the greatest of the rounds. */
export function report(
  rounds: readonly Rounds[],
  more: Readonly<Record<string, number>> = {},
): void {
  const rows = rounds.map(({ what, unit, values }) => ({
    what,
    unit,
    median: percentile(values, 0.5),
    least: Math.min(...values),
    most: Math.max(...values),
  }));
  if (asJson) {
    console.log(JSON.stringify({ events: COUNT, rows, ...more }));
    return;
  }
  for (const { what, unit, median, least, most } of rows) {
    const spread = `${least.toFixed(2)} – ${most.toFixed(2)}`;
    console.log(`${median.toFixed(2).padStart(12)} ${unit.padEnd(6)} ${what}  (${spread})`);
  }
  for (const [what, value] of Object.entries(more)) {
    console.log(`${value.toFixed(0).padStart(12)}        ${what}`);
  }
}
