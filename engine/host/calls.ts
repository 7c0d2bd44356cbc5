/** Calls of applications at the edge of a host (RFC 9293 §3.9.1; names of errors from sockets). */
import { isUnicast } from '../base/address.ts';
import { seqAdd } from '../base/seq.ts';
import { abort, close, type Outcome, receive, send, status } from '../tcp/calls.ts';
import { chooseIss, openActive } from '../tcp/open.ts';
import { resetUserTimeout } from '../tcp/rto.ts';
import { ACK, RST } from '../tcp/segment.ts';
import { sendReset } from '../tcp/send.ts';
import { isSynchronized } from '../tcp/states.ts';
import { because, deadlineMs, endConnection, enter, type Step } from '../tcp/step.ts';
import { createTcb, type SocketOptions, type Tcb, type TcpError } from '../tcp/tcb.ts';
import { startKeepAlive } from '../tcp/timeouts.ts';
import { noteEnd } from './arrive.ts';
import { findConn, type HostEdit, indexConn, ownTcb } from './edit.ts';
import { listen, listenersOn, unlisten } from './listeners.ts';
import { chooseEphemeralPort, claimPort } from './ports.ts';
import { admit, settle } from './settle.ts';

/** What OPEN is given; `num` > 0: on a connection in LISTEN. */
export type OpenCall = {
  readonly mode: 'active' | 'passive';
  readonly to: string;
  readonly toPort: number;
  readonly from: string;
  readonly fromPort: number;
  readonly backlog: number;
  readonly iss: number;
  readonly options?: Partial<SocketOptions>;
};

const fail = (error: TcpError): Outcome => ({ value: 0, error });

/** OPEN; the value is the number of the connection (RFC 9293 §3.10.1). */
export function open(h: HostEdit, s: Step, call: OpenCall, num: number, process: number): Outcome {
  if ((call.mode === 'active' || call.to !== '') && !isUnicast(call.to)) {
    because(s, 'badAddress');
    return fail('ENETUNREACH');
  }
  if (num > 0) return openListening(h, s, call, num);
  return call.mode === 'passive' ? openPassive(h, s, call, process) : connect(h, s, call, process);
}

function sourceAddress(h: HostEdit, call: Pick<OpenCall, 'from' | 'to'>): string {
  if (call.from !== '') return call.from;
  if (h.base.addresses.length === 1) return h.base.addresses[0] as string;
  const v6 = call.to.includes(':');
  const first = h.base.addresses.find((address) => address.includes(':') === v6);
  return first ?? (h.base.addresses[0] as string);
}

/** A foreign socket that is fully specified awaits a particular connection (RFC 9293 §3.9.1.1). */
function openPassive(h: HostEdit, s: Step, call: OpenCall, process: number): Outcome {
  const t = createTcb(h.nextConn, call.from, call.fromPort, s.now);
  t.openedOn = call.from;
  t.awaits = call.backlog < 0 && call.to !== '' && call.toPort > 0;
  if (t.awaits) {
    t.remote = call.to;
    t.remotePort = call.toPort;
  }
  for (const num of listenersOn(h.listeners, t.local, t.localPort)) {
    const { remote, remotePort } = h.conns.get(num) as Tcb;
    if (remote === t.remote && remotePort === t.remotePort) return fail('EADDRINUSE');
  }
  h.nextConn += 1;
  t.opened = 'passive';
  t.backlog = call.backlog;
  t.process = process;
  t.options = { ...t.options, ...call.options };
  t.rcvBuf = t.options.rcvBuf || h.knobs.recv_space;
  t.sndBuf = t.options.sndBuf || h.knobs.send_space;
  if (call.iss >= 0) t.iss = call.iss;
  admit(h, t);
  enter(s, t, 'LISTEN', 'openPassive');
  listen(h.listeners, t.local, t.localPort, t.num);
  settle(h, s, t);
  return { value: t.num, error: '' };
}

