/**
 * evolve(snapshot, event): all of TCP, for a whole network (the "evolve" of event sourcing).
 *
 * `applyEvent` is the recipe: it dispatches an event to the layer that declares it, then puts on
 * the way what was sent and moves the processes that may go on. It writes to a world and knows
 * nothing of how large the batch is.
 */
import { unreachable } from '../base/assert.ts';
import { arrive, noteEnd } from '../host/arrive.ts';
import { accept, callOn, open } from '../host/calls.ts';
import { type HostEdit, ownTcb } from '../host/edit.ts';
import { icmpArrives } from '../host/icmp.ts';
import { settle } from '../host/settle.ts';
import { type CallEvent, isAsPlanned, type LogEvent, type TimerEvent } from '../log/event.ts';
import type { LogHeader } from '../log/header.ts';
import type { Outcome } from '../tcp/calls.ts';
import { because, type Step } from '../tcp/step.ts';
import { timerExpired } from '../tcp/timeouts.ts';
import { crash, restart } from './crash.ts';
import { launch, lose, noteArrival } from './delivery.ts';
import type { Effects } from './effects.ts';
import { expectSent } from './expect.ts';
import { observe } from './observe.ts';
import { advanceProcesses, processCalled, wakeProcess } from './processes.ts';
import type { Snapshot } from './snapshot.ts';
import {
  changeLink,
  commit,
  effectsOf,
  hostOf,
  noEffects,
  openWorld,
  type World,
} from './world.ts';

/** Worlds that stand where the last step with their header has led to. */
const STEPPED = new WeakMap<LogHeader, World>();

/** A world at a snapshot. Whoever goes on from his last step finds it open still. */
function worldAt(header: LogHeader, snapshot: Snapshot): World {
  const last = STEPPED.get(header);
  if (last?.base === snapshot) return last;
  const w = openWorld(header, snapshot, true);
  STEPPED.set(header, w);
  return w;
}

/** The next snapshot, and what the event did. */
export function evolve(
  header: LogHeader,
  snapshot: Snapshot,
  event: LogEvent,
): { readonly snapshot: Snapshot; readonly effects: Effects } {
  const w = worldAt(header, snapshot);
  try {
    applyEvent(w, event);
    return { snapshot: commit(w), effects: effectsOf(w) };
  } catch (error) {
    // It stands half way.
    STEPPED.delete(header);
    throw error;
  }
}

/** Folds many events into one snapshot, in batches, without explanations. */
export function foldAll(
  header: LogHeader,
  snapshot: Snapshot,
  events: Iterable<LogEvent>,
  freeze = false,
): Snapshot {
  const w = openWorld(header, snapshot, false);
  for (const event of events) applyEvent(w, event);
  return commit(w, freeze);
}

export function applyEvent(w: World, event: LogEvent): void {
  begin(w, event);
  switch (event.ev) {
    case 'call':
      applyCall(w, event);
      break;
    case 'arrive':
      noteArrival(w, event);
      arrive(at(w, event.host), w.step, event.seg, -1);
      break;
    case 'inject':
      arrive(at(w, event.host), w.step, event.seg, -1);
      break;
    case 'lose':
      lose(w, event.n);
      break;
    case 'timer':
      applyTimer(w, event);
      break;
    case 'wake':
      wakeProcess(w, event.process);
      break;
    case 'knob': {
      const h = at(w, event.host);
      h.knobs = Object.freeze({ ...h.knobs, ...event.knobs });
      break;
    }
    case 'link':
      changeLink(w, event.a, event.b, event.rules);
      break;
    case 'crash':
      crash(w, at(w, event.host));
      break;
    case 'restart':
      restart(w, at(w, event.host));
      break;
    case 'observe':
      observe(w, at(w, event.host), event);
      break;
    case 'icmp':
      icmpArrives(at(w, event.host), w.step, event);
      break;
    default:
      unreachable(event);
  }
  finish(w);
}

