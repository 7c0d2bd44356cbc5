/**
 * A kernel with tcp_syn_retries = 2 and tcp_syn_linear_timeouts = 4 gave a SYN up after 5
 * retransmissions and 7.14 s; our linux profile sent one more, counting 2 + 4. The kernel's limit
 * is also a time: that of so many retransmissions with back-off from the start, 2^(n+1) − 1
 * seconds.
 */
import { expect, it } from 'vitest';
import type { LogHeader } from '../../engine/log/header.ts';
import { simulate } from '../../engine/simulation/simulate.ts';
import { randomNetwork } from '../engine/timeline/network.ts';

function synsUntilGivenUp(knobs: LogHeader['hosts'][number]['knobs']): number[] {
  const base = randomNetwork(1);
  const client = { name: 'client', addresses: ['10.0.0.1'], profile: 'linux', knobs };
  const header: LogHeader = {
    ...base,
    hosts: [client],
    links: [],
    faults: [],
    programs: [{ name: 'c', code: [{ op: 'connect', to: '10.0.0.9', port: 80 }] }],
    apps: [{ host: 'client', program: 'c', at: 0 }],
  };
  const times: number[] = [];
  for (const event of simulate(header)) {
    if (event.ev === 'timer') times.push(Math.round(event.t / 1e6));
  }
  return times;
}

it('a SYN is given up by time too, where the first retransmissions have no back-off', () => {
  expect(synsUntilGivenUp({ syn_retries: 2 })).toEqual([1, 2, 3, 4, 5, 7]);
  expect(synsUntilGivenUp({})).toEqual([1, 2, 3, 4, 5, 7, 11, 19, 35, 67, 131]);
});
