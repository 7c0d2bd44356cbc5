/**
 * The points of an experiment, in this process or on workers; the rows are the same.
 *
 * The first moments are always spent here. A worker gives its first result 0.15 s after it was
 * asked for at the best, and after 0.4 s on Deno or on a busy machine; what is done before that
 * needs none. After them the point at hand is given up and begun again by a worker. That costs
 * those moments at the most, and how long a script takes is known only by running it.
 */
import { userPath } from '../files/paths.ts';
import {
  type Experiment,
  formatTime,
  type Progress,
  parseTime,
  type Row,
  type ScenarioOptions,
  stepExperiment,
} from './engine.ts';
import { gridText } from './experiment-spec.ts';
import type { Io } from './io.ts';
import { openCrew } from './point-pool.ts';
import { weightOf } from './point-weight.ts';
import { createPace, type Pace } from './progress.ts';
import { scriptFailure } from './script.ts';

export type PointsArgs = {
  readonly script: string;
  readonly seed: number | undefined;
  /** Points that are run at a time; 1: all in this process. */
  readonly jobs: number;
};

/** Milliseconds after which workers are asked for. */
const HERE_MS = 200;
/** Milliseconds between two looks at how far the workers are. */
const LOOK_MS = 50;
/** Of more points than this for each worker the last ones are a small part of the whole. */
const WEIGHED_POINTS = 16;

type Run = {
  readonly spec: Experiment;
  readonly args: PointsArgs;
  readonly options: ScenarioOptions;
  readonly io: Io;
  /** By number of the point; what is not there yet is still to be run. */
  readonly rows: Row[];
  /** How many each point has come to, in memory that threads share. */
  readonly events: Float64Array;
  readonly pace: Pace;
  /** Says from now on how far it is. */
  readonly says: (text: () => string) => void;
};

/** Undefined: interrupted. */
export async function runPoints(
  spec: Experiment,
  args: PointsArgs,
  io: Io,
): Promise<readonly Row[] | undefined> {
  let text = (): string => 'beginning';
  const says = (next: () => string): void => {
    text = next;
  };
  const pace = createPace(io, () => text());
  const options = args.seed === undefined ? {} : { seed: args.seed };
  const bytes = pointsIn(spec) * Float64Array.BYTES_PER_ELEMENT;
  const events = new Float64Array(new SharedArrayBuffer(bytes));
  const run = { spec: exposedTo(io, spec), args, options, io, rows: [], events, pace, says };
  try {
    const left = await runHere(run);
    if (left.length > 0 && !io.interrupted.aborted) await runOnWorkers(run, left);
  } finally {
    pace.done();
  }
  if (!io.interrupted.aborted) return run.rows;
  const ended = Object.keys(run.rows).length;
  io.err(`interrupted after ${ended} of ${pointsIn(spec)} points; nothing of them is kept\n`);
  return undefined;
}

/** Numbers of the points that are left to workers. */
async function runHere(run: Run): Promise<number[]> {
  const { spec, args, options, io, rows, events, pace } = run;
  const numbers = [...events.keys()];
  const begun = io.now();
  let now: Progress | undefined;
  run.says(() => hereText(now));
  for (const at of numbers) {
    const steps = stepExperiment(spec, { ...options, only: [at] });
    for (;;) {
      const step = guarded(run, () => steps.next());
      if (step.done === true) {
        rows.push(...step.value);
        break;
      }
      now = step.value;
      events[at] = now.events;
      if (await pace.now()) return [];
      const left = numbers.length - at;
      if (args.jobs > 1 && left > 1 && io.now() - begun >= HERE_MS) {
        events[at] = 0;
        return numbers.slice(at);
      }
    }
  }
  return [];
}

async function runOnWorkers(run: Run, left: readonly number[]): Promise<void> {
  const { spec, args, io, rows, events, pace } = run;
  const size = Math.min(args.jobs, left.length);
  const job = { ...args, cwd: io.cwd, grid: gridText(spec), events };
  run.says(() => crewText(rows, events));
  const crew = await openCrew(job, size);
  try {
    let done = false;
    const work = crew.run(longestFirst(run, left), rows).finally(() => {
      done = true;
    });
    // Its error is told where it is awaited, unless the work is interrupted before.
    work.catch(() => undefined);
    while (!done) {
      await Promise.race([work, pause(LOOK_MS, io.interrupted)]);
      if (await pace.now()) return;
    }
    await work;
  } finally {
    await crew.close();
  }
}

/** While the workers start there is time to build the points here too, to see which are long. */
function longestFirst(run: Run, left: readonly number[]): readonly number[] {
  const { spec, args, options, io } = run;
  if (left.length > WEIGHED_POINTS * args.jobs) return left;
  const { until: end = Number.POSITIVE_INFINITY } = spec;
  const until = typeof end === 'number' ? end : (parseTime(end) ?? Number.POSITIVE_INFINITY);
  const begun = io.now();
  const weights = new Map<number, number>();
  for (const at of left) {
    if (io.now() - begun > HERE_MS) break;
    try {
      const built = stepExperiment(spec, { ...options, only: [at] }).next();
      if (built.done !== true) weights.set(at, weightOf(built.value.header, until));
    } catch {
      // The worker that runs it will say so, unless a point before it fails.
    }
  }
  return left.toSorted((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0));
}

function pointsIn({ vary }: Experiment): number {
  return Object.values(vary ?? {}).reduce((count, values) => count * values.length, 1);
}

/** The experiment with its functions such that a signal ends the process while one of them runs. */
function exposedTo(io: Io, spec: Experiment): Experiment {
  const { measure, series = {} } = spec;
  const exposed = <A extends unknown[], R>(functions: Readonly<Record<string, (...a: A) => R>>) =>
    Object.fromEntries(
      Object.entries(functions).map(([name, of]) => {
        return [name, (...args: A): R => io.exposed(() => of(...args))];
      }),
    );
  return {
    ...spec,
    build: (point) => io.exposed(() => spec.build(point)),
    measure: exposed(measure),
    series: exposed(series),
  };
}

/** What a user's functions throw while they build and measure is told with their place. */
function guarded<T>({ args, io }: Run, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw scriptFailure(error, args.script, userPath(args.script, io.cwd), 'throws');
  }
}

function hereText(now: Progress | undefined): string {
  if (now === undefined) return 'beginning';
  const point = Object.entries(now.point).map(([name, value]) => `${name}=${value}`);
  const clock = `${now.events} events, clock ${formatTime(now.time)}`;
  return `point ${now.at + 1} of ${now.of} (${point.join(' ')}): ${clock}`;
}

function crewText(rows: readonly Row[], events: Float64Array): string {
  const ended = Object.keys(rows).length;
  const sum = events.reduce((all, some) => all + some, 0);
  const begun = events.reduce((all, some, at) => all + (some > 0 && !(at in rows) ? 1 : 0), 0);
  const crew = begun === 0 ? 'workers get ready' : `${begun} at work`;
  return `${ended} of ${events.length} points done, ${crew}: ${sum} events`;
}

/** Up to some milliseconds; an interruption ends it at once. */
function pause(ms: number, interrupted: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms);
    interrupted.addEventListener('abort', end);
    function end(): void {
      clearTimeout(timer);
      interrupted.removeEventListener('abort', end);
      resolve();
    }
  });
}