/** Clears what is told of one event, and sets the clock. */
function begin(w: World, event: LogEvent): void {
  w.time = event.t;
  w.events += 1;
  const plan = w.header.planned?.[w.planned];
  if (plan !== undefined && isAsPlanned(plan, event)) w.planned += 1;
  const s = w.step;
  s.now = event.t;
  empty(s.sent);
  empty(s.sentBy);
  empty(s.sentAgain);
  empty(s.moves);
  empty(s.corruptions);
  s.retransmissions = 0;
  s.resetsSent = 0;
  empty(w.poked);
  empty(w.launched);
  for (let i = 0; i < w.touched.length; i += 1) {
    const h = w.touched[i] as HostEdit;
    h.recounted = 0;
    empty(h.touched);
  }
  empty(w.touched);
  if (w.effects !== null) {
    w.effects = noEffects();
    s.rules = [];
  }
}

/** Popping keeps the room that the list has; setting its length would have it made anew. */
function empty(list: unknown[]): void {
  while (list.length > 0) list.pop();
}

/** Turns the step to a host: its clock, knobs and key. */
function at(w: World, number: number): HostEdit {
  const h = hostOf(w, number);
  h.dirty = true;
  const s: Step = w.step;
  s.host = number;
  s.knobs = h.knobs;
  s.key = h.base.key;
  s.observed = h.base.observed;
  if (!w.touched.includes(h)) w.touched.push(h);
  return h;
}

function applyCall(w: World, event: CallEvent): void {
  const h = at(w, event.host);
  const outcome = h.up ? dispatchCall(w, h, event) : { value: 0, error: 'ENETUNREACH' as const };
  if (w.effects !== null) {
    w.effects.results.push({
      host: h.index,
      conn: event.conn > 0 ? event.conn : event.call.call === 'OPEN' ? outcome.value : 0,
      value: outcome.value,
      error: outcome.error,
    });
  }
  if (event.process >= 0) processCalled(w, event.process, outcome);
}

function dispatchCall(w: World, h: HostEdit, event: CallEvent): Outcome {
  const s = w.step;
  const { call, conn } = event;
  switch (call.call) {
    case 'OPEN':
      return open(h, s, call, conn, event.process);
    case 'ACCEPT':
      return accept(h, s, conn, event.process);
    default:
      return callOn(h, s, conn, call);
  }
}

function applyTimer(w: World, event: TimerEvent): void {
  const h = at(w, event.host);
  if (h.timeWaits.has(event.conn)) {
    h.touched.push(event.conn);
    if (event.timer !== 'TIME-WAIT') {
      because(w.step, 'timerIdle');
      return;
    }
    because(w.step, 'timeWaitOver');
    noteEnd(h, w.step, event.conn, 'timeWaitOver');
    return;
  }
  if (!h.conns.has(event.conn)) {
    because(w.step, 'timerIdle');
    return;
  }
  const t = ownTcb(h, event.conn);
  timerExpired(w.step, t, event.timer);
  settle(h, w.step, t);
}

/** After the layers: segments go on their way, processes go on, effects are noted. */
function finish(w: World): void {
  const s = w.step;
  const h = w.touched[0];
  if (h !== undefined) {
    h.totals.retransmissions += s.retransmissions;
    if (h.base.observed) {
      expectSent(w, h);
    } else {
      h.totals.resetsSent += s.resetsSent;
      if (s.sent.length > 0) launch(w, h);
    }
  }
  if (w.effects !== null) noteTransitions(w);
  advanceProcesses(w);
}

function noteTransitions(w: World): void {
  const e = w.effects as NonNullable<World['effects']>;
  if (w.step.moves.length === 0 && w.step.corruptions.length === 0) return;
  const host = w.step.host;
  const seen = new Map<number, World['step']['moves']>();
  for (const move of w.step.moves) {
    const path = seen.get(move.tcb.num);
    if (path === undefined) seen.set(move.tcb.num, [move]);
    else path.push(move);
  }
  for (const [conn, path] of seen) {
    const first = path[0] as (typeof path)[number];
    const last = path[path.length - 1] as (typeof path)[number];
    e.transitions.push({
      host,
      conn,
      before: first.from,
      via: path.slice(0, -1).map((move) => move.to),
      after: last.to,
      rule: last.rule,
    });
  }
  for (const c of w.step.corruptions) e.corruptions.push({ host, ...c });
}
