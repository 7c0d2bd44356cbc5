/**
 * What a command has of the world: its streams, the folder of the user's paths, and word of an
 * interruption. A command is a function of arguments and an `Io` that resolves to the exit code, so
 * a test runs it without a process.
 */
export type Io = {
  /** The folder that the user's paths are relative to. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  /** The result. Resolves when more may come; rejects with `ClosedPipe` when nobody reads on. */
  readonly out: (text: string) => Promise<void>;
  /** Warnings, progress, errors. */
  readonly err: (text: string) => void;
  /** Which of the streams are terminals. */
  readonly tty: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  /** Where keys are typed: stdin, or the terminal behind it if stdin is a file or a pipe. */
  readonly keyboard: () => NodeJS.ReadStream | undefined;
  readonly columns: number;
  readonly rows: number;
  /** Aborted by Ctrl-C or when the system asks the process to end. */
  readonly interrupted: AbortSignal;
  /**
   * Does work that nothing can interrupt but the end of the process, such as a function of the
   * user: a signal then ends the process at once, until the work returns or the promise that it
   * gives is settled. No file of ours may be open meanwhile.
   */
  readonly exposed: <T>(work: () => T) => T;
  /** Milliseconds on a clock that only runs forward. */
  readonly now: () => number;
};

export const OK = 0;
/** It ran, and the answer is no. */
export const NO = 1;
/** A mistake in the usage, or input that cannot be used. */
export const BAD = 2;
export const INTERRUPTED = 130;

/** Warnings, one a line. */
export function warn(io: Io, warnings: readonly string[]): void {
  for (const warning of warnings) io.err(`warning: ${warning}\n`);
}

/** A value as JSON that a person can read too. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Lets signals and streams have their turn. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
