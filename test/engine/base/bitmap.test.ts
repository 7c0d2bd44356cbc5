// The port set against a plain Set, and its search against one port at a time.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PortSet } from '../../../engine/base/bitmap.ts';

type Version = { ports: PortSet; model: Set<number> };

const port = fc.oneof(
  fc.integer({ min: 0, max: 100 }),
  fc.constantFrom(0, 31, 32, 2047, 2048, 32_767, 32_768, 65_535),
  fc.integer({ min: 0, max: 65_535 }),
);

type Op = { op: 'add' | 'delete' | 'done' | 'fork'; port: number };
const op: fc.Arbitrary<Op> = fc.record({
  op: fc.constantFrom('add' as const, 'add', 'add', 'delete', 'delete', 'done', 'fork'),
  port,
});

const ascending = (model: Iterable<number>): number[] => [...model].sort((a, b) => a - b);

function run(actions: readonly Op[]): Version[] {
  const versions: Version[] = [{ ports: PortSet.empty(), model: new Set() }];
  let edit = PortSet.empty().edit();
  let model = new Set<number>();
  for (const action of actions) {
    if (action.op === 'add') {
      edit.add(action.port);
      model.add(action.port);
    } else if (action.op === 'delete') {
      edit.delete(action.port);
      model.delete(action.port);
    } else {
      versions.push({ ports: edit.done(), model: new Set(model) });
    }
    if (action.op === 'fork') {
      const base = versions[action.port % versions.length] as Version;
      edit = base.ports.edit();
      model = new Set(base.model);
    }
    expect(edit.has(action.port)).toBe(model.has(action.port));
    expect(edit.count).toBe(model.size);
  }
  versions.push({ ports: edit.done(), model });
  return versions;
}

test('as a set, every version stays what it was', () => {
  fc.assert(
    fc.property(fc.array(op, { maxLength: 200 }), (actions) => {
      for (const { ports, model } of run(actions)) {
        expect(ports.count).toBe(model.size);
        expect(ports.ports()).toEqual(ascending(model));
        for (const p of model) expect(ports.has(p)).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

test('those of a range are counted, both ends with it', () => {
  const port = fc.nat({ max: 65_535 });
  fc.assert(
    fc.property(fc.uniqueArray(port, { maxLength: 60 }), port, port, (taken, a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const within = taken.filter((one) => one >= low && one <= high);
      const ports = holding(taken);
      expect(ports.countIn(low, high)).toBe(within.length);
      for (const one of taken) expect(ports.countIn(one, one)).toBe(1);
    }),
  );
});

/** The definition, one port at a time. */
function walk(taken: Set<number>, from: number, low: number, high: number, step: 1 | 2): number {
  for (let p = from; p <= high; p += step) if (!taken.has(p)) return p;
  const first = step === 1 || (low - from) % 2 === 0 ? low : low + 1;
  for (let p = first; p < from; p += step) if (!taken.has(p)) return p;
  return -1;
}

function holding(taken: Iterable<number>): PortSet {
  const edit = PortSet.empty().edit();
  for (const p of taken) edit.add(p);
  return edit.done();
}

const range = (low: number, high: number): number[] =>
  Array.from({ length: high - low + 1 }, (_, i) => low + i);

describe('the next free port', () => {
  test('is the one that a walk finds, in sets with few holes', () => {
    const scene = fc
      .record({
        low: fc.integer({ min: 0, max: 65_535 }),
        width: fc.integer({ min: 0, max: 300 }),
        at: fc.nat(),
        holes: fc.array(fc.nat(300), { maxLength: 4 }),
        step: fc.constantFrom(1 as const, 2 as const),
      })
      .map(({ low, width, at, holes, step }) => {
        const high = Math.min(65_535, low + width);
        return { low, high, from: low + (at % (high - low + 1)), holes, step };
      });
    fc.assert(
      fc.property(scene, ({ low, high, from, holes, step }) => {
        // Everything around is taken or free at random; what lies outside must not be found.
        const taken = new Set(range(low, high));
        for (const hole of holes) taken.delete(low + hole);
        const expected = walk(taken, from, low, high, step);
        expect(holding(taken).nextFree(from, low, high, step)).toBe(expected);
        expect(holding(taken).edit().nextFree(from, low, high, step)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['from itself', 32_768, 1, 32_768],
    ['above', 32_770, 1, 32_773],
    ['around the end', 60_990, 1, 32_768],
    ['with the same parity above', 32_770, 2, 32_774],
    ['with the same parity around the end', 60_991, 2, 32_773],
  ] as const)('%s', (_name, from, step, found) => {
    const taken = [...range(32_769, 32_772), ...range(60_990, 60_999)];
    expect(holding(taken).nextFree(from, 32_768, 60_999, step)).toBe(found);
  });

  test('is none in a full range, whatever is free outside it', () => {
    const full = holding(range(32_768, 60_999));
    expect(full.nextFree(40_000, 32_768, 60_999, 1)).toBe(-1);
    expect(full.nextFree(40_000, 32_768, 60_999, 2)).toBe(-1);
    expect(full.nextFree(40_000, 32_767, 60_999, 1)).toBe(32_767);
    expect(full.nextFree(40_000, 32_767, 60_999, 2)).toBe(-1);
  });

  test('is found at both ends of all ports', () => {
    expect(holding(range(1, 65_535)).nextFree(65_535, 0, 65_535, 1)).toBe(0);
    expect(holding(range(0, 65_534)).nextFree(0, 0, 65_535, 1)).toBe(65_535);
    expect(holding(range(0, 65_535)).nextFree(7, 0, 65_535, 1)).toBe(-1);
    expect(holding(range(0, 65_535)).nextFree(0, 0, 65_535, 1)).toBe(-1);
  });

  test.each([
    [5, 6, 10],
    [11, 6, 10],
    [0, -1, 10],
    [6, 6, 65_536],
  ])('from %i in %i..%i is a broken invariant', (from, low, high) => {
    expect(() => PortSet.empty().nextFree(from, low, high, 1)).toThrow('no ports from');
  });
});

describe('batches', () => {
  test('a batch that changed nothing gives the same set', () => {
    const ports = holding([80]);
    const edit = ports.edit();
    edit.add(80);
    edit.delete(81);
    expect(edit.touched).toBe(false);
    expect(edit.done()).toBe(ports);
  });

  test('the last port leaves the empty set', () => {
    const edit = holding([80]).edit();
    edit.delete(80);
    expect(edit.done()).toBe(PortSet.empty());
  });

  test.each([-1, 65_536])('%i is not a port', (p) => {
    expect(() => PortSet.empty().edit().add(p)).toThrow(`${p} is not a port`);
    expect(PortSet.empty().has(p)).toBe(false);
  });
});
