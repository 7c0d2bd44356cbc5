/**
 * Every number among the knobs at its least and at its most: a run comes to its end, and its times
 * are whole microseconds that never go back. An RTO of 0 sent again for ever at one moment; a
 * margin (rto_slop_ms) beyond rto_max_ms made a timer of the past; a timer wheel of 300 ticks a
 * second had slots of a broken number of microseconds; 2^31 retries of a SYN were added up one by
 * one; a window of no segment opened for nothing but timeouts.
 */
import { describe, expect, it } from 'vitest';
import { scenario } from '../../engine/simulation/scenario.ts';
import { startSimulation } from '../../engine/simulation/simulate.ts';
import { steps } from '../../engine/simulation/steps.ts';
import { KNOBS, type Knobs } from '../../engine/tcp/knobs.ts';
import { knobsFault, knobsOf, parseKnob } from '../../engine/tcp/profiles.ts';

const { close, connect, listen, receive, receiveEnd, send, serve, spawn, wait } = steps;

/** Losses, a crash, and queues of two: most timers and limits come up. */
function header(profile: string, knobs: Partial<Knobs>) {
  return scenario({ title: 'Bounds', about: '', profile, knobs, until: '2m' })
    .host('client')
    .host('server')
    .link('client', 'server', { loss: 0.1, duplicate: 0.05, reorder: 0.05, reorderDelay: '5ms' })
    .app('server', [
      listen(80, { backlog: 2 }),
      serve([receive(3000), send(5000), receiveEnd(), wait('1s'), close()]),
    ])
    .app('client', [
      spawn(6, '5ms', [connect('server', 80), send(3000), receive(5000), send(9000), close()]),
    ])
    .crash('60s', 'server')
    .restart('61s', 'server')
    .build();
}

/** How many events a run has; it is broken off far beyond what any of them needs. */
function countEvents(profile: string, knobs: Partial<Knobs>): number {
  const run = startSimulation(header(profile, knobs), undefined, { eventsMax: 150_000 });
  let last = 0;
  for (let event = run.next(); event !== undefined; event = run.next()) {
    if (!Number.isInteger(event.t) || event.t < last) throw new Error(`at ${event.t}`);
    last = event.t;
  }
  return run.world.events;
}

const numbers = Object.entries(KNOBS).flatMap(([name, { range }]) =>
  range === null ? [] : [[name, range.min] as const, [name, range.max] as const],
);

describe.each(['linux', 'freebsd'])('%s', (profile) => {
  it.each([...numbers, ['timer_wheel', 300] as const])('with %s=%i', (name, value) => {
    const knobs = { [name]: value };
    if (knobsFault(knobsOf(profile, knobs)) !== undefined) return;
    expect(countEvents(profile, knobs)).toBeLessThan(150_000);
  });
});

it.each([
  ...['rto_initial_ms', 'rto_max_ms', 'initial_window'],
  // Probes of a shut window, and looks at a connection that has text in flight, without any time.
  ...['persist_max_ms', 'keepalive_idle_ms'],
])('%s is at least 1', (name) => {
  expect(parseKnob(name, '1')).toEqual({ knobs: { [name]: 1 } });
  expect(parseKnob(name, '0')).toMatchObject({ error: expect.stringContaining('from 1 to') });
});
