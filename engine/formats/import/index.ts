/**
 * A capture becomes a log. Packets are facts: one was seen leaving a host (`observe`), entering it
 * (`arrive`), or was lost. What a capture cannot show — calls and timers — is concluded from them
 * with the help of our own TCP, and marked inferred. Folding the log then gives the states of both
 * ends, and wherever the real stack did other than ours, a divergence.
 */

import { hash32, hashText, idFrom } from '../../base/random.ts';
import { formatTime, type Micros } from '../../base/time.ts';
import type { LogEvent } from '../../log/event.ts';
import { FORMAT_VERSION, type LogHeader, SEMANTICS_VERSION } from '../../log/header.ts';
import { cleanLink } from '../../network/topology.ts';
import type { Knobs } from '../../tcp/knobs.ts';
import { PROFILES } from '../../tcp/profiles.ts';
import { ACK, has, RST, SYN } from '../../tcp/segment.ts';
import { type DecodedCapture, describeContents } from '../capture/index.ts';
import { type Actions, listActions } from './actions.ts';
import { assumptionsOf } from './assumptions.ts';
import { listen } from './begin.ts';
import { alignClocks } from './clocks.ts';
import { withoutCopies } from './copies.ts';
import { enter, letGo } from './enter.ts';
import { planHosts } from './hosts.ts';
import { reportIcmp } from './icmp.ts';
import { leave, lost } from './leave.ts';
import { cutOffloaded } from './offload.ts';
import { isHeardLater, lookOut } from './outlook.ts';
import { entersHost } from './packet.ts';
import { findPlaces } from './places.ts';
import { advance, createScribe } from './scribe.ts';
import { endKey, isOpening, type Session } from './session.ts';

export type ImportOptions = {
  /** Name of the file, for the header. */
  readonly file: string;
  /** The stack that our TCP plays at every host. */
  readonly profile: string;
  readonly knobs?: Partial<Knobs>;
  readonly title?: string;
  /** What to look at; without it, what the capture holds. */
  readonly about?: string;
};

export type ImportResult =
  | {
      readonly ok: true;
      readonly header: LogHeader;
      readonly events: readonly LogEvent[];
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly message: string };

export type ImportProgress = { readonly done: number; readonly of: number };

/** Things that happen between two looks at how far an import is. */
const SLICE = 1_024;

