/**
 * `twomsl run`: a scenario, by its name or from a script of the user, simulated to its end.
 *
 * The log goes to `--out`, or to stdout; on a terminal, where nobody reads a log as it flies by, a
 * summary stands in for it.
 */

import { Failure } from '../files/failure.ts';
import {
  type LogHeader,
  type Micros,
  SCENARIOS,
  type ScenarioOptions,
  startSimulation,
} from './engine.ts';
import { isExperiment } from './experiment-spec.ts';
import { INTERRUPTED, type Io, OK } from './io.ts';
import { type Kept, keep } from './keep.ts';
import { checkHeader } from './made.ts';
import { isScript, runScript, scriptHint } from './script.ts';
import { type KnobSettings, profileNamed, seedNamed, timeNamed, unknownName } from './settings.ts';

export type RunArgs = {
  scenario: string;
  seed?: string;
  profile?: string;
  set: KnobSettings;
  until?: string;
  out?: string;
  force?: true;
  compression?: 'none' | 'zstd';
  json?: true;
};

export async function run(args: RunArgs, io: Io): Promise<number> {
  const header = await headerOf(args, io);
  const simulation = startSimulation(header, undefined, { until: untilOf(args.until) });
  const events = {
    *[Symbol.iterator]() {
      for (let event = simulation.next(); event !== undefined; event = simulation.next()) {
        yield event;
      }
    },
  };
  const recording = { header, events, snapshot: () => simulation.snapshot() };
  const kept: Kept = await keep(recording, { ...args, warnings: [] }, io);
  return kept.interrupted ? INTERRUPTED : OK;
}

function untilOf(text: string | undefined): Micros {
  return text === undefined ? Number.POSITIVE_INFINITY : timeNamed('--until', text);
}

/** What a scenario is built with. Fields that were not given are absent. */
function optionsOf(args: RunArgs): ScenarioOptions {
  return {
    ...(args.seed === undefined ? {} : { seed: seedNamed(args.seed) }),
    ...(args.profile === undefined ? {} : { profile: profileNamed(args.profile) }),
    knobs: args.set,
  };
}

async function headerOf(args: RunArgs, io: Io): Promise<LogHeader> {
  const { scenario: name } = args;
  const options = optionsOf(args);
  if (isScript(name)) {
    const finish = (made: unknown) => {
      if (isExperiment(made)) {
        const todo = `twomsl experiment ${name}`;
        throw new Failure(`${name}: the script makes an experiment, not a scenario: ${todo}`);
      }
      // A scenario may be given unfinished: what is still to be said are the user's options.
      return isBuilder(made) ? made.build(options) : made;
    };
    const made = await io.exposed(() => runScript(name, io.cwd, options, finish));
    return checkHeader(made, name);
  }
  const scenario = Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name] : undefined;
  if (scenario !== undefined) return built(name, () => scenario.build(options));
  throw new Failure(
    `${unknownName('scenario', name, Object.keys(SCENARIOS))}. ${scriptHint(name)}`,
  );
}

function isBuilder(made: unknown): made is { build(options: object): unknown } {
  return typeof (made as { build?: unknown } | null | undefined)?.build === 'function';
}

/** A scenario may refuse options that would take its point away. */
function built(name: string, build: () => LogHeader): LogHeader {
  try {
    return build();
  } catch (error) {
    throw new Failure(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
