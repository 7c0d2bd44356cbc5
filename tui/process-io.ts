/**
 * The process as an `Io`: its streams, its signals, and how it ends.
 *
 * The first signal asks the command to stop and to close its files; a second one ends the process
 * at once. A reader that goes away (`| head`) ends it quietly with 0.
 */

import { openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import type { Io } from './commands/io.ts';
import { ClosedPipe, codeOf, Failure, reasonOf } from './files/failure.ts';
import { userFolder } from './files/paths.ts';
import { removeScratches } from './files/write.ts';

/** Exit codes of signals by the custom of shells: 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export type ProcessIo = {
  readonly io: Io;
  /** Code of the signal that came; undefined: none did. */
  readonly signal: () => number | undefined;
};

export function processIo(): ProcessIo {
  const { stdout, stderr, stdin } = process;
  const abort = new AbortController();
  let signal: number | undefined;
  const signals = catchSignals((code) => {
    if (signal !== undefined) leaveAtOnce(code);
    signal = code;
    abort.abort();
  });
  const outcome = pipeOf(stdout);
  // Messages that nobody reads are no reason to fail.
  stderr.on('error', () => undefined);
  const io: Io = {
    cwd: userFolder(process.cwd(), process.env),
    env: process.env,
    stdin,
    out: outcome,
    err: (text) => {
      stderr.write(text);
    },
    tty: {
      stdin: stdin.isTTY === true,
      stdout: stdout.isTTY === true,
      stderr: stderr.isTTY === true,
    },
    keyboard: () => (stdin.isTTY === true ? stdin : openTerminal()),
    columns: stdout.columns ?? 80,
    rows: stdout.rows ?? 24,
    interrupted: abort.signal,
    exposed: (work) => {
      signals.release();
      let pending = false;
      try {
        const result = work();
        pending = result instanceof Promise;
        if (pending) (result as Promise<unknown>).then(signals.hold, signals.hold);
        return result;
      } finally {
        if (!pending) signals.hold();
      }
    },
    now: () => performance.now(),
  };
  return { io, signal: () => signal };
}

/** Held signals come to `came` with the code to end with; released ones end the process. */
function catchSignals(came: (code: number) => void): { hold(): void; release(): void } {
  const handlers = Object.entries(SIGNALS).map(([name, code]) => {
    const handler = (): void => came(code);
    return { name, handler };
  });
  const hold = (): void => {
    for (const { name, handler } of handlers) process.on(name, handler);
  };
  const release = (): void => {
    for (const { name, handler } of handlers) process.off(name, handler);
  };
  hold();
  return { hold, release };
}

/** `cat LOG | twomsl -` leaves the keyboard to be found elsewhere. */
function openTerminal(): NodeJS.ReadStream | undefined {
  try {
    return new ReadStream(openSync('/dev/tty', 'r'));
  } catch {
    return undefined;
  }
}

/** Writes to a stream that may be closed at its other end. */
function pipeOf(stream: NodeJS.WriteStream): (text: string) => Promise<void> {
  let broken: unknown;
  stream.on('error', (error: unknown) => {
    broken = error;
  });
  return (text) =>
    new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        if (codeOf(error) === 'EPIPE') reject(new ClosedPipe('nobody reads on'));
        else reject(new Failure(`stdout: cannot be written: ${reasonOf(error)}`));
      };
      if (broken !== undefined) fail(broken);
      else stream.write(text, (error) => (error ? fail(error) : resolve()));
    });
}

/** Without waiting for anything. */
export function leaveAtOnce(code: number): never {
  removeScratches();
  process.exit(code);
}
