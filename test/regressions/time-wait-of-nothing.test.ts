/** `time_wait_ms` 0 switched the timer off, and TIME-WAIT never ended. It is a length, no limit. */
import { expect, it } from 'vitest';
import { startSimulation } from '../../engine/simulation/simulate.ts';
import { checkInvariants } from '../../engine/timeline/invariants.ts';
import { randomNetwork } from '../engine/timeline/network.ts';

it('TIME-WAIT of length 0 ends', () => {
  for (let seed = 1; seed < 20; seed += 1) {
    const base = randomNetwork(seed);
    const hosts = base.hosts.map((host) => ({ ...host, knobs: { time_wait_ms: 0 } }));
    const simulation = startSimulation({ ...base, hosts }, undefined, { eventsMax: 5_000 });
    while (simulation.next() !== undefined);
    const end = simulation.snapshot();
    expect(checkInvariants(end)).toEqual([]);
    expect(end.hosts.map((host) => host.states[10])).toEqual([0, 0]);
  }
});
