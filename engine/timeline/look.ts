/**
 * Looking at every event of a log without a snapshot for each: the bulk fold, with effects.
 *
 * What an event did is told, and the connections that it touched can be read where they stand. The
 * immutable snapshot is made when it is asked for.
 */
import type { LogEvent } from '../log/event.ts';
import type { LogHeader } from '../log/header.ts';
import type { Tcb } from '../tcp/tcb.ts';
import type { Effects } from './effects.ts';
import { applyEvent } from './evolve.ts';
import { initialState } from './initial.ts';
import { checkTcb } from './invariants.ts';
import type { Snapshot } from './snapshot.ts';
import { commit, effectsOf, hostOf, openWorld } from './world.ts';

export type Look = {
  /** Folds the next event and tells what it did. */
  apply(event: LogEvent): Effects;
  /** Connections of a host now in each state, by position in STATES. */
  states(host: number): readonly number[];
  /** A connection as it stands, to read only; undefined: gone, or a TIME-WAIT record. */
  tcb(host: number, conn: number): Tcb | undefined;
  /** The invariants that the connections touched by the last event break. */
  broken(effects: Effects): readonly string[];
  snapshot(): Snapshot;
};

export function lookThrough(header: LogHeader, from: Snapshot = initialState(header)): Look {
  const w = openWorld(header, from, true);
  const tcb = (host: number, conn: number) => hostOf(w, host).conns.get(conn);
  return {
    apply(event) {
      applyEvent(w, event);
      return effectsOf(w);
    },
    states: (host) => hostOf(w, host).states,
    tcb,
    broken: (effects) =>
      effects.touched.flatMap(({ host, conn }) => {
        const t = tcb(host, conn);
        return t === undefined ? [] : checkTcb(t, hostOf(w, host).base);
      }),
    snapshot: () => commit(w),
  };
}
