/**
 * What may happen next in a state: every call that a user may make, every segment that may arrive,
 * be lost or arrive once more, every timer that may expire, within the budgets.
 *
 * A choice is a few ordinary events of a log. Their times mean nothing here but their order: no
 * deadline passes by itself (bounds.ts); a timer expires when it is chosen to. The one bond
 * between timers and segments is MSL: see {@link timeWaitOver}.
 */
import type { Host } from '../host/host.ts';
import type { Call, LogEvent } from '../log/event.ts';
import type { Flight } from '../network/flight.ts';
import { has, RST, streamOf } from '../tcp/segment.ts';
import type { Tcb } from '../tcp/tcb.ts';
import { deadlineOf, TIMERS, type TimerName } from '../tcp/timers.ts';
import { ADDRESSES, type Bounds, type Budget, issOf, PORTS } from './bounds.ts';
import { flightKey } from './canonical.ts';
import {
  CRASHED,
  GAVE_UP,
  isLeft,
  liveConns,
  type Node,
  pastOf,
  RST_LOST,
  SILENT_ABORT,
  stateOfSide,
  timeWaitSince,
  timeWaits,
} from './node.ts';

export type Choice = {
  readonly events: readonly LogEvent[];
  /** What it uses up, '' nothing, and the side that uses it. */
  readonly budget: Budget | '';
  readonly host: number;
  /** What one side being gone may be put down to from now on. */
  readonly excuse: number;
  /** The flight that an arriving copy is of; -1: none arrives. */
  readonly copyOf: number;
};

/** The next choice on the way to the start; undefined: the start is reached. It costs nothing. */
export function choiceToStart(node: Node, bounds: Bounds, t: number): Choice | undefined {
  const [a, b] = node.snapshot.hosts.map(stateOfSide);
  const { start } = bounds;
  const open = (host: number, mode: 'active' | 'passive'): Choice => {
    const call = openCall(host, mode, bounds);
    return free({ t, ev: 'call', host, conn: 0, process: -1, call }, host);
  };
  if (start === 'closed' || (a === 'TIME-WAIT' && b === 'CLOSED')) return undefined;
  if (b === 'CLOSED') return open(1, start === 'crossing' ? 'active' : 'passive');
  if (start === 'listening') return undefined;
  const fresh = a === 'CLOSED' && (b === 'LISTEN' || start === 'crossing');
  if (fresh) return open(0, 'active');
  if (start === 'crossing') return undefined;
  const arrives = (n: number): Choice => {
    const { to: host, seg } = node.snapshot.flights.get(n) as Flight;
    return free({ t, ev: 'arrive', host, n, seg }, host);
  };
  if (a !== 'TIME-WAIT' && start === 'time-wait' && wasEstablished(node)) {
    return choiceToTimeWait(node, t, arrives);
  }
  const next = node.flights[a === 'TIME-WAIT' ? 1 : 0];
  return next === undefined ? undefined : arrives(next);
}

/** Both ends know that the connection is ESTABLISHED, or it was. */
function wasEstablished(node: Node): boolean {
  return node.snapshot.hosts.every((side) => side.conns.get(1)?.synAcked !== false);
}

/** A sends an octet twice, the second arrives; A closes first, then B. The oldest flight stays. */
function choiceToTimeWait(node: Node, t: number, arrives: (n: number) => Choice): Choice {
  const [a, b] = node.snapshot.hosts.map((side) => side.conns.get(1)) as [Tcb, Tcb];
  const call = (host: number, what: Call): Choice =>
    free({ t, ev: 'call', host, conn: 1, process: -1, call: what }, host);
  const next = node.flights[1];
  if (next !== undefined) return arrives(next);
  if (a.textEnd === 0) return call(0, { call: 'SEND', bytes: 1, urgent: false });
  if (a.resent === 0) {
    return free({ t, ev: 'timer', host: 0, conn: 1, timer: 'RETRANSMISSION' }, 0);
  }
  const closing = b.state === 'CLOSE-WAIT' ? 1 : 0;
  return call(closing, { call: 'CLOSE', how: 'write' });
}

const free = (event: LogEvent, host: number): Choice => ({
  events: [event],
  budget: '',
  host,
  excuse: 0,
  copyOf: -1,
});

