/**
 * Every connection that ever was, and which events touched it: gathered while a log is folded. With
 * each event stands the state that it left the connection in.
 */
import type { HostEdit } from '../host/edit.ts';
import { HOSTS_MAX } from '../tcp/segment.ts';
import { stateNumber } from '../tcp/states.ts';
import { type Features, notePort } from './features.ts';
import { addPosting, createPostings, lastPosting, type Postings } from './postings.ts';
import type { Biography } from './timeline.ts';
import type { World } from './world.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export type Biographies = {
  readonly list: Mutable<Biography>[];
  /** Places in the list. */
  readonly byKey: Map<number, number>;
  /** Numbers of events by place in the list; the tag is the state after, by position in STATES. */
  readonly events: Postings;
  /** Connections by `address:port>address:port` whose other end is not found yet. */
  readonly open: Map<string, Mutable<Biography>>;
};

export function createBiographies(): Biographies {
  return { list: [], byKey: new Map(), events: createPostings(), open: new Map() };
}

export function connKey(host: number, conn: number): number {
  return conn * HOSTS_MAX + host;
}

export function biographyOf(b: Biographies, host: number, conn: number): Biography | undefined {
  const place = b.byKey.get(connKey(host, conn));
  return place === undefined ? undefined : b.list[place];
}

/** Notes what event `n` touched; called after it was folded. */
export function noteTouched(b: Biographies, f: Features, w: World, n: number): void {
  for (let i = 0; i < w.touched.length; i += 1) {
    const h = w.touched[i] as HostEdit;
    for (let j = 0; j < h.touched.length; j += 1) noteConn(b, f, h, h.touched[j] as number, n);
  }
}

function noteConn(b: Biographies, f: Features, h: HostEdit, num: number, n: number): void {
  const key = connKey(h.index, num);
  const tcb = h.conns.get(num);
  const t = tcb ?? h.timeWaits.get(num);
  const state = tcb?.state ?? (t === undefined ? 'CLOSED' : 'TIME-WAIT');
  const place = b.byKey.get(key);
  if (place === undefined) {
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
    b.byKey.set(key, b.list.length);
    addPosting(b.events, b.list.length, n, stateNumber(state));
    b.list.push(life);
    notePorts(f, life, n);
    marry(b, life);
    return;
  }
  const life = b.list[place] as Mutable<Biography>;
  if (lastPosting(b.events, place) !== n) addPosting(b.events, place, n, stateNumber(state));
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

/** A port of 0 is none: an end that is not known yet. */
function notePorts(f: Features, life: Biography, n: number): void {
  if (life.localPort > 0) notePort(f, n, life.localPort);
  if (life.remotePort > 0) notePort(f, n, life.remotePort);
}

/** Finds the other end: the newest connection with the mirrored 4-tuple that has no peer yet. */
function marry(b: Biographies, life: Mutable<Biography>): void {
  if (life.remotePort === 0) return;
  const there = `${life.remote}:${life.remotePort}>${life.local}:${life.localPort}`;
  const peer = b.open.get(there);
  if (peer !== undefined && peer !== life && peer.died < 0) {
    b.open.delete(there);
    life.peerHost = peer.host;
    life.peerConn = peer.conn;
    peer.peerHost = life.host;
    peer.peerConn = life.conn;
    return;
  }
  b.open.set(`${life.local}:${life.localPort}>${life.remote}:${life.remotePort}`, life);
}
