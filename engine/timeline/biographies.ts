/**
 * Every connection that ever was, which events touched it, and which took it to another state:
 * gathered while a log is folded.
 */
import { createSparse, type Sparse, sparseGet, sparseSet } from '../base/sparse.ts';
import type { HostEdit } from '../host/edit.ts';
import { type State, stateNumber } from '../tcp/states.ts';
import { type Features, notePort } from './features.ts';
import {
  addLife,
  createLives,
  hasSockets,
  isDead,
  type Lives,
  lifeAt,
  livesBytes,
  localPortOf,
  noteDeath,
  pair,
  remotePortOf,
  sameAddresses,
  setSockets,
} from './lives.ts';
import {
  addPosting,
  createPostings,
  lastPosting,
  lastTag,
  type Postings,
  postingsBytes,
} from './postings.ts';
import type { Biography } from './timeline.ts';
import type { World } from './world.ts';

export type Biographies = {
  readonly lives: Lives;
  /** By host: the place of each connection by its number, + 1. */
  readonly places: Sparse[];
  /** Numbers of events by place; the tag is the state after, by position in STATES. */
  readonly events: Postings;
  /** Those that changed the state. */
  readonly changes: Postings;
  /** Places, by their ports, whose other end is not found yet: the newest of each 4-tuple. */
  readonly open: Map<number, number[]>;
};

export function createBiographies(): Biographies {
  return {
    lives: createLives(),
    places: [],
    events: createPostings(),
    changes: createPostings(),
    open: new Map(),
  };
}

/** The place of a connection among all; -1: there was none. */
export function placeOf(b: Biographies, host: number, conn: number): number {
  const places = b.places[host];
  return places === undefined ? -1 : sparseGet(places, conn) - 1;
}

export function biographyOf(b: Biographies, host: number, conn: number): Biography | undefined {
  return lifeAt(b.lives, placeOf(b, host, conn));
}

/**
 * Notes what event `n` touched; called after it was folded. `ports`: whether the event itself has
 * no ports, so that those of the connections are to be noted.
 */
export function noteTouched(
  b: Biographies,
  f: Features,
  w: World,
  n: number,
  ports: boolean,
): void {
  for (let i = 0; i < w.touched.length; i += 1) {
    const h = w.touched[i] as HostEdit;
    for (let j = 0; j < h.touched.length; j += 1) {
      noteConn(b, f, h, h.touched[j] as number, n, ports);
    }
  }
}

function noteConn(
  b: Biographies,
  f: Features,
  h: HostEdit,
  num: number,
  n: number,
  ports: boolean,
): void {
  const { lives } = b;
  const tcb = h.conns.get(num);
  const t = tcb ?? h.timeWaits.get(num);
  const state = tcb?.state ?? (t === undefined ? 'CLOSED' : 'TIME-WAIT');
  let place = placeOf(b, h.index, num);
  if (place < 0) {
    if (t === undefined) return;
    place = addLife(lives, h.index, num, t, n);
    enterPlace(b, h.index, num, place);
    note(b, place, n, state);
    notePorts(f, lives, place, n);
    marry(b, place);
    return;
  }
  note(b, place, n, state);
  if (ports) notePorts(f, lives, place, n);
  if (t === undefined || state === 'CLOSED') {
    noteDeath(lives, place, n);
  } else if (!hasSockets(lives, place, t)) {
    setSockets(lives, place, t);
    notePorts(f, lives, place, n);
    marry(b, place);
  }
}

function enterPlace(b: Biographies, host: number, conn: number, place: number): void {
  let places = b.places[host];
  if (places === undefined) {
    places = createSparse();
    b.places[host] = places;
  }
  sparseSet(places, conn, place + 1);
}

/** An event that touched a connection twice is noted once: what is left of it is the same. */
function note(b: Biographies, place: number, n: number, state: State): void {
  if (lastPosting(b.events, place) === n) return;
  const number = stateNumber(state);
  if (lastTag(b.events, place) !== number) addPosting(b.changes, place, n, number);
  addPosting(b.events, place, n, number);
}

/** A port of 0 is none: an end that is not known yet. */
function notePorts(f: Features, lives: Lives, place: number, n: number): void {
  const local = localPortOf(lives, place);
  const remote = remotePortOf(lives, place);
  if (local > 0) notePort(f, n, local);
  if (remote > 0) notePort(f, n, remote);
}

/** Finds the other end: the newest connection with the mirrored 4-tuple that has no peer yet. */
function marry(b: Biographies, place: number): void {
  const { lives, open } = b;
  const local = localPortOf(lives, place);
  const remote = remotePortOf(lives, place);
  if (remote === 0) return;
  const there = portsKey(remote, local);
  const others = open.get(there);
  const at = others?.findIndex((other) => sameAddresses(lives, other, place, true)) ?? -1;
  const peer = at < 0 ? -1 : (others?.[at] as number);
  if (others !== undefined && peer >= 0 && peer !== place && !isDead(lives, peer)) {
    if (others.length === 1) open.delete(there);
    else others.splice(at, 1);
    pair(lives, place, peer);
    return;
  }
  const here = portsKey(local, remote);
  const alike = open.get(here);
  if (alike === undefined) open.set(here, [place]);
  else {
    const older = alike.findIndex((other) => sameAddresses(lives, other, place, false));
    alike.splice(older < 0 ? alike.length : older, 1, place);
  }
}

/** Two ports as one 32-bit number, which a map finds without making a text. */
function portsKey(local: number, remote: number): number {
  return (local << 16) | remote;
}

/** Octets of memory, those held in reserve included; without what is open. */
export function biographiesBytes(b: Biographies): number {
  return livesBytes(b.lives) + postingsBytes(b.events) + postingsBytes(b.changes);
}
