/**
 * An experiment by the name it is asked for: one that ships, or one that a script makes. A worker
 * finds it by the same name, because functions do not cross from one thread to another.
 */
import { Failure } from '../files/failure.ts';
import { EXPERIMENTS, type Experiment, experiment } from './engine.ts';
import { isScript, runScript, scriptHint } from './script.ts';
import { unknownName } from './settings.ts';

export async function loadExperiment(name: string, cwd: string): Promise<Experiment> {
  if (isScript(name)) {
    const made = await runScript(name, cwd, {}, (value) => {
      // It may be plain data, which nobody has checked.
      return isExperiment(value) ? experiment(value) : undefined;
    });
    if (made !== undefined) return made as Experiment;
    throw new Failure(`${name}: expected an experiment from the script: experiment({ … })`);
  }
  const shipped = Object.hasOwn(EXPERIMENTS, name) ? EXPERIMENTS[name] : undefined;
  if (shipped !== undefined) return shipped;
  const unknown = unknownName('experiment', name, Object.keys(EXPERIMENTS));
  throw new Failure(`${unknown}. ${scriptHint(name)}`);
}

/** Whether a script has made an experiment, right or wrong; a scenario has nothing to measure. */
export function isExperiment(made: unknown): made is Experiment {
  const { build, measure } = (made ?? {}) as Partial<Experiment>;
  return typeof build === 'function' && measure !== undefined;
}

/** What is varied, as text: two threads that loaded the same script have the same. */
export function gridText(spec: Experiment): string {
  return JSON.stringify(spec.vary);
}