type Options = { readonly node: Node; readonly bounds: Bounds; readonly t: number };

/** All choices, in a fixed order. */
export function choicesOf(node: Node, bounds: Bounds, t: number): Choice[] {
  const o: Options = { node, bounds, t };
  const found: Choice[] = [];
  for (let host = 0; host < 2; host += 1) addCalls(o, host, found);
  addFlights(o, found);
  for (let host = 0; host < 2; host += 1) addTimers(o, host, found);
  if (isLeft(node.ghost, bounds, 'crashes')) {
    for (let host = 0; host < 2; host += 1) {
      const events: LogEvent[] = [
        { t, ev: 'crash', host },
        { t, ev: 'restart', host },
      ];
      found.push({ events, budget: 'crashes', host, excuse: CRASHED, copyOf: -1 });
    }
  }
  return found;
}

function addCalls(o: Options, host: number, found: Choice[]): void {
  const { node, bounds, t } = o;
  const side = node.snapshot.hosts[host] as Host;
  const live = liveConns(side);
  const add: Add = (conn, call, budget, excuse = 0) => {
    const event: LogEvent = { t, ev: 'call', host, conn, process: -1, call };
    found.push({ events: [event], budget, host, excuse, copyOf: -1 });
  };
  if (isLeft(node.ghost, bounds, 'opens')) addOpens(o, host, live, add);
  for (const conn of live) addCallsOn(o, conn, add);
  if (isLeft(node.ghost, bounds, 'aborts')) {
    for (const { num, state } of live) {
      const silent = state === 'CLOSING' || state === 'LAST-ACK';
      add(num, { call: 'ABORT' }, 'aborts', silent ? SILENT_ABORT : 0);
    }
  }
}

type Add = (conn: number, call: Call, budget: Budget | '', excuse?: number) => void;

/** An OPEN between the two sockets that are always the same. */
function openCall(host: number, mode: 'active' | 'passive', bounds: Bounds): Call {
  const peer = 1 - host;
  return {
    call: 'OPEN',
    mode,
    to: mode === 'active' ? (ADDRESSES[peer] as string) : '',
    toPort: mode === 'active' ? (PORTS[peer] as number) : 0,
    from: '',
    fromPort: PORTS[host] as number,
    backlog: -1,
    iss: issOf(host, bounds),
    nowait: true,
  };
}

/** OPEN where it can succeed. */
function addOpens(o: Options, host: number, live: readonly Tcb[], add: Add): void {
  const side = o.node.snapshot.hosts[host] as Host;
  const listening = live.find((t) => t.state === 'LISTEN');
  const busy = live.some((t) => t.state !== 'LISTEN') || timeWaits(side).length > 0;
  if (!busy) add(listening?.num ?? 0, openCall(host, 'active', o.bounds), 'opens');
  // While the old incarnation is in TIME-WAIT a new one may already listen.
  const inTimeWait = live.every((t) => t.state === 'TIME-WAIT');
  if (inTimeWait) add(0, openCall(host, 'passive', o.bounds), 'opens');
}

function addCallsOn(o: Options, conn: Tcb, add: Add): void {
  const { node, bounds } = o;
  const { num, state } = conn;
  const open =
    state === 'SYN-SENT' ||
    state === 'SYN-RECEIVED' ||
    state === 'ESTABLISHED' ||
    state === 'CLOSE-WAIT';
  if (open && !conn.finQueued && isLeft(node.ghost, bounds, 'sends')) {
    add(num, { call: 'SEND', bytes: 1, urgent: false }, 'sends');
  }
  if (conn.rcvText > conn.rcvRead) add(num, { call: 'RECEIVE', bytes: 1 << 16 }, '');
  const mayClose = (open || state === 'LISTEN') && !conn.finQueued;
  if (mayClose && bounds.close !== 'socket') add(num, { call: 'CLOSE', how: 'write' }, '');
  if (conn.held && bounds.close !== 'rfc') add(num, { call: 'CLOSE', how: 'both' }, '');
}

