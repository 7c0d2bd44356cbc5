/**
 * States in which nothing moves by itself: no segment is on its way, no timer runs. Who is waited
 * for?
 */
import type { State } from '../tcp/states.ts';
import { deadlineOf, TIMERS } from '../tcp/timers.ts';
import { HOSTS } from './bounds.ts';
import { liveConns, type Node, type Side, stateOfSide, timeWaits } from './node.ts';

export type Rest = {
  /**
   * `closed`: nothing is left; `held`: applications hold what there is; `half-open`: a connection
   * whose other side is gone; `stuck`: nobody can move it.
   */
  readonly kind: 'closed' | 'held' | 'half-open' | 'stuck';
  /** By whom, or which. */
  readonly who: string;
};

/** Nothing in flight, no timer. */
export function isQuiet(node: Node): boolean {
  if (node.flights.length > 0) return false;
  return node.snapshot.hosts.every(
    (side) =>
      timeWaits(side).length === 0 &&
      liveConns(side).every((t) => TIMERS.every((timer) => deadlineOf(t, timer) === 0)),
  );
}

type Verdict = { readonly kind: 'held' | 'half-open' | 'stuck'; readonly by: number };

/** Who can move a connection in `state` whose other side is in `other`. */
function verdict(host: number, state: State, other: State): Verdict {
  const held = (by: number): Verdict => ({ kind: 'held', by });
  const alone: Verdict = { kind: 'half-open', by: host };
  switch (state) {
    case 'LISTEN':
      return held(host);
    case 'ESTABLISHED':
      return other === 'ESTABLISHED' ? held(host) : alone;
    case 'CLOSE-WAIT':
      return other === 'FIN-WAIT-2' ? held(host) : alone;
    case 'FIN-WAIT-2':
      return other === 'CLOSE-WAIT' ? held(1 - host) : alone;
    default:
      return { kind: 'stuck', by: host };
  }
}

/** What a state at rest is; null: something moves. */
export function restOf(node: Node): Rest | null {
  if (!isQuiet(node)) return null;
  const states = node.snapshot.hosts.map(stateOfSide) as [State, State];
  const verdicts: Verdict[] = [];
  for (let host = 0; host < 2; host += 1) {
    for (const t of liveConns(node.snapshot.hosts[host] as Side)) {
      verdicts.push(verdict(host, t.state, states[1 - host] as State));
    }
  }
  const pair = `A ${states[0]}, B ${states[1]}`;
  for (const kind of ['stuck', 'half-open'] as const) {
    if (verdicts.some((v) => v.kind === kind)) return { kind, who: pair };
  }
  if (verdicts.length === 0) return { kind: 'closed', who: pair };
  const holders = HOSTS.filter((_, host) => verdicts.some((v) => v.by === host));
  return { kind: 'held', who: holders.join(' and ') };
}
