/**
 * The nodes of a `Table`: a radix tree, sixteen ways at each level, whole ids to records. A node is
 * a plain array, which V8 copies fastest: sixteen children or records, then the token of the batch
 * that made it, then in a leaf the mask of the records that this batch made. Levels are named by
 * their shift, as is the tree by that of its root: a slot of a node spans 2^shift ids, and a leaf
 * has shift 0.
 */

export const WIDTH = 16;
export const SLOT_MASK = 15;
/** After the slots of a node: its batch's token, and in a leaf the mask of owned records. */
export const TOKEN = 16;
export const OWNED = 17;

/** Ids are below 2^48, which is twelve levels. */
export const ID_LIMIT = 2 ** 48;

export type Node = unknown[];

/** Compared by identity alone. */
export type Token = { readonly batch: true };

/** The root of every empty table. No batch owns it. */
export const EMPTY_NODE: Node = makeNode(null);

export function makeNode(token: Token | null): Node {
  // biome-ignore format: one literal, so that every node has the same kind of elements.
  return [
    undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined,
    undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined,
    token, 0,
  ];
}

export function copyNode(node: Node, token: Token): Node {
  const copy = node.slice();
  copy[TOKEN] = token;
  copy[OWNED] = 0;
  return copy;
}

/** The slot of `id` in a node whose slots each span 2^shift ids. `>>>` sees the low 32 bits. */
export function slotAt(id: number, shift: number): number {
  if (shift < 32) return (id >>> shift) & SLOT_MASK;
  return (Math.floor(id / 0x1_0000_0000) >>> (shift - 32)) & SLOT_MASK;
}

/** How many ids a tree of this shift can hold. */
export function capacity(shift: number): number {
  return shift < 26 ? 16 << shift : 2 ** (shift + 4);
}

/** Every slot but this one is empty. */
export function othersEmpty(node: Node, slot: number): boolean {
  for (let i = 0; i < WIDTH; i += 1) {
    if (i !== slot && node[i] !== undefined) return false;
  }
  return true;
}

/** The leaf that would hold `id`, of a tree that is large enough. */
export function findLeaf(root: Node, shift: number, id: number): Node | undefined {
  let node = root;
  for (let s = shift; s > 0; s -= 4) {
    const child = node[slotAt(id, s)] as Node | undefined;
    if (child === undefined) return undefined;
    node = child;
  }
  return node;
}

/** Puts levels on top of a root until it has the shift `to`. */
export function raise(root: Node, from: number, to: number, token: Token | null): Node {
  let node = root;
  for (let shift = from; shift < to; shift += 4) {
    const parent = makeNode(token);
    parent[0] = node;
    node = parent;
  }
  return node;
}

/** The leaves in order, each with its first id, from the leaf of the id `from` on. */
export function* leaves(
  node: Node,
  shift: number,
  base: number,
  from: number,
): Generator<[number, Node], void> {
  if (shift === 0) {
    yield [base, node];
    return;
  }
  const span = 2 ** shift;
  for (let i = 0; i < WIDTH; i += 1) {
    const child = node[i] as Node | undefined;
    const first = base + i * span;
    if (child !== undefined && first + span > from) yield* leaves(child, shift - 4, first, from);
  }
}

/** The ids whose records differ by identity. Subtrees that both trees share are not entered. */
export function collectDiff(
  a: Node | undefined,
  b: Node | undefined,
  shift: number,
  base: number,
  out: number[],
): void {
  const span = 2 ** shift;
  for (let i = 0; i < WIDTH; i += 1) {
    const x = a?.[i];
    const y = b?.[i];
    if (x === y) continue;
    const first = base + i * span;
    if (shift === 0) out.push(first);
    else collectDiff(x as Node | undefined, y as Node | undefined, shift - 4, first, out);
  }
}

/** Owned nodes hang together from the root down, so the walk costs what the batch copied. */
export function freezeOwned(node: Node, shift: number, token: Token): void {
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
