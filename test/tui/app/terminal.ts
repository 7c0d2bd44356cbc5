// A terminal that is none: Ink writes to it and reads from it, and its cells can be looked at.

import { EventEmitter } from 'node:events';
import xterm from '@xterm/headless';

export type FakeTerminal = ReturnType<typeof fakeTerminal>;

export function fakeTerminal(columns: number, rows: number) {
  const screen = new xterm.Terminal({
    cols: columns,
    rows,
    allowProposedApi: true,
    convertEol: true,
  });
  const written: string[] = [];
  const input: string[] = [];
  let raw = false;

  const stdout = Object.assign(new EventEmitter(), {
    isTTY: true,
    columns,
    rows,
    writable: true,
    writableEnded: false,
    destroyed: false,
    write(text: string, then?: () => void): boolean {
      written.push(text);
      screen.write(text);
      then?.();
      return true;
    },
  });
  const keyboard = new EventEmitter();
  const stdin = Object.assign(keyboard, {
    isTTY: true,
    setEncoding() {},
    setRawMode(mode: boolean) {
      raw = mode;
    },
    resume() {},
    pause() {},
    ref() {},
    unref() {},
    read(): string | null {
      const chunk = input.shift() ?? null;
      // As a stream of Node does for whoever listens.
      if (chunk !== null) keyboard.emit('data', chunk);
      return chunk;
    },
  });

  /** Until everything written is on the screen. */
  const settled = (): Promise<void> => new Promise((resolve) => screen.write('', resolve));

  return {
    stdout: stdout as unknown as NodeJS.WriteStream,
    stdin: stdin as unknown as NodeJS.ReadStream,
    isRaw: () => raw,
    output: () => written.join(''),
    forget: () => written.splice(0),
    type(text: string): void {
      input.push(text);
      stdin.emit('readable');
    },
    resize(width: number, height: number): void {
      screen.resize(width, height);
      stdout.columns = width;
      stdout.rows = height;
      stdout.emit('resize');
    },
    async lines(): Promise<string[]> {
      await settled();
      const { active } = screen.buffer;
      return Array.from({ length: screen.rows }, (_, y) =>
        (active.getLine(active.viewportY + y)?.translateToString(false) ?? '').padEnd(screen.cols),
      );
    },
    async isAlternate(): Promise<boolean> {
      await settled();
      return screen.buffer.active.type === 'alternate';
    },
    /** Colour of the foreground of the first cell of a text; -1: the terminal's own. */
    async colourOf(text: string): Promise<number> {
      const lines = await this.lines();
      const y = lines.findIndex((line) => line.includes(text));
      const x = lines[y]?.indexOf(text) ?? -1;
      const { active } = screen.buffer;
      const cell = active.getLine(active.viewportY + y)?.getCell(x);
      return cell === undefined || cell.isFgDefault() ? -1 : cell.getFgColor();
    },
    /** Whether the last word on the cursor was to show it. */
    cursorShown(): boolean {
      const all = written.join('');
      return all.lastIndexOf('\u001B[?25h') > all.lastIndexOf('\u001B[?25l');
    },
    /** Whether the mouse was given back. */
    mouseOff(): boolean {
      const all = written.join('');
      return all.lastIndexOf('\u001B[?1002l') > all.lastIndexOf('\u001B[?1002h');
    },
  };
}

/** Looks again and again until it holds. */
export async function until(holds: () => boolean | Promise<boolean>, ms = 5_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it did not come to hold');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
