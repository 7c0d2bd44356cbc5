/** Entry of the command line: a process around `runCommandLine`. */

import { setFlagsFromString } from 'node:v8';
import { BAD, OK } from './commands/io.ts';
import { runCommandLine } from './commands/program.ts';
import { ClosedPipe, codeOf, Failure } from './files/failure.ts';
import { leaveAtOnce, processIo } from './process-io.ts';

// React asks when it is imported, which the dashboard does later.
const { env } = process;
env['NODE_ENV'] ??= 'production';

// V8 makes records where those made by the same code have lived so far. Of a log that is loaded
// many live on; of a jump in it hardly any do, and as old ones they would keep the young alive:
// each collection of those then takes four times as long, some 12 ms in the middle of a jump.
setFlagsFromString('--no-allocation-site-pretenuring');

const { io, signal } = processIo();

async function main(): Promise<number> {
  try {
    const code = await runCommandLine(process.argv.slice(2), io);
    return signal() ?? code;
  } catch (error) {
    if (error instanceof ClosedPipe || codeOf(error) === 'EPIPE') return OK;
    throw error;
  }
}

async function fail(thrown: unknown): Promise<never> {
  // Loaded late: it brings the engine with it, which not every command needs at once.
  const { lateFailure } = await import('./commands/script.ts');
  const error = lateFailure(thrown);
  if (error instanceof Failure) io.err(`twomsl: ${error.message}\n`);
  else {
    // Neither bad usage nor bad input: ours to mend, and a stack helps with that.
    const stack = error instanceof Error ? error.stack : String(error);
    io.err(`twomsl: this is a fault of the program, please report it:\n${stack}\n`);
  }
  return leaveAtOnce(BAD);
}

process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
main().then(leaveAtOnce, fail);
