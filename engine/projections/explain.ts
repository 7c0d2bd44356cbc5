/**
 * An event in words: what came, what TCP did with it and by which rule, what followed.
 *
 * First what matters most, since a small screen shows a few lines: the stimulus, the change of
 * state, of a close who was first and why TIME-WAIT is where it is; then rules, segments, timers.
 */
import { formatTime } from '../base/time.ts';
import type { LogEvent } from '../log/event.ts';
import { RULES, type RuleId } from '../tcp/rules.ts';
import type { Effects, Emission, Transition } from '../timeline/effects.ts';
import type { Snapshot } from '../timeline/snapshot.ts';
import type { Explained, Timeline } from '../timeline/timeline.ts';
import { type Bases, basesOf } from './bases.ts';
import { closingOf, closingSoFar, type End, waitReason } from './closers.ts';
import {
  basesOfSender,
  describeEvent,
  describeSegment,
  segmentBase,
  subjectOf,
} from './describe.ts';
import { endedBy } from './ended.ts';
import { type Life, lifeOf } from './life.ts';
import { connName, findConn, hostName, timersOf } from './names.ts';
import { noPortOf, noPortText } from './no-port.ts';

export type ItemKind =
  | 'stimulus'
  | 'rule'
  | 'state'
  | 'sent'
  | 'lost'
  | 'timer'
  | 'result'
  | 'close'
  | 'wait'
  | 'divergence'
  | 'corruption'
  | 'nothing';

export type Item = {
  readonly kind: ItemKind;
  readonly text: string;
  /** Where it is said: an RFC and its section, or the stack that does so. */
  readonly source: string;
};

/** Lookups that a caller may answer from a cache. */
export type Lookups = {
  readonly bases: (host: number, conn: number) => Bases;
  readonly lives: (host: number, conn: number) => Life;
};

function lookupsOf(timeline: Timeline): Lookups {
  return {
    bases: (host, conn) => basesOf(timeline, host, conn),
    lives: (host, conn) => lifeOf(timeline, host, conn),
  };
}

export function explainEvent(
  timeline: Timeline,
  n: number,
  lookups: Lookups = lookupsOf(timeline),
): readonly Item[] {
  const explained = timeline.explain(n);
  const { effects, after } = explained;
  const items: Item[] = [
    stimulus(timeline, explained, lookups),
    ...effects.transitions.map((taken) => transitionItem(timeline, taken)),
    ...endItems(explained),
    ...closeItems(timeline, explained, lookups),
    ...ruleItems(explained),
    ...effects.emissions.map((sent) => emissionItem(timeline, explained, sent, lookups)),
    ...timerItems(explained),
    ...errorItems(explained),
    ...resultItems(explained),
    ...oddities(after, effects),
  ];
  if (items.length === 1) items.push(item('nothing', 'nothing followed from it'));
  return items;
}

const item = (kind: ItemKind, text: string, source = ''): Item => ({ kind, text, source });

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

function stimulus(timeline: Timeline, explained: Explained, lookups: Lookups): Item {
  const { event, before, effects } = explained;
  const context = { conn: subjectOf(event, effects).conn, before, lookup: lookups.bases };
  return item('stimulus', describeEvent(event, timeline.header, context));
}

/** `client#1 CLOSE-WAIT → LAST-ACK: CLOSE: FIN after the text that is queued`: what took it. */
function transitionItem(timeline: Timeline, taken: Transition): Item {
  const way = [taken.before, ...taken.via.map((state) => `(${state})`), taken.after].join(' → ');
  const name = connName(timeline.header, taken.host, taken.conn);
  const { says, source } = RULES[taken.rule];
  // The state entered stands there already.
  const end = [`: ${taken.after}`, `, ${taken.after}`].find((tail) => says.endsWith(tail)) ?? '';
  const why = says.slice(0, says.length - end.length);
  return item('state', `${name} ${way}: ${why}`, source);
}

/** The rules that no change of state has told yet, nor another rule that says the same and more. */
function ruleItems(explained: Explained): readonly Item[] {
  const { event, effects } = explained;
  const told = new Set<RuleId>(effects.transitions.map(({ rule }) => rule));
  if (event.ev === 'crash' && endedBy(explained).length > 0) told.add('crashed');
  const applied = unique([...effects.rules, ...told]);
  const isTold = (id: RuleId): boolean =>
    told.has(id) ||
    applied.some((other) => other !== id && isMore(RULES[other].says, RULES[id].says));
  return unique(effects.rules)
    .filter((id) => !isTold(id))
    .map((id) => item('rule', RULES[id].says, RULES[id].source));
}

function isMore(says: string, less: string): boolean {
  return says.startsWith(`${less}:`) || says.startsWith(`${less} `);
}

/** Of what a crash has ended, so many are named. */
const ENDED_MAX = 12;

/** Connections that are there no more although no segment, call or timer has closed them. */
function endItems(explained: Explained): readonly Item[] {
  const { event, after } = explained;
  const ended = endedBy(explained);
  const isCrash = event.ev === 'crash';
  const items = ended.slice(0, ENDED_MAX).map(({ host, conn, before }) => {
    const name = connName(after, host, conn);
    if (!isCrash) return item('result', `${name} (${before}) is given back: nothing is left of it`);
    return item('state', `${name} ${before} → gone: ${RULES.crashed.says}`, RULES.crashed.source);
  });
  const more = ended.length - items.length;
  return more > 0 ? [...items, item('state', `and ${more} more connections → gone`)] : items;
}

