/**
 * Long work in slices: between two of them signals are heard, and after the first second one line
 * on stderr says how far it is. Where stderr is no terminal a new line comes every few seconds.
 */
import { breathe, type Io } from './io.ts';

const SLICE_MS = 30;
const SILENT_MS = 1_000;
const REDRAW_MS = 100;
const PLAIN_MS = 5_000;
/** Steps between two looks at the clock. */
const STEPS = 64;

export type Pace = {
  /** After each step of the work; true: stop, it was interrupted. Awaits only when it is time. */
  step(): boolean | Promise<boolean>;
  /** The same at once, after a step that took long. */
  now(): Promise<boolean>;
  /** Removes the line. */
  done(): void;
};

/** `describe` is asked for the line only when it is shown. */
export function createPace(io: Io, describe: () => string): Pace {
  const started = io.now();
  let slice = started;
  let shown = started + SILENT_MS - (io.tty.stderr ? REDRAW_MS : PLAIN_MS);
  let steps = 0;
  let width = 0;
  const show = (now: number): void => {
    const text = describe();
    if (!io.tty.stderr) {
      io.err(`${text}\n`);
    } else {
      io.err(`\r${text.padEnd(width)}`);
      width = text.length;
    }
    shown = now;
  };
  const rest = async (): Promise<boolean> => {
    const now = io.now();
    if (now - started >= SILENT_MS && now - shown >= (io.tty.stderr ? REDRAW_MS : PLAIN_MS)) {
      show(now);
    }
    await breathe();
    slice = io.now();
    return io.interrupted.aborted;
  };
  return {
    step() {
      steps += 1;
      if (steps % STEPS !== 0 || io.now() - slice < SLICE_MS) return io.interrupted.aborted;
      return rest();
    },
    now: rest,
    done() {
      if (width > 0) io.err(`\r${' '.repeat(width)}\r`);
      width = 0;
    },
  };
}

/** `12.3 of 45.6 MB`, or how much there was where the end is not known. */
export function megabytes(done: number, of: number | undefined): string {
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);
  return of === undefined ? `${mb(done)} MB` : `${mb(done)} of ${mb(of)} MB`;
}
