// ns-3, where its library is installed (in Debian: libns3-dev). ns3.cc says what it does.

import { build, type Missing, run } from './native.ts';

const LIBRARIES = ['ns3-internet', 'ns3-point-to-point', 'ns3-network', 'ns3-core'];

export type Ns3Load = {
  /** Starts a second of virtual time. */
  readonly rate: number;
  readonly delayMs: number;
  readonly timeWaitMs: number;
  /** Connections before those that are timed. */
  readonly before: number;
  readonly timed: number;
};

type Printed = Ns3 & {
  readonly connections: number;
  readonly served: number;
  readonly serverClosed: number;
  readonly bytes: number;
  readonly failed: number;
};

export type Ns3 = {
  /** By the clock on the wall. */
  readonly connectionsPerSecond: number;
  /** By the time that the process was given. */
  readonly perProcessorSecond: number;
  /** The most that lingered in TIME-WAIT at a time. */
  readonly timeWaitMost: number;
};

export function ns3(load: Ns3Load): Ns3 | Missing {
  const { rate, delayMs, timeWaitMs, before, timed } = load;
  const built = build('ns3.cc', LIBRARIES);
  if ('missing' in built) return built;
  const printed = run<Printed>(built.program, [rate, delayMs, timeWaitMs, before, timed]);
  if ('missing' in printed) return printed;
  // A peer that did less than was asked would look faster than it is.
  const wanted = before + timed;
  const { connections, served, serverClosed, bytes, failed } = printed;
  const whole = [connections, served, serverClosed, bytes / 100].every((n) => n === wanted);
  if (!whole || failed > 0) {
    throw new Error(`ns-3: expected ${wanted} connections, found ${JSON.stringify(printed)}`);
  }
  return printed;
}
