// What ships in logs/ is what the simulation gives today. After a change that is meant to alter it,
// `npm run logs` writes the logs anew.

import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../engine/base/digest.ts';
import { decodeLog } from '../../engine/log/codec.ts';
import { foldAll } from '../../engine/timeline/evolve.ts';
import { initialState } from '../../engine/timeline/initial.ts';
import { fileOf, LOG_NAMES, logText } from './logs.ts';

const folder = new URL('../../logs/', import.meta.url);
const MEGABYTE = 1_000_000;

function textOf(name: string): string {
  const bytes = readFileSync(new URL(fileOf(name), folder));
  return (fileOf(name).endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
}

describe('the logs that ship', () => {
  // Not by toBe on the whole: a difference in a log of 20 MB should be told in a line.
  test.each(LOG_NAMES)('%s is what its scenario gives, byte for byte', (name) => {
    const shipped = textOf(name).split('\n');
    const fresh = logText(name).split('\n');
    const differs = fresh.findIndex((line, i) => line !== shipped[i]);
    expect(shipped[differs], `line ${differs + 1}; npm run logs writes it anew`).toBe(
      fresh[differs],
    );
    expect(shipped.length).toBe(fresh.length);
  });

  test.each(LOG_NAMES)('%s folds to the digest of its end line', (name) => {
    const decoded = decodeLog(textOf(name));
    if (!decoded.ok) throw new Error(decoded.error.expected);
    const { header, events, trailer, warnings } = decoded;
    expect(warnings).toEqual([]);
    expect(digestOf(foldAll(header, initialState(header), events))).toBe(trailer?.digest);
  });

  test('are all there, each in the table of the README, together under 5 MB', () => {
    const files = readdirSync(folder).filter((file) => file !== 'README.md');
    expect(files.sort()).toEqual(LOG_NAMES.map(fileOf).sort());
    const readme = readFileSync(new URL('README.md', folder), 'utf8');
    for (const file of files) expect(readme).toContain(`| \`${file}\` |`);
    const sizes = files.map((file) => readFileSync(new URL(file, folder)).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(5 * MEGABYTE);
  });
});
