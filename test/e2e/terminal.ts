/** A process in a real terminal, and what is seen of it there. */
import pty from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { childEnv, commandOf, ensureBundle, type Runtime } from './child.ts';

export type Screen = {
  /** The lines on screen. */
  lines(): string[];
  write(keys: string): void;
  kill(signal: NodeJS.Signals): void;
  resize(cols: number, rows: number): void;
  /** Resolves when the condition holds for the lines. */
  until(condition: (text: string) => boolean): Promise<void>;
  readonly code: Promise<number>;
  readonly alternate: () => boolean;
};

/** Starts a line of the shell in a folder, in which `"$@"` is the command line of twomsl. */
export function openTerminal(
  runtime: Runtime,
  [cols, rows]: readonly [number, number],
  cwd: string,
  line: string,
): Screen {
  if (runtime === 'node') ensureBundle();
  const terminal = new xterm.Terminal({ cols, rows, allowProposedApi: true });
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
    return Array.from({ length: terminal.rows }, (_, y) =>
      (buffer.getLine(buffer.viewportY + y)?.translateToString(true) ?? '').trimEnd(),
    );
  };
  return {
    lines,
    write: (keys) => child.write(keys),
    kill: (signal) => child.kill(signal),
    resize(width, height) {
      terminal.resize(width, height);
      child.resize(width, height);
    },
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
