/**
 * `twomsl packetdrill`: runs scripts against a stack profile. A line a file, then the count. 1
 * where one failed, 2 where one is no script or cannot be read; the others are run all the same.
 */
import { Failure } from '../files/failure.ts';
import { userPath } from '../files/paths.ts';
import { openSource, readAll } from '../files/read.ts';
import { drill, type Verdict, verdictText } from './engine.ts';
import { BAD, breathe, INTERRUPTED, type Io, NO, OK } from './io.ts';
import { profileNamed } from './settings.ts';

export type PacketdrillArgs = { files: string[]; profile?: string; define: string[] };

const DEFAULT_PROFILE = 'rfc9293';

export async function packetdrill(args: PacketdrillArgs, io: Io): Promise<number> {
  const profile = profileNamed(args.profile ?? DEFAULT_PROFILE);
  const counts = { passed: 0, failed: 0, missing: 0 };
  const warned = new Set<string>();
  let bad = false;
  for (const file of args.files) {
    await breathe();
    if (io.interrupted.aborted) return INTERRUPTED;
    const text = await read(file, io);
    if (text === undefined) {
      bad = true;
      continue;
    }
    const { verdict, warnings } = drill(text, { name: file, profile, defines: args.define });
    for (const warning of warnings) {
      if (!warned.has(warning)) io.err(`warning: ${file}: ${warning}\n`);
      warned.add(warning);
    }
    counts[countedAs(verdict)] += 1;
    if (verdict.kind === 'error') {
      bad = true;
      io.err(`twomsl: ${verdictText(file, verdict).replace(/^not ok /, '')}\n`);
    }
    await io.out(`${verdictText(file, verdict)}\n`);
  }
  const { passed, failed, missing } = counts;
  await io.out(`${passed} passed, ${failed} failed, ${missing} not runnable\n`);
  if (bad) return BAD;
  return failed > 0 ? NO : OK;
}

function countedAs(verdict: Verdict): 'passed' | 'failed' | 'missing' {
  return verdict.kind === 'error' ? 'failed' : verdict.kind;
}

/** The text of a script; undefined where it cannot be read, which is said. */
async function read(file: string, io: Io): Promise<string | undefined> {
  try {
    const source = await openSource(userPath(file, io.cwd), file, io.stdin);
    return new TextDecoder().decode(await readAll(source));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    io.err(`twomsl: ${error.message}\n`);
    return undefined;
  }
}