/** The whole import at once. */
export function importCapture(capture: DecodedCapture, options: ImportOptions): ImportResult {
  const steps = importInSteps(capture, options);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same in slices, between which a program may look at other things, or stop. */
export function* importInSteps(
  capture: DecodedCapture,
  options: ImportOptions,
): Generator<ImportProgress, ImportResult> {
  if (PROFILES[options.profile] === undefined) {
    const known = Object.keys(PROFILES).join(', ');
    return { ok: false, message: `no profile ${options.profile}; there are ${known}` };
  }
  if (capture.frames.length === 0) {
    const { truncated } = capture;
    const cut = truncated === undefined ? '' : `; it is cut: ${truncated.message}`;
    return { ok: false, message: `no TCP to import: ${describeContents(capture)}${cut}` };
  }
  const { decoded, notes } = alignClocks(capture);
  const inOrder = withoutCopies([...decoded.frames].sort((a, b) => a.time - b.time));
  const places = findPlaces(inOrder);
  const frames = cutOffloaded(inOrder, places);
  const plan = planHosts(decoded, frames, places, options.profile, options.knobs ?? {});
  const actions = listActions(decoded, frames, places, plan);
  const assumptions = [...notes, ...assumptionsOf(places, plan.specs)];
  const header = headerOf(decoded, options, plan.specs, assumptions, actions);
  const written = yield* writeLog(header, actions, frames.length);
  const warnings = [...notes, ...warningsOf(decoded, inOrder.length, written)];
  return { ok: true, header, events: written.events, warnings };
}

function headerOf(
  decoded: DecodedCapture,
  options: ImportOptions,
  hosts: LogHeader['hosts'],
  assumptions: readonly string[],
  actions: Actions,
): LogHeader {
  const { file } = options;
  const epoch = decoded.epoch_us - actions.shift;
  return {
    format: 'twomsl',
    version: FORMAT_VERSION,
    semantics: SEMANTICS_VERSION,
    id: idFrom(hash32(hashText(file), decoded.frames.length, epoch % 2 ** 32)),
    title: options.title ?? file,
    about: options.about ?? `Imported from ${file}: ${describeContents(decoded)}.`,
    seed: 0,
    source: { kind: 'import', file, epoch, assumptions },
    hosts,
    links: [],
    defaultLink: cleanLink(actions.way),
    faults: [],
    programs: [],
    apps: [],
  };
}

type Written = { readonly events: readonly LogEvent[] } & Pick<Session, 'underWay' | 'missed'>;

function* writeLog(
  header: LogHeader,
  actions: Actions,
  packets: number,
): Generator<ImportProgress, Written> {
  const { list, ends } = actions;
  const outlook = lookOut(list, ends.length);
  const scribe = createScribe(header);
  const x: Session = {
    outlook,
    scribe,
    ends: new Map(
      ends.map((e) => [endKey(e.local, e.localPort, e.remote, e.remotePort), e] as const),
    ),
    widest: new Map(),
    underWay: 0,
    missed: 0,
  };
  const cursor = outlook.first.slice();
  scribe.heardLater = (_host, t) => {
    const end = x.ends.get(endKey(t.local, t.localPort, t.remote, t.remotePort));
    return end !== undefined && isHeardLater(outlook, cursor[end.id] as number);
  };
  if (packets > 0) listenAll(x, list);
  for (let i = 0; i < list.length; i += 1) {
    if (i % SLICE === 0) yield { done: i, of: list.length };
    const action = list[i] as Actions['list'][number];
    advance(scribe, action.t);
    if (action.kind === 'icmp') {
      reportIcmp(scribe, action);
      letGo(x, action.t, action.host);
      continue;
    }
    if (action.kind === 'leave') leave(x, i);
    else if (entersHost(action)) enter(x, i);
    else lost(x, action);
    cursor[action.end.id] = outlook.next[i] as number;
  }
  advance(scribe, Number.POSITIVE_INFINITY);
  const { underWay, missed } = x;
  return { events: scribe.events, underWay, missed };
}

/** Who answers a SYN without having sent one was listening from the start. */
function listenAll(x: Session, list: Actions['list']): void {
  const opened = new Set<number>();
  const asked = new Set<number>();
  for (const action of list) {
    if (action.kind === 'icmp') continue;
    const { end, packet, kind } = action;
    const { seg } = packet;
    if (kind !== 'leave') {
      if (isOpening(seg)) asked.add(end.id);
    } else if (isOpening(seg)) {
      opened.add(end.id);
    } else if (!opened.has(end.id) && has(seg, ACK) && !has(seg, RST)) {
      // Its SYN,ACK may be missing in the capture: anything but an RST tells the same.
      if (has(seg, SYN) || asked.has(end.id)) listen(x, 0, end.host, end.localPort);
    }
  }
}

function warningsOf(
  decoded: DecodedCapture,
  used: number,
  { underWay, missed }: Written,
): string[] {
  const warnings: string[] = [];
  if (decoded.truncated !== undefined) {
    const used = `what is before it is used: ${packets(decoded.packetCount)}`;
    warnings.push(`${decoded.truncated.message}; ${used}`);
  }
  for (const { what, reason, count, firstFrame } of decoded.skipped) {
    const which = count === 1 ? 'it' : 'the first';
    warnings.push(
      `${packets(count)} left out: ${what} (${reason}), ${which} is frame ${firstFrame}`,
    );
  }
  if (decoded.untimed > 0) warnings.push(`${packets(decoded.untimed)} without a time`);
  const back = runsBack(decoded.frames);
  if (back !== '') warnings.push(back);
  const copies = decoded.frames.length - used;
  if (copies > 0)
    warnings.push(`${packets(copies)} left out: captured before at the same interface`);
  for (const { frame, message } of decoded.notes.slice(0, 10)) {
    warnings.push(`frame ${frame}: ${message}`);
  }
  if (underWay > 0) {
    const [were, them] = underWay === 1 ? ['connection was', 'it'] : ['connections were', 'them'];
    const began = `${underWay} ${were} under way when the capture began`;
    warnings.push(`${began}: who opened ${them}, and how windows are scaled, is a guess`);
  }
  if (missed > 0) {
    const times = missed === 1 ? 'once' : `${missed} times`;
    warnings.push(`${times} a host answers what is not in the capture: that is made up`);
  }
  if (used < 2) warnings.push('a single TCP packet tells little');
  return warnings;
}

/** Less than that is a matter of several processors that capture, µs. */
const BACK_MIN = 1_000;

/** Says that the clock of an interface runs back in the file; empty: it does not. */
function runsBack(frames: DecodedCapture['frames']): string {
  const newest = new Map<number, Micros>();
  for (const { frame, time, interface: place } of frames) {
    const before = newest.get(place) ?? time;
    newest.set(place, Math.max(before, time));
    if (before - time < BACK_MIN) continue;
    const by = formatTime(before - time);
    return `at frame ${frame} the clock runs back by ${by}: packets are taken in order of time`;
  }
  return '';
}

function packets(count: number): string {
  return count === 1 ? '1 packet' : `${count} packets`;
}
