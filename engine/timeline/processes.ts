/** Processes in the fold: after their calls, when woken, and when their connection has moved. */
import { ownTcb } from '../host/edit.ts';
import {
  called,
  cloneProcess,
  createProcess,
  instructionOf,
  settleProcess,
  wake,
} from '../host/process.ts';
import type { Outcome } from '../tcp/calls.ts';
import type { World } from './world.ts';

export function processCalled(w: World, id: number, outcome: Outcome): void {
  if (!w.processes.has(id)) return;
  const p = w.processes.own(id, cloneProcess);
  called(w.view, p, outcome, w.time, w.spawns);
  after(w, id);
}

export function wakeProcess(w: World, id: number): void {
  if (!w.processes.has(id)) return;
  wake(w.view, w.processes.own(id, cloneProcess), w.time, w.spawns);
  after(w, id);
}

/** A process that has come to its end is gone; one that spawned has started others. */
function after(w: World, id: number): void {
  w.poked.push(id);
  const p = w.processes.get(id);
  if (p === undefined) return;
  const { host } = p;
  if (instructionOf(w.view, p) === undefined && p.wakeAt === 0) w.processes.delete(id);
  if (w.spawns.length === 0) return;
  const { spawns } = w;
  w.spawns = [];
  for (const spawn of spawns) {
    const program = w.programNumber.get(spawn.program) as number;
    const child = createProcess(w.nextProcess, host, program, spawn.conn, 0);
    w.nextProcess += 1;
    w.processes.set(child.id, child);
    if (spawn.conn > 0) adopt(w, host, spawn.conn, child.id);
    settleProcess(w.view, child, w.time, w.spawns);
    after(w, child.id);
  }
}

/** The accepted connection belongs to the process that serves it. */
function adopt(w: World, host: number, conn: number, process: number): void {
  const h = w.hosts[host];
  if (!h?.conns.has(conn)) return;
  h.dirty = true;
  ownTcb(h, conn).process = process;
}

/** Processes whose connections were touched may go on. */
export function advanceProcesses(w: World): void {
  for (const h of w.touched) {
    for (const num of h.touched) {
      const id = h.conns.get(num)?.process ?? -1;
      const p = id < 0 ? undefined : w.processes.get(id);
      if (p === undefined || w.poked.includes(id)) continue;
      const op = instructionOf(w.view, p)?.op;
      if (op === 'connect' || op === 'open_passive') {
        settleProcess(w.view, w.processes.own(id, cloneProcess), w.time, w.spawns);
        after(w, id);
      } else w.poked.push(id);
    }
  }
}
