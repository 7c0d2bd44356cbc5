// Our own scripts, each on both profiles and under the names that choose their branches.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { drill, verdictText } from '../../../engine/formats/packetdrill/index.ts';

const folder = new URL('./scripts/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.pkt'));

describe.each([
  ['freebsd', 'FreeBSD'],
  ['rfc9293', 'STANDARD'],
])('%s', (profile, define) => {
  test.each(names)('%s', (name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    const { verdict } = drill(text, { name, profile, defines: [define] });
    expect(verdictText(name, verdict)).toBe(`ok ${name}`);
  });
});
