/**
 * A persistent sparse vector: whole ids ≥ 0 to records. It is a radix tree of sixteen-way nodes; a
 * write copies the path from the root to one leaf and shares all else with the older versions, so
 * what an event costs does not grow with the number of records. Ids may grow without end (churn
 * adds at the top and deletes at the bottom): empty subtrees are cut off and the depth follows the
 * highest id.
 *
 * A batch of writes goes through a `TableEdit`. Ownership is kept in the nodes, not in the
 * records: each node carries the token of the batch that made it, each leaf also a bit for every
 * record that this batch made. What the open batch owns is written in place; a token is never
 * reused, so a finished version cannot be reached by a write.
 *
 * For immer a table is an atom: a class without `immerable` is neither drafted nor frozen. Only
 * finished records may enter one, never drafts.
 */

import { assert } from './assert.ts';

const WIDTH = 16;
const SLOT_MASK = 15;
/** After the sixteen slots of a node: its batch's token, and in a leaf the mask of owned records. */
const TOKEN = 16;
const OWNED = 17;

/** Ids are below 2^48, which is twelve levels. */
const ID_LIMIT = 2 ** 48;

/** Sixteen children or records, then the token, then the mask. Plain arrays copy fastest. */
type Node = unknown[];

/** Compared by identity alone. */
type Token = { readonly batch: true };

const EMPTY_NODE: Node = makeNode(null);

function makeNode(token: Token | null): Node {
  // biome-ignore format: one literal, so that every node has the same kind of elements.
  return [
    undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined,
    undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined,
    token, 0,
  ];
}

function copyNode(node: Node, token: Token): Node {
  const copy = node.slice();
  copy[TOKEN] = token;
  copy[OWNED] = 0;
  return copy;
}

/** The slot of `id` in a node whose slots each span 2^shift ids. `>>>` sees the low 32 bits. */
function slotAt(id: number, shift: number): number {
  if (shift < 32) return (id >>> shift) & SLOT_MASK;
  return (Math.floor(id / 0x1_0000_0000) >>> (shift - 32)) & SLOT_MASK;
}

/** How many ids a tree of this shift can hold; the root of a single leaf has shift 0. */
function capacity(shift: number): number {
  return 2 ** (shift + 4);
}

/** Every slot but this one is empty. */
function othersEmpty(node: Node, slot: number): boolean {
  for (let i = 0; i < WIDTH; i += 1) {
    if (i !== slot && node[i] !== undefined) return false;
  }
  return true;
}

/** The leaf that would hold `id`, of a tree that is large enough. */
function findLeaf(root: Node, shift: number, id: number): Node | undefined {
  let node = root;
  for (let s = shift; s > 0; s -= 4) {
    const child = node[slotAt(id, s)] as Node | undefined;
    if (child === undefined) return undefined;
    node = child;
  }
  return node;
}

export class Table<T extends object> {
  /** How many records there are. */
  readonly size: number;
  /** For `TableEdit` alone, as is `shift`. Nodes of a finished table are never written. */
  readonly root: Node;
  readonly shift: number;

  /** Tables are made by `Table.empty` and by edits. */
  constructor(root: Node, shift: number, size: number) {
    this.root = root;
    this.shift = shift;
    this.size = size;
  }

  static empty<T extends object>(): Table<T> {
    return EMPTY_TABLE as Table<T>;
  }

  get(id: number): T | undefined {
    if (!(id >= 0 && id < capacity(this.shift))) return undefined;
    return findLeaf(this.root, this.shift, id)?.[id & SLOT_MASK] as T | undefined;
  }

  has(id: number): boolean {
    return this.get(id) !== undefined;
  }

  /** Pairs in ascending order of their ids, from the id `from` on. */
  *entries(from = 0): Generator<[number, T], void> {
    for (const [base, leaf] of leaves(this.root, capacity(this.shift) / WIDTH, 0, from)) {
      for (let i = base < from ? from - base : 0; i < WIDTH; i += 1) {
        const record = leaf[i] as T | undefined;
        if (record !== undefined) yield [base + i, record];
      }
    }
  }

  *ids(from = 0): Generator<number, void> {
    for (const [id] of this.entries(from)) yield id;
  }

  *values(from = 0): Generator<T, void> {
    for (const [, record] of this.entries(from)) yield record;
  }

  /** Begins a batch of writes. Any number of edits can start from one table. */
  edit(): TableEdit<T> {
    return new TableEdit(this);
  }

