/**
 * Small random networks for properties of the fold: two hosts, one exchange, a link with faults.
 */
import { hash32 } from '../../../engine/base/random.ts';
import type { Instruction } from '../../../engine/host/program.ts';
import { FORMAT_VERSION, type LogHeader, SEMANTICS_VERSION } from '../../../engine/log/header.ts';
import { PROFILES } from '../../../engine/tcp/profiles.ts';

const STACKS = Object.keys(PROFILES).filter((name) => name !== 'berkeley');

function pick<T>(seed: number, purpose: number, of: readonly T[]): T {
  return of[hash32(seed, purpose) % of.length] as T;
}

/** The header of a network drawn from a seed. */
export function randomNetwork(seed: number): LogHeader {
  const bytes = pick(seed, 1, [1, 100, 1460, 5000, 60_000]);
  const back = pick(seed, 2, [1, 100, 3000, 20_000]);
  const ends: readonly (readonly Instruction[])[] = [
    [{ op: 'close' }],
    [{ op: 'shutdown' }, { op: 'receive_end' }, { op: 'close' }],
    [{ op: 'abort' }],
    [{ op: 'wait', us: 200_000 }, { op: 'close' }],
  ];
  const lossy = hash32(seed, 3) % 2 === 1;
  return {
    format: 'twomsl',
    version: FORMAT_VERSION,
    semantics: SEMANTICS_VERSION,
    id: 'random',
    title: 'a random network',
    about: '',
    seed,
    source: { kind: 'simulation', scenario: 'random' },
    hosts: [
      { name: 'a', addresses: ['10.0.0.1'], profile: pick(seed, 4, STACKS), knobs: {} },
      { name: 'b', addresses: ['fd00::2', '10.0.0.2'], profile: pick(seed, 5, STACKS), knobs: {} },
    ],
    links: [],
    defaultLink: {
      delay: 1_000 + (hash32(seed, 6) % 50_000),
      jitter: lossy ? 20_000 : 0,
      loss: lossy ? 0.1 : 0,
      duplicate: lossy ? 0.05 : 0,
      reorder: lossy ? 0.05 : 0,
      reorderDelay: 30_000,
    },
    faults: [],
    programs: [
      {
        name: 'client',
        code: [
          { op: 'connect', to: '10.0.0.2', port: 80 },
          { op: 'send', bytes },
          { op: 'receive', bytes: back },
          ...pick(seed, 7, ends),
        ],
      },
      {
        name: 'server',
        code: [
          { op: 'listen', port: 80, backlog: 4 },
          { op: 'serve', program: 'handler' },
        ],
      },
      {
        name: 'handler',
        code: [{ op: 'receive', bytes }, { op: 'send', bytes: back }, ...pick(seed, 8, ends)],
      },
    ],
    apps: [
      { host: 'b', program: 'server', at: 0 },
      { host: 'a', program: 'client', at: 10_000 },
      { host: 'a', program: 'client', at: 30_000 },
    ],
  };
}
