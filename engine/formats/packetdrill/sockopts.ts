/** setsockopt, getsockopt, ioctl and poll: what scripts set, and what they look at. */
import type { SocketOptions, Tcb } from '../../tcp/tcb.ts';
import type { Value, WrittenCall } from './ast.ts';
import { Failed, Missing } from './failure.ts';
import { errnoNumber, nameOf, numberOf } from './names.ts';
import { call, knobs, setKnobs, tcbOf } from './session.ts';
import {
  type Answer,
  gives,
  hasRoom,
  isReadable,
  type Result,
  type Socket,
  type Sockets,
  waits,
} from './sockets.ts';

/** Accepted: what they change is not to be seen here. */
const WITHOUT_EFFECT = new Set(
  `SO_REUSEADDR SO_REUSEPORT SO_DEBUG SO_NOSIGPIPE IPV6_V6ONLY IP_TOS IPV6_TCLASS IP_TTL
   IPV6_UNICAST_HOPS`.split(/\s+/),
);

type OptionSetter = (value: number) => Partial<SocketOptions>;

const SETTERS: Readonly<Record<string, OptionSetter>> = {
  SO_KEEPALIVE: (v) => ({ keepalive: v !== 0 }),
  SO_RCVBUF: (v) => ({ rcvBuf: v }),
  SO_SNDBUF: (v) => ({ sndBuf: v }),
  TCP_NODELAY: (v) => ({ noDelay: v !== 0 }),
  TCP_USER_TIMEOUT: (v) => ({ userTimeout_ms: v }),
  TCP_KEEPIDLE: (v) => ({ keepaliveIdle_ms: v * 1000 }),
  TCP_KEEPINTVL: (v) => ({ keepaliveInterval_ms: v * 1000 }),
  TCP_KEEPCNT: (v) => ({ keepaliveProbes: v }),
  TCP_KEEPINIT: (v) => ({ keepaliveInit_ms: v * 1000 }),
};

export function setsockopt(x: Sockets, k: Socket, written: WrittenCall): Result {
  const name = nameOf(written.args[2]);
  const value = written.args[3];
  if (WITHOUT_EFFECT.has(name)) return gives(0);
  if (name === 'TCP_FUNCTION_BLK' && usesOwnFunctions(value)) return gives(0);
  if (name === 'TCP_CONGESTION') return chooseCongestion(x, value);
  let options: Partial<SocketOptions>;
  if (name === 'SO_LINGER') {
    const { onoff, linger } = lingerOf(x, value);
    options = { linger_s: onoff ? linger : -1 };
  } else if (Object.hasOwn(SETTERS, name)) {
    options = (SETTERS[name] as OptionSetter)(numberOf(value, x.family, `the value of ${name}`));
  } else throw new Missing(`setsockopt() with ${name}`);
  k.options = { ...k.options, ...options };
  if (k.conn !== 0) call(x.session, k.conn, { call: 'SET', options });
  return gives(0);
}

/** Congestion control by its name; a script has one connection, so it is the host's. */
function chooseCongestion(x: Sockets, value: Value | undefined): Result {
  const item = value?.kind === 'list' ? value.items[0] : value;
  const name = item?.kind === 'text' ? item.text : '';
  if (name === 'cubic') setKnobs(x.session, { congestion: 'cubic' });
  else if (name === 'reno' || name === 'newreno') setKnobs(x.session, { congestion: 'newreno' });
  else throw new Missing(`TCP_CONGESTION "${name}"`);
  return gives(0);
}

/** FreeBSD's default stack, by its name. */
function usesOwnFunctions(value: Value | undefined): boolean {
  const fields = value?.kind === 'list' ? value.items[0] : value;
  if (fields?.kind !== 'struct') return false;
  const name = fields.fields.get('function_set_name');
  return name?.kind === 'text' && name.text === 'freebsd';
}

/** `{onoff=1, linger=0}`, also in square brackets, or as two numbers. */
function lingerOf(x: Sockets, value: Value | undefined): { onoff: boolean; linger: number } {
  const at = (item: Value | undefined): number => numberOf(item, x.family, 'a part of SO_LINGER');
  if (value?.kind === 'struct') {
    const field = (name: string) => value.fields.get(`l_${name}`) ?? value.fields.get(name);
    return { onoff: at(field('onoff')) !== 0, linger: at(field('linger')) };
  }
  if (value?.kind === 'list' && value.items.length === 1) return lingerOf(x, value.items[0]);
  if (value?.kind === 'list' && value.items.length === 2) {
    return { onoff: at(value.items[0]) !== 0, linger: at(value.items[1]) };
  }
  throw new Missing('SO_LINGER in this form');
}

