// A log that is read while the dashboard shows it, in a real terminal: what is there can be looked
// at while more is awaited, and what is damaged is told beside what could be read.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createArrowLogWriter } from '../../tui/files/arrow.ts';
import { sampleLog } from '../tui/commands/sample.ts';
import { scratchFolder } from '../tui/files/scratch.ts';
import { RUNTIMES, type Runtime } from './child.ts';
import { openTerminal } from './terminal.ts';

const sample = sampleLog(300);
const total = sample.events.length;

async function inBulk(): Promise<Buffer> {
  const { header, events, digest } = sample;
  const writer = await createArrowLogWriter(header, 'a', { capacity: 500 });
  const pieces = [writer.begin(), ...events.flatMap((event) => writer.add(event) ?? [])];
  pieces.push(writer.end({ events: events.length, digest }));
  return Buffer.concat(pieces as Uint8Array[]);
}

const forms = [
  ['arrows', () => inBulk()],
  ['jsonl', () => Promise.resolve(Buffer.from(sample.text))],
] as const;

describe.each(RUNTIMES)('a log that is being read on %s', (runtime: Runtime) => {
  test.each(forms)(
    'is shown while the pipe that it comes by stands still: .%s',
    async (_, data) => {
      const cwd = scratchFolder();
      const bytes = await data();
      writeFileSync(join(cwd, 'a'), bytes);
      const half = bytes.length >> 1;
      const wait = 'while [ ! -e go ]; do sleep 0.05; done';
      const line = `(head -c ${half} a; ${wait}; tail -c +${half + 1} a) | "$@" -`;
      const screen = openTerminal(runtime, [100, 30], cwd, line);
      await screen.until((text) => /reading [\d.]+ MB/.test(text) && / 0\/[1-9]\d+ /.test(text));
      screen.write('l');
      await screen.until((text) => / 1\/[1-9]\d+ /.test(text));
      expect(screen.lines()[0]).not.toContain(`/${total} `);
      writeFileSync(join(cwd, 'go'), '');
      await screen.until((text) => text.includes(` 1/${total} `) && !text.includes('reading'));
      screen.write('q');
      expect(await screen.code).toBe(0);
    },
  );

  test('says that it was cut, at any event and when it is left', async () => {
    const cwd = scratchFolder();
    writeFileSync(join(cwd, 'a.jsonl'), sample.text.slice(0, sample.text.length >> 1));
    const screen = openTerminal(runtime, [100, 30], cwd, 'exec "$@" a.jsonl');
    await screen.until((text) => text.includes('the log is cut in the middle of line'));
    screen.write('l');
    await screen.until((text) => /^ twomsl {2}the log is cut {2}a.jsonl .* 1\/\d+ /.test(text));
    screen.write('q');
    expect(await screen.code).toBe(0);
    const told = /warning: a.jsonl: the log is cut in the .*: \d+ events up to \d+\.\d+ s are used/;
    await screen.until((text) => !screen.alternate() && told.test(text.replace(/\n/g, '')));
  });

  test('is shown up to a batch that is damaged, with the reason', async () => {
    const cwd = scratchFolder();
    const bytes = await inBulk();
    const at = bytes.length >> 1;
    bytes[at] = (bytes[at] as number) ^ 0x10;
    writeFileSync(join(cwd, 'a.arrows'), bytes);
    const screen = openTerminal(runtime, [80, 24], cwd, 'exec "$@" a.arrows');
    await screen.until(
      (text) => / 0\/[1-9]\d*00 /.test(text) && text.includes(' stopped: damaged '),
    );
    await screen.until((text) => /a.arrows: batch \d+, from event \d+ on, at byte/.test(text));
    screen.write('l');
    await screen.until((text) => / 1\/[1-9]\d*00 /.test(text));
    screen.write('q');
    expect(await screen.code).toBe(2);
    const damaged = /twomsl: a.arrows: batch \d+, from event \d+ on, at byte \d+, is damaged/;
    await screen.until((text) => !screen.alternate() && damaged.test(text.replace(/\n/g, '')));
  });
});
