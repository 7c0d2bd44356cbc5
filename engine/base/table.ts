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
 * Most records of a churn are born and gone within one batch. So what is stored beyond the highest
 * id of the tree waits in the nursery, a plain array, until the batch ends, and only what is left
 * then is planted: the short-lived never cost a path of the tree, nor a copy on their first write.
 *
 * For immer a table is an atom: a class without `immerable` is neither drafted nor frozen. Only
 * finished records may enter one, never drafts.
 */

import { InvariantError } from './assert.ts';
import {
  capacity,
  collectDiff,
  copyNode,
  EMPTY_NODE,
  findLeaf,
  freezeOwned,
  ID_LIMIT,
  leaves,
  makeNode,
  type Node,
  OWNED,
  othersEmpty,
  raise,
  SLOT_MASK,
  slotAt,
  TOKEN,
  type Token,
  WIDTH,
} from './table-node.ts';

export class Table<T extends object> {
  /** How many records there are. */
  readonly size: number;
  /** For `TableEdit` alone, as `shift` and `next`. Nodes of a finished table are never written. */
  readonly root: Node;
  readonly shift: number;
  /** No record has this id or a greater one. */
  readonly next: number;
  private readonly limit: number;

  /** Tables are made by `Table.empty` and by edits. */
  constructor(root: Node, shift: number, size: number, next: number) {
    this.root = root;
    this.shift = shift;
    this.size = size;
    this.next = next;
    this.limit = capacity(shift);
  }

  static empty<T extends object>(): Table<T> {
    return EMPTY_TABLE as Table<T>;
  }

  get(id: number): T | undefined {
    if (!(id >= 0 && id < this.limit)) return undefined;
    return findLeaf(this.root, this.shift, id)?.[id & SLOT_MASK] as T | undefined;
  }

  has(id: number): boolean {
    return this.get(id) !== undefined;
  }

  /** Pairs in ascending order of their ids, from the id `from` on. */
  *entries(from = 0): Generator<[number, T], void> {
    for (const [base, leaf] of leaves(this.root, this.shift, 0, from)) {
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
    const mine = raise(this.root, this.shift, shift, null);
    const theirs = raise(other.root, other.shift, shift, null);
    const out: number[] = [];
    collectDiff(mine, theirs, shift, 0, out);
    return out;
  }

  /** In canonical JSON a table is `[[id, record], …]`, whatever its tree looks like. */
  toCanonical(): Iterable<[number, T]> {
    return this.entries();
  }
}

const EMPTY_TABLE = new Table<object>(EMPTY_NODE, 0, 0, 0);

/** The nursery is planted when it spans so many ids: it stays small in a batch of any size. */
const NURSERY_MAX = 4096;

// Messages are made outside the hot paths: a closure there would cost an allocation per call.
function absent(id: number): InvariantError {
  return new InvariantError(`no record ${id} to write`);
}

function notAnId(id: number): InvariantError {
  return new InvariantError(`${id} is not an id`);
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
  /** Records of this batch by their id less `nurseryFrom`; the tree holds lower ids alone. */
  private readonly nursery: (T | undefined)[];
  private nurseryFrom: number;
  /** No record in the tree has this id or a greater one. */
  private next: number;

  constructor(source: Table<T>) {
    this.source = source;
    this.root = source.root;
    this.shift = source.shift;
    this.limit = capacity(source.shift);
    this.count = source.size;
    this.token = undefined;
    this.nearLeaf = EMPTY_NODE;
    this.nearBase = -1;
    this.nursery = [];
    this.nurseryFrom = Number.POSITIVE_INFINITY;
    this.next = source.next;
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
    if (id >= this.nurseryFrom) return this.inNursery(id);
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
    if (id >= this.nurseryFrom) {
      const born = this.inNursery(id);
      if (born === undefined) throw absent(id);
      return born;
    }
    const leaf = this.leafToWrite(id);
    const record = leaf?.[id & SLOT_MASK] as T | undefined;
    if (leaf === undefined || record === undefined) throw absent(id);
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
    if (!(id >= 0 && id < ID_LIMIT && Number.isInteger(id))) throw notAnId(id);
    if (id < this.next || !this.bear(id, record)) this.plant(id, record);
  }

  private inNursery(id: number): T | undefined {
    const at = id - this.nurseryFrom;
    return at < this.nursery.length ? this.nursery[at] : undefined;
  }

  /** Stores a record beyond the tree's ids in the nursery. False: the tree has to take it. */
  private bear(id: number, record: T): boolean {
    const { nursery } = this;
    if (nursery.length === 0) {
      this.batch();
      this.nurseryFrom = Math.max(this.next, id - (id & SLOT_MASK));
    }
    const at = id - this.nurseryFrom;
    if (at < 0) return false;
    if (at >= NURSERY_MAX) {
      this.plantNursery();
      return this.bear(id, record);
    }
    while (nursery.length < at) nursery.push(undefined);
    if (nursery[at] === undefined) this.count += 1;
    if (at === nursery.length) nursery.push(record);
    else nursery[at] = record;
    return true;
  }

  /** What is left in the nursery goes into the tree. */
  private plantNursery(): void {
    const { nursery, nurseryFrom } = this;
    this.nurseryFrom = Number.POSITIVE_INFINITY;
    for (let at = 0; at < nursery.length; at += 1) {
      const record = nursery[at];
      if (record === undefined) continue;
      this.count -= 1;
      this.plant(nurseryFrom + at, record);
    }
    // Popping keeps the room that it has.
    while (nursery.length > 0) nursery.pop();
  }

  private plant(id: number, record: T): void {
    if (id >= this.next) this.next = id + 1;
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
    if (id >= this.nurseryFrom) {
      this.nursery[id - this.nurseryFrom] = undefined;
      this.count -= 1;
      return;
    }
    const leaf = this.leafToWrite(id) as Node;
    const slot = id & SLOT_MASK;
    leaf[slot] = undefined;
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
    this.plantNursery();
    if (freeze) freezeOwned(this.root, this.shift, token);
    this.token = undefined;
    this.source =
      this.count === 0 ? Table.empty<T>() : new Table(this.root, this.shift, this.count, this.next);
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
    this.root =
      this.root === EMPTY_NODE ? makeNode(token) : raise(this.root, this.shift, shift, token);
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
    while (shift > 0 && othersEmpty(root, 0)) {
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
