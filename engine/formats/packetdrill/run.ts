/**
 * The runner: a script against the engine's TCP, on the virtual clock, so that waiting is free.
 *
 * The clock runs to the time of a call, a segment that arrives or a command; timers that are due by
 * then fire first. What the stack sends waits in a queue, of which each `>` takes the oldest, or
 * runs the clock until one comes or it is too late. What is still queued at the end is not looked
 * at.
 */
import type { Micros } from '../../base/time.ts';
import type { LogEvent } from '../../log/event.ts';
import type { LogHeader } from '../../log/header.ts';
import type { Place, Script, ScriptEvent, WrittenCall } from './ast.ts';
import { makeCall } from './calls.ts';
import { type Comparison, matches, sentText } from './expect.ts';
import { Failed, Missing, type Outcome } from './failure.ts';
import { checkAssertions } from './info.ts';
import { errnoName, familyOf } from './names.ts';
import { realSegment } from './numbers.ts';
import {
  addresses,
  EPOCH,
  inject,
  knobs,
  openSession,
  runTo,
  type Sent,
  type Session,
} from './session.ts';
import { headerOf } from './settings.ts';
import { runCommands, type Shell } from './shell.ts';
import { createSockets, type Result, type Sockets, type Waiting } from './sockets.ts';

export type RunOptions = {
  /** Of the script, for the title of its log. */
  readonly name: string;
  readonly profile: string;
};

export type Run = {
  readonly outcome: Outcome;
  /** What was ignored, once each. */
  readonly warnings: readonly string[];
  /** The run as a log. */
  readonly header: LogHeader;
  readonly events: readonly LogEvent[];
};

/** The call that blocks while the script goes on. */
type Pending = {
  readonly waiting: Waiting;
  readonly call: WrittenCall;
  readonly text: string;
  readonly place: Place;
  readonly until: Micros;
  readonly tolerance: Micros;
};

type Runner = {
  readonly script: Script;
  readonly session: Session;
  readonly sockets: Sockets;
  readonly shell: Shell;
  readonly percent: number;
  /** When the event before happened. */
  last: Micros;
  pending: Pending | null;
  /** Where a failure is told. */
  place: Place;
};

/** FreeBSD's packetdrill is stricter about time than the others. */
const PERCENT: Readonly<Record<string, number>> = { freebsd: 5 };
const PERCENT_ELSEWHERE = 12.5;

/** Runs a script to its end, or to the first thing that is not as it expects. */
export function runScript(script: Script, options: RunOptions): Run {
  const header = headerOf(options.name, options.profile, script.options);
  const session = openSession(header);
  const sockets = createSockets(session, script.options, familyOf(options.profile));
  const warnings: string[] = [];
  const runner: Runner = {
    script,
    session,
    sockets,
    shell: { sockets, profile: options.profile, warnings },
    percent: script.options.tolerance_percent ?? PERCENT[options.profile] ?? PERCENT_ELSEWHERE,
    last: EPOCH,
    pending: null,
    place: { line: 1, column: 1 },
  };
  session.watch = () => askPending(runner);
  const outcome = runAll(runner);
  return { outcome, warnings, header, events: session.events };
}

function runAll(r: Runner): Outcome {
  const { before, events, after } = r.script;
  try {
    if (before !== null) {
      r.place = before.place;
      runCommands(r.shell, before.text);
    }
    for (const event of events) {
      r.place = event.place;
      runEvent(r, event);
    }
    finishPending(r);
    if (after !== null) {
      r.place = after.place;
      runCommands(r.shell, after.text);
    }
    return { kind: 'passed' };
  } catch (stop) {
    const { place } = r;
    if (stop instanceof Failed) {
      return { kind: 'failed', place, expected: stop.expected, got: stop.got };
    }
    if (stop instanceof Missing) return { kind: 'missing', place, what: stop.what };
    throw stop;
  }
}

/** A time of the script on the session's clock. */
function timeOf(r: Runner, relative: boolean, at: Micros): Micros {
  return (relative ? r.last : EPOCH) + at;
}

