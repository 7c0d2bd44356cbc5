/**
 * Descriptors, and the calls on them that open, move data and close (the sockets API on the
 * engine's own calls). A call either gives a result at once, or it waits: then it can be asked
 * again after each event.
 */
import type { Micros } from '../../base/time.ts';
import type { SocketOptions, Tcb } from '../../tcp/tcb.ts';
import type { ScriptOptions, Value, WrittenCall } from './ast.ts';
import { Missing } from './failure.ts';
import { type Family, NONBLOCK, nameOf, namesOf, numberOf } from './names.ts';
import { addresses, call, type Given, knobs, type Session, tcbOf } from './session.ts';

export type Socket = {
  /** Number of the connection; 0: none yet. */
  conn: number;
  role: 'fresh' | 'listening' | 'connection';
  /** 0: not bound. */
  port: number;
  nonblock: boolean;
  /** Set before there is a connection. */
  options: Partial<SocketOptions>;
  /** Buffers of sockets that were made when this one was. */
  readonly rcvBuf: number;
  readonly sndBuf: number;
};

export type Result = { readonly value: number; readonly errno: string };

/** A call that waits: null until its result is there. */
export type Waiting = { readonly ask: () => Result | null; readonly timeout: Micros | null };

export type Answer = Result | Waiting;

export type Sockets = {
  readonly session: Session;
  readonly options: ScriptOptions;
  readonly family: Family;
  readonly open: Map<number, Socket>;
  /** The connection that TCP_INFO looks at: the last that was opened. */
  current: number;
  /** Where segments of the script come from and go to. */
  path: { localPort: number; peerPort: number };
  nextPeerPort: number;
};

const FIRST_PEER_PORT = 40_000;

export function createSockets(session: Session, options: ScriptOptions, family: Family): Sockets {
  return {
    session,
    options,
    family,
    open: new Map(),
    current: 0,
    path: { localPort: options.bindPort, peerPort: FIRST_PEER_PORT },
    nextPeerPort: FIRST_PEER_PORT + 1,
  };
}

export const gives = (value: number): Result => ({ value, errno: '' });
export const fails = (errno: string): Result => ({ value: -1, errno });
export const waits = (ask: () => Result | null, timeout: Micros | null = null): Waiting => ({
  ask,
  timeout,
});

function given(result: Given): Result {
  return result.error === '' ? gives(result.value) : fails(result.error);
}

/** The descriptor of a call's first argument. */
export function fdOf(x: Sockets, written: WrittenCall): number {
  return numberOf(written.args[0], x.family, 'a descriptor');
}

export function socketOf(x: Sockets, written: WrittenCall): Socket | undefined {
  return x.open.get(fdOf(x, written));
}

export function socket(x: Sockets, written: WrittenCall): Result {
  const [, type, protocol] = written.args;
  const types = namesOf(type);
  const stream = type?.kind === 'any' || types.includes('SOCK_STREAM');
  const tcp = protocol?.kind === 'any' || nameOf(protocol) === 'IPPROTO_TCP' || isZero(protocol);
  if (!stream || !tcp) throw new Missing('a socket that is not of TCP');
  for (const name of types) {
    if (!['SOCK_STREAM', 'SOCK_NONBLOCK', 'SOCK_CLOEXEC'].includes(name)) {
      throw new Missing(`${name} as a type of socket`);
    }
  }
  const { recv_space: rcvBuf, send_space: sndBuf } = knobs(x.session);
  // A result that is an error names no descriptor: the comparison tells.
  if (written.result === null || written.result < 0) return gives(3);
  x.open.set(written.result, {
    conn: 0,
    role: 'fresh',
    port: 0,
    nonblock: types.includes('SOCK_NONBLOCK'),
    options: {},
    rcvBuf,
    sndBuf,
  });
  return gives(written.result);
}

function isZero(value: Value | undefined): boolean {
  return value?.kind === 'set' && value.parts.length === 1 && value.parts[0] === 0;
}

export function bind(x: Sockets, k: Socket): Result {
  if (k.port !== 0 || k.role !== 'fresh') return fails('EINVAL');
  k.port = x.options.bindPort;
  newPassivePath(x);
  return gives(0);
}

