// The kernel of this machine over loopback, both ends on one core. kernel.cc says what it does.

import { build, type Missing, run } from './native.ts';

export type KernelLoad = {
  readonly concurrent: number;
  /** Connections of a round. */
  readonly each: number;
  readonly rounds: number;
};

type Printed = {
  readonly connectionsPerSecond: readonly number[];
  readonly connections: number;
  readonly bytes: number;
};

export type Kernel = {
  /** Of each round. */
  readonly connectionsPerSecond: readonly number[];
};

export function kernel({ concurrent, each, rounds }: KernelLoad): Kernel | Missing {
  if (process.platform !== 'linux') return { missing: 'kernel.cc is written for Linux' };
  const built = build('kernel.cc', []);
  if ('missing' in built) return built;
  const printed = run<Printed>(built.program, [concurrent, each, rounds]);
  if ('missing' in printed) return printed;
  const { connections, bytes } = printed;
  if (connections < each * rounds || bytes !== connections * 100) {
    throw new Error(`expected ${each * rounds} connections, found ${JSON.stringify(printed)}`);
  }
  return printed;
}
