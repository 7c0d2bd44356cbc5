/**
 * `twomsl experiment`: runs a churn experiment point by point and gives a table; with `--out` also
 * files: the table as CSV, everything as JSON, and what was sampled over time as a CSV of its own.
 * Points are run on as many cores as there are; what comes out is the same on one.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../files/failure.ts';
import { userPath } from '../files/paths.ts';
import { makeFolder, openSink, type Sink } from '../files/write.ts';
import { type Experiment, type Row, seriesToCsv, toCsv, toJson } from './engine.ts';
import { loadExperiment } from './experiment-spec.ts';
import { INTERRUPTED, type Io, json, OK } from './io.ts';
import { runPoints } from './points.ts';
import { JOBS_MAX, seedNamed } from './settings.ts';
import { tableOf } from './table.ts';

export type ExperimentArgs = {
  script: string;
  seed?: string;
  jobs?: number;
  out?: string;
  force?: true;
  json?: true;
};

export async function experiment(args: ExperimentArgs, io: Io): Promise<number> {
  const { script, jobs = Math.min(JOBS_MAX, availableParallelism()) } = args;
  const seed = args.seed === undefined ? undefined : seedNamed(args.seed);
  const spec = await io.exposed(() => loadExperiment(script, io.cwd));
  // A name that is taken is told before anything is run. No file stays open meanwhile: a signal may
  // end the process at once while it is in a function of the script.
  await discard(await openOutputs(spec, args, io));
  const rows = await runPoints(spec, { script, seed, jobs }, io);
  if (rows === undefined) return INTERRUPTED;
  const outputs = await openOutputs(spec, args, io);
  const report = json(reportOf(spec, rows));
  for (const { kind, sink } of outputs) {
    await sink.write(kind === 'json' ? report : kind === 'csv' ? toCsv(rows) : seriesToCsv(rows));
    await sink.close();
  }
  await io.out(args.json ? report : `${spec.about}\n\n${tableOf(rows)}`);
  return OK;
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

/** Documented in README.md. */
function reportOf(spec: Experiment, rows: readonly Row[]): object {
  return {
    name: spec.name,
    about: spec.about,
    rows: JSON.parse(toJson(rows)),
  };
}