/** Segments of the script go to the bound port from now on, from a port not used before. */
function newPassivePath(x: Sockets): void {
  x.path = { localPort: x.options.bindPort, peerPort: x.nextPeerPort };
  x.nextPeerPort += 1;
}

/** What the OPEN is told of the options that were set before. */
function optionsAtOpen(x: Sockets, k: Socket): Partial<SocketOptions> {
  const now = knobs(x.session);
  const options: { -readonly [K in keyof SocketOptions]?: SocketOptions[K] } = { ...k.options };
  if (options.rcvBuf === undefined && k.rcvBuf !== now.recv_space) options.rcvBuf = k.rcvBuf;
  if (options.sndBuf === undefined && k.sndBuf !== now.send_space) options.sndBuf = k.sndBuf;
  return options;
}

const PASSIVE = { call: 'OPEN', mode: 'passive', to: '', toPort: 0, from: '', iss: -1 } as const;

export function listen(x: Sockets, k: Socket, written: WrittenCall): Result {
  if (k.role === 'listening') return gives(0);
  if (k.role !== 'fresh') return fails('EINVAL');
  const asked = numberOf(written.args[1], x.family, 'a backlog');
  const backlog = asked < 0 ? knobs(x.session).backlog_max : asked;
  if (k.port === 0) throw new Missing('listen() on a socket that is not bound');
  const options = optionsAtOpen(x, k);
  const opened = call(x.session, 0, {
    ...PASSIVE,
    fromPort: k.port,
    backlog,
    nowait: false,
    ...(Object.keys(options).length > 0 ? { options } : {}),
  });
  if (opened.error !== '') return fails(opened.error);
  k.conn = opened.value;
  k.role = 'listening';
  x.current = k.conn;
  return gives(0);
}

export function connect(x: Sockets, k: Socket): Answer {
  if (k.role === 'listening') return fails(x.family === 'bsd' ? 'EOPNOTSUPP' : 'EISCONN');
  if (k.role === 'connection') return connectAgain(x, k);
  const { local, peer } = addresses(x.session);
  const options = optionsAtOpen(x, k);
  const opened = call(x.session, 0, {
    call: 'OPEN',
    mode: 'active',
    to: peer,
    toPort: x.options.connectPort,
    from: local,
    fromPort: k.port,
    backlog: -1,
    iss: -1,
    nowait: k.nonblock,
    ...(Object.keys(options).length > 0 ? { options } : {}),
  });
  if (opened.error !== '') return fails(opened.error);
  k.conn = opened.value;
  k.role = 'connection';
  x.current = k.conn;
  const t = tcbOf(x.session, k.conn) as Tcb;
  x.path = { localPort: t.localPort, peerPort: t.remotePort };
  if (k.nonblock) return fails('EINPROGRESS');
  return waits(() => connected(x, k));
}

function connected(x: Sockets, k: Socket): Result | null {
  const t = tcbOf(x.session, k.conn);
  if (t === undefined) return fails('ECONNABORTED');
  if (t.state === 'SYN-SENT' || t.state === 'SYN-RECEIVED') return null;
  if (t.error === '') return t.state === 'CLOSED' ? fails('ECONNABORTED') : gives(0);
  return fails(call(x.session, k.conn, { call: 'STATUS' }).error);
}

function connectAgain(x: Sockets, k: Socket): Answer {
  const t = tcbOf(x.session, k.conn);
  if (t === undefined) return fails('EINVAL');
  switch (t.state) {
    case 'SYN-SENT':
    case 'SYN-RECEIVED':
      return fails('EALREADY');
    case 'CLOSED':
      if (t.error !== '') return fails(call(x.session, k.conn, { call: 'STATUS' }).error);
      return fails(x.family === 'bsd' ? 'EINVAL' : 'ECONNABORTED');
    default:
      return fails('EISCONN');
  }
}

