// The dashboard in a real terminal: it opens, fills the screen, and leaves it as it was.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pty from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { describe, expect, test } from 'vitest';
import { sampleLog } from '../tui/commands/sample.ts';
import { scratchFolder } from '../tui/files/scratch.ts';
import { childEnv, commandOf, ensureBundle, RUNTIMES, type Runtime } from './child.ts';

const sample = sampleLog();

type Screen = {
  /** The lines on screen. */
  lines(): string[];
  write(keys: string): void;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the condition holds for the lines. */
  until(condition: (text: string) => boolean): Promise<void>;
  readonly code: Promise<number>;
  readonly alternate: () => boolean;
};

function openTerminal(
  runtime: Runtime,
  cols: number,
  rows: number,
  from: 'file' | 'pipe' = 'file',
): Screen {
  if (runtime === 'node') ensureBundle();
  const cwd = scratchFolder();
  writeFileSync(join(cwd, 'a.jsonl'), sample.text);
  const terminal = new xterm.Terminal({ cols, rows, allowProposedApi: true });
  const line = from === 'file' ? 'exec "$@" a.jsonl' : 'cat a.jsonl | "$@" -';
  const env = childEnv({ TERM: 'xterm-256color' }) as Record<string, string>;
  const child = pty.spawn('sh', ['-c', line, 'sh', ...commandOf(runtime)], {
    cols,
    rows,
    cwd,
    env,
  });
  child.onData((data) => terminal.write(data));
  // A program may ask the terminal who it is.
  terminal.onData((answer) => child.write(answer));
  const lines = (): string[] => {
    const buffer = terminal.buffer.active;
    return Array.from({ length: rows }, (_, y) =>
      (buffer.getLine(buffer.viewportY + y)?.translateToString(true) ?? '').trimEnd(),
    );
  };
  return {
    lines,
    write: (keys) => child.write(keys),
    kill: (signal) => child.kill(signal),
    async until(condition) {
      const end = performance.now() + 10_000;
      while (!condition(lines().join('\n'))) {
        if (performance.now() > end) throw new Error(`not seen in:\n${lines().join('\n')}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    code: new Promise((resolve) => child.onExit(({ exitCode }) => resolve(exitCode))),
    alternate: () => terminal.buffer.active.type === 'alternate',
  };
}

describe.each(RUNTIMES)('the dashboard on %s', (runtime: Runtime) => {
  test.each([
    [80, 24],
    [200, 50],
  ])('opens at %i×%i, shows the log, and quits', async (cols, rows) => {
    const screen = openTerminal(runtime, cols, rows);
    await screen.until((text) => text.includes('TIME-WAIT'));
    expect(screen.alternate()).toBe(true);
    screen.write('q');
    expect(await screen.code).toBe(0);
    await screen.until(() => !screen.alternate());
  });

  test('gives the terminal back when it is asked to end', async () => {
    const screen = openTerminal(runtime, 80, 24);
    await screen.until((text) => text.includes('TIME-WAIT'));
    screen.kill('SIGTERM');
    expect(await screen.code).toBe(143);
    await screen.until(() => !screen.alternate());
  });

  test('takes keys from the terminal when the log comes through a pipe', async () => {
    const screen = openTerminal(runtime, 80, 24, 'pipe');
    await screen.until((text) => text.includes('TIME-WAIT'));
    screen.write('q');
    expect(await screen.code).toBe(0);
  });

  test('refuses a screen of 10×3 in words', async () => {
    const screen = openTerminal(runtime, 10, 3);
    expect(await screen.code).toBe(2);
    expect(screen.alternate()).toBe(false);
  });
});
