// The dashboard as a job of a shell: it is stopped and goes on, where there is a shell to do so.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sampleLog } from '../tui/commands/sample.ts';
import { scratchFolder } from '../tui/files/scratch.ts';
import { RUNTIMES, type Runtime } from './child.ts';
import { openTerminal, type Screen } from './terminal.ts';

const sample = sampleLog();

function open(runtime: Runtime, line: string): Screen {
  const cwd = scratchFolder();
  writeFileSync(join(cwd, 'a.jsonl'), sample.text);
  return openTerminal(runtime, [100, 30], cwd, line);
}

describe.each(RUNTIMES)('Ctrl-Z on %s', (runtime: Runtime) => {
  test('stops it, and it comes back at the size that the screen has by then', async () => {
    // A shell that gives each command a group of its own, and continues it when a line is typed.
    const screen = open(runtime, 'set -m; "$@" a.jsonl; echo stopped; read line; fg >/dev/null');
    await screen.until((text) => text.includes('TIME-WAIT'));
    screen.write('\u001A');
    await screen.until((text) => !screen.alternate() && text.includes('stopped'));
    screen.resize(72, 20);
    screen.write('\r');
    await screen.until(() => screen.alternate() && /q quit$/.test(screen.lines()[19] ?? ''));
    screen.write('q');
    expect(await screen.code).toBe(0);
  });

  test('draws it again where nothing would continue it', async () => {
    const screen = open(runtime, 'exec "$@" a.jsonl');
    await screen.until((text) => text.includes('TIME-WAIT'));
    screen.write('l\u001A');
    await screen.until((text) => / 1\/\d+ /.test(text));
    await new Promise((resolve) => setTimeout(resolve, 300));
    screen.write('l');
    await screen.until((text) => screen.alternate() && / 2\/\d+ /.test(text));
    screen.write('q');
    expect(await screen.code).toBe(0);
  });
});
