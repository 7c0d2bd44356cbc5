/**
 * Two ends in TIME-WAIT (a simultaneous close) acknowledged each other's bare ACKs, and a link that
 * duplicates segments turned that into an endless, growing exchange. A bare ACK that answers a bare
 * ACK is limited now, as RFC 5961 §7 limits challenge ACKs.
 */
import { expect, it } from 'vitest';
import type { LogHeader } from '../../engine/log/header.ts';
import { startSimulation } from '../../engine/simulation/simulate.ts';
import { randomNetwork } from '../engine/timeline/network.ts';

const base = randomNetwork(1);

const header: LogHeader = {
  ...base,
  seed: 1225,
  hosts: base.hosts.map((host) => ({ ...host, profile: 'rfc9293' })),
  defaultLink: {
    delay: 86_833,
    jitter: 49_804,
    loss: 0,
    duplicate: 0.5,
    reorder: 0,
    reorderDelay: 0,
  },
  programs: [
    {
      name: 'left',
      code: [
        { op: 'connect', to: '10.0.0.2', port: 8888, from: 7777 },
        { op: 'until', at: 1_000_000 },
        { op: 'close' },
      ],
    },
    {
      name: 'right',
      code: [
        { op: 'connect', to: '10.0.0.1', port: 7777, from: 8888 },
        { op: 'until', at: 1_000_000 },
        { op: 'close' },
      ],
    },
  ],
  apps: [
    { host: 'a', program: 'left', at: 10_000 },
    { host: 'b', program: 'right', at: 10_000 },
  ],
};

it('two ends in TIME-WAIT fall silent', () => {
  const simulation = startSimulation(header, undefined, { eventsMax: 2_000 });
  let events = 0;
  while (simulation.next() !== undefined) events += 1;
  expect(events).toBeLessThan(300);
  const states = simulation.snapshot().hosts.map((host) => host.states.reduce((a, b) => a + b));
  expect(states).toEqual([0, 0]);
});