  /** The ids, ascending, whose records are not the same object here and there. */
  diff(other: Table<T>): number[] {
    const shift = Math.max(this.shift, other.shift);
    const mine = raise(this.root, this.shift, shift, EMPTY_TOKEN);
    const theirs = raise(other.root, other.shift, shift, EMPTY_TOKEN);
    const out: number[] = [];
    collectDiff(mine, theirs, capacity(shift) / WIDTH, 0, out);
    return out;
  }

  /** In canonical JSON a table is `[[id, record], …]`, whatever its tree looks like. */
  toCanonical(): Iterable<[number, T]> {
    return this.entries();
  }
}

const EMPTY_TOKEN: Token = { batch: true };
const EMPTY_TABLE = new Table<object>(EMPTY_NODE, 0, 0);

/** Puts levels on top of a root until it has the shift `to`. */
function raise(root: Node, from: number, to: number, token: Token): Node {
  let node = root;
  for (let shift = from; shift < to; shift += 4) {
    const parent = makeNode(token);
    parent[0] = node;
    node = parent;
  }
  return node;
}

/** The leaves in order, each with its first id. `span` is the number of ids under one slot. */
function* leaves(
  node: Node,
  span: number,
  base: number,
  from: number,
): Generator<[number, Node], void> {
  if (span === 1) {
    yield [base, node];
    return;
  }
  for (let i = 0; i < WIDTH; i += 1) {
    const child = node[i] as Node | undefined;
    const first = base + i * span;
    if (child !== undefined && first + span > from) {
      yield* leaves(child, span / WIDTH, first, from);
    }
  }
}

function collectDiff(
  a: Node | undefined,
  b: Node | undefined,
  span: number,
  base: number,
  out: number[],
): void {
  if (a === b) return;
  for (let i = 0; i < WIDTH; i += 1) {
    const x = a?.[i];
    const y = b?.[i];
    if (x === y) continue;
    const first = base + i * span;
    if (span === 1) out.push(first);
    else collectDiff(x as Node | undefined, y as Node | undefined, span / WIDTH, first, out);
  }
}

/** A batch of writes, or a series of them. Not shared: one edit has one writer. */
export class TableEdit<T extends object> {
  private source: Table<T>;
  private root: Node;
  private shift: number;
  private limit: number;
  private count: number;
  /** The open batch. None until the first write, so that an idle edit costs nothing. */
  private token: Token | undefined;
  /** The leaf used last and its first id: neighbouring ids need no walk from the root. */
  private nearLeaf: Node;
  private nearBase: number;

  constructor(source: Table<T>) {
    this.source = source;
    this.root = source.root;
    this.shift = source.shift;
    this.limit = capacity(source.shift);
    this.count = source.size;
    this.token = undefined;
    this.nearLeaf = EMPTY_NODE;
    this.nearBase = -1;
  }

  get size(): number {
    return this.count;
  }

  /** Whether anything was written since the last `done`. */
  get touched(): boolean {
    return this.token !== undefined;
  }

  /** To read only: the record may be shared with older versions. */
  get(id: number): T | undefined {
    if (id - (id & SLOT_MASK) === this.nearBase)
      return this.nearLeaf[id & SLOT_MASK] as T | undefined;
    if (!(id >= 0 && id < this.limit)) return undefined;
    const leaf = findLeaf(this.root, this.shift, id);
    if (leaf === undefined) return undefined;
    this.nearLeaf = leaf;
    this.nearBase = id - (id & SLOT_MASK);
    return leaf[id & SLOT_MASK] as T | undefined;
  }

  has(id: number): boolean {
    return this.get(id) !== undefined;
  }

  /** To write: the first call in a batch clones the record, later ones give the same object. */
  own(id: number, clone: (record: T) => T): T {
    const leaf = this.leafToWrite(id);
    const record = leaf?.[id & SLOT_MASK] as T | undefined;
    assert(leaf !== undefined && record !== undefined, () => `no record ${id} to write`);
    const bit = 1 << (id & SLOT_MASK);
    const owned = leaf[OWNED] as number;
    if ((owned & bit) !== 0) return record;
    const copy = clone(record);
    leaf[id & SLOT_MASK] = copy;
    leaf[OWNED] = owned | bit;
    return copy;
  }

  /** Stores a record, which from now on belongs to this batch. */
  set(id: number, record: T): void {
    assert(id >= 0 && id < ID_LIMIT && Number.isInteger(id), () => `${id} is not an id`);
    if (id >= this.limit) this.grow(id);
    const leaf = this.leafToWrite(id) ?? this.plantLeaf(id);
    const slot = id & SLOT_MASK;
    if (leaf[slot] === undefined) this.count += 1;
    leaf[slot] = record;
    leaf[OWNED] = (leaf[OWNED] as number) | (1 << slot);
  }