function connect(h: HostEdit, s: Step, call: OpenCall, process: number): Outcome {
  if (s.now < h.quietUntil) {
    because(s, 'quietTime');
    return fail('EAGAIN');
  }
  const t = createTcb(h.nextConn, sourceAddress(h, call), call.fromPort, s.now);
  t.remote = call.to;
  t.remotePort = call.toPort;
  let iss = call.iss;
  let reused = 0;
  if (call.fromPort === 0) {
    const choice = chooseEphemeralPort(h, s.now, t.local, t.remote, t.remotePort);
    if (choice.port < 0) return noPort(h, s, 'portsExhausted');
    t.localPort = choice.port;
    reused = choice.reused;
  } else {
    const claim = claimPort(h, t);
    if (claim === 'taken') return noPort(h, s, 'socketsInUse');
    if (claim !== 'free') reused = claim;
  }
  if (reused > 0) {
    const sndNxt = h.timeWaits.get(reused)?.sndNxt ?? 0;
    if (iss < 0) iss = seqAdd(sndNxt, h.knobs.iss_step || 65_537) || 1;
    because(s, 'timeWaitReused');
    h.totals.timeWaitReused += 1;
    noteEnd(h, s, reused, 'timeWaitReused');
  }
  h.nextConn += 1;
  t.process = process;
  if (call.options !== undefined) t.options = { ...t.options, ...call.options };
  admit(h, t);
  openActive(s, t, iss >= 0 ? iss : chooseIss(s, t));
  indexConn(h, t);
  settle(h, s, t);
  return { value: t.num, error: '' };
}

function noPort(h: HostEdit, s: Step, rule: 'portsExhausted' | 'socketsInUse'): Outcome {
  because(s, rule);
  h.totals.addrNotAvail += 1;
  return fail('EADDRNOTAVAIL');
}

/** Active OPEN on a connection in LISTEN; in other states: "connection already exists". */
function openListening(h: HostEdit, s: Step, call: OpenCall, num: number): Outcome {
  const t = h.conns.has(num) ? ownTcb(h, num) : undefined;
  if (t === undefined) return fail('EBADF');
  // Only an RFC passive OPEN becomes active; a socket that listens has connections of its own.
  if (t.state !== 'LISTEN' || call.mode !== 'active' || t.backlog >= 0) return fail('EISCONN');
  const outcome = activate(h, s, t, call);
  settle(h, s, t);
  return outcome;
}

/** LISTEN becomes SYN-SENT. */
function activate(
  h: HostEdit,
  s: Step,
  t: Tcb,
  call: Pick<OpenCall, 'from' | 'to' | 'toPort' | 'iss'>,
): Outcome {
  const local = sourceAddress(h, call);
  if (findConn(h, local, t.localPort, call.to, call.toPort) >= 0) {
    return noPort(h, s, 'socketsInUse');
  }
  unlisten(h.listeners, t.local, t.localPort, t.num);
  t.local = local;
  t.remote = call.to;
  t.remotePort = call.toPort;
  openActive(s, t, call.iss >= 0 ? call.iss : chooseIss(s, t));
  indexConn(h, t);
  return { value: t.num, error: '' };
}

/** accept(): the oldest completed connection; the value is its number. */
export function accept(h: HostEdit, s: Step, num: number, process: number): Outcome {
  const t = h.conns.has(num) ? ownTcb(h, num) : undefined;
  if (t === undefined) return fail('EBADF');
  if (t.state !== 'LISTEN') return fail('EINVAL');
  const child = t.acceptQueue[0];
  h.touched.push(num);
  if (child === undefined) return fail('EAGAIN');
  t.acceptQueue = t.acceptQueue.slice(1);
  const c = ownTcb(h, child);
  if (c.state === 'CLOSED' && h.knobs.accept_ended === 'aborted') {
    c.held = false;
    settle(h, s, c);
    return fail('ECONNABORTED');
  }
  c.process = process;
  settle(h, s, c);
  return { value: child, error: '' };
}

