/** An `Io` without a process: what a command says is kept, what it reads is given. */
import type { Io } from '../../../tui/commands/io.ts';
import { runCommandLine } from '../../../tui/commands/program.ts';

export type Outcome = { readonly code: number; readonly out: string; readonly err: string };

export type Setting = {
  readonly cwd: string;
  readonly stdin?: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;
  /** Whether the streams are terminals; `out`: but for stdin. */
  readonly tty?: boolean | 'out';
  readonly columns?: number;
  readonly rows?: number;
  readonly interrupted?: AbortSignal;
  readonly out?: (text: string) => Promise<void>;
  /** Milliseconds that each look at the clock takes. */
  readonly tick?: number;
};

/** Runs a command line in this process. */
export async function twomsl(
  args: readonly string[],
  setting: Setting = { cwd: '/' },
): Promise<Outcome> {
  let out = '';
  let err = '';
  let clock = 0;
  const tty = setting.tty !== undefined && setting.tty !== false;
  const io: Io = {
    cwd: setting.cwd,
    env: {},
    stdin: given(setting.stdin ?? []),
    out:
      setting.out ??
      (async (text) => {
        out += text;
      }),
    err: (text) => {
      err += text;
    },
    tty: { stdin: setting.tty === true, stdout: tty, stderr: tty },
    keyboard: () => (tty ? process.stdin : undefined),
    columns: setting.columns ?? 80,
    rows: setting.rows ?? 24,
    interrupted: setting.interrupted ?? new AbortController().signal,
    exposed: (work) => work(),
    now: () => {
      clock += setting.tick ?? 0;
      return clock;
    },
  };
  const code = await runCommandLine(args, io);
  return { code, out, err };
}

async function* given(chunks: NonNullable<Setting['stdin']>) {
  yield* chunks;
}