  /** Nothing happens if there is no such record. */
  delete(id: number): void {
    if (this.get(id) === undefined) return;
    const leaf = this.leafToWrite(id) as Node;
    const slot = id & SLOT_MASK;
    leaf[slot] = undefined;
    leaf[OWNED] = (leaf[OWNED] as number) & ~(1 << slot);
    this.count -= 1;
    if (othersEmpty(leaf, slot)) this.prune(id);
  }

  /**
   * Ends the batch and gives its table: the very same as before if nothing was written. The edit
   * can go on; what it then writes is copied again. With `freeze` the records of this batch are
   * frozen deeply, so that a later write to one of them throws (in tests).
   */
  done(freeze = false): Table<T> {
    const token = this.token;
    if (token === undefined) return this.source;
    if (freeze) freezeOwned(this.root, this.shift, token);
    this.token = undefined;
    this.source = new Table(this.root, this.shift, this.count);
    return this.source;
  }

  private batch(): Token {
    this.token ??= { batch: true };
    return this.token;
  }

  /** The leaf of `id` with its path, all owned by the batch; undefined where none is planted. */
  private leafToWrite(id: number): Node | undefined {
    const base = id - (id & SLOT_MASK);
    const token = this.batch();
    if (base === this.nearBase && this.nearLeaf[TOKEN] === token) return this.nearLeaf;
    if (!(id >= 0 && id < this.limit)) return undefined;
    let node = this.root;
    if (node[TOKEN] !== token) {
      node = copyNode(node, token);
      this.root = node;
    }
    for (let shift = this.shift; shift > 0; shift -= 4) {
      const slot = slotAt(id, shift);
      let child = node[slot] as Node | undefined;
      if (child === undefined) return undefined;
      if (child[TOKEN] !== token) {
        child = copyNode(child, token);
        node[slot] = child;
      }
      node = child;
    }
    this.nearLeaf = node;
    this.nearBase = base;
    return node;
  }

  /** Makes the missing nodes down to the leaf of `id`. The root is owned and large enough. */
  private plantLeaf(id: number): Node {
    let node = this.root;
    for (let shift = this.shift; shift > 0; shift -= 4) {
      const slot = slotAt(id, shift);
      const child = (node[slot] as Node | undefined) ?? makeNode(this.batch());
      node[slot] = child;
      node = child;
    }
    this.nearLeaf = node;
    this.nearBase = id - (id & SLOT_MASK);
    return node;
  }

  /** Puts levels on top until `id` fits. An empty tree has nothing to put them on. */
  private grow(id: number): void {
    let shift = this.shift;
    while (id >= capacity(shift)) shift += 4;
    const token = this.batch();
    this.root = this.count === 0 ? makeNode(token) : raise(this.root, this.shift, shift, token);
    this.setShift(shift);
  }

  /** Cuts off the emptied leaf of `id` with all ancestors that hold nothing else. */
  private prune(id: number): void {
    let keeper: Node | undefined;
    let keeperSlot = 0;
    let node = this.root;
    for (let shift = this.shift; shift > 0; shift -= 4) {
      const slot = slotAt(id, shift);
      if (!othersEmpty(node, slot)) {
        keeper = node;
        keeperSlot = slot;
      }
      node = node[slot] as Node;
    }
    this.nearLeaf = EMPTY_NODE;
    this.nearBase = -1;
    if (keeper === undefined) {
      this.root = EMPTY_NODE;
      this.setShift(0);
      return;
    }
    keeper[keeperSlot] = undefined;
    this.lower();
  }

  /** Takes levels off the top that lead to their first child alone. */
  private lower(): void {
    let root = this.root;
    let shift = this.shift;
    while (shift > 0 && root[0] !== undefined && othersEmpty(root, 0)) {
      root = root[0] as Node;
      shift -= 4;
    }
    this.root = root;
    this.setShift(shift);
  }

  private setShift(shift: number): void {
    this.shift = shift;
    this.limit = capacity(shift);
  }
}

/** Owned nodes hang together from the root down, so the walk costs what the batch copied. */
function freezeOwned(node: Node, shift: number, token: Token): void {
  if (node[TOKEN] !== token) return;
  const owned = node[OWNED] as number;
  for (let i = 0; i < WIDTH; i += 1) {
    const slot = node[i];
    if (slot === undefined) continue;
    if (shift > 0) freezeOwned(slot as Node, shift - 4, token);
    else if ((owned & (1 << i)) !== 0) freezeDeep(slot);
  }
}

/** Freezes plain objects and arrays; typed arrays and instances of classes are left as they are. */
function freezeDeep(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return;
  Object.freeze(value);
  for (const member of Object.values(value)) freezeDeep(member);
}
