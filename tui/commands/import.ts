/** `twomsl import`: a log of a capture, which holds what the real stacks sent. */

import { basename } from 'node:path';
import { Failure } from '../files/failure.ts';
import { userPath } from '../files/paths.ts';
import { openSource, readAll, type Source } from '../files/read.ts';
import {
  captureErrorText,
  type DecodedCapture,
  decodeCapture,
  foldAll,
  type ImportOptions,
  type ImportResult,
  importInSteps,
  initialState,
} from './engine.ts';
import { INTERRUPTED, type Io, OK } from './io.ts';
import { checkTarget, keep } from './keep.ts';
import { createPace, megabytes } from './progress.ts';
import { profileNamed } from './settings.ts';

/** The commonest stack, where nothing else is known of the machines. */
const DEFAULT_PROFILE = 'linux';

export type ImportArgs = {
  file: string;
  out?: string;
  profile?: string;
  force?: true;
  compression?: 'none' | 'zstd';
  json?: true;
};

export async function importFile(args: ImportArgs, io: Io): Promise<number> {
  const profile = profileNamed(args.profile ?? DEFAULT_PROFILE);
  await checkTarget(args, io);
  const source = await openSource(userPath(args.file, io.cwd), args.file, io.stdin);
  const bytes = await readSource(source, io);
  if (bytes === undefined) return INTERRUPTED;
  const decoded = decode(bytes, source.name);
  const options = { file: basename(source.name), profile };
  const imported = await importPaced(decoded, options, source.name, io);
  if (imported === undefined) return INTERRUPTED;
  if (!imported.ok) throw new Failure(`${source.name}: ${imported.message}`);
  const { header, events } = imported;
  const recording = {
    header,
    events,
    snapshot: (count: number) => foldAll(header, initialState(header), events.slice(0, count)),
  };
  const noted = imported.warnings.map((warning) => `${source.name}: ${warning}`);
  const warnings = [...source.warnings, ...noted];
  const kept = await keep(recording, { ...args, warnings }, io);
  return kept.interrupted ? INTERRUPTED : OK;
}

async function readSource(source: Source, io: Io): Promise<Uint8Array | undefined> {
  const pace = createPace(io, () => {
    const { done, of } = source.progress();
    return `reading ${source.name}: ${megabytes(done, of)}`;
  });
  try {
    return await readAll(source, () => pace.now());
  } finally {
    pace.done();
  }
}

/** Undefined: interrupted. */
async function importPaced(
  decoded: DecodedCapture,
  options: ImportOptions,
  name: string,
  io: Io,
): Promise<ImportResult | undefined> {
  const steps = importInSteps(decoded, options);
  let step = steps.next();
  const pace = createPace(io, () => {
    const percent = step.done ? 100 : Math.floor((100 * step.value.done) / step.value.of);
    return `following ${name}: ${percent} %`;
  });
  try {
    while (!step.done) {
      if (await pace.now()) {
        io.err(`interrupted; nothing of ${name} is kept\n`);
        return undefined;
      }
      step = steps.next();
    }
    return step.value;
  } finally {
    pace.done();
  }
}

/** What to do about a file that is no capture, or one that is broken at `offset`. */
function todo(offset: number): string {
  if (offset > 0) return 'The file is damaged there; "editcap" may keep what comes before';
  const others = 'Other captures are converted by "editcap -F pcapng FILE NEW"';
  return `${others}; a log is opened by "twomsl LOG"`;
}

function decode(bytes: Uint8Array, name: string): DecodedCapture {
  const result = decodeCapture(bytes);
  if (!result.ok) {
    throw new Failure(`${name}: ${captureErrorText(result.error)}. ${todo(result.error.offset)}`);
  }
  return result.decoded;
}
