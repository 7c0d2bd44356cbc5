/**
 * One point of an experiment, run by a worker. The worker is told the experiment's name and the
 * point's number, and loads the experiment itself, once. Nothing is thrown across threads: what a
 * script throws is told in the words that a run without workers has for it.
 */
import { Failure } from '../files/failure.ts';
import { userPath } from '../files/paths.ts';
import { type Experiment, type Row, stepExperiment } from './engine.ts';
import { gridText, loadExperiment } from './experiment-spec.ts';
import { scriptFailure } from './script.ts';

export type PointTask = {
  readonly script: string;
  readonly cwd: string;
  readonly seed: number | undefined;
  /** What is varied, as the main thread loaded it. */
  readonly grid: string;
  readonly at: number;
  /** In memory that threads share: how many events each point has come to. */
  readonly events: Float64Array;
};

export type PointAnswer = { readonly row: Row } | { readonly failure: string };

let loaded: Promise<Experiment> | undefined;

export async function runPoint(task: PointTask): Promise<PointAnswer> {
  const { script, cwd } = task;
  try {
    loaded ??= loadExperiment(script, cwd);
    return { row: runOne(await loaded, task) };
  } catch (error) {
    return { failure: scriptFailure(error, script, userPath(script, cwd), 'throws').message };
  }
}

function runOne(spec: Experiment, { script, seed, grid, at, events }: PointTask): Row {
  if (gridText(spec) !== grid) {
    const todo = 'Let it depend on nothing else, or use --jobs 1';
    throw new Failure(`${script}: the script varies other values when it is loaded again. ${todo}`);
  }
  const steps = stepExperiment(spec, { ...(seed === undefined ? {} : { seed }), only: [at] });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value[0] as Row;
    events[at] = step.value.events;
  }
}