export function accept(x: Sockets, k: Socket, written: WrittenCall): Answer {
  if (k.role !== 'listening') return fails('EINVAL');
  const ask = (): Result | null => {
    const listener = tcbOf(x.session, k.conn);
    if (listener === undefined || listener.acceptQueue.length === 0) return null;
    const accepted = call(x.session, k.conn, { call: 'ACCEPT' });
    if (accepted.error !== '') return fails(accepted.error);
    if (written.result === null || written.result < 0) return gives(3);
    const flags = namesOf(written.args[3]);
    x.open.set(written.result, {
      conn: accepted.value,
      role: 'connection',
      port: k.port,
      // BSD's accepted descriptors inherit the flags of the listening one.
      nonblock: flags.includes('SOCK_NONBLOCK') || (x.family === 'bsd' && k.nonblock),
      options: {},
      rcvBuf: k.rcvBuf,
      sndBuf: k.sndBuf,
    });
    x.current = accepted.value;
    return gives(written.result);
  };
  return ask() ?? (k.nonblock ? fails('EAGAIN') : waits(ask));
}

export function read(x: Sockets, k: Socket, bytes: number, once: boolean): Answer {
  if (k.role === 'fresh') return fails('ENOTCONN');
  const ask = (): Result | null => {
    if (!isReadable(tcbOf(x.session, k.conn))) return null;
    return given(call(x.session, k.conn, { call: 'RECEIVE', bytes }));
  };
  if (k.role === 'listening') return fails('ENOTCONN');
  return ask() ?? (k.nonblock || once ? fails('EAGAIN') : waits(ask));
}

/** Whether a read would not wait: text, the end of it, or an error. */
export function isReadable(t: Tcb | undefined): boolean {
  if (t === undefined || t.error !== '' || t.finRcvd || t.rcvShut) return true;
  return t.rcvText > t.rcvRead || t.state === 'CLOSED' || t.state === 'TIME-WAIT';
}

export function write(
  x: Sockets,
  k: Socket,
  bytes: number,
  urgent: boolean,
  once: boolean,
): Answer {
  if (k.role !== 'connection') return fails(x.family === 'bsd' ? 'ENOTCONN' : 'EPIPE');
  let written = 0;
  const ask = (): Result | null => {
    const sent = call(x.session, k.conn, { call: 'SEND', bytes: bytes - written, urgent });
    if (sent.error === 'EAGAIN') return null;
    if (sent.error !== '') return written > 0 ? gives(written) : fails(sent.error);
    written += sent.value;
    return written === bytes ? gives(bytes) : null;
  };
  const first = ask();
  if (first !== null) return first;
  if (k.nonblock || once) return written > 0 ? gives(written) : fails('EAGAIN');
  return waits(() => (hasRoom(tcbOf(x.session, k.conn)) ? ask() : null));
}

/** Whether a write would not wait: room, or an error. */
export function hasRoom(t: Tcb | undefined): boolean {
  if (t === undefined || t.error !== '' || t.finQueued || t.state === 'CLOSED') return true;
  return t.sndBuf > t.textEnd - t.textUna;
}

export function close(x: Sockets, k: Socket, fd: number): Result {
  x.open.delete(fd);
  if (k.conn !== 0) call(x.session, k.conn, { call: 'CLOSE', how: 'both' });
  return gives(0);
}

export function shutdown(x: Sockets, k: Socket, written: WrittenCall): Result {
  const how = numberOf(written.args[1], x.family, 'how to shut down');
  if (k.role === 'fresh' || k.role === 'listening') return fails('ENOTCONN');
  const t = tcbOf(x.session, k.conn);
  if (t === undefined || t.state === 'CLOSED') return fails('ENOTCONN');
  const wr = how === 0 ? null : call(x.session, k.conn, { call: 'CLOSE', how: 'write' });
  const rd = how === 1 ? null : call(x.session, k.conn, { call: 'CLOSE', how: 'read' });
  return given(wr ?? rd ?? { value: 0, error: '' });
}

export function fcntl(x: Sockets, k: Socket, written: WrittenCall): Result {
  const command = nameOf(written.args[1]);
  const bit = NONBLOCK[x.family];
  switch (command) {
    case 'F_GETFL':
      return gives(2 | (k.nonblock ? bit : 0));
    case 'F_SETFL':
      k.nonblock = (numberOf(written.args[2], x.family, 'flags of a descriptor') & bit) !== 0;
      return gives(0);
    case 'F_GETFD':
    case 'F_SETFD':
      return gives(0);
    default:
      throw new Missing(`fcntl() with ${command}`);
  }
}
