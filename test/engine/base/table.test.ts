// The table against a plain Map, through random batches that start from any older version; after
// them every version must still be what it was when it was made.

import fc from 'fast-check';
import { produce } from 'immer';
import { describe, expect, test } from 'vitest';
import { Table, type TableEdit } from '../../../engine/base/table.ts';

type Row = { v: number };
type Model = Map<number, number>;
type Version = { table: Table<Row>; model: Model };

const copyRow = (row: Row): Row => ({ v: row.v });

/** Ids that collide, neighbours, the seams between depths and beyond 32 bits. */
const seams = [15, 16, 255, 256, 4095, 65_536, 2 ** 28, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32];
const id = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 5000 }) },
  { weight: 2, arbitrary: fc.constantFrom(...seams, 2 ** 32 + 16, 2 ** 47, 2 ** 48 - 1) },
  { weight: 1, arbitrary: fc.maxSafeNat().map((n) => n % 2 ** 48) },
);

/** `at` picks an id from the pool of the run. */
type Write = { op: 'own' | 'set' | 'delete' | 'get'; at: number };
type Cut = { op: 'done' | 'fork'; from: number };
type Op = Write | Cut;

const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ op: fc.constantFrom('own', 'set', 'delete', 'get'), at: fc.nat(99) }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constantFrom('done', 'fork'), from: fc.nat(50) }) },
);

/** Small pools make a batch come back to what it has just emptied, large ones fill the tree. */
const pool = fc.oneof(
  fc.array(id, { minLength: 1, maxLength: 4 }),
  fc.array(id, { minLength: 20, maxLength: 100 }),
);

const sorted = (model: Model): [number, number][] => [...model].sort((a, b) => a[0] - b[0]);

function expectSame(version: Version): void {
  const { table, model } = version;
  expect(table.size).toBe(model.size);
  expect([...table.entries()].map(([i, row]) => [i, row.v])).toEqual(sorted(model));
  for (const [i, v] of model) expect(table.get(i)?.v).toBe(v);
}

/** One operation on an edit and on its model. */
function step(edit: TableEdit<Row>, model: Model, op: Write['op'], i: number, v: number): void {
  if (op === 'set') {
    edit.set(i, { v });
    model.set(i, v);
  } else if (op === 'delete') {
    edit.delete(i);
    model.delete(i);
  } else if (op === 'own' && model.has(i)) {
    const mine = edit.own(i, copyRow);
    mine.v = v;
    model.set(i, v);
    expect(edit.own(i, copyRow)).toBe(mine);
  } else if (op === 'own') {
    expect(() => edit.own(i, copyRow)).toThrow(`no record ${i} to write`);
  }
  expect(edit.get(i)?.v).toBe(model.get(i));
  expect(edit.has(i)).toBe(model.has(i));
  expect(edit.size).toBe(model.size);
}

function run(ids: readonly number[], actions: readonly Op[], freeze: boolean): Version[] {
  const versions: Version[] = [{ table: Table.empty(), model: new Map() }];
  let edit = Table.empty<Row>().edit();
  let model: Model = new Map();
  actions.forEach((action, v) => {
    if ('at' in action) {
      step(edit, model, action.op, ids[action.at % ids.length] as number, v);
      return;
    }
    versions.push({ table: edit.done(freeze), model: new Map(model) });
    if (action.op === 'done') return; // The same edit goes on.
    const base = versions[action.from % versions.length] as Version;
    edit = base.table.edit();
    model = new Map(base.model);
  });
  versions.push({ table: edit.done(freeze), model });
  return versions;
}

