import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
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

  test('keeps only the beginning where a time or a number of events is given', async () => {
    const cwd = scratchFolder();
    writeFileSync(join(cwd, 'a.jsonl'), sample.text);
    const lines = sample.text.split('\n');
    const some = await twomsl(['convert', 'a.jsonl', '-', '--events', '7'], { cwd });
    expect(some).toEqual({ code: 0, out: `${lines.slice(0, 8).join('\n')}\n`, err: '' });
    const early = await twomsl(['convert', 'a.jsonl', 'b.arrows', '--until', '30ms'], { cwd });
    const count = sample.events.filter(({ t }) => t <= 30_000).length;
    expect(early.out).toMatch(new RegExp(`^b.arrows: ${count} events, arrows, .*, no end\n$`));
    const wrong = await twomsl(['convert', 'a.jsonl', 'c.jsonl', '--until', 'soon'], { cwd });
    expect(wrong).toMatchObject({
      code: 2,
      err: expect.stringContaining('--until soon: expected'),
    });
  });

  test('compresses a log in bulk or does not; both are read', async () => {
    const cwd = scratchFolder();
    writeFileSync(join(cwd, 'a.jsonl'), sample.text);
    const size = async (to: string, kind: string): Promise<number> => {
      const args = ['convert', 'a.jsonl', to, '--compression', kind];
      expect(await twomsl(args, { cwd })).toMatchObject({ code: 0, err: '' });
      const back = await twomsl(['convert', to, '-'], { cwd });
      expect(back).toEqual({ code: 0, out: sample.text, err: '' });
      return readFileSync(join(cwd, to)).length;
    };
    expect(await size('raw.arrows', 'none')).toBeGreaterThan(await size('b.arrows', 'zstd'));
    const text = await twomsl(['convert', 'a.jsonl', 'b.jsonl', '--compression', 'none'], { cwd });
    expect(text.code).toBe(2);
    expect(text.err).toContain(
      'expected a log in bulk to write, with a name in .arrows, found b.js',
    );
  });

  test('interrupted, says what is left: of a file nothing', async () => {
    const cwd = scratchFolder();
    async function* slow() {
      yield sample.text.slice(0, -300);
      await new Promise(() => undefined);
    }
    for (const [to, left] of [
      ['b.jsonl', 'b.jsonl is not written'],
      ['-', 'stdout holds them'],
    ] as const) {
      const abort = new AbortController();
      const setting = { cwd, stdin: slow(), interrupted: abort.signal };
      const running = twomsl(['convert', '-', to], setting);
      setTimeout(() => abort.abort(), 100);
      const { code, err, out } = await running;
      expect(code).toBe(130);
      expect(err).toMatch(new RegExp(`^interrupted after \\d+ events; ${left}\n$`));
      if (to === '-') expect(sample.text.startsWith(out)).toBe(true);
    }
    expect(readdirSync(cwd)).toEqual([]);
  });

  test('leaves nothing of a damaged log, unless what comes before is asked for', async () => {
    const cwd = scratchFolder();
    const long = sampleLog(600);
    writeFileSync(join(cwd, 'a.jsonl'), long.text);
    await twomsl(['convert', 'a.jsonl', 'a.arrows', '--compression', 'none'], { cwd });
    const bytes = readFileSync(join(cwd, 'a.arrows'));
    const at = bytes.length - 50_000;
    bytes[at] = (bytes[at] as number) ^ 1;
    writeFileSync(join(cwd, 'a.arrows'), bytes);
    const refused = await twomsl(['convert', 'a.arrows', 'b.jsonl'], { cwd });
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(
      /^twomsl: a.arrows: batch 3, from event 8192 on, at byte \d+, is da/,
    );
    expect(readdirSync(cwd).sort()).toEqual(['a.arrows', 'a.jsonl']);
    const advice = /twomsl (convert a.arrows) PART.arrows (--events 8192)\n/.exec(refused.err);
    const [from, events] = [advice?.[1] ?? '', advice?.[2] ?? ''].map((part) => part.split(' '));
    const kept = await twomsl([...(from ?? []), 'b.jsonl', ...(events ?? [])], { cwd });
    expect(kept).toMatchObject({ code: 0, err: '' });
    const lines = long.text.split('\n').slice(0, 8193);
    expect(readFileSync(join(cwd, 'b.jsonl'), 'utf8')).toBe(`${lines.join('\n')}\n`);
    expect((await twomsl(['check', 'a.arrows'], { cwd })).code).toBe(2);
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
