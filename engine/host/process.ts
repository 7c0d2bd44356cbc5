/**
 * Processes: where each running program stands, and what it would call next.
 *
 * `wants` is a pure reading of the snapshot, so a simulation can be taken up anywhere. `called` and
 * `settleProcess` move the process on inside the fold: after its own calls, and when what it waits
 * for has come. After an error all is skipped up to the next close, abort, wait or loop end.
 */
import type { Micros } from '../base/time.ts';
import type { Outcome } from '../tcp/calls.ts';
import type { SocketOptions, Tcb } from '../tcp/tcb.ts';
import type { Process } from './host.ts';
import type { Instruction, Program } from './program.ts';

/** What a process wants to call; hosts of `to` are names still. */
export type Wish =
  | { readonly call: 'OPEN'; readonly instruction: Instruction }
  | { readonly call: 'ACCEPT'; readonly conn: number }
  | { readonly call: 'SEND'; readonly bytes: number; readonly urgent: boolean }
  | { readonly call: 'RECEIVE'; readonly bytes: number }
  | { readonly call: 'CLOSE'; readonly how: 'write' | 'both' }
  | { readonly call: 'ABORT' }
  | { readonly call: 'SET'; readonly options: Partial<SocketOptions> };

/** Processes to start, as the fold of an instruction demands. */
export type Spawn = { readonly program: string; readonly conn: number };

export type ProcessView = {
  readonly programs: readonly Program[];
  /** The connection of a process; undefined: gone. */
  readonly tcbOf: (host: number, conn: number) => Tcb | undefined;
};

export function createProcess(
  id: number,
  host: number,
  program: number,
  conn: number,
  at: Micros,
): Process {
  return {
    id,
    host,
    program,
    pc: 0,
    conn,
    listener: 0,
    round: 0,
    pending: -1,
    wakeAt: at,
    error: '',
  };
}

export function cloneProcess(p: Process): Process {
  return {
    id: p.id,
    host: p.host,
    program: p.program,
    pc: p.pc,
    conn: p.conn,
    listener: p.listener,
    round: p.round,
    pending: p.pending,
    wakeAt: p.wakeAt,
    error: p.error,
  };
}

export function instructionOf(view: ProcessView, p: Process): Instruction | undefined {
  return view.programs[p.program]?.code[p.pc];
}

const ANY = 2 ** 31;

/** Wishes that are always the same are made once: they are asked for at every turn. */
const CLOSE: Wish = Object.freeze({ call: 'CLOSE', how: 'both' });
const SHUTDOWN: Wish = Object.freeze({ call: 'CLOSE', how: 'write' });
const ABORT: Wish = Object.freeze({ call: 'ABORT' });
const RECEIVE_ALL: Wish = Object.freeze({ call: 'RECEIVE', bytes: ANY });

/** The call that the process would make now; null: it waits. */
export function wants(view: ProcessView, p: Process): Wish | null {
  if (p.wakeAt > 0) return null;
  const i = instructionOf(view, p);
  if (i === undefined) return null;
  switch (i.op) {
    case 'connect':
    case 'open_passive':
      return p.conn === 0 ? { call: 'OPEN', instruction: i } : null;
    case 'listen':
      return { call: 'OPEN', instruction: i };
    case 'serve':
    case 'accept': {
      const listener = view.tcbOf(p.host, p.listener);
      if (listener === undefined || listener.acceptQueue.length === 0) return null;
      return { call: 'ACCEPT', conn: p.listener };
    }
    case 'close':
      return CLOSE;
    case 'shutdown':
      return SHUTDOWN;
    case 'abort':
      return ABORT;
    case 'set':
      return { call: 'SET', options: i.options as Partial<SocketOptions> };
    default:
      return wantsText(view, p, i);
  }
}

function wantsText(view: ProcessView, p: Process, i: Instruction): Wish | null {
  const t = view.tcbOf(p.host, p.conn);
  if (t === undefined) return null;
  const unread = t.rcvText - t.rcvRead;
  const ended = t.finRcvd || t.state === 'CLOSED' || t.error !== '';
  switch (i.op) {
    case 'send': {
      const left = p.pending < 0 ? i.bytes : p.pending;
      const room = t.sndBuf - (t.textEnd - t.textUna);
      if (room <= 0 && t.state !== 'CLOSED') return null;
      return { call: 'SEND', bytes: left, urgent: i.urgent === true };
    }
    case 'receive': {
      const left = p.pending < 0 ? i.bytes : p.pending;
      return unread > 0 || ended ? { call: 'RECEIVE', bytes: left } : null;
    }
    case 'receive_end':
      return unread > 0 || ended ? RECEIVE_ALL : null;
    default:
      return null;
  }
}