describe('as a map, in many versions', () => {
  test.each([false, true])('every version stays what it was (freeze: %s)', (freeze) => {
    fc.assert(
      fc.property(pool, fc.array(op, { maxLength: 200 }), (ids, actions) => {
        for (const version of run(ids, actions, freeze)) expectSame(version);
      }),
      { numRuns: 300 },
    );
  });

  test('the difference of any two versions is that of their records', () => {
    fc.assert(
      fc.property(
        pool,
        fc.array(op, { maxLength: 80 }),
        fc.nat(),
        fc.nat(),
        (some, actions, i, j) => {
          const versions = run(some, actions, false);
          const a = (versions[i % versions.length] as Version).table;
          const b = (versions[j % versions.length] as Version).table;
          const ids = [...new Set([...a.ids(), ...b.ids()])].sort((x, y) => x - y);
          expect([...a.diff(b)]).toEqual(ids.filter((x) => a.get(x) !== b.get(x)));
        },
      ),
    );
  });

  test('reading from an id on skips what is below it', () => {
    fc.assert(
      fc.property(fc.uniqueArray(id, { maxLength: 60 }), id, (ids, from) => {
        const edit = Table.empty<Row>().edit();
        for (const i of ids) edit.set(i, { v: i });
        const table = edit.done();
        const expected = ids.filter((i) => i >= from).sort((a, b) => a - b);
        expect([...table.ids(from)]).toEqual(expected);
        expect([...table.values(from)].map((row) => row.v)).toEqual(expected);
      }),
    );
  });
});

function filled(count: number): Table<Row> {
  const edit = Table.empty<Row>().edit();
  for (let i = 0; i < count; i += 1) edit.set(i, { v: i });
  return edit.done();
}

describe('batches', () => {
  test('a batch that wrote nothing gives the same table', () => {
    const table = filled(100);
    const edit = table.edit();
    edit.get(5);
    edit.delete(500);
    expect(edit.touched).toBe(false);
    expect(edit.done()).toBe(table);
  });

  test('a record is cloned once in a batch, and again in the next', () => {
    const edit = filled(100).edit();
    let clones = 0;
    const counting = (row: Row): Row => {
      clones += 1;
      return copyRow(row);
    };
    edit.own(5, counting).v = 1;
    edit.own(70, counting).v = 1;
    edit.own(5, counting).v = 2;
    expect(clones).toBe(2);
    const first = edit.done();
    expect(edit.touched).toBe(false);
    edit.own(5, counting).v = 3;
    expect(clones).toBe(3);
    expect(first.get(5)).toEqual({ v: 2 });
    expect(edit.done().get(5)).toEqual({ v: 3 });
  });

  test('a record that was set belongs to the batch: it is not cloned', () => {
    const edit = Table.empty<Row>().edit();
    const row = { v: 1 };
    edit.set(3, row);
    expect(edit.own(3, copyRow)).toBe(row);
    edit.done();
    expect(edit.own(3, copyRow)).not.toBe(row);
  });

  test('two edits of one table do not see each other', () => {
    const table = filled(20);
    const a = table.edit();
    const b = table.edit();
    a.own(1, copyRow).v = 100;
    b.own(1, copyRow).v = 200;
    expect([a.done().get(1)?.v, b.done().get(1)?.v, table.get(1)?.v]).toEqual([100, 200, 1]);
  });

  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 48])('%d is no id', (i) => {
    expect(() => Table.empty<Row>().edit().set(i, { v: 0 })).toThrow('is not an id');
  });

  test('reading what is not an id finds nothing', () => {
    const table = filled(20);
    for (const i of [-1, 2 ** 48, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(table.get(i)).toBeUndefined();
      expect(table.edit().get(i)).toBeUndefined();
    }
  });
});

/** How many nodes the tree has that `known` does not: what a batch had to copy. */
function countNodes(table: Table<Row>, known: Set<unknown> = new Set()): number {
  const count = (node: unknown[], shift: number): number => {
    if (known.has(node)) return 0;
    known.add(node);
    let n = 1;
    if (shift > 0) {
      for (const child of node.slice(0, 16)) {
        if (child !== undefined) n += count(child as unknown[], shift - 4);
      }
    }
    return n;
  };
  return count(table.root, table.shift);
}

