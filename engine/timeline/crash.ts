/**
 * A host crashes: all its connections are forgotten (RFC 9293 §3.5.1); restart: quiet time
 * (§3.4.3).
 */
import { HashIndex } from '../base/hash-index.ts';
import { Table } from '../base/table.ts';
import type { HostEdit } from '../host/edit.ts';
import type { Process } from '../host/host.ts';
import { unlistenAll } from '../host/listeners.ts';
import { STATES } from '../tcp/states.ts';
import { because } from '../tcp/step.ts';
import type { Tcb, TimeWait } from '../tcp/tcb.ts';
import type { World } from './world.ts';

const EVERY_STATE = (1 << STATES.length) - 1;

export function crash(w: World, h: HostEdit): void {
  because(w.step, 'crashed');
  h.up = false;
  h.touched.push(...h.conns.done().ids(), ...h.timeWaits.done().ids());
  h.conns = Table.empty<Tcb>().edit();
  h.timeWaits = Table.empty<TimeWait>().edit();
  h.demux = HashIndex.empty().edit();
  unlistenAll(h.listeners);
  h.groups = new Map();
  h.nearGroup = undefined;
  h.states = STATES.map(() => 0);
  h.recounted = EVERY_STATE;
  for (const [id, p] of w.processes.done().entries()) {
    if (p.host === h.index && !isToStart(p)) w.processes.delete(id);
  }
}

/** A program that starts later is not running yet: the crash does not reach it. */
function isToStart(p: Process): boolean {
  return p.pc === 0 && p.pending < 0 && p.conn === 0 && p.listener === 0 && p.wakeAt > 0;
}

export function restart(w: World, h: HostEdit): void {
  h.up = true;
  // A program whose start fell into the outage starts now.
  for (const [id, p] of w.processes.done().entries()) if (p.host === h.index) w.poked.push(id);
  if (h.knobs.quiet_time_ms > 0) {
    because(w.step, 'quietTime');
    h.quietUntil = w.time + h.knobs.quiet_time_ms * 1000;
  }
}
