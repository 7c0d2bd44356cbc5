/** Every connection that ever was, and which events touched it: gathered while a log is folded. */
import type { HostEdit } from '../host/edit.ts';
import { HOSTS_MAX } from '../tcp/segment.ts';
import type { Biography } from './timeline.ts';
import type { World } from './world.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export type Biographies = {
  readonly list: Mutable<Biography>[];
  readonly byKey: Map<number, Mutable<Biography>>;
  /** Positions of events by connection. */
  readonly events: Map<number, number[]>;
  /** Connections by `address:port>address:port` whose other end is not found yet. */
  readonly open: Map<string, Mutable<Biography>>;
};

export function createBiographies(): Biographies {
  return { list: [], byKey: new Map(), events: new Map(), open: new Map() };
}

export function connKey(host: number, conn: number): number {
  return conn * HOSTS_MAX + host;
}

/** Notes what event `n` touched; called after it was folded. */
export function noteTouched(b: Biographies, w: World, n: number): void {
  for (const h of w.touched) {
    for (const num of h.touched) noteConn(b, h, num, n);
  }
}

function noteConn(b: Biographies, h: HostEdit, num: number, n: number): void {
  const key = connKey(h.index, num);
  let life = b.byKey.get(key);
  const t = h.conns.get(num) ?? h.timeWaits.get(num);
  if (life === undefined) {
    if (t === undefined) return;
    life = {
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
    b.byKey.set(key, life);
    b.list.push(life);
    b.events.set(key, [n]);
    marry(b, life);
    return;
  }
  const events = b.events.get(key) as number[];
  if (events[events.length - 1] !== n) events.push(n);
  if (t === undefined || ('state' in t && t.state === 'CLOSED')) {
    if (life.died < 0) life.died = n;
  } else if (life.remotePort !== t.remotePort || life.local !== t.local) {
    life.local = t.local;
    life.remote = t.remote;
    life.remotePort = t.remotePort;
    marry(b, life);
  }
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