/** How far a time may be off: it grows with the time since the event before. */
function toleranceAt(r: Runner, time: Micros): Micros {
  const share = Math.floor((Math.max(0, time - r.last) * r.percent) / 100);
  return Math.max(r.script.options.tolerance_usecs, share);
}

function runEvent(r: Runner, event: ScriptEvent): void {
  if (event.kind === 'expects') {
    expectSegment(r, event);
    return;
  }
  const { when } = event;
  if (when.kind === 'any' || when.kind === 'range') return;
  const start = timeOf(r, when.relative, when.at);
  const until = when.kind === 'blocks' ? timeOf(r, when.relative, when.until) : null;
  const tolerance = until === null ? 0 : Math.max(toleranceAt(r, until), toleranceAt(r, start));
  advance(r, start);
  r.last = r.session.now;
  switch (event.kind) {
    case 'arrives':
      arriveNow(r, event.segment);
      break;
    case 'call':
      callNow(r, event, until, tolerance);
      break;
    case 'command':
      runCommands(r.shell, event.text);
      break;
    case 'assert':
      checkAssertions(r.sockets, event.assertions);
      break;
  }
}

function arriveNow(r: Runner, segment: Extract<ScriptEvent, { kind: 'arrives' }>['segment']): void {
  const { local, peer } = addresses(r.session);
  const { localPort, peerPort } = r.sockets.path;
  const to = { src: peer, srcPort: peerPort, dst: local, dstPort: localPort };
  inject(r.session, realSegment(r.session.numbers, segment, to));
}

/** Runs the clock to a time; a call that blocks may return, or be late, on the way. */
function advance(r: Runner, time: Micros): void {
  let { pending } = r;
  const timeout = pending?.waiting.timeout ?? null;
  if (pending !== null && timeout !== null && timeout <= time) {
    runTo(r.session, timeout);
    if (r.pending === pending) settlePending(r, pending, { value: 0, errno: '' });
  }
  pending = r.pending;
  if (pending !== null && pending.until + pending.tolerance < time) {
    runTo(r.session, pending.until + pending.tolerance);
    if (r.pending === pending) lateCall(r, pending);
  }
  runTo(r.session, time);
}

// Calls

function callNow(
  r: Runner,
  event: Extract<ScriptEvent, { kind: 'call' }>,
  until: Micros | null,
  tolerance: Micros,
): void {
  const { call, text, place } = event;
  const answer = makeCall(r.sockets, call);
  if (!('ask' in answer)) {
    if (until !== null && until - r.session.now > tolerance) {
      throw new Failed(`${text} to block until ${clock(until)}`, `${resultText(answer)} at once`);
    }
    compareResult(call, text, answer);
    return;
  }
  if (until === null) throw new Failed(text, 'a call that blocks');
  finishPending(r);
  r.place = place;
  r.pending = { waiting: answer, call, text, place, until, tolerance };
}

function resultText({ value, errno }: Result): string {
  return errno === '' ? String(value) : `-1 ${errno}`;
}

function compareResult(call: WrittenCall, text: string, got: Result): void {
  if (call.result === null) return;
  const errno = errnoName(call.errno);
  if (got.value === call.result && (call.result >= 0 || errno === '' || errno === got.errno)) {
    return;
  }
  throw new Failed(text, resultText(got));
}

/** After each event: has the call that blocks its result? */
function askPending(r: Runner): void {
  const { pending } = r;
  if (pending === null) return;
  // Asking makes a call of its own, whose event must not ask again.
  r.pending = null;
  const result = pending.waiting.ask();
  r.pending = pending;
  if (result !== null) settlePending(r, pending, result);
}

function settlePending(r: Runner, pending: Pending, result: Result): void {
  r.pending = null;
  const off = r.session.now - pending.until;
  if (Math.abs(off) > pending.tolerance) {
    r.place = pending.place;
    const when = `${resultText(result)} at ${clock(r.session.now)}`;
    throw new Failed(`${pending.text} at ${clock(pending.until)}`, when);
  }
  const { place } = r;
  r.place = pending.place;
  compareResult(pending.call, pending.text, result);
  r.place = place;
}

