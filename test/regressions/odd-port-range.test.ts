// A range with an odd number of ephemeral ports, searched one parity at a time: when the search
// began at the last port, the other parity was never tried. connect() failed with EADDRNOTAVAIL
// though ports were free, and since only a success moves the search on, it failed for ever.

import { expect, test } from 'vitest';
import { scenario } from '../../engine/simulation/scenario.ts';
import { startSimulation } from '../../engine/simulation/simulate.ts';
import { steps } from '../../engine/simulation/steps.ts';

const { connect, listen, serve, spawn } = steps;

test.each([
  [40_010, 10],
  [40_009, 10],
  [40_001, 2],
  [40_000, 1],
])('ports 40000 to %i give %i connections to one destination', (high, expected) => {
  // Linux rounds the number of ports down to an even one: the last of an odd number is not used.
  for (let seed = 1; seed <= 30; seed += 1) {
    const header = scenario({
      title: 'odd',
      about: '',
      seed,
      profile: 'linux',
      knobs: { ephemeral_low: 40_000, ephemeral_high: high },
    })
      .host('client')
      .host('server')
      .app('server', [listen(80), serve([])])
      .app('client', [spawn(30, '1ms', [connect('server', 80)])], { at: '1ms' })
      .build();
    const simulation = startSimulation(header);
    while (simulation.next() !== undefined);
    const totals = simulation.world.hosts[0]?.totals;
    expect([seed, totals?.opened, totals?.addrNotAvail]).toEqual([seed, expected, 30 - expected]);
  }
});
