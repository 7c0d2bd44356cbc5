/**
 * Writes the log of an import and folds it as it goes: what our TCP makes of the events so far
 * tells which call or timer must have come before the next packet.
 *
 * Timers that nobody can see expire by themselves where the profile leaves no doubt: the end of
 * TIME-WAIT, an orphan's wait in FIN-WAIT-2, a connection that is given up in silence.
 */

import { createHeap, type Heap, pop, push } from '../../base/heap.ts';
import type { Micros } from '../../base/time.ts';
import { findConn, type HostEdit } from '../../host/edit.ts';
import type { Call, LogEvent } from '../../log/event.ts';
import type { LogHeader } from '../../log/header.ts';
import { givesUp } from '../../tcp/rto.ts';
import { HOSTS_MAX } from '../../tcp/segment.ts';
import type { Tcb, TimeWait } from '../../tcp/tcb.ts';
import { deadlineOf, type TimerName } from '../../tcp/timers.ts';
import { applyEvent } from '../../timeline/evolve.ts';
import { initialState } from '../../timeline/initial.ts';
import { hostOf, openWorld, type World } from '../../timeline/world.ts';

/** Timers that may expire without a segment. */
const SILENT: readonly TimerName[] = ['RETRANSMISSION', 'FIN-WAIT-2', 'TIME-WAIT', 'USER'];

/** An event without its mark; `inferred` is set by whoever writes it. */
type Unmarked = LogEvent extends infer E
  ? E extends LogEvent
    ? Omit<E, 'inferred'>
    : never
  : never;

/** What a host knows of one of its ends. */
export type Who = {
  readonly h: HostEdit;
  /** Number of the connection; 0: none. */
  readonly num: number;
  /** To read only. */
  readonly tcb: Tcb | undefined;
  readonly timeWait: TimeWait | undefined;
};

export type Scribe = {
  readonly world: World;
  readonly events: LogEvent[];
  readonly agenda: Heap;
  /** Whether a connection that is about to be given up is heard of later. */
  heardLater: (host: number, t: Tcb) => boolean;
};

export function createScribe(header: LogHeader): Scribe {
  return {
    world: openWorld(header, initialState(header), false),
    events: [],
    agenda: createHeap(),
    heardLater: () => false,
  };
}

/** Appends an event that was seen. */
export function write(s: Scribe, event: Unmarked): void {
  append(s, event as LogEvent);
}

/** Appends an event that was concluded. */
export function infer(s: Scribe, event: Unmarked): void {
  append(s, { ...event, inferred: true } as LogEvent);
}

function append(s: Scribe, event: LogEvent): void {
  applyEvent(s.world, event);
  s.events.push(event);
  for (const h of s.world.touched) {
    for (const num of h.touched) note(s, h, num);
  }
}

function note(s: Scribe, h: HostEdit, num: number): void {
  const t = h.conns.get(num);
  if (t !== undefined) {
    SILENT.forEach((timer, i) => {
      const due = deadlineOf(t, timer);
      if (due > 0) push(s.agenda, due, keyOf(h.index, num, i));
    });
    return;
  }
  const w = h.timeWaits.get(num);
  if (w !== undefined) push(s.agenda, w.timeWaitAt, keyOf(h.index, num, 2));
}

function keyOf(host: number, num: number, timer: number): number {
  return (num * HOSTS_MAX + host) * SILENT.length + timer;
}

/** Lets the silent timers expire that are due up to `until`. */
export function advance(s: Scribe, until: Micros): void {
  const { agenda } = s;
  while (agenda.size > 0 && (agenda.times[0] as number) <= until) {
    const t = agenda.times[0] as number;
    const key = agenda.keys[0] as number;
    pop(agenda);
    const timer = SILENT[key % SILENT.length] as TimerName;
    const rest = Math.floor(key / SILENT.length);
    const host = rest % HOSTS_MAX;
    const conn = Math.floor(rest / HOSTS_MAX);
    if (!isCertain(s, host, conn, timer, t)) continue;
    infer(s, { t: Math.max(t, s.world.time), ev: 'timer', host, conn, timer });
  }
}

function isCertain(s: Scribe, host: number, conn: number, timer: TimerName, t: Micros): boolean {
  const h = hostOf(s.world, host);
  const tcb = h.conns.get(conn);
  if (tcb === undefined) return timer === 'TIME-WAIT' && h.timeWaits.get(conn)?.timeWaitAt === t;
  if (deadlineOf(tcb, timer) !== t) return false;
  switch (timer) {
    case 'TIME-WAIT':
    case 'FIN-WAIT-2':
      return true;
    case 'RETRANSMISSION':
      return tcb.rtxUse === 'rto' && givesUpAt(s, h, tcb, t) && !s.heardLater(host, tcb);
    default:
      return !s.heardLater(host, tcb);
  }
}

/** Whether our TCP would give the connection up at `t` instead of sending again. */
export function givesUpAt(s: Scribe, h: HostEdit, t: Tcb, now: Micros): boolean {
  return givesUp({ ...s.world.step, knobs: h.knobs, now }, t);
}

export function lookUp(
  s: Scribe,
  host: number,
  local: string,
  localPort: number,
  remote: string,
  remotePort: number,
): Who {
  const h = hostOf(s.world, host);
  const num = Math.max(0, findConn(h, local, localPort, remote, remotePort));
  return { h, num, tcb: h.conns.get(num), timeWait: h.timeWaits.get(num) };
}

/** An inferred call on a connection. */
export function inferCall(s: Scribe, t: Micros, host: number, conn: number, call: Call): void {
  infer(s, { t, ev: 'call', host, conn, process: -1, call });
}

export function inferTimer(
  s: Scribe,
  t: Micros,
  host: number,
  conn: number,
  timer: TimerName,
): void {
  infer(s, { t, ev: 'timer', host, conn, timer });
}