/** A call on a connection that is there; all but OPEN and ACCEPT. */
export type ConnectionCall =
  | { readonly call: 'SEND'; readonly bytes: number; readonly urgent: boolean }
  | { readonly call: 'RECEIVE'; readonly bytes: number }
  /** `how` write: shutdown(SHUT_WR); read: SHUT_RD; both: CLOSE, the descriptor is gone. */
  | { readonly call: 'CLOSE'; readonly how: 'write' | 'read' | 'both' }
  | { readonly call: 'ABORT' }
  | { readonly call: 'STATUS' }
  | { readonly call: 'SET'; readonly options: Partial<SocketOptions> };

/** SEND, RECEIVE, CLOSE, ABORT, STATUS and socket options on a connection. */
export function callOn(h: HostEdit, s: Step, num: number, call: ConnectionCall): Outcome {
  const found = h.conns.get(num);
  if (found === undefined) return callOnTimeWait(h, num);
  if (found.state === 'LISTEN' && isForGood(call)) endChildren(h, s, num);
  const t = ownTcb(h, num);
  if (t.state === 'LISTEN' && t.awaits && call.call === 'SEND') sendListening(h, s, t);
  const outcome = run(s, t, call);
  settle(h, s, t);
  return outcome;
}

/** SEND in LISTEN with a foreign socket: passive becomes active (RFC 9293 §3.10.2). */
function sendListening(h: HostEdit, s: Step, t: Tcb): void {
  const iss = t.iss > 0 ? t.iss : -1;
  activate(h, s, t, { from: t.openedOn, to: t.remote, toPort: t.remotePort, iss });
}

function run(s: Step, t: Tcb, call: ConnectionCall): Outcome {
  switch (call.call) {
    case 'SEND':
      return send(s, t, call.bytes, call.urgent);
    case 'RECEIVE':
      return receive(s, t, call.bytes);
    case 'CLOSE':
      return close(s, t, call.how);
    case 'ABORT':
      return abort(s, t);
    case 'STATUS':
      return status(t);
    case 'SET':
      return setOptions(s, t, call.options);
  }
}

function isForGood(call: ConnectionCall): boolean {
  return call.call === 'ABORT' || (call.call === 'CLOSE' && call.how !== 'read');
}

/** The record of an orphan in TIME-WAIT has no user any more. */
function callOnTimeWait(h: HostEdit, num: number): Outcome {
  h.touched.push(num);
  return fail('EBADF');
}

/** CLOSE of a listener ends the connections that nobody accepted. */
function endChildren(h: HostEdit, s: Step, listener: number): void {
  const { acceptQueue, synQueue } = h.conns.get(listener) as Tcb;
  const waiting = [...acceptQueue];
  if (synQueue > 0) {
    // This ends the edit of the table: whoever owned a record before does so no more.
    for (const [num, c] of h.conns.done().entries()) {
      if (c.listener === listener && c.state === 'SYN-RECEIVED') waiting.push(num);
    }
  }
  for (const num of waiting) {
    if (!h.conns.has(num)) continue;
    const c = ownTcb(h, num);
    c.held = false;
    if (c.state !== 'CLOSED') {
      sendReset(s, c, RST | ACK);
      endConnection(s, c, '', 'abortReset');
    }
    settle(h, s, c);
  }
  ownTcb(h, listener).acceptQueue = [];
}

/** Sets socket options; buffers take effect at once where the connection is open. */
function setOptions(s: Step, t: Tcb, options: Partial<SocketOptions>): Outcome {
  t.options = { ...t.options, ...options };
  if (options.rcvBuf !== undefined && options.rcvBuf > 0) t.rcvBuf = options.rcvBuf;
  if (options.sndBuf !== undefined && options.sndBuf > 0) t.sndBuf = options.sndBuf;
  if (options.userTimeout_ms !== undefined) resetUserTimeout(s, t);
  const { keepalive, keepaliveIdle_ms: idle, keepaliveInit_ms: init } = options;
  if (t.state === 'SYN-SENT' && init !== undefined) t.keepAt = deadlineMs(s, init);
  if (isSynchronized(t.state) && (keepalive !== undefined || idle !== undefined)) t.keepAt = 0;
  startKeepAlive(s, t);
  return { value: 0, error: '' };
}
