/**
 * In the recording c_simultaneous_open both kernels answer the SYN,ACK that crosses theirs by an
 * ACK, though its ACK has just established the connection. Our linux profile did not; RFC 9293 §3.5
 * Figure 7 does without.
 */
import { expect, it } from 'vitest';
import type { LogHeader } from '../../engine/log/header.ts';
import { simulate } from '../../engine/simulation/simulate.ts';
import { flagsText } from '../../engine/tcp/segment.ts';
import { randomNetwork } from '../engine/timeline/network.ts';

function segments(profile: string): string[] {
  const base = randomNetwork(1);
  const host = (name: string, address: string) => ({
    name,
    addresses: [address],
    profile,
    knobs: {},
  });
  const header: LogHeader = {
    ...base,
    hosts: [host('a', '10.0.0.1'), host('b', '10.0.0.2')],
    links: [],
    faults: [],
    defaultLink: {
      delay: 50_000,
      jitter: 0,
      loss: 0,
      duplicate: 0,
      reorder: 0,
      reorderDelay: 0,
    },
    programs: [
      {
        name: 'a',
        code: [
          { op: 'connect', to: '10.0.0.2', port: 80, from: 70 },
          { op: 'wait', us: 1e6 },
        ],
      },
      {
        name: 'b',
        code: [
          { op: 'connect', to: '10.0.0.1', port: 70, from: 80 },
          { op: 'wait', us: 1e6 },
        ],
      },
    ],
    apps: [
      { host: 'a', program: 'a', at: 0 },
      { host: 'b', program: 'b', at: 0 },
    ],
  };
  const seen: string[] = [];
  for (const event of simulate(header, { until: 900_000 })) {
    if (event.ev === 'arrive') seen.push(flagsText(event.seg.flags));
  }
  return seen;
}

it('a crossing SYN,ACK is acknowledged by Linux, and needs not be', () => {
  expect(segments('rfc9293')).toEqual(['S', 'S', 'S.', 'S.']);
  expect(segments('linux')).toEqual(['S', 'S', 'S.', 'S.', '.', '.']);
});