function emissionItem(
  timeline: Timeline,
  { event, before }: Explained,
  sent: Emission,
  lookups: Lookups,
): Item {
  const name = connName(timeline.header, sent.host, sent.conn);
  // An RST without a connection answers in the numbers of who is to get it.
  const base =
    sent.conn > 0
      ? segmentBase(lookups.bases(sent.host, sent.conn), 'sent')
      : segmentBase(basesOfSender(event, { before, lookup: lookups.bases }), 'received');
  const what = describeSegment(sent.seg, base);
  const copies = sent.copies.length === 0 ? '' : `, and ${sent.copies.length} copy made on the way`;
  switch (sent.fate.kind) {
    case 'arrives':
      return item('sent', `${name} > ${what}, arrives at ${formatTime(sent.fate.at)}${copies}`);
    case 'lost':
      return item('lost', `${name} > ${what}, is lost on the way${copies}`);
    case 'open':
      return item('sent', `${name} > ${what}${copies}`);
  }
}

function timerItems({ before, after, effects }: Explained): readonly Item[] {
  return effects.touched.flatMap(({ host, conn }) => {
    const name = connName(after, host, conn);
    const was = new Map(timersOf(findConn(before, host, conn)).map((t) => [t.timer, t.at]));
    const is = new Map(timersOf(findConn(after, host, conn)).map((t) => [t.timer, t.at]));
    const out: Item[] = [];
    for (const [timer, at] of is) {
      const left = formatTime(at - after.time);
      const old = was.get(timer);
      if (old === undefined) out.push(item('timer', `${name} ${timer} timer set: ${left}`));
      else if (old !== at) out.push(item('timer', `${name} ${timer} timer set again: ${left}`));
    }
    for (const timer of was.keys()) {
      if (!is.has(timer)) out.push(item('timer', `${name} ${timer} timer off`));
    }
    return out;
  });
}

/** What an application that still holds a connection will hear of its end. */
function errorItems({ after, effects }: Explained): readonly Item[] {
  return effects.transitions.flatMap(({ host, conn }) => {
    const found = findConn(after, host, conn);
    if (found?.kind !== 'tcb' || found.state !== 'CLOSED' || found.tcb.error === '') return [];
    return [item('result', `${connName(after, host, conn)}: the user hears ${found.tcb.error}`)];
  });
}

function resultItems({ event, before, after, effects }: Explained): readonly Item[] {
  return effects.results.flatMap(({ host, conn, value, error }) => {
    const name = connName(after, host, event.ev === 'call' ? event.conn : conn);
    const found = error === 'EADDRNOTAVAIL' ? noPortOf(before, event) : undefined;
    if (found !== undefined) {
      return item('result', `connect() fails with ${error}: ${noPortText(found, after.time)}`);
    }
    if (error !== '') return item('result', `${name}: the call fails with ${error}`);
    return value === 0 ? [] : item('result', `${name}: ${resultText(after, event, host, value)}`);
  });
}

function resultText(after: Snapshot, event: LogEvent, host: number, value: number): string {
  const call = event.ev === 'call' ? event.call.call : '';
  switch (call) {
    case 'OPEN':
    case 'ACCEPT':
      return `${call} gives ${connName(after, host, value)}`;
    case 'SEND':
      return `${octets(value)} taken`;
    case 'RECEIVE':
      return `${octets(value)} handed over`;
    default:
      return `the call gives ${value}`;
  }
}

function octets(count: number): string {
  return count === 1 ? '1 octet' : `${count} octets`;
}

function oddities(after: Snapshot, effects: Effects): readonly Item[] {
  const divergences = effects.divergences.map(({ host, conn, expected, seen }) =>
    item(
      'divergence',
      `${connName(after, host, conn)} differs from the recording: ` +
        `our TCP: ${expected}; seen: ${seen}`,
    ),
  );
  const corruptions = effects.corruptions.map(({ host, conn, bytes }) =>
    item(
      'corruption',
      `${connName(after, host, conn)} was handed ${bytes} octets that are not ` +
        'from this incarnation of its peer',
      'RFC 1337',
    ),
  );
  return [...divergences, ...corruptions];
}

const CLOSING_STATES = new Set(['FIN-WAIT-1', 'CLOSE-WAIT', 'CLOSING', 'TIME-WAIT']);

/** For the events of a close: who was first so far, and on entering TIME-WAIT, why it is. */
function closeItems(
  timeline: Timeline,
  { n, effects, after }: Explained,
  lookups: Lookups,
): readonly Item[] {
  // What comes later is not known yet.
  const lives = (host: number, conn: number): Life =>
    lookups.lives(host, conn).filter((step) => step.n <= n);
  return effects.transitions.flatMap((taken) => {
    const { host, conn } = taken;
    if (!CLOSING_STATES.has(taken.after)) return [];
    const closing = closingOf(timeline, host, conn, lives);
    const peer = peerName(after, closing.peer);
    const said = item('close', closingSoFar(closing, after, connName(after, host, conn), peer));
    if (taken.after !== 'TIME-WAIT') return [said];
    return [said, ...timeWaitItems(after, taken, closing.peer)];
  });
}

function timeWaitItems(after: Snapshot, { host, conn }: Transition, peer: End): readonly Item[] {
  const ends = findConn(after, host, conn)?.tcb.timeWaitAt ?? 0;
  const reason = waitReason(after, peer);
  return [
    item('wait', `TIME-WAIT waits because ${reason.says}`, reason.source),
    ...(ends > 0
      ? [item('wait', `it ends at ${formatTime(ends)}, in ${formatTime(ends - after.time)}`)]
      : []),
  ];
}

export function peerName(after: Snapshot, peer: End): string {
  if (peer.conn > 0) return connName(after, peer.host, peer.conn);
  return peer.host >= 0 ? hostName(after, peer.host) : 'the peer';
}