function lateCall(r: Runner, pending: Pending): never {
  r.place = pending.place;
  throw new Failed(`${pending.text} at ${clock(pending.until)}`, 'a call that still blocks');
}

/** Waits for the call that blocks. */
function finishPending(r: Runner): void {
  if (r.pending === null) return;
  advance(r, r.pending.until + r.pending.tolerance);
  if (r.pending !== null) lateCall(r, r.pending);
}

// Expected segments

function expectSegment(r: Runner, event: Extract<ScriptEvent, { kind: 'expects' }>): void {
  const { when, segment: written } = event;
  const any = when.kind === 'any';
  const from = any ? 0 : timeOf(r, when.relative, when.at);
  const to = any
    ? Number.POSITIVE_INFINITY
    : when.kind === 'at'
      ? from
      : timeOf(r, when.relative, when.until);
  const tolerance = any ? 0 : Math.max(toleranceAt(r, from), toleranceAt(r, to));
  const expected = event.text;
  const sent = takeWhole(r, written.len, to + tolerance, expected);
  const c = comparison(r, tolerance);
  const inTime = sent.at >= from - tolerance && sent.at <= to + tolerance;
  if (!matches(c, written, sent.seg)) throw new Failed(expected, `${sentText(c, sent.seg)}`);
  if (!inTime) {
    const range = to === from ? clock(from) : `${clock(from)}~${clock(to)}`;
    throw new Failed(`${expected} at ${range}`, `it at ${clock(sent.at)}`);
  }
  r.session.now = Math.max(r.session.now, sent.at);
  r.last = r.session.now;
}

function comparison(r: Runner, tolerance: Micros): Comparison {
  const tick = r.script.options.ts_tick_usecs;
  return {
    numbers: r.session.numbers,
    layout: knobs(r.session).option_layout,
    stampTolerance: tick === 0 ? null : { tick_usecs: tick, usecs: Math.max(tick, tolerance) },
  };
}

/** The oldest segment; segments of text are joined until they have the length that is expected. */
function takeWhole(r: Runner, len: number, limit: Micros, expected: string): Sent {
  let whole = takeOne(r, limit, expected);
  while (whole.seg.len > 0 && whole.seg.len < len) {
    const next = takeOne(r, limit, expected);
    const end = (whole.seg.seq + whole.seg.len) % 2 ** 32;
    if (next.seg.seq !== end || next.seg.len === 0) {
      throw new Failed(expected, sentText(comparison(r, 0), whole.seg));
    }
    const seg = { ...next.seg, seq: whole.seg.seq, len: whole.seg.len + next.seg.len };
    whole = { ...next, seg };
  }
  return whole;
}

function takeOne(r: Runner, limit: Micros, expected: string): Sent {
  const { queue } = r.session;
  if (queue.length === 0) advanceToSegment(r, limit);
  const sent = queue.shift();
  if (sent !== undefined) return sent;
  throw new Failed(expected, `nothing until ${clock(r.session.now)}`);
}

/** Runs the clock until something is sent, or to the limit. */
function advanceToSegment(r: Runner, limit: Micros): void {
  const { session } = r;
  const stop = (): boolean => session.queue.length > 0;
  const pending = r.pending;
  const due = pending === null ? limit : pending.until + pending.tolerance;
  const timeout = pending?.waiting.timeout ?? null;
  if (pending !== null && timeout !== null && timeout < Math.min(due, limit)) {
    runTo(session, timeout, stop);
    if (stop()) return;
    if (r.pending === pending) settlePending(r, pending, { value: 0, errno: '' });
  }
  if (due < limit) {
    runTo(session, due, stop);
    if (stop()) return;
    if (r.pending === pending && pending !== null) lateCall(r, pending);
  }
  runTo(session, limit, stop);
}

/** A time of the session as the script counts it. */
function clock(time: Micros): string {
  return `${(time - EPOCH) / 1_000_000} s`;
}
