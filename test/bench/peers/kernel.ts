// The kernel of this machine over loopback, both ends on one core. kernel.cc says what it does.

import { build, type Missing, run } from './native.ts';

export type KernelLoad = {
  readonly concurrent: number;
  readonly connections: number;
};

export type Kernel = { readonly connectionsPerSecond: number };

type Printed = Kernel & { readonly connections: number; readonly bytes: number };

export function kernel({ concurrent, connections }: KernelLoad): Kernel | Missing {
  if (process.platform !== 'linux') return { missing: 'kernel.cc is written for Linux' };
  const built = build('kernel.cc', []);
  if ('missing' in built) return built;
  const printed = run<Printed>(built.program, [concurrent, connections]);
  if ('missing' in printed) return printed;
  if (printed.connections < connections || printed.bytes !== printed.connections * 100) {
    throw new Error(`expected ${connections} connections, found ${JSON.stringify(printed)}`);
  }
  return printed;
}
