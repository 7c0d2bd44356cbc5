// Imports point one way. The engine's layers stand in a row and each may import the ones before
// it; the last three stand side by side. The terminal knows the engine by its door alone.

import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cycles, importsOf, mayImport } from './layers.ts';
import { filesBelow, isSource, read } from './tree.ts';

const sources = filesBelow('.').filter(isSource);
const graph = new Map(
  sources.map((path) => [path, importsOf(path, read(path).toString('utf8'))] as const),
);

describe('imports', () => {
  test('point the way the layers stand', () => {
    const wrong = [...graph].flatMap(([from, targets]) =>
      targets.filter((to) => !mayImport(from, to)).map((to) => `${from} imports ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  test('name files that are there, with their extension', () => {
    const lost = [...graph].flatMap(([from, targets]) =>
      targets
        .filter((to) => /^(engine|tui|test)\//.test(to))
        .filter((to) => !graph.has(to) && !filesBelow(posix.dirname(to)).includes(to))
        .map((to) => `${from} imports ${to}`),
    );
    expect(lost).toEqual([]);
  });

  test('go in no circle', () => {
    expect(cycles(graph)).toEqual([]);
  });
});

describe('the rules themselves', () => {
  test.each([
    ['engine/tcp/a.ts', 'engine/base/b.ts', true],
    ['engine/base/b.ts', 'engine/tcp/a.ts', false],
    ['engine/tcp/arrives/a.ts', 'engine/tcp/b.ts', true],
    ['engine/log/a.ts', 'engine/index.ts', false],
    ['engine/index.ts', 'engine/explore/a.ts', true],
    ['engine/formats/a.ts', 'engine/explore/a.ts', false],
    ['engine/explore/a.ts', 'engine/experiments/a.ts', false],
    ['engine/experiments/a.ts', 'engine/projections/a.ts', true],
    ['engine/base/a.ts', 'tui/a.ts', false],
    ['engine/base/a.ts', 'package.json', false],
    ['engine/base/a.ts', 'ink', false],
    ['engine/base/a.ts', 'node:fs', false],
    ['engine/base/a.ts', 'immer', true],
    ['engine/base/a.ts', '@noble/hashes/sha2.js', true],
    ['engine/unknown/a.ts', 'engine/base/b.ts', false],
    ['tui/main.ts', 'engine/index.ts', true],
    ['tui/main.ts', 'engine/tcp/a.ts', false],
    ['tui/main.ts', 'test/a.ts', false],
    ['test/engine/tcp/a.test.ts', 'engine/tcp/a.ts', true],
  ])('%s imports %s: %s', (from, to, allowed) => {
    expect(mayImport(from, to)).toBe(allowed);
  });

  test('every form of import is seen', () => {
    // Not written out, or this file would be taken to import these.
    const call = 'import';
    const text = [
      "import { a } from './a.ts';",
      "import type { B } from '../tcp/b.ts';",
      "import './c.ts';",
      "export * from './d.ts';",
      "export type { E } from './e.ts';",
      "import {\n  type F,\n  g,\n} from './f.ts';",
      `const h = await ${call}('./h.ts');`,
      `type I = ${call}('./i.ts').I;`,
      "// import { a } from './comment.ts';",
      " * import { a } from './comment.ts';",
    ].join('\n');
    expect(importsOf('engine/base/x.ts', text)).toEqual([
      'engine/base/a.ts',
      'engine/tcp/b.ts',
      'engine/base/c.ts',
      'engine/base/d.ts',
      'engine/base/e.ts',
      'engine/base/f.ts',
      'engine/base/h.ts',
      'engine/base/i.ts',
    ]);
  });

  test('a circle is found and named once', () => {
    const circle = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['a', 'd']],
      ['d', []],
    ]);
    expect(cycles(circle)).toEqual(['a → b → c → a']);
  });
});
