/** Connections by state, per host and in all. The hosts keep the numbers: none is counted here. */
import { STATES, type State, stateNumber } from '../tcp/states.ts';
import type { Snapshot } from '../timeline/snapshot.ts';

export type StateCount = {
  readonly state: State;
  readonly total: number;
  /** In the order of the snapshot's hosts. */
  readonly byHost: readonly number[];
};

/** All eleven states in the order of the RFC. */
export function countStates(snapshot: Snapshot): readonly StateCount[] {
  return STATES.map((state, i) => {
    const byHost = snapshot.hosts.map((host) => host.states[i] ?? 0);
    return { state, total: byHost.reduce((sum, count) => sum + count, 0), byHost };
  });
}

/** Connections in one state on a host; on all hosts where `host` is -1. */
export function countState(snapshot: Snapshot, state: State, host = -1): number {
  const at = stateNumber(state);
  if (host >= 0) return snapshot.hosts[host]?.states[at] ?? 0;
  let total = 0;
  for (const { states } of snapshot.hosts) total += states[at] ?? 0;
  return total;
}

/** Whether two snapshots count the same connections in the same states. */
export function sameCounts(a: Snapshot, b: Snapshot): boolean {
  return a.hosts.every((host, i) => {
    const other = b.hosts[i];
    if (other === undefined || host.states === other.states) return other !== undefined;
    return host.states.every((count, state) => count === other.states[state]);
  });
}
