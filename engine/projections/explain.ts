/**
 * An event in words: what came, what TCP did with it and by which rule, what followed.
 *
 * First what matters most, since a small screen shows a few lines: the stimulus, the change of
 * state, of a close who was first and why TIME-WAIT is where it is; then rules, segments, timers.
 */
import { formatTime } from '../base/time.ts';
import type { LogEvent } from '../log/event.ts';
import { RULES } from '../tcp/rules.ts';
import { findEdge } from '../tcp/states.ts';
import type { Effects, Emission, Transition } from '../timeline/effects.ts';
import type { Snapshot } from '../timeline/snapshot.ts';
import type { Explained, Timeline } from '../timeline/timeline.ts';
import { type Bases, basesOf } from './bases.ts';
import { closingOf, closingText, type End, waitReason } from './closers.ts';
import { describeEvent, describeSegment, segmentBase } from './describe.ts';
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
    ...closeItems(timeline, explained, lookups),
    ...unique(effects.rules).map((id) => item('rule', RULES[id].says, RULES[id].source)),
    ...effects.emissions.map((sent) => emissionItem(timeline, sent, lookups)),
    ...timerItems(explained),
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

function stimulus(timeline: Timeline, { event, effects }: Explained, lookups: Lookups): Item {
  const at = 'host' in event ? event.host : -1;
  // A SYN touches the listener and the connection that it makes: the latter changes its state.
  const touched =
    effects.transitions.find(({ host }) => host === at) ??
    effects.touched.find(({ host }) => host === at);
  const bases = touched === undefined ? undefined : lookups.bases(touched.host, touched.conn);
  const context = { conn: touched?.conn ?? 0, bases };
  return item('stimulus', describeEvent(event, timeline.header, context));
}

/** `client#1: FIN-WAIT-1 → (FIN-WAIT-2) → TIME-WAIT`, with the words of the RFC's diagram. */
function transitionItem(timeline: Timeline, taken: Transition): Item {
  const way = [taken.before, ...taken.via.map((state) => `(${state})`), taken.after].join(' → ');
  const last = taken.via.at(-1) ?? taken.before;
  const edge = findEdge(last, taken.after);
  const name = connName(timeline.header, taken.host, taken.conn);
  const on = edge === undefined || taken.via.length > 0 ? '' : `: ${edge.on}`;
  return item('state', `${name} ${way}${on}`, edge?.source ?? '');
}

function emissionItem(timeline: Timeline, sent: Emission, lookups: Lookups): Item {
  const name = connName(timeline.header, sent.host, sent.conn);
  const bases = sent.conn > 0 ? lookups.bases(sent.host, sent.conn) : undefined;
  const what = describeSegment(sent.seg, segmentBase(bases, 'sent'));
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

function resultItems({ event, before, after, effects }: Explained): readonly Item[] {
  return effects.results.flatMap(({ host, conn, value, error }) => {
    const name = connName(after, host, conn);
    const found = error === 'EADDRNOTAVAIL' ? noPortOf(before, event) : undefined;
    if (found !== undefined) {
      return item('result', `connect() fails with ${error}: ${noPortText(found, after.time)}`);
    }
    if (error !== '') return item('result', `${name}: the call fails with ${error}`);
    return value === 0 ? [] : item('result', `${name}: ${resultText(after, event, host, value)}`);
  });
}

function resultText(after: Snapshot, event: LogEvent, host: number, value: number): string {
  switch (event.ev === 'call' ? event.call.call : '') {
    case 'ACCEPT':
      return `the call gives ${connName(after, host, value)}`;
    case 'SEND':
      return `the call takes ${value} octets`;
    case 'RECEIVE':
      return `the call gives ${value} octets`;
    default:
      return `the call gives ${value}`;
  }
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

/** For the events of a close: who was first, and on entering or leaving TIME-WAIT, why it is. */
function closeItems(
  timeline: Timeline,
  { effects, after }: Explained,
  lookups: Lookups,
): readonly Item[] {
  return effects.transitions.flatMap((taken) => {
    const { host, conn } = taken;
    if (taken.before === 'TIME-WAIT') return [timeWaitEnd(after, taken)];
    if (!CLOSING_STATES.has(taken.after)) return [];
    const closing = closingOf(timeline, host, conn, lookups.lives);
    const peer = peerName(after, closing.peer);
    const said = item('close', closingText(closing, connName(after, host, conn), peer));
    if (taken.after !== 'TIME-WAIT') return [said];
    return [said, ...timeWaitItems(after, taken, closing.peer)];
  });
}

function timeWaitItems(after: Snapshot, { host, conn }: Transition, peer: End): readonly Item[] {
  const ends = findConn(after, host, conn)?.tcb.timeWaitAt ?? 0;
  const reason = waitReason(after, peer);
  return [
    item('wait', `TIME-WAIT waits because ${reason.says}`, 'RFC 9293 §3.6.1, RFC 1337'),
    ...(ends > 0
      ? [item('wait', `it ends at ${formatTime(ends)}, in ${formatTime(ends - after.time)}`)]
      : []),
  ];
}

function timeWaitEnd(after: Snapshot, { host, conn, rule }: Transition): Item {
  const name = connName(after, host, conn);
  return item('wait', `TIME-WAIT of ${name} is over: ${RULES[rule].says}`, RULES[rule].source);
}

export function peerName(after: Snapshot, peer: End): string {
  if (peer.conn > 0) return connName(after, peer.host, peer.conn);
  return peer.host >= 0 ? hostName(after, peer.host) : 'the peer';
}