/** Asserts the value of an option. */
export function getsockopt(x: Sockets, k: Socket, written: WrittenCall): Result {
  const name = nameOf(written.args[2]);
  const value = written.args[3];
  if (name === 'SO_ERROR') {
    const error = k.conn === 0 ? '' : call(x.session, k.conn, { call: 'STATUS' }).error;
    check(value, x, name, error === '' ? 0 : errnoNumber(error, x.family), error || '0');
    return gives(0);
  }
  if (name === 'SO_LINGER') {
    const wanted = lingerOf(x, value);
    const { linger_s: seconds = -1 } = optionsOf(x, k);
    const onoff = seconds >= 0;
    if (wanted.onoff !== onoff || (onoff && wanted.linger !== seconds)) {
      throw new Failed(lingerText(wanted.onoff, wanted.linger), lingerText(onoff, seconds));
    }
    return gives(0);
  }
  const found = optionValue(x, k, name);
  if (typeof found === 'boolean') {
    // A switch that is on reads as any number but 0.
    const wanted = numberOf(value, x.family, `the value of ${name}`) !== 0;
    if (wanted !== found) throw new Failed(`[${Number(wanted)}]`, `[${Number(found)}]`);
  } else check(value, x, name, found, String(found));
  return gives(0);
}

function lingerText(onoff: boolean, seconds: number): string {
  return `{onoff=${Number(onoff)}, linger=${Math.max(0, seconds)}}`;
}

function check(
  value: Value | undefined,
  x: Sockets,
  name: string,
  found: number,
  text: string,
): void {
  if (value?.kind === 'any' || (value?.kind === 'list' && value.items[0]?.kind === 'any')) return;
  const wanted = numberOf(value, x.family, `the value of ${name}`);
  if (wanted === found) return;
  const item = value?.kind === 'list' ? value.items[0] : value;
  throw new Failed(`${name} [${nameOf(item) || wanted}]`, `[${text}]`);
}

function optionsOf(x: Sockets, k: Socket): Partial<SocketOptions> {
  return tcbOf(x.session, k.conn)?.options ?? k.options;
}

function optionValue(x: Sockets, k: Socket, name: string): number | boolean {
  const options = optionsOf(x, k);
  const t = tcbOf(x.session, k.conn);
  const set = knobs(x.session);
  switch (name) {
    case 'SO_RCVBUF':
      return buffer(x, options.rcvBuf ?? 0, t?.rcvBuf ?? 0, k.rcvBuf);
    case 'SO_SNDBUF':
      return buffer(x, options.sndBuf ?? 0, t?.sndBuf ?? 0, k.sndBuf);
    case 'SO_KEEPALIVE':
      return options.keepalive ?? false;
    case 'SO_REUSEADDR':
    case 'SO_REUSEPORT':
      return true;
    case 'TCP_NODELAY':
      return options.noDelay ?? false;
    case 'TCP_USER_TIMEOUT':
      return options.userTimeout_ms ?? 0;
    case 'TCP_KEEPIDLE':
      return (options.keepaliveIdle_ms || set.keepalive_idle_ms) / 1000;
    case 'TCP_KEEPINTVL':
      return (options.keepaliveInterval_ms || set.keepalive_interval_ms) / 1000;
    case 'TCP_KEEPCNT':
      return options.keepaliveProbes || set.keepalive_probes;
    case 'TCP_KEEPINIT':
      return (options.keepaliveInit_ms || set.keepalive_init_ms) / 1000;
    case 'TCP_MAXSEG':
      return t?.mss ?? 536;
    default:
      throw new Missing(`getsockopt() with ${name}`);
  }
}

/** A buffer as it reads back: the connection's, else what was set or is the default. */
function buffer(x: Sockets, set: number, connection: number, start: number): number {
  const octets = connection || set || start;
  // Linux doubles what is set, for its own bookkeeping; a default is not doubled again.
  return knobs(x.session).buffer_report_double && set > 0 ? 2 * set : octets;
}

