/**
 * Every connection that ever was, which events touched it, and which took it to another state:
 * gathered while a log is folded.
 */
import { createSparse, type Sparse, sparseGet, sparseSet } from '../base/sparse.ts';
import type { HostEdit } from '../host/edit.ts';
import { type State, stateNumber } from '../tcp/states.ts';
import { type Features, notePort } from './features.ts';
import { addPosting, createPostings, lastPosting, lastTag, type Postings } from './postings.ts';
import type { Biography } from './timeline.ts';
import type { World } from './world.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export type Biographies = {
  readonly list: Mutable<Biography>[];
  /** By host: the place in the list of each connection by its number, + 1. */
  readonly places: Sparse[];
  /** Numbers of events by place in the list. */
  readonly events: Postings;
  /** Those that changed the state; the tag is the state after, by position in STATES. */
  readonly changes: Postings;
  /** Connections by their ports whose other end is not found yet, the newest of each 4-tuple. */
  readonly open: Map<number, Mutable<Biography>[]>;
};

export function createBiographies(): Biographies {
  return {
    list: [],
    places: [],
    events: createPostings(),
    changes: createPostings(),
    open: new Map(),
  };
}

/** The place of a connection in the list; -1: there was none. */
export function placeOf(b: Biographies, host: number, conn: number): number {
  const places = b.places[host];
  return places === undefined ? -1 : sparseGet(places, conn) - 1;
}

export function biographyOf(b: Biographies, host: number, conn: number): Biography | undefined {
  return b.list[placeOf(b, host, conn)];
}

/** Notes what event `n` touched; called after it was folded. */
export function noteTouched(b: Biographies, f: Features, w: World, n: number): void {
  for (let i = 0; i < w.touched.length; i += 1) {
    const h = w.touched[i] as HostEdit;
    for (let j = 0; j < h.touched.length; j += 1) noteConn(b, f, h, h.touched[j] as number, n);
  }
}

function noteConn(b: Biographies, f: Features, h: HostEdit, num: number, n: number): void {
  const tcb = h.conns.get(num);
  const t = tcb ?? h.timeWaits.get(num);
  const state = tcb?.state ?? (t === undefined ? 'CLOSED' : 'TIME-WAIT');
  const place = placeOf(b, h.index, num);
  if (place < 0) {
    if (t === undefined) return;
    const life = {
      host: h.index,
      conn: num,
      local: t.local,
      localPort: t.localPort,
      remote: t.remote,
      remotePort: t.remotePort,
      born: n,
      died: -1,
      peerHost: -1,
      peerConn: 0,
    };
    note(b, b.list.length, n, state);
    b.list.push(life);
    let places = b.places[h.index];
    if (places === undefined) {
      places = createSparse();
      b.places[h.index] = places;
    }
    sparseSet(places, num, b.list.length);
    notePorts(f, life, n);
    marry(b, life);
    return;
  }
  const life = b.list[place] as Mutable<Biography>;
  note(b, place, n, state);
  notePorts(f, life, n);
  if (t === undefined || state === 'CLOSED') {
    if (life.died < 0) life.died = n;
  } else if (life.remotePort !== t.remotePort || life.local !== t.local) {
    life.local = t.local;
    life.remote = t.remote;
    life.remotePort = t.remotePort;
    notePorts(f, life, n);
    marry(b, life);
  }
}

/** An event that touched a connection twice is noted once: what is left of it is the same. */
function note(b: Biographies, place: number, n: number, state: State): void {
  if (lastPosting(b.events, place) === n) return;
  addPosting(b.events, place, n, 0);
  const number = stateNumber(state);
  if (lastTag(b.changes, place) !== number) addPosting(b.changes, place, n, number);
}

/** A port of 0 is none: an end that is not known yet. */
function notePorts(f: Features, life: Biography, n: number): void {
  if (life.localPort > 0) notePort(f, n, life.localPort);
  if (life.remotePort > 0) notePort(f, n, life.remotePort);
}

/** Finds the other end: the newest connection with the mirrored 4-tuple that has no peer yet. */
function marry(b: Biographies, life: Mutable<Biography>): void {
  if (life.remotePort === 0) return;
  const there = portsKey(life.remotePort, life.localPort);
  const others = b.open.get(there) ?? [];
  const at = others.findIndex((o) => o.local === life.remote && o.remote === life.local);
  const peer = others[at];
  if (peer !== undefined && peer !== life && peer.died < 0) {
    if (others.length === 1) b.open.delete(there);
    else others.splice(at, 1);
    life.peerHost = peer.host;
    life.peerConn = peer.conn;
    peer.peerHost = life.host;
    peer.peerConn = life.conn;
    return;
  }
  const here = portsKey(life.localPort, life.remotePort);
  const alike = b.open.get(here);
  if (alike === undefined) b.open.set(here, [life]);
  else {
    const older = alike.findIndex((o) => o.local === life.local && o.remote === life.remote);
    alike.splice(older < 0 ? alike.length : older, 1, life);
  }
}

/** Two ports as one 32-bit number, which a map finds without making a text. */
function portsKey(local: number, remote: number): number {
  return (local << 16) | remote;
}
