/** Which call is which. */
import type { WrittenCall } from './ast.ts';
import { Missing } from './failure.ts';
import { namesOf, numberOf } from './names.ts';
import {
  type Answer,
  accept,
  bind,
  close,
  connect,
  fails,
  fcntl,
  fdOf,
  listen,
  read,
  type Socket,
  type Sockets,
  shutdown,
  socket,
  socketOf,
  write,
} from './sockets.ts';
import { getsockopt, ioctl, poll, setsockopt } from './sockopts.ts';

/** Makes a call of the script. */
export function makeCall(x: Sockets, written: WrittenCall): Answer {
  if (written.name === 'socket') return socket(x, written);
  if (written.name === 'poll') return poll(x, written);
  const known = Object.hasOwn(CALLS, written.name) ? CALLS[written.name] : undefined;
  if (known === undefined) throw new Missing(`${written.name}()`);
  const k = socketOf(x, written);
  return k === undefined ? fails('EBADF') : known(x, k, written);
}

type Make = (x: Sockets, k: Socket, written: WrittenCall) => Answer;

const CALLS: Readonly<Record<string, Make>> = {
  bind: (x, k) => bind(x, k),
  listen,
  accept,
  accept4: accept,
  connect: (x, k) => connect(x, k),
  read: (x, k, w) => read(x, k, bytesOf(x, w), false),
  recv: (x, k, w) => read(x, k, bytesOf(x, w), flagsOf(x, w).once),
  recvfrom: (x, k, w) => read(x, k, bytesOf(x, w), flagsOf(x, w).once),
  write: (x, k, w) => write(x, k, bytesOf(x, w), false, false),
  send: sendFlagged,
  sendto: sendFlagged,
  close: (x, k, w) => close(x, k, fdOf(x, w)),
  shutdown,
  fcntl,
  ioctl,
  setsockopt,
  getsockopt,
};

function sendFlagged(x: Sockets, k: Socket, written: WrittenCall): Answer {
  const { once, urgent } = flagsOf(x, written);
  return write(x, k, bytesOf(x, written), urgent, once);
}

function bytesOf(x: Sockets, written: WrittenCall): number {
  return numberOf(written.args[2], x.family, 'a number of octets');
}

const FLAGS = new Set(['MSG_DONTWAIT', 'MSG_OOB', 'MSG_NOSIGNAL']);

/** Flags of send() and recv(). */
function flagsOf(x: Sockets, written: WrittenCall): { once: boolean; urgent: boolean } {
  const flags = written.args[3];
  const names = namesOf(flags);
  const unknown = names.find((name) => !FLAGS.has(name));
  if (unknown !== undefined) throw new Missing(`${written.name}() with ${unknown}`);
  const urgent = names.includes('MSG_OOB');
  if (urgent && written.name.startsWith('recv')) throw new Missing('recv() with MSG_OOB');
  if (names.length === 0 && flags !== undefined && numberOf(flags, x.family, 'flags') !== 0) {
    throw new Missing(`${written.name}() with flags as a number`);
  }
  return { once: names.includes('MSG_DONTWAIT'), urgent };
}
