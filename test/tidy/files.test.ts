// Size and place of files, and what no file may say.

import { describe, expect, test } from 'vitest';
import { filesBelow, isSource, read, topLevel, untracked } from './tree.ts';

const allowedOnTop = [
  ...untracked,
  '.ci',
  '.gitattributes',
  '.gitignore',
  '.node-version',
  '.npmrc',
  'README.md',
  'biome.json',
  'deno.json',
  'engine',
  'logs',
  'package-lock.json',
  'package.json',
  'test',
  'tsconfig.json',
  'tui',
  'vitest.config.ts',
];

/** A text file has no zero byte near its beginning. */
function readText(path: string): string | undefined {
  const bytes = read(path);
  return bytes.subarray(0, 8192).includes(0) ? undefined : bytes.toString('utf8');
}

function linesOf(path: string): string[] {
  const lines = read(path).toString('utf8').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

describe('files', () => {
  test('the top level holds only what is known', () => {
    expect(topLevel().filter((name) => !allowedOnTop.includes(name))).toEqual([]);
  });

  test('no source of the engine or the terminal is longer than 400 lines', () => {
    const long = [...filesBelow('engine'), ...filesBelow('tui')]
      .filter(isSource)
      .map((path) => ({ path, lines: linesOf(path).length }))
      .filter(({ lines }) => lines > 400);
    expect(long).toEqual([]);
  });

  test('no line of a source is wider than 100 columns', () => {
    const wide = filesBelow('.')
      .filter(isSource)
      .flatMap((path) =>
        linesOf(path).flatMap((line, index) =>
          Array.from(line).length > 100 ? [`${path}:${index + 1}`] : [],
        ),
      );
    expect(wide).toEqual([]);
  });

  test('no file names a folder of one machine or the address of a registry', () => {
    // Written in parts, so that this file does not name them either.
    const machine = ['work', 'root', 'home'].map((name) => `/${name}/`);
    const registries = [
      ['registry', 'npmjs.org'],
      ['registry', 'yarnpkg.com'],
      ['npm', 'pkg.github.com'],
      ['npm', 'jsr.io'],
    ].map((parts) => parts.join('.'));
    const found = filesBelow('.').flatMap((path) => {
      const text = readText(path);
      return [...machine, ...registries]
        .filter((word) => text?.includes(word))
        .map((word) => `${path} says ${word}`);
    });
    expect(found).toEqual([]);
  });

  test('the lock holds no address of a package', () => {
    const lock = JSON.parse(read('package-lock.json').toString('utf8'));
    const packages: [string, { resolved?: string; integrity?: string }][] = Object.entries(
      lock.packages,
    );
    const addressed = packages.filter(([, { resolved }]) => resolved !== undefined);
    expect(addressed.map(([name]) => name)).toEqual([]);
    const unsealed = packages.filter(([name, { integrity }]) => name !== '' && !integrity);
    expect(unsealed.map(([name]) => name)).toEqual([]);
  });
});
