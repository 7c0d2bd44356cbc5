/**
 * `twomsl experiment`: runs a churn experiment point by point and gives a table; with `--out` also
 * files: the table as CSV, everything as JSON, and what was sampled over time as a CSV of its own.
 */
import { join } from 'node:path';
import { Failure } from '../files/failure.ts';
import { userPath } from '../files/paths.ts';
import { makeFolder, openSink, type Sink } from '../files/write.ts';
import {
  EXPERIMENTS,
  type Experiment,
  formatTime,
  type Progress,
  type Row,
  seriesToCsv,
  stepExperiment,
  toCsv,
  toJson,
} from './engine.ts';
import { INTERRUPTED, type Io, json, OK } from './io.ts';
import { createPace } from './progress.ts';
import { isScript, runScript, scriptFailure } from './script.ts';
import { seedNamed, unknownName } from './settings.ts';
import { tableOf } from './table.ts';

export type ExperimentArgs = {
  script: string;
  seed?: string;
  out?: string;
  force?: true;
  json?: true;
};

export async function experiment(args: ExperimentArgs, io: Io): Promise<number> {
  const spec = await specOf(args.script, io);
  const outputs = await openOutputs(spec, args, io);
  const rows = await runPoints(spec, args, io).catch(async (error: unknown) => {
    await discard(outputs);
    throw error;
  });
  if (rows === undefined) {
    await discard(outputs);
    return INTERRUPTED;
  }
  const report = json(reportOf(spec, rows));
  for (const { kind, sink } of outputs) {
    await sink.write(kind === 'json' ? report : kind === 'csv' ? toCsv(rows) : seriesToCsv(rows));
    await sink.close();
  }
  await io.out(args.json ? report : `${spec.about}\n\n${tableOf(rows)}`);
  return OK;
}

async function specOf(name: string, io: Io): Promise<Experiment> {
  if (isScript(name)) {
    const run = () => runScript(name, io.cwd, {});
    const made = (await io.exposed(run)) as Experiment | undefined;
    if (typeof made?.build === 'function' && typeof made.measure === 'object') return made;
    throw new Failure(`${name}: expected an experiment from the script: experiment({ … })`);
  }
  const shipped = Object.hasOwn(EXPERIMENTS, name) ? EXPERIMENTS[name] : undefined;
  if (shipped !== undefined) return shipped;
  const todo = 'A script is named by its file, such as mine.ts';
  throw new Failure(`${unknownName('experiment', name, Object.keys(EXPERIMENTS))}. ${todo}`);
}

type Output = { readonly kind: 'csv' | 'json' | 'series'; readonly sink: Sink };

/** Before anything is run: a name that is taken is told at once. */
async function openOutputs(
  { name, series = {} }: Experiment,
  args: ExperimentArgs,
  io: Io,
): Promise<Output[]> {
  const { out, force } = args;
  if (out === undefined) return [];
  if (out === '-') throw new Failure('--out -: expected a folder; --json prints to stdout');
  await makeFolder(userPath(out, io.cwd), out);
  const outputs: Output[] = [];
  try {
    for (const kind of ['csv', 'json', 'series'] as const) {
      if (kind === 'series' && Object.keys(series).length === 0) continue;
      const file = join(out, kind === 'series' ? `${name}.series.csv` : `${name}.${kind}`);
      const path = userPath(file, io.cwd);
      const options = { path, name: file, force: force === true, stdout: io.out };
      outputs.push({ kind, sink: await openSink(options) });
    }
  } catch (error) {
    await discard(outputs);
    throw error;
  }
  return outputs;
}

async function discard(outputs: readonly Output[]): Promise<void> {
  for (const { sink } of outputs) await sink.discard();
}

/** Undefined: interrupted. */
async function runPoints(
  spec: Experiment,
  args: ExperimentArgs,
  io: Io,
): Promise<readonly Row[] | undefined> {
  const options = args.seed === undefined ? {} : { seed: seedNamed(args.seed) };
  let now: Progress | undefined;
  const pace = createPace(io, () => progressText(now));
  try {
    const steps = stepExperiment(spec, options);
    for (;;) {
      const step = next(() => steps.next(), args.script, io);
      if (step.done === true) return io.interrupted.aborted ? undefined : step.value;
      now = step.value;
      if (await pace.now()) return undefined;
    }
  } finally {
    pace.done();
  }
}

/** What a user's functions throw while they build and measure is told with their place. */
function next<T>(work: () => T, name: string, io: Io): T {
  try {
    return work();
  } catch (error) {
    throw scriptFailure(error, name, userPath(name, io.cwd), 'throws');
  }
}

function progressText(now: Progress | undefined): string {
  if (now === undefined) return 'beginning';
  const point = Object.entries(now.point).map(([name, value]) => `${name}=${value}`);
  const clock = `${now.events} events, clock ${formatTime(now.time)}`;
  return `point ${now.at + 1} of ${now.of} (${point.join(' ')}): ${clock}`;
}

/** Documented in README.md. */
function reportOf(spec: Experiment, rows: readonly Row[]): object {
  return {
    name: spec.name,
    about: spec.about,
    rows: JSON.parse(toJson(rows)),
  };
}
