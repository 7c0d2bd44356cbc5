/**
 * After the TCP code has run: counters follow the moves, what is over leaves the tables, what
 * entered TIME-WAIT shrinks, listeners learn of their children.
 */
import { timeWaitOf } from '../tcp/clone.ts';
import { endConnection, type Move, type Step } from '../tcp/step.ts';
import type { Tcb } from '../tcp/tcb.ts';
import { countState, type HostEdit, ownTcb, unindexConn } from './edit.ts';
import { listen, unlisten } from './listeners.ts';

/** Brings the host in line with what the step did to one connection. */
export function settle(h: HostEdit, s: Step, t: Tcb): void {
  h.touched.push(t.num);
  let settled = 0;
  while (settled < s.moves.length) {
    const move = s.moves[settled] as Move;
    settled += 1;
    if (move.tcb === t) follow(h, s, move);
  }
  if (t.state === 'CLOSED' && !t.held) forget(h, t);
  else if (t.state === 'TIME-WAIT' && !t.held) shrink(h, t);
}

function follow(h: HostEdit, s: Step, { tcb: t, from, to, rule }: Move): void {
  countState(h, from, -1);
  countState(h, to, 1);
  const wasHalfOpen = from === 'SYN-RECEIVED' && t.listener > 0;
  if (wasHalfOpen) {
    leaveSynQueue(h, t);
    // Nobody has seen it yet, so nobody will close it.
    if (to === 'CLOSED') t.held = false;
  }
  switch (to) {
    case 'ESTABLISHED':
      h.totals.established += 1;
      if (wasHalfOpen) joinAcceptQueue(h, t);
      break;
    case 'TIME-WAIT':
      checkRoom(h, s, t);
      break;
    case 'CLOSED':
      release(h, t, from);
      if (from !== 'CLOSED' && !wasHalfOpen) countError(h, t, rule);
      break;
    case 'LISTEN':
      if (from === 'SYN-RECEIVED') leavePeer(h, t);
      break;
    default:
  }
}

/** TIME-WAIT beyond the host's room is skipped (Linux tcp_max_tw_buckets). */
function checkRoom(h: HostEdit, s: Step, t: Tcb): void {
  const most = h.knobs.tw_buckets_max;
  if (most === 0 || (h.states[10] as number) <= most) return;
  h.totals.timeWaitOverflow += 1;
  endConnection(s, t, '', 'timeWaitFull');
}

/** The 4-tuple or the listening port is free again. */
function release(h: HostEdit, t: Tcb, from: Tcb['state']): void {
  if (from === 'CLOSED') return;
  h.totals.ended += 1;
  if (from === 'LISTEN') unlisten(h.listeners, t.local, t.localPort, t.num);
  else unindexConn(h, t);
}

function countError(h: HostEdit, t: Tcb, rule: Move['rule']): void {
  if (t.error === 'ECONNREFUSED') h.totals.refused += 1;
  else if (t.error === 'ECONNRESET') h.totals.reset += 1;
  // Nobody is told of an orphan, but what it had still to send is lost all the same.
  else if (t.error === 'ETIMEDOUT' || rule === 'gaveUp') h.totals.timedOut += 1;
}

/** A passive OPEN that went back to LISTEN has the sockets again that it named. */
function leavePeer(h: HostEdit, t: Tcb): void {
  unindexConn(h, t);
  t.local = t.openedOn;
  if (!t.awaits) {
    t.remote = '';
    t.remotePort = 0;
  }
  listen(h.listeners, t.local, t.localPort, t.num);
}

function leaveSynQueue(h: HostEdit, t: Tcb): void {
  if (h.conns.has(t.listener)) ownTcb(h, t.listener).synQueue -= 1;
}

function joinAcceptQueue(h: HostEdit, t: Tcb): void {
  if (!h.conns.has(t.listener)) return;
  const listener = ownTcb(h, t.listener);
  listener.acceptQueue = [...listener.acceptQueue, t.num];
  h.touched.push(listener.num);
}

/** CLOSED and nobody holds it: the TCB is deleted. */
function forget(h: HostEdit, t: Tcb): void {
  if (!h.conns.has(t.num)) return;
  countState(h, 'CLOSED', -1);
  leaveAcceptQueue(h, t);
  h.conns.delete(t.num);
}

/** What is gone before it was accepted cannot be accepted any more. */
function leaveAcceptQueue(h: HostEdit, t: Tcb): void {
  const listener = t.listener > 0 ? h.conns.get(t.listener) : undefined;
  if (!listener?.acceptQueue.includes(t.num)) return;
  const own = ownTcb(h, t.listener);
  own.acceptQueue = own.acceptQueue.filter((num) => num !== t.num);
}

/** TIME-WAIT and nobody holds it: the small record takes over. */
function shrink(h: HostEdit, t: Tcb): void {
  if (!h.conns.has(t.num)) return;
  leaveAcceptQueue(h, t);
  h.conns.delete(t.num);
  h.timeWaits.set(t.num, timeWaitOf(t));
}

/** Ends a small TIME-WAIT record. */
export function endTimeWait(h: HostEdit, num: number): void {
  const w = h.timeWaits.get(num);
  if (w === undefined) return;
  unindexConn(h, w);
  countState(h, 'TIME-WAIT', -1);
  h.totals.ended += 1;
  h.timeWaits.delete(num);
  h.touched.push(num);
}

/** Puts a new connection into the tables, in CLOSED. */
export function admit(h: HostEdit, t: Tcb): void {
  h.conns.set(t.num, t);
  countState(h, t.state, 1);
  h.totals.opened += 1;
}