/** The process has made its call: it moves on as far as the outcome lets it. */
export function called(
  view: ProcessView,
  p: Process,
  outcome: Outcome,
  now: Micros,
  spawns: Spawn[],
): void {
  const i = instructionOf(view, p);
  if (i === undefined) return;
  if (outcome.error !== '' && outcome.error !== 'EAGAIN') p.error = outcome.error;
  switch (i.op) {
    case 'connect':
    case 'open_passive':
      p.conn = outcome.value;
      if (outcome.error !== '' || (i.op === 'connect' && i.nowait)) next(p);
      break;
    case 'listen':
      p.listener = outcome.value;
      next(p);
      break;
    case 'accept':
      p.conn = outcome.value;
      next(p);
      break;
    case 'serve':
      if (outcome.error === '') spawns.push({ program: i.program, conn: outcome.value });
      break;
    case 'send':
      count(p, i.bytes, outcome.value);
      break;
    case 'receive':
      if (outcome.value === 0 && outcome.error !== 'EAGAIN') next(p);
      else count(p, i.bytes, outcome.value);
      break;
    case 'receive_end':
      if (outcome.value === 0 && outcome.error !== 'EAGAIN') next(p);
      break;
    case 'close':
    case 'abort':
      if (p.conn === 0) p.listener = 0;
      p.conn = 0;
      p.error = '';
      next(p);
      break;
    default:
      next(p);
  }
  settleProcess(view, p, now, spawns);
}

function next(p: Process): void {
  p.pc += 1;
  p.pending = -1;
}

function count(p: Process, whole: number, done: number): void {
  p.pending = (p.pending < 0 ? whole : p.pending) - done;
  if (p.pending <= 0 || p.error !== '') next(p);
}

/** Moves on over all that needs no call: waits that are over, loops, starts of processes. */
export function settleProcess(view: ProcessView, p: Process, now: Micros, spawns: Spawn[]): void {
  for (;;) {
    if (p.wakeAt > now) return;
    const i = instructionOf(view, p);
    if (i === undefined || !settleOne(view, p, i, now, spawns)) return;
  }
}

/** One instruction. False: the process stays here. */
function settleOne(
  view: ProcessView,
  p: Process,
  i: Instruction,
  now: Micros,
  spawns: Spawn[],
): boolean {
  switch (i.op) {
    case 'connect':
    case 'open_passive':
      return settleOpen(view, p);
    case 'wait':
      return settleWait(p, now, now + i.us);
    case 'until':
      return settleWait(p, now, i.at);
    case 'spawn':
      return settleSpawn(p, i, now, spawns);
    case 'repeat':
      p.round += 1;
      if (p.round < i.times) p.pc = i.to;
      else {
        p.round = 0;
        next(p);
      }
      p.error = '';
      return true;
    case 'send':
    case 'receive':
    case 'receive_end':
    case 'shutdown':
    case 'set':
      return skipAfterError(p);
    case 'close':
    case 'abort':
      // Nothing is open: EADDRNOTAVAIL left no connection.
      if (p.conn !== 0 || p.listener !== 0) return false;
      p.error = '';
      next(p);
      return true;
    case 'listen':
    case 'serve':
    case 'accept':
      return false;
  }
}

function skipAfterError(p: Process): boolean {
  if (p.error === '' && p.conn !== 0) return false;
  next(p);
  return true;
}

/** An OPEN that waits goes on when the connection is ESTABLISHED, or has failed. */
function settleOpen(view: ProcessView, p: Process): boolean {
  if (p.conn === 0) return false;
  const t = view.tcbOf(p.host, p.conn);
  if (t === undefined || t.state === 'CLOSED') {
    p.error = t === undefined || t.error === '' ? 'ECONNABORTED' : t.error;
    if (t === undefined) p.conn = 0;
    next(p);
    return true;
  }
  if (t.state === 'SYN-SENT' || t.state === 'SYN-RECEIVED' || t.state === 'LISTEN') return false;
  next(p);
  return true;
}

/** The time a process waited for has come. */
export function wake(view: ProcessView, p: Process, now: Micros, spawns: Spawn[]): void {
  p.wakeAt = 0;
  settleProcess(view, p, now, spawns);
}

/** `pending` 0 marks a wait that has begun. */
function settleWait(p: Process, now: Micros, until: Micros): boolean {
  if (p.pending < 0 && until > now) {
    p.pending = 0;
    p.wakeAt = until;
    return false;
  }
  next(p);
  return true;
}

function settleSpawn(
  p: Process,
  i: Extract<Instruction, { op: 'spawn' }>,
  now: Micros,
  spawns: Spawn[],
): boolean {
  if (p.pending < 0) p.pending = i.times;
  do {
    if (p.pending === 0) break;
    spawns.push({ program: i.program, conn: 0 });
    p.pending -= 1;
  } while (i.every === 0);
  if (p.pending === 0) {
    next(p);
    return true;
  }
  p.wakeAt = now + i.every;
  return false;
}
