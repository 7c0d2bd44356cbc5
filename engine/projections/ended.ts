/**
 * The connections that an event has ended without a change of state: a crash forgets all of a
 * host; a CLOSE gives back a connection that is CLOSED already.
 */
import { isSynchronized, type State } from '../tcp/states.ts';
import type { Explained } from '../timeline/timeline.ts';
import { findOn } from './names.ts';

export type Ended = { readonly host: number; readonly conn: number; readonly before: State };

export function endedBy({ event, before, after, effects }: Explained): readonly Ended[] {
  const moved = (host: number, conn: number): boolean =>
    effects.transitions.some((taken) => taken.host === host && taken.conn === conn);
  const out: Ended[] = [];
  const look = (host: number, conn: number): void => {
    const was = before.hosts[host];
    const is = after.hosts[host];
    if (was === undefined || is === undefined || moved(host, conn)) return;
    const found = findOn(was, conn);
    if (found === undefined || findOn(is, conn) !== undefined) return;
    out.push({ host, conn, before: found.state });
  };
  if (event.ev !== 'crash') {
    for (const { host, conn } of effects.touched) look(host, conn);
    return out;
  }
  // Those in TIME-WAIT are forgotten too, although the event does not touch them one by one.
  const was = before.hosts[event.host];
  for (const { num } of was?.conns.values() ?? []) look(event.host, num);
  for (const { num } of was?.timeWaits.values() ?? []) look(event.host, num);
  return out.sort((a, b) => rank(a.before) - rank(b.before));
}

/** Connections before listeners and what is closed. */
function rank(state: State): number {
  return isSynchronized(state) ? 0 : 1;
}
