import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../files/scratch.ts';
import { twomsl } from './fake-io.ts';
import { sampleLog } from './sample.ts';

const sample = sampleLog();

describe('convert', () => {
  test('keeps the absence of an end, and says so', async () => {
    const cwd = scratchFolder();
    const lines = sample.text.split('\n').slice(0, 11);
    writeFileSync(join(cwd, 'cut.jsonl'), `${lines.join('\n')}\n`);
    const there = await twomsl(['convert', 'cut.jsonl', 'cut.arrows'], { cwd });
    expect(there.code).toBe(0);
    expect(there.err).toMatch(/^warning: cut\.jsonl: the log has no end line/);
    expect(there.out).toMatch(/^cut\.arrows: 10 events, arrows, .* bytes an event .*, no end\n$/);
    const back = await twomsl(['convert', 'cut.arrows', 'again.jsonl'], { cwd });
    expect(back.err).toMatch(/^warning: cut\.arrows: the log has no end: it stops after batch 1/);
    expect(readFileSync(join(cwd, 'again.jsonl'), 'utf8')).toBe(`${lines.join('\n')}\n`);
  });

  test('replaces nothing unless told to', async () => {
    const cwd = scratchFolder();
    writeFileSync(join(cwd, 'a.jsonl'), sample.text);
    writeFileSync(join(cwd, 'b.arrows'), 'old');
    const refused = await twomsl(['convert', 'a.jsonl', 'b.arrows'], { cwd });
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toContain('b.arrows: exists already');
    const forced = await twomsl(['convert', 'a.jsonl', 'b.arrows', '--force'], { cwd });
    expect(forced).toMatchObject({ code: 0, err: '' });
    const read = await twomsl(['replay', 'b.arrows', '--json'], { cwd });
    expect(JSON.parse(read.out)).toMatchObject({ digest: sample.digest, warnings: [] });
  });
});
