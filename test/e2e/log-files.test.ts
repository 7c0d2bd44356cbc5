// Logs as files of either form, on every runtime: converted, read, cut short by a kill.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sampleHeader, sampleLog } from '../tui/commands/sample.ts';
import { scratchFolder } from '../tui/files/scratch.ts';
import { commandOf, ensureBundle, RUNTIMES, type Runtime, start, twomsl } from './child.ts';

const sample = sampleLog(300);

describe.each(RUNTIMES)('logs as files on %s', (runtime: Runtime) => {
  test('convert both ways without loss, and lead to one digest', async () => {
    const cwd = scratchFolder();
    writeFileSync(join(cwd, 'a.jsonl'), sample.text);
    const forms = ['a.jsonl', 'b.arrows', 'c.arrows.gz', 'd.jsonl.zst', 'e.arrows.zst', 'f.jsonl'];
    for (const [i, to] of forms.slice(1).entries()) {
      const { code, out, err } = await twomsl(runtime, ['convert', forms[i] as string, to], cwd);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(new RegExp(`^${to}: ${sample.events.length} events, .*${sample.digest}`));
    }
    expect(readFileSync(join(cwd, 'f.jsonl'), 'utf8')).toBe(sample.text);
    const { code, out } = await twomsl(runtime, ['check', 'b.arrows', '--json'], cwd);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ complete: true, digest: sample.digest, warnings: [] });
  }, 60_000);

  test('read a stream from stdin, and write one where the name says so', async () => {
    const cwd = scratchFolder();
    const header = JSON.stringify(sampleHeader(300));
    writeFileSync(join(cwd, 'scenario.ts'), `export default () => (${header});\n`);
    const ran = await twomsl(runtime, ['run', 'scenario.ts', '--out', 'a.arrows'], cwd);
    expect(ran).toMatchObject({ code: 0, err: '' });
    const bytes = readFileSync(join(cwd, 'a.arrows'));
    const text = await twomsl(runtime, ['convert', '-', '-'], cwd, bytes);
    expect(text).toMatchObject({ code: 0, err: '' });
    expect(text.out).toBe(sample.text);
    const refused = await twomsl(runtime, ['convert', 'a.arrows', 'a.arrow'], cwd);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain("a.arrow: this is the name of Arrow's file format");
  }, 60_000);

  test('tell of a batch that is damaged', async () => {
    const cwd = scratchFolder();
    writeFileSync(join(cwd, 'a.jsonl'), sample.text);
    await twomsl(runtime, ['convert', 'a.jsonl', 'a.arrows'], cwd);
    const bytes = readFileSync(join(cwd, 'a.arrows'));
    const at = bytes.length >> 1;
    bytes[at] = (bytes[at] as number) ^ 0x10;
    const { code, err } = await twomsl(runtime, ['replay', '-'], cwd, bytes);
    expect(code).toBe(2);
    expect(err).toMatch(
      /^twomsl: stdin: batch \d+, from event \d+ on, at byte \d+, is damaged: its checksum /,
    );
  }, 60_000);

  test('a writer that is killed leaves what it had written', async () => {
    const cwd = scratchFolder();
    const header = JSON.stringify(sampleHeader(200_000));
    writeFileSync(join(cwd, 'scenario.ts'), `export default () => (${header});\n`);
    if (runtime === 'node') ensureBundle();
    const child = start(commandOf(runtime), ['run', 'scenario.ts', '--out', 'a.arrows'], cwd);
    const part = () => readdirSync(cwd).find((name) => name.endsWith('.part'));
    const size = () => readFileSync(join(cwd, part() ?? 'scenario.ts')).length;
    while (part() === undefined || size() < 200_000) await pause(10);
    child.kill('SIGKILL');
    expect(await child.ended).toMatchObject({ signal: 'SIGKILL' });
    const { code, out, err } = await twomsl(runtime, ['replay', part() as string, '--json'], cwd);
    expect(code).toBe(0);
    expect(err).toMatch(/^warning: .*: the log (is cut in|has no end)/m);
    const { events } = JSON.parse(out);
    expect(events % 4096).toBe(0);
    expect(events).toBeGreaterThan(4096);
  }, 60_000);
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
