// The dashboard in a real terminal: it opens, fills the screen, and leaves it as it was.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sampleLog } from '../tui/commands/sample.ts';
import { scratchFolder } from '../tui/files/scratch.ts';
import { RUNTIMES, type Runtime } from './child.ts';
import { openTerminal, type Screen } from './terminal.ts';

const sample = sampleLog();

function open(
  runtime: Runtime,
  size: readonly [number, number],
  line = 'exec "$@" a.jsonl',
): Screen {
  const cwd = scratchFolder();
  writeFileSync(join(cwd, 'a.jsonl'), sample.text);
  return openTerminal(runtime, size, cwd, line);
}

describe.each(RUNTIMES)('the dashboard on %s', (runtime: Runtime) => {
  test.each([
    [80, 24],
    [200, 50],
  ])('opens at %i×%i, shows the log, and quits', async (cols, rows) => {
    const screen = open(runtime, [cols, rows]);
    await screen.until((text) => text.includes('TIME-WAIT'));
    expect(screen.alternate()).toBe(true);
    screen.write('q');
    expect(await screen.code).toBe(0);
    await screen.until(() => !screen.alternate());
  });

  test('gives the terminal back when it is asked to end', async () => {
    const screen = open(runtime, [80, 24]);
    await screen.until((text) => text.includes('TIME-WAIT'));
    screen.kill('SIGTERM');
    expect(await screen.code).toBe(143);
    await screen.until(() => !screen.alternate());
  });

  test('takes keys from the terminal when the log comes through a pipe', async () => {
    const screen = open(runtime, [80, 24], 'cat a.jsonl | "$@" -');
    await screen.until((text) => text.includes('TIME-WAIT'));
    screen.write('q');
    expect(await screen.code).toBe(0);
  });

  test('refuses a screen of 10×3 in words', async () => {
    const screen = open(runtime, [10, 3]);
    expect(await screen.code).toBe(2);
    expect(screen.alternate()).toBe(false);
  });
});