describe('the tree', () => {
  test('one written record costs one path', () => {
    const table = filled(100_000);
    const known = new Set<unknown>();
    countNodes(table, known);
    const edit = table.edit();
    edit.own(54_321, copyRow).v = 0;
    expect(countNodes(edit.done(), known)).toBe(5);
  });

  test('churn leaves no empty nodes: the tree does not grow with the ids used up', () => {
    const edit = Table.empty<Row>().edit();
    for (let i = 0; i < 200_000; i += 1) {
      edit.set(i, { v: i });
      edit.delete(i - 100);
    }
    const table = edit.done();
    expect(table.size).toBe(100);
    expect(countNodes(table)).toBeLessThanOrEqual(2 * 5 + 8);
  });

  test('a far id costs its path and no empty neighbours', () => {
    const edit = Table.empty<Row>().edit();
    edit.set(2 ** 40, { v: 0 });
    expect(countNodes(edit.done())).toBe(11);
  });

  test('the depth follows the highest id, down to nothing', () => {
    const edit = Table.empty<Row>().edit();
    for (const i of [3, 100, 70_000, 2 ** 40]) edit.set(i, { v: i });
    expect(edit.done().shift).toBe(40);
    const shifts = [2 ** 40, 70_000, 100, 3].map((i) => {
      edit.delete(i);
      return edit.done().shift;
    });
    expect(shifts).toEqual([16, 4, 0, 0]);
    expect(edit.done()).toBe(Table.empty());
  });

  test('two tables that share most subtrees are compared without entering them', () => {
    const table = filled(100_000);
    const edit = table.edit();
    edit.own(3, copyRow);
    edit.delete(99_999);
    edit.set(2 ** 30, { v: 0 });
    const other = edit.done();
    expect(table.diff(other)).toEqual([3, 99_999, 2 ** 30]);
    expect(other.diff(table)).toEqual([3, 99_999, 2 ** 30]);
    expect(table.diff(table)).toEqual([]);
  });
});

describe('freezing', () => {
  type Deep = { list: { n: number }[]; bytes: Uint8Array; inner: Table<Row> };
  const deep = (): Deep => ({ list: [{ n: 1 }], bytes: new Uint8Array(2), inner: Table.empty() });

  test('freezes plain data deeply, not typed arrays nor instances', () => {
    const edit = Table.empty<Deep>().edit();
    const record = deep();
    edit.set(7, record);
    edit.done(true);
    expect(() => record.list.push({ n: 2 })).toThrow(TypeError);
    expect(() => {
      (record.list[0] as { n: number }).n = 2;
    }).toThrow(TypeError);
    expect(Object.isFrozen(record.inner)).toBe(false);
    record.bytes[0] = 1;
  });

  test('freezes what the batch owns and nothing else', () => {
    const shared = deep();
    const elsewhere = deep();
    const first = Table.empty<Deep>().edit();
    first.set(1, shared);
    first.set(100, elsewhere);
    first.set(2, deep());
    const edit = first.done().edit();
    const mine = edit.own(2, (record) => ({ ...record }));
    edit.done(true);
    expect(Object.isFrozen(mine)).toBe(true);
    expect([shared, elsewhere].map(Object.isFrozen)).toEqual([false, false]);
  });
});

describe('under immer a table is an atom', () => {
  test('produce neither drafts nor freezes it', () => {
    const row: Row = { v: 1 };
    const edit = Table.empty<Row>().edit();
    edit.set(1, row);
    const table = edit.done();
    const before = produce({ table, n: 0 }, () => {});
    const after = produce(before, (draft) => {
      expect(draft.table).toBe(table);
      draft.n += 1;
    });
    expect(after.table).toBe(table);
    expect(Object.isFrozen(after)).toBe(true);
    expect([table, table.root, row].map(Object.isFrozen)).toEqual([false, false, false]);
  });

  test('a new table can be put into a draft, and the edit goes on', () => {
    const before = { table: filled(10) };
    const edit = before.table.edit();
    const after = produce(before, (draft) => {
      edit.own(3, copyRow).v = 30;
      draft.table = edit.done();
    });
    edit.own(3, copyRow).v = 31;
    expect([before.table.get(3)?.v, after.table.get(3)?.v]).toEqual([3, 30]);
    expect(edit.done().get(3)?.v).toBe(31);
  });
});
