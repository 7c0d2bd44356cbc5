/**
 * A persistent multi-map from a 32-bit hash to small whole numbers ≥ 0: the index behind
 * demultiplexing, from the hash of a 4-tuple to connection numbers. It is a sixteen-way trie over
 * the hash, four bits a level from the low end. A slot holds nothing, or one value, or a node;
 * below the eighth level the bits are used up and a slot holds a bucket, an array of the values
 * that share the whole hash.
 *
 * The index does not keep the hashes. Whoever asks says what matches, and whoever adds says how to
 * hash a value again, which is needed only when a slot has to be split. Writes go through an edit
 * with the token technique of `table.ts`: nodes of the open batch are written in place.
 */

import { InvariantError } from './assert.ts';

const WIDTH = 16;
const SLOT_MASK = 15;
const TOKEN = 16;
/** At this many used bits a slot's array is a bucket and not a node. */
const ALL_BITS = 32;

type Token = { readonly batch: true };
type Node = Slot[];
type Slot = undefined | number | Node | Token | null;

const EMPTY_NODE: Node = makeNode(null);

function makeNode(token: Token | null): Node {
  // biome-ignore format: one literal, so that every node has the same kind of elements.
  return [
    undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined,
    undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined,
    token,
  ];
}

function ownNode(node: Node, token: Token): Node {
  if (node[TOKEN] === token) return node;
  const copy = node.slice();
  copy[TOKEN] = token;
  return copy;
}

/** The first value under `hash` that matches, or -1. */
function findIn<A>(
  root: Node,
  hash: number,
  matches: (value: number, arg: A) => boolean,
  arg: A,
): number {
  let node = root;
  for (let bits = 0; bits < ALL_BITS; bits += 4) {
    const slot = node[(hash >>> bits) & SLOT_MASK];
    if (slot === undefined) return -1;
    if (typeof slot === 'number') return matches(slot, arg) ? slot : -1;
    node = slot as Node;
  }
  for (const value of node as number[]) {
    if (matches(value, arg)) return value;
  }
  return -1;
}

export class HashIndex {
  /** How many values there are. */
  readonly size: number;
  /** For `HashIndexEdit` alone. Nodes of a finished index are never written. */
  readonly root: Node;

  /** Indexes are made by `HashIndex.empty` and by edits. */
  constructor(root: Node, size: number) {
    this.root = root;
    this.size = size;
  }

  static empty(): HashIndex {
    return EMPTY_INDEX;
  }

  /** `arg` is handed to `matches`, so that a lookup needs no closure. -1 if nothing matches. */
  find<A>(hash: number, matches: (value: number, arg: A) => boolean, arg: A): number {
    return findIn(this.root, hash, matches, arg);
  }

  edit(): HashIndexEdit {
    return new HashIndexEdit(this);
  }

  /** An index is derived from the records that it points at: not part of a digest. */
  toCanonical(): undefined {
    return undefined;
  }
}

const EMPTY_INDEX = new HashIndex(EMPTY_NODE, 0);

// Messages are made outside the hot paths: a closure there would cost an allocation per call.
function present(value: number): InvariantError {
  return new InvariantError(`value ${value} is in the index already`);
}

function absent(value: number): InvariantError {
  return new InvariantError(`value ${value} is not in the index under its hash`);
}

/** Adds a value below `slot`, which `bits` of its hash led to. Gives what the slot then holds. */
function addTo<A>(
  slot: Slot,
  hash: number,
  bits: number,
  value: number,
  hashOf: (value: number, arg: A) => number,
  arg: A,
  token: Token,
): number | Node {
  if (slot === undefined) return value;
  if (typeof slot === 'number') {
    if (slot === value) throw present(value);
    if (bits === ALL_BITS) return [slot, value];
    const split = makeNode(token);
    split[(hashOf(slot, arg) >>> bits) & SLOT_MASK] = slot;
    return addTo(split, hash, bits, value, hashOf, arg, token);
  }
  if (bits === ALL_BITS) {
    const bucket = slot as number[];
    if (bucket.includes(value)) throw present(value);
    return [...bucket, value];
  }
  const node = ownNode(slot as Node, token);
  const at = (hash >>> bits) & SLOT_MASK;
  node[at] = addTo(node[at], hash, bits + 4, value, hashOf, arg, token);
  return node;
}

/** Removes a value below `slot` and gives what the slot then holds. Only the root stays a node. */
function removeFrom(slot: Slot, hash: number, bits: number, value: number, token: Token): Slot {
  if (typeof slot === 'number' || slot === undefined) {
    if (slot !== value) throw absent(value);
    return undefined;
  }
  if (bits === ALL_BITS) {
    const bucket = slot as number[];
    if (!bucket.includes(value)) throw absent(value);
    const rest = bucket.filter((other) => other !== value);
    return rest.length === 1 ? rest[0] : rest;
  }
  const node = ownNode(slot as Node, token);
  const at = (hash >>> bits) & SLOT_MASK;
  node[at] = removeFrom(node[at], hash, bits + 4, value, token);
  return bits === 0 ? node : collapse(node);
}

/** A node that is left with a single value is replaced by that value, an empty one by nothing. */
function collapse(node: Node): Slot {
  let only: Slot;
  for (let i = 0; i < WIDTH; i += 1) {
    const slot = node[i];
    if (slot === undefined) continue;
    if (only !== undefined || typeof slot !== 'number') return node;
    only = slot;
  }
  return only;
}

/** A batch of writes, or a series of them. Not shared: one edit has one writer. */
export class HashIndexEdit {
  private source: HashIndex;
  private root: Node;
  private count: number;
  private token: Token | undefined;

  constructor(source: HashIndex) {
    this.source = source;
    this.root = source.root;
    this.count = source.size;
    this.token = undefined;
  }

  get size(): number {
    return this.count;
  }

  /** Whether anything was written since the last `done`. */
  get touched(): boolean {
    return this.token !== undefined;
  }

  find<A>(hash: number, matches: (value: number, arg: A) => boolean, arg: A): number {
    return findIn(this.root, hash, matches, arg);
  }

  /**
   * `hashOf` gives the hash under which another value was added, when both are in one slot; `arg`
   * is handed to it.
   */
  add<A>(hash: number, value: number, hashOf: (value: number, arg: A) => number, arg: A): void {
    this.root = addTo(this.root, hash, 0, value, hashOf, arg, this.batch()) as Node;
    this.count += 1;
  }

  /** Takes out what `add` put in under this hash. */
  remove(hash: number, value: number): void {
    this.root = removeFrom(this.root, hash, 0, value, this.batch()) as Node;
    this.count -= 1;
  }

  /** Ends the batch and gives its index: the very same as before if nothing was written. */
  done(): HashIndex {
    if (this.token === undefined) return this.source;
    this.token = undefined;
    this.source = this.count === 0 ? EMPTY_INDEX : new HashIndex(this.root, this.count);
    this.root = this.source.root;
    return this.source;
  }

  private batch(): Token {
    this.token ??= { batch: true };
    return this.token;
  }
}
