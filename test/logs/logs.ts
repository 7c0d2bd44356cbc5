// The logs that ship: one of each scenario, and recordings of a kernel, as text.

import { digestOf } from '../../engine/base/digest.ts';
import { encodeLog } from '../../engine/log/codec.ts';
import type { LogEvent } from '../../engine/log/event.ts';
import { SCENARIOS } from '../../engine/simulation/scenarios/index.ts';
import { startSimulation } from '../../engine/simulation/simulate.ts';
import { KERNEL_LOGS, kernelLogText } from './kernel.ts';

/** Large ones are compressed. */
const COMPRESSED = new Set(['churn', 'ports-exhausted']);

export const LOG_NAMES: readonly string[] = [
  ...Object.keys(SCENARIOS),
  ...Object.keys(KERNEL_LOGS),
];

export function fileOf(name: string): string {
  return `${name}.jsonl${COMPRESSED.has(name) ? '.gz' : ''}`;
}

/** A scenario with its own seed, simulated to its end; a recording, imported. */
export function logText(name: string): string {
  if (name in KERNEL_LOGS) return kernelLogText(name);
  const shipped = SCENARIOS[name];
  if (shipped === undefined) throw new Error(`there is no scenario ${name}`);
  const header = shipped.build();
  const simulation = startSimulation(header);
  const events: LogEvent[] = [];
  for (let e = simulation.next(); e !== undefined; e = simulation.next()) events.push(e);
  const trailer = { events: events.length, digest: digestOf(simulation.snapshot()) };
  return [...encodeLog(header, events, trailer)].join('');
}
