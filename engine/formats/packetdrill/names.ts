/** Names of constants in scripts: errors by their numbers, flags, and the states of TCP_INFO. */
import type { State } from '../../tcp/states.ts';
import type { Value } from './ast.ts';
import { Missing } from './failure.ts';

/** The family of a stack: numbers of constants differ between the two. */
export type Family = 'bsd' | 'linux';

export function familyOf(profile: string): Family {
  return profile === 'linux' ? 'linux' : 'bsd';
}

/** errno by name: BSD's number and Linux's. */
const ERRNOS: Readonly<Record<string, readonly [bsd: number, linux: number]>> = {
  EBADF: [9, 9],
  EAGAIN: [35, 11],
  EINVAL: [22, 22],
  EPIPE: [32, 32],
  EINPROGRESS: [36, 115],
  EALREADY: [37, 114],
  EOPNOTSUPP: [45, 95],
  EADDRINUSE: [48, 98],
  EADDRNOTAVAIL: [49, 99],
  ENETUNREACH: [51, 101],
  ECONNABORTED: [53, 103],
  ECONNRESET: [54, 104],
  ENOBUFS: [55, 105],
  EISCONN: [56, 106],
  ENOTCONN: [57, 107],
  ETIMEDOUT: [60, 110],
  ECONNREFUSED: [61, 111],
  EHOSTUNREACH: [65, 113],
};

export function errnoNumber(name: string, family: Family): number {
  return ERRNOS[name === 'EWOULDBLOCK' ? 'EAGAIN' : name]?.[family === 'bsd' ? 0 : 1] ?? -1;
}

/** The one name of an error: EWOULDBLOCK is EAGAIN. */
export function errnoName(name: string): string {
  return name === 'EWOULDBLOCK' ? 'EAGAIN' : name;
}

/** Bits and small numbers that mean the same everywhere, or nothing that is compared. */
const CONSTANTS: Readonly<Record<string, number>> = {
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  SHUT_RD: 0,
  SHUT_WR: 1,
  SHUT_RDWR: 2,
  POLLIN: 1,
  POLLPRI: 2,
  POLLOUT: 4,
  POLLERR: 8,
  POLLHUP: 16,
  POLLNVAL: 32,
  POLLRDNORM: 64,
  POLLWRNORM: 4,
  FD_CLOEXEC: 1,
  TCPI_OPT_TIMESTAMPS: 1,
  TCPI_OPT_SACK: 2,
  TCPI_OPT_WSCALE: 4,
  TCPI_OPT_ECN: 8,
};

export const NONBLOCK: Readonly<Record<Family, number>> = { bsd: 4, linux: 0x800 };

/** States in TCP_INFO's words, in the order of each family's numbers. */
const TCPI_STATES: Readonly<Record<Family, readonly State[]>> = {
  bsd: [
    'CLOSED',
    'LISTEN',
    'SYN-SENT',
    'SYN-RECEIVED',
    'ESTABLISHED',
    'CLOSE-WAIT',
    'FIN-WAIT-1',
    'CLOSING',
    'LAST-ACK',
    'FIN-WAIT-2',
    'TIME-WAIT',
  ],
  linux: [
    'CLOSED',
    'ESTABLISHED',
    'SYN-SENT',
    'SYN-RECEIVED',
    'FIN-WAIT-1',
    'FIN-WAIT-2',
    'TIME-WAIT',
    'CLOSED',
    'CLOSE-WAIT',
    'LAST-ACK',
    'LISTEN',
    'CLOSING',
  ],
};

/** The number of a state in TCP_INFO. */
export function stateInfo(state: State, family: Family): number {
  if (family === 'linux' && state === 'CLOSED') return 7;
  return TCPI_STATES[family].indexOf(state);
}

/** A constant by its name; undefined: not known here. */
export function constant(name: string, family: Family): number | undefined {
  if (name === 'O_NONBLOCK' || name === 'SOCK_NONBLOCK') return NONBLOCK[family];
  const state = /^TCPI?_(?!OPT_)([A-Z0-9_]+)$/.exec(name)?.[1];
  if (state !== undefined) {
    const wanted = { CLOSE: 'CLOSED', SYN_RECV: 'SYN-RECEIVED', SYN_RCVD: 'SYN-RECEIVED' }[state];
    const number = TCPI_STATES[family].indexOf((wanted ?? dashed(state)) as State);
    if (number >= 0) return wanted === 'CLOSED' && family === 'linux' ? 7 : number;
  }
  if (Object.hasOwn(CONSTANTS, name)) return CONSTANTS[name];
  const errno = errnoNumber(name, family);
  return errno < 0 ? undefined : errno;
}

/** FIN_WAIT_1 as FIN-WAIT-1. */
function dashed(name: string): string {
  return name.replace(/_/g, '-');
}

/** The number of an argument; names that are not known here cannot be run. */
export function numberOf(value: Value | undefined, family: Family, what: string): number {
  if (value?.kind === 'list' && value.items.length === 1) {
    return numberOf(value.items[0], family, what);
  }
  if (value?.kind !== 'set') throw new Missing(`${what} that is not a number`);
  let number = 0;
  for (const part of value.parts) {
    const one = typeof part === 'number' ? part : constant(part, family);
    if (one === undefined) throw new Missing(`${part} as ${what}`);
    number = value.parts.length === 1 ? one : number | one;
  }
  return number;
}

/** The only name of an argument, such as SO_ERROR; '' where it is a number or several. */
export function nameOf(value: Value | undefined): string {
  if (value?.kind !== 'set' || value.parts.length !== 1) return '';
  const [part] = value.parts;
  return typeof part === 'string' ? part : '';
}

/** The names of an argument. */
export function namesOf(value: Value | undefined): readonly string[] {
  if (value?.kind !== 'set') return [];
  return value.parts.filter((part) => typeof part === 'string');
}