function addFlights(o: Options, found: Choice[]): void {
  const { node, bounds, t } = o;
  const { flights } = node.snapshot;
  const seen = new Set<string>();
  for (const n of node.flights) {
    const flight = flights.get(n) as Flight;
    const key = flightKey(flight, node.snapshot.hosts, node.ghost);
    // Of several equal ones it is the same which one it is.
    if (seen.has(key)) continue;
    seen.add(key);
    const { to: host, seg } = flight;
    found.push(free({ t, ev: 'arrive', host, n, seg }, host));
    if (isLeft(node.ghost, bounds, 'losses')) {
      const excuse = resetLost(node, flight);
      const events: LogEvent[] = [{ t, ev: 'lose', n }];
      found.push({ events, budget: 'losses', host, excuse, copyOf: -1 });
    }
    if (isLeft(node.ghost, bounds, 'duplicates')) {
      const copy: LogEvent = { t, ev: 'arrive', host, n: -1, seg };
      found.push({ events: [copy], budget: 'duplicates', host, excuse: 0, copyOf: n });
    }
  }
}

/** Whether a side may not learn now that the other is gone: {@link RST_LOST}, or 0. */
function resetLost(node: Node, { to, seg }: Flight): number {
  const there = stateOfSide(node.snapshot.hosts[to] as Host);
  const gone = there === 'CLOSED' || there === 'LISTEN' || there === 'SYN-SENT';
  return gone || has(seg, RST) ? RST_LOST : 0;
}

function addTimers(o: Options, host: number, found: Choice[]): void {
  const { node, t } = o;
  const side = node.snapshot.hosts[host] as Host;
  const end = (num: number): void => {
    const over = timeWaitOver(o, host, num);
    if (over !== null) found.push(over);
  };
  for (const w of timeWaits(side)) end(w.num);
  for (const conn of liveConns(side)) {
    for (const timer of TIMERS) {
      if (deadlineOf(conn, timer) === 0) continue;
      if (timer === 'TIME-WAIT') {
        end(conn.num);
        continue;
      }
      const budget = budgetOf(conn, timer);
      if (budget !== '' && !isLeft(node.ghost, o.bounds, budget)) continue;
      const events: LogEvent[] = [{ t, ev: 'timer', host, conn: conn.num, timer }];
      const excuse = budget === 'giveUps' ? GAVE_UP : 0;
      found.push({ events, budget, host, excuse, copyOf: -1 });
    }
  }
}

/** The USER timer gives up; so does the second expiry for a SYN (`syn_retries` is 1). */
function budgetOf(t: Tcb, timer: TimerName): Budget | '' {
  if (timer === 'USER' || timer === 'FIN-WAIT-2') return 'giveUps';
  if (timer !== 'RETRANSMISSION') return '';
  const opening = t.state === 'SYN-SENT' || t.state === 'SYN-RECEIVED';
  return opening && t.rtxCount > 0 ? 'giveUps' : 'expiries';
}

/**
 * TIME-WAIT ends after 2·MSL. What was sent before it began has died, and so has what either end of
 * the connection has sent since, and the RSTs that answered it: the other end's timers are shorter,
 * so that it fell silent long ago or they expire first. Where the knob is shorter than MSL nothing
 * of this holds. Null: not yet.
 */
function timeWaitOver(o: Options, host: number, conn: number): Choice | null {
  const { node, t } = o;
  const side = node.snapshot.hosts[host] as Host;
  const events: LogEvent[] = [];
  let excuse = 0;
  if (side.knobs.time_wait_ms >= side.knobs.msl_ms) {
    const peer = pastOf(node.ghost, host, conn)?.peer ?? 0;
    const other = liveConns(node.snapshot.hosts[1 - host] as Host).find((c) => c.num === peer);
    if (other !== undefined && other.rtxAt + other.delackAt > 0) return null;
    const ends = [streamOf(host, conn), streamOf(1 - host, peer), -1];
    const since = timeWaitSince(side);
    for (const n of node.flights) {
      const flight = node.snapshot.flights.get(n) as Flight;
      if (flight.sentAt > since && !ends.includes(flight.seg.stream)) continue;
      events.push({ t, ev: 'lose', n });
      if (flight.to !== host) excuse |= resetLost(node, flight);
    }
  }
  events.push({ t, ev: 'timer', host, conn, timer: 'TIME-WAIT' });
  return { events, budget: '', host, excuse, copyOf: -1 };
}
