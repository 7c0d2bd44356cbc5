/**
 * What is known of every connection that ever was, a row of numbers for each: a log of millions of
 * connections would be millions of records otherwise, all of which a collector of garbage walks
 * through again and again. A record is made of a row when somebody asks for it.
 */
import type { Biography } from './timeline.ts';

/** Columns of a row. Addresses stand as numbers; the other end is the place of its row, or -1. */
const HOST = 0;
const CONN = 1;
const LOCAL = 2;
const LOCAL_PORT = 3;
const REMOTE = 4;
const REMOTE_PORT = 5;
const BORN = 6;
const DIED = 7;
const PEER = 8;
const WIDTH = 9;

export type Lives = {
  count: number;
  cells: Int32Array;
  readonly addresses: string[];
  readonly numbers: Map<string, number>;
};

/** Both ends of a connection as one of them sees it. */
export type Sockets = {
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
};

export function createLives(): Lives {
  return { count: 0, cells: new Int32Array(256 * WIDTH), addresses: [], numbers: new Map() };
}

function numberOf(l: Lives, address: string): number {
  let number = l.numbers.get(address);
  if (number === undefined) {
    number = l.addresses.length;
    l.addresses.push(address);
    l.numbers.set(address, number);
  }
  return number;
}

/** A connection that event `born` made; gives its place. */
export function addLife(l: Lives, host: number, conn: number, t: Sockets, born: number): number {
  const place = l.count;
  l.count += 1;
  if (l.count * WIDTH > l.cells.length) {
    const cells = new Int32Array(l.cells.length * 2);
    cells.set(l.cells);
    l.cells = cells;
  }
  const row = place * WIDTH;
  l.cells[row + HOST] = host;
  l.cells[row + CONN] = conn;
  l.cells[row + BORN] = born;
  l.cells[row + DIED] = -1;
  l.cells[row + PEER] = -1;
  setSockets(l, place, t);
  return place;
}

export function setSockets(l: Lives, place: number, t: Sockets): void {
  const row = place * WIDTH;
  l.cells[row + LOCAL] = numberOf(l, t.local);
  l.cells[row + LOCAL_PORT] = t.localPort;
  l.cells[row + REMOTE] = numberOf(l, t.remote);
  l.cells[row + REMOTE_PORT] = t.remotePort;
}

/** Whether the connection has the foreign port and the local address that it had. */
export function hasSockets(l: Lives, place: number, t: Sockets): boolean {
  const row = place * WIDTH;
  return (
    l.cells[row + REMOTE_PORT] === t.remotePort &&
    l.addresses[l.cells[row + LOCAL] as number] === t.local
  );
}

export function localPortOf(l: Lives, place: number): number {
  return l.cells[place * WIDTH + LOCAL_PORT] as number;
}

export function remotePortOf(l: Lives, place: number): number {
  return l.cells[place * WIDTH + REMOTE_PORT] as number;
}

/** Whether the addresses of one are those of another, or (`mirrored`) of its other end. */
export function sameAddresses(l: Lives, a: number, b: number, mirrored: boolean): boolean {
  const { cells } = l;
  const local = cells[b * WIDTH + (mirrored ? REMOTE : LOCAL)];
  const remote = cells[b * WIDTH + (mirrored ? LOCAL : REMOTE)];
  return cells[a * WIDTH + LOCAL] === local && cells[a * WIDTH + REMOTE] === remote;
}

/** Event `n` ended the connection, if none has before. */
export function noteDeath(l: Lives, place: number, n: number): void {
  if (!isDead(l, place)) l.cells[place * WIDTH + DIED] = n;
}

export function isDead(l: Lives, place: number): boolean {
  return (l.cells[place * WIDTH + DIED] as number) >= 0;
}

/** Each is the other's other end. */
export function pair(l: Lives, a: number, b: number): void {
  l.cells[a * WIDTH + PEER] = b;
  l.cells[b * WIDTH + PEER] = a;
}

/** The record of a row; undefined: there is no such place. */
export function lifeAt(l: Lives, place: number): Biography | undefined {
  if (!(place >= 0 && place < l.count)) return undefined;
  const row = place * WIDTH;
  const at = (column: number): number => l.cells[row + column] as number;
  const peer = at(PEER);
  return {
    host: at(HOST),
    conn: at(CONN),
    local: l.addresses[at(LOCAL)] as string,
    localPort: at(LOCAL_PORT),
    remote: l.addresses[at(REMOTE)] as string,
    remotePort: at(REMOTE_PORT),
    born: at(BORN),
    died: at(DIED),
    peerHost: peer < 0 ? -1 : (l.cells[peer * WIDTH + HOST] as number),
    peerConn: peer < 0 ? 0 : (l.cells[peer * WIDTH + CONN] as number),
  };
}

/** All of them, in the order in which they began. */
export function allLives(l: Lives): Biography[] {
  return Array.from({ length: l.count }, (_, place) => lifeAt(l, place) as Biography);
}

/** Octets of memory, those held in reserve included. */
export function livesBytes(l: Lives): number {
  return l.cells.byteLength;
}
