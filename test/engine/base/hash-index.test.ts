// The index against a plain Map from value to hash, with few hashes so that they collide at every
// depth, through random batches from any older version.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HashIndex, type HashIndexEdit } from '../../../engine/base/hash-index.ts';
import { hash32 } from '../../../engine/base/random.ts';

type Model = Map<number, number>;
type Version = { index: HashIndex; model: Model };

const is = (value: number, wanted: number): boolean => value === wanted;
const never = (): boolean => false;

/** Many share all bits, others all but the highest, others nothing. */
const hash = fc.oneof(
  fc.constantFrom(0, 0x1000_0000, 0xf000_0000, 0xffff_ffff, 0x0fff_ffff, 0x10, 0x1234_5678),
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0, max: 0xffff_ffff }),
);

type Op = { op: 'add'; hash: number } | { op: 'remove' | 'done' | 'fork'; pick: number };

const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constant('add' as const), hash }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('remove' as const), pick: fc.nat(1000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constantFrom('done' as const, 'fork'), pick: fc.nat(50) }),
  },
);

function valuesUnder(index: HashIndex | HashIndexEdit, h: number): number[] {
  const seen: number[] = [];
  index.find(h, (value) => seen.push(value) < 0, undefined);
  return seen.sort((a, b) => a - b);
}

function expectSame({ index, model }: Version, hashes: readonly number[]): void {
  expect(index.size).toBe(model.size);
  for (const [value, h] of model) expect(index.find(h, is, value)).toBe(value);
  for (const h of hashes) {
    const mine = [...model].filter(([, other]) => other === h).map(([value]) => value);
    // The index keeps no hashes: a slot alone may answer for another hash, never miss its own.
    if (mine.length > 0) expect(valuesUnder(index, h)).toEqual(mine.sort((a, b) => a - b));
    expect(index.find(h, never, 0)).toBe(-1);
  }
}

function run(actions: readonly Op[]): Version[] {
  const hashes = new Map<number, number>();
  const hashOf = (value: number): number => hashes.get(value) as number;
  const versions: Version[] = [{ index: HashIndex.empty(), model: new Map() }];
  let edit = HashIndex.empty().edit();
  let model: Model = new Map();
  actions.forEach((action, value) => {
    if (action.op === 'add') {
      hashes.set(value, action.hash);
      edit.add(action.hash, value, hashOf, undefined);
      model.set(value, action.hash);
    } else if (action.op === 'remove') {
      const victim = [...model][action.pick % Math.max(1, model.size)];
      if (victim === undefined) return;
      edit.remove(victim[1], victim[0]);
      model.delete(victim[0]);
      expect(edit.find(victim[1], is, victim[0])).toBe(-1);
    } else {
      versions.push({ index: edit.done(), model: new Map(model) });
      if (action.op === 'done') return;
      const base = versions[action.pick % versions.length] as Version;
      edit = base.index.edit();
      model = new Map(base.model);
    }
    expect(edit.size).toBe(model.size);
  });
  versions.push({ index: edit.done(), model });
  return versions;
}

test('as a map from value to hash, every version stays what it was', () => {
  fc.assert(
    fc.property(fc.array(op, { maxLength: 150 }), (actions) => {
      const hashes = actions.flatMap((action) => (action.op === 'add' ? [action.hash] : []));
      for (const version of run(actions)) expectSame(version, hashes);
    }),
    { numRuns: 300 },
  );
});

/** The values, nodes and buckets of a trie, and whether every node below the root holds two. */
function shapeOf(index: HashIndex): unknown {
  const walk = (node: readonly unknown[], bits: number): unknown =>
    node
      .slice(0, bits === 32 ? undefined : 16)
      .map((slot) => (Array.isArray(slot) ? walk(slot, bits + 4) : (slot ?? null)));
  return walk(index.root, 0);
}

const hashOfAll = (value: number): number => hash32(value % 700);

function built(values: Iterable<number>): HashIndex {
  const edit = HashIndex.empty().edit();
  for (const value of values) edit.add(hashOfAll(value), value, hashOfAll, undefined);
  return edit.done();
}

describe('the trie', () => {
  test('what is added and removed again leaves no trace in its shape', () => {
    const few = Array.from({ length: 300 }, (_, i) => i * 2);
    const edit = built(few).edit();
    for (let i = 0; i < 1000; i += 1)
      edit.add(hashOfAll(1001 + 2 * i), 1001 + 2 * i, hashOfAll, undefined);
    for (let i = 0; i < 1000; i += 1) edit.remove(hashOfAll(1001 + 2 * i), 1001 + 2 * i);
    expect(shapeOf(edit.done())).toEqual(shapeOf(built(few)));
  });

  test('the last value leaves the empty index', () => {
    const edit = built([1]).edit();
    edit.remove(hashOfAll(1), 1);
    expect(edit.done()).toBe(HashIndex.empty());
  });

  test('values of one hash are all found, in the order they came', () => {
    const edit = HashIndex.empty().edit();
    for (const value of [5, 3, 9]) edit.add(0xdead_beef, value, () => 0xdead_beef, undefined);
    const seen: number[] = [];
    expect(edit.find(0xdead_beef, (value) => seen.push(value) === 2, undefined)).toBe(3);
    expect(seen).toEqual([5, 3]);
  });
});

describe('batches', () => {
  test('a batch that wrote nothing gives the same index', () => {
    const index = built([1, 2, 3]);
    expect(index.edit().done()).toBe(index);
  });

  test('adding twice and removing what is not there are broken invariants', () => {
    const one = HashIndex.empty().edit();
    one.add(7, 1, () => 7, undefined);
    expect(() => one.add(7, 1, () => 7, undefined)).toThrow('value 1 is in the index already');
    one.add(7, 2, () => 7, undefined);
    expect(() => one.add(7, 2, () => 7, undefined)).toThrow('value 2 is in the index already');
    expect(() => one.remove(7, 3)).toThrow('value 3 is not in the index under its hash');
    expect(() => one.remove(8, 1)).toThrow('value 1 is not in the index under its hash');
    expect(one.size).toBe(2);
    expect(valuesUnder(one.done(), 7)).toEqual([1, 2]);
  });
});
