import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvariantError } from '../../../engine/base/assert.ts';
import { PortSet } from '../../../engine/base/bitmap.ts';
import { canonicalJson, digestOf } from '../../../engine/base/digest.ts';
import { HashIndex } from '../../../engine/base/hash-index.ts';
import { Table } from '../../../engine/base/table.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Values of JSON with well-formed text; -0 is left to a test of its own. */
const json = fc.jsonValue({ noUnicodeString: false }).map((value) => {
  return JSON.parse(JSON.stringify(value)) as Json;
});

/** The same value with every object's keys inserted the other way round. */
function turned(value: Json): Json {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value).reverse();
  return Object.fromEntries(keys.map((key) => [key, turned(value[key] as Json)]));
}

describe('canonical JSON', () => {
  test.each([
    ['keys sorted, no spaces', { b: 1, a: [2, { d: 3, c: 4 }] }, '{"a":[2,{"c":4,"d":3}],"b":1}'],
    [
      'keys by UTF-16 units',
      { é: 1, z: 2, Z: 3, '10': 4, '9': 5 },
      '{"10":4,"9":5,"Z":3,"z":2,"é":1}',
    ],
    ['-0 as 0', [-0, 0, 1e21, 1e-7, 0.1], '[0,0,1e+21,1e-7,0.1]'],
    ['undefined members left out', { a: undefined, b: null, c: undefined }, '{"b":null}'],
    ['text escaped', ['"\\\n\u2028\ud800é'], '["\\"\\\\\\n\u2028\\ud800é"]'],
    ['an object without prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ['empty things', { a: {}, b: [] }, '{"a":{},"b":[]}'],
    ['a text alone', 'SYN-SENT', '"SYN-SENT"'],
  ])('%s', (_name, value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  test('is JSON for the same value', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(value);
      }),
    );
  });

  test('does not depend on the order of insertion', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(turned(value))).toBe(canonicalJson(value));
        expect(digestOf(turned(value))).toBe(digestOf(value));
      }),
    );
  });

  test('records whose keys share a beginning do not borrow each other’s members', () => {
    const rows = [
      { a: 1, c: 2 },
      { a: 1, b: 2 },
      { a: 1, c: 2, b: 3 },
      { a: 1, c: 4 },
    ];
    expect(canonicalJson(rows)).toBe(
      '[{"a":1,"c":2},{"a":1,"b":2},{"a":1,"b":3,"c":2},{"a":1,"c":4}]',
    );
  });

  test.each([
    ['a', { a: Number.NaN }, 'at a: found NaN'],
    ['infinity', { a: [1, { b: Number.POSITIVE_INFINITY }] }, 'at a.1.b: found Infinity'],
    ['undefined in a list', { a: [undefined] }, 'at a.0: found a value of type undefined'],
    ['a hole', { a: new Array(1) }, 'at a.0: found a value of type undefined'],
    ['undefined alone', undefined, 'at the top: found a value of type undefined'],
    ['a function', { f: () => 1 }, 'at f: found a value of type function'],
    ['a bigint', [1n], 'at 0: found a value of type bigint'],
    ['a symbol', [Symbol('s')], 'at 0: found a value of type symbol'],
    ['a Map', { m: new Map() }, 'at m: found an instance of Map'],
    ['a typed array', { m: new Uint8Array(1) }, 'at m: found an instance of Uint8Array'],
    ['a left-out value in a list', [HashIndex.empty()], 'at 0: found a value of type undefined'],
  ])('%s has none', (_name, value, message) => {
    expect(() => canonicalJson(value)).toThrow(new InvariantError(`no canonical form ${message}`));
  });
});

describe('tables and caches', () => {
  type Row = { v: number };

  test('a table is its entries by id; indexes and port sets are left out', () => {
    const edit = Table.empty<Row>().edit();
    for (const id of [300, 2, 2 ** 40]) edit.set(id, { v: id });
    const value = { t: edit.done(), index: HashIndex.empty(), ports: PortSet.empty(), z: 1 };
    expect(canonicalJson(value)).toBe(
      '{"t":[[2,{"v":2}],[300,{"v":300}],[1099511627776,{"v":1099511627776}]],"z":1}',
    );
    expect(canonicalJson(Table.empty())).toBe('[]');
  });

  test('a table of tables, and a class that stands for a plain value', () => {
    const inner = Table.empty<Row>().edit();
    inner.set(1, { v: 1 });
    const outer = Table.empty<Table<Row>>().edit();
    outer.set(5, inner.done());
    expect(canonicalJson({ outer: outer.done() })).toBe('{"outer":[[5,[[1,{"v":1}]]]]}');
    expect(canonicalJson([{ toCanonical: () => ({ b: 1, a: 2 }) }])).toBe('[{"a":2,"b":1}]');
  });

  test('the digest does not depend on how the table came to be', () => {
    const id = fc.oneof(fc.nat(60), fc.nat(100_000));
    fc.assert(
      fc.property(fc.uniqueArray(id), fc.array(id), fc.nat(), (ids, extra, turn) => {
        const plain = Table.empty<Row>().edit();
        for (const i of ids) plain.set(i, { v: i });
        // The same records in another order, in several batches, after detours.
        let table = Table.empty<Row>();
        const cut = turn % (ids.length + 1);
        for (const i of [...ids.slice(cut), ...extra, ...ids.slice(0, cut)]) {
          const edit = table.edit();
          edit.set(i, { v: -i });
          table = edit.done();
        }
        const edit = table.edit();
        for (const i of extra) if (!ids.includes(i)) edit.delete(i);
        for (const i of ids) edit.own(i, (row) => ({ ...row })).v = i;
        expect(digestOf({ t: edit.done() })).toBe(digestOf({ t: plain.done() }));
      }),
    );
  });
});

describe('the digest', () => {
  test('is the SHA-256 of the canonical JSON in UTF-8', () => {
    expect(digestOf({})).toBe(createHash('sha256').update('{}').digest('hex'));
    fc.assert(
      fc.property(json, (value) => {
        const expected = createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex');
        expect(digestOf(value)).toBe(expected);
      }),
    );
  });

  test('of a state of many pieces is that of the whole', () => {
    const edit = Table.empty<{ name: string; n: number }>().edit();
    for (let i = 0; i < 20_000; i += 1) edit.set(i, { name: `é 😀 ${i}`, n: i / 3 });
    const value = { table: edit.done() };
    const expected = createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex');
    expect(digestOf(value)).toBe(expected);
  });
});
