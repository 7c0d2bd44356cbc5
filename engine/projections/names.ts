/** How hosts and connections are called on a screen: `client`, `client#1`. */
import type { Micros } from '../base/time.ts';
import type { Host } from '../host/host.ts';
import type { State } from '../tcp/states.ts';
import type { Tcb, TimeWait } from '../tcp/tcb.ts';
import { deadlineOf, TIMERS, type TimerName } from '../tcp/timers.ts';
import type { Snapshot } from '../timeline/snapshot.ts';

type Named = { readonly hosts: readonly { readonly name: string }[] };

export function hostName(of: Named, host: number): string {
  return of.hosts[host]?.name ?? `host ${host}`;
}

/** `client#1`; the host alone where no connection is meant. */
export function connName(of: Named, host: number, conn: number): string {
  return conn > 0 ? `${hostName(of, host)}#${conn}` : hostName(of, host);
}

/** A connection of a snapshot, whichever of the two records holds it. */
export type Found =
  | { readonly kind: 'tcb'; readonly state: State; readonly tcb: Tcb }
  | { readonly kind: 'time-wait'; readonly state: 'TIME-WAIT'; readonly tcb: TimeWait };

export function findConn(snapshot: Snapshot, host: number, conn: number): Found | undefined {
  const on = snapshot.hosts[host];
  return on === undefined ? undefined : findOn(on, conn);
}

export function findOn(host: Host, conn: number): Found | undefined {
  const tcb = host.conns.get(conn);
  if (tcb !== undefined) return { kind: 'tcb', state: tcb.state, tcb };
  const record = host.timeWaits.get(conn);
  if (record !== undefined) return { kind: 'time-wait', state: 'TIME-WAIT', tcb: record };
  return undefined;
}

export function stateOf(snapshot: Snapshot, host: number, conn: number): State {
  return findConn(snapshot, host, conn)?.state ?? 'CLOSED';
}

export type RunningTimer = { readonly timer: TimerName; readonly at: Micros };

/** The timers that run, in the order of their names. */
export function timersOf(found: Found | undefined): readonly RunningTimer[] {
  if (found === undefined) return [];
  if (found.kind === 'time-wait') return [{ timer: 'TIME-WAIT', at: found.tcb.timeWaitAt }];
  const { tcb } = found;
  return TIMERS.map((timer) => ({ timer, at: deadlineOf(tcb, timer) })).filter(({ at }) => at > 0);
}

/** The timer that expires first. */
export function nextTimer(found: Found | undefined): RunningTimer | undefined {
  let first: RunningTimer | undefined;
  for (const running of timersOf(found)) {
    if (first === undefined || running.at < first.at) first = running;
  }
  return first;
}
