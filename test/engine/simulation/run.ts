// Runs a scenario and tells what happened to its connections, line by line.

import type { LogEvent } from '../../../engine/log/event.ts';
import type { LogHeader } from '../../../engine/log/header.ts';
import type { ScenarioOptions } from '../../../engine/simulation/scenario.ts';
import { SCENARIOS } from '../../../engine/simulation/scenarios/index.ts';
import { startSimulation } from '../../../engine/simulation/simulate.ts';
import { controlText, PSH } from '../../../engine/tcp/segment.ts';
import type { Effects, Transition } from '../../../engine/timeline/effects.ts';
import { evolve } from '../../../engine/timeline/evolve.ts';
import { initialState } from '../../../engine/timeline/initial.ts';
import type { Snapshot } from '../../../engine/timeline/snapshot.ts';

export type Seen = {
  readonly event: LogEvent;
  readonly effects: Effects;
  readonly before: Snapshot;
  readonly after: Snapshot;
};

export function headerOf(name: string, options?: ScenarioOptions): LogHeader {
  const shipped = SCENARIOS[name];
  if (shipped === undefined) throw new Error(`there is no scenario ${name}`);
  return shipped.build(options);
}

export function eventsOf(header: LogHeader, from?: Snapshot): LogEvent[] {
  const simulation = startSimulation(header, from);
  const events: LogEvent[] = [];
  for (let e = simulation.next(); e !== undefined; e = simulation.next()) events.push(e);
  return events;
}

/** Every event with its effects, folded one by one. */
export function run(header: LogHeader): Seen[] {
  let before = initialState(header);
  return eventsOf(header).map((event) => {
    const { snapshot: after, effects } = evolve(header, before, event);
    const seen = { event, effects, before, after };
    before = after;
    return seen;
  });
}

/** `     10.000 client#1 OPEN: CLOSED → SYN-SENT`, time in milliseconds. */
export function transitions(header: LogHeader, seen: readonly Seen[] = run(header)): string[] {
  return seen.flatMap(({ event, effects }) =>
    effects.transitions.map(
      (taken) => `${at(event)} ${who(header, taken)} ${what(event)}: ${way(taken)}`,
    ),
  );
}

export function way({ before, via, after }: Transition): string {
  return [before, ...via, after].join(' → ');
}

function who(header: LogHeader, { host, conn }: Transition): string {
  return `${header.hosts[host]?.name}#${conn}`;
}

function at(event: LogEvent): string {
  return String(Math.floor(event.t / 1000));
}

function what(event: LogEvent): string {
  switch (event.ev) {
    case 'call':
      return event.call.call;
    case 'arrive':
    case 'inject':
      return controlText(event.seg.flags & ~PSH);
    case 'timer':
      return `${event.timer} timer`;
    default:
      return event.ev;
  }
}

/** Lines of a table, with any space between the columns. */
export function table(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
  return lines.filter((line) => line !== '');
}

/** Segments a host sent, as `SYN`, `ACK 100`, in order. */
export function sent(header: LogHeader, seen: readonly Seen[], name: string): string[] {
  const host = header.hosts.findIndex((h) => h.name === name);
  return seen.flatMap(({ effects }) =>
    effects.emissions
      .filter((emission) => emission.host === host)
      .map(({ seg, fate }) => {
        const text = seg.len > 0 ? ` ${seg.len}` : '';
        return `${controlText(seg.flags & ~PSH)}${text}${fate.kind === 'lost' ? ' lost' : ''}`;
      }),
  );
}