export function ioctl(x: Sockets, k: Socket, written: WrittenCall): Result {
  const name = nameOf(written.args[1]);
  const t = tcbOf(x.session, k.conn);
  switch (name) {
    case 'SIOCINQ':
    case 'FIONREAD':
      check(written.args[2], x, name, t === undefined ? 0 : t.rcvText - t.rcvRead, unreadText(t));
      return gives(0);
    case 'SIOCOUTQ':
    case 'TIOCOUTQ':
    case 'FIONWRITE': {
      const queued = t === undefined ? 0 : t.textEnd - t.textUna;
      check(written.args[2], x, name, queued, String(queued));
      return gives(0);
    }
    case 'FIONBIO':
      k.nonblock = numberOf(written.args[2], x.family, 'the value of FIONBIO') !== 0;
      return gives(0);
    default:
      throw new Missing(`ioctl() with ${name}`);
  }
}

function unreadText(t: Tcb | undefined): string {
  return String(t === undefined ? 0 : t.rcvText - t.rcvRead);
}

const POLLIN = 1 | 64;
const POLLOUT = 4;
const POLLHUP = 16;

type Polled = { readonly fd: number; readonly events: number; readonly revents: number | null };

export function poll(x: Sockets, written: WrittenCall): Answer {
  const list = written.args[0];
  if (list?.kind !== 'list') throw new Missing('poll() without a list of descriptors');
  const polled = list.items.map((item) => polledOf(x, item));
  const timeout = numberOf(written.args[2], x.family, 'the timeout of poll()');
  const ask = (): Result | null => {
    const found = polled.map(({ fd, events }) => revents(x, x.open.get(fd), events));
    const count = found.filter((bits) => bits !== 0).length;
    return count === 0 ? null : pollResult(polled, found, count);
  };
  const first = ask();
  if (first !== null) return first;
  const nothing = polled.map(() => 0);
  if (timeout === 0) return pollResult(polled, nothing, 0);
  return waits(ask, timeout < 0 ? null : x.session.now + timeout * 1000);
}

function pollResult(polled: readonly Polled[], found: readonly number[], count: number): Result {
  polled.forEach(({ fd, revents: wanted }, i) => {
    const bits = found[i] ?? 0;
    if (wanted === null || wanted === bits) return;
    throw new Failed(`revents ${pollText(wanted)} of ${fd}`, pollText(bits));
  });
  return gives(count);
}

const POLL_NAMES: readonly (readonly [number, string])[] = [
  [1, 'POLLIN'],
  [64, 'POLLRDNORM'],
  [4, 'POLLOUT'],
  [8, 'POLLERR'],
  [16, 'POLLHUP'],
  [32, 'POLLNVAL'],
];

function pollText(bits: number): string {
  const names = POLL_NAMES.filter(([bit]) => bits & bit).map(([, name]) => name);
  return names.length === 0 ? '0' : names.join('|');
}

function polledOf(x: Sockets, item: Value): Polled {
  if (item.kind !== 'struct') throw new Missing('poll() in this form');
  const at = (name: string): number =>
    numberOf(item.fields.get(name), x.family, `${name} of poll()`);
  const wanted = item.fields.get('revents');
  const looked = wanted !== undefined && wanted.kind !== 'any';
  return { fd: at('fd'), events: at('events'), revents: looked ? at('revents') : null };
}

function revents(x: Sockets, k: Socket | undefined, events: number): number {
  if (k === undefined) return 32;
  const t = tcbOf(x.session, k.conn);
  if (k.role === 'listening') {
    return t !== undefined && t.acceptQueue.length > 0 ? events & POLLIN : 0;
  }
  if (k.role === 'fresh') return POLLHUP | (events & POLLOUT);
  const opening = t?.state === 'SYN-SENT' || t?.state === 'SYN-RECEIVED';
  let bits = 0;
  if (isReadable(t)) bits |= events & POLLIN;
  if (!opening && hasRoom(t)) bits |= events & POLLOUT;
  const over = t === undefined || t.state === 'CLOSED';
  if (over || ((t.finRcvd || t.rcvShut) && t.finQueued)) bits |= POLLHUP;
  if (x.family === 'linux' && t !== undefined && t.error !== '') bits |= 8;
  return bits;
}
