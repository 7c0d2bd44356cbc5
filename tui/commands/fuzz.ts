/**
 * `twomsl fuzz`: random networks, schedules and forged segments, one network after another from a
 * seed on, until so many events were folded or an invariant breaks. Then the seed is told, and a
 * log of as few events as could be found is written.
 */
import { type Failure, foldAll, fuzzOne, initialState, minimizeFailure } from './engine.ts';
import { INTERRUPTED, type Io, json, NO, OK } from './io.ts';
import { checkTarget, keep } from './keep.ts';
import { createPace } from './progress.ts';
import { seedNamed } from './settings.ts';

export type FuzzArgs = { seed?: string; events: number; out?: string; force?: true; json?: true };

type Fuzzed = {
  readonly events: number;
  readonly networks: number;
  readonly failure: Failure | undefined;
};

export async function fuzz(args: FuzzArgs, io: Io): Promise<number> {
  const seed = seedNamed(args.seed ?? '1');
  await checkTarget(args, io);
  const started = io.now();
  const fuzzed = await run(seed, args.events, io);
  if (fuzzed === undefined) return INTERRUPTED;
  const seconds = (io.now() - started) / 1000;
  const { events, networks, failure } = fuzzed;
  if (failure === undefined) {
    const told = { ok: true, seed, networks, events };
    const rate = seconds > 0 ? `; ${seconds.toFixed(1)} s` : '';
    const text = `${events} events in ${networks} networks from seed ${seed}: no invariant broke`;
    await io.out(args.json ? json(told) : `${text}${rate}\n`);
    return OK;
  }
  return tellFailure(fuzzed, failure, args, io);
}

/** Undefined: interrupted. */
async function run(seed: number, most: number, io: Io): Promise<Fuzzed | undefined> {
  let events = 0;
  let networks = 0;
  const pace = createPace(io, () => `${events} events in ${networks} networks`);
  try {
    while (events < most) {
      const fuzzed = fuzzOne((seed + networks) >>> 0);
      events += fuzzed.events;
      networks += 1;
      if (fuzzed.failure !== undefined) return { events, networks, failure: fuzzed.failure };
      if (await pace.now()) return undefined;
    }
    return { events, networks, failure: undefined };
  } finally {
    pace.done();
  }
}

async function tellFailure(
  { events, networks }: Fuzzed,
  failure: Failure,
  args: FuzzArgs,
  io: Io,
): Promise<number> {
  const least = minimizeFailure(failure);
  const { seed, kind, says, header } = least;
  const out = args.out ?? `fuzz-${seed}.jsonl`;
  const snapshot = (count: number) =>
    // What throws when it is folded has no last snapshot but the one before.
    kind.startsWith('throws')
      ? foldAll(header, initialState(header), least.events.slice(0, count - 1))
      : foldAll(header, initialState(header), least.events.slice(0, count));
  const quiet: Io = { ...io, out: () => Promise.resolve() };
  const force = args.force === undefined ? {} : { force: args.force };
  await keep({ header, events: least.events, snapshot }, { out, ...force, warnings: [] }, quiet);
  const short = least.events.length;
  if (args.json) {
    const told = { ok: false, seed, kind, says, log: out, events, networks };
    await io.out(json({ ...told, logEvents: short }));
  } else {
    await io.out(`seed ${seed}: ${says}\n  ${out}: ${short} events, of ${failure.events.length}\n`);
  }
  return NO;
}
