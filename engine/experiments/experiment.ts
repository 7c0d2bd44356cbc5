/**
 * Experiments: one workload, some things varied over a grid, some things measured at each point.
 *
 *     export default ({ experiment, churn, seconds }) =>
 *       experiment({
 *         name: 'mine',
 *         about: 'TIME-WAIT against the rate.',
 *         vary: { rate: [50, 100] },
 *         build: ({ rate }) => churn({ rate, connections: rate * 90, profile: 'linux' }),
 *         until: '90s',
 *         measure: { time_wait: (run) => run.host('client').mean('TIME-WAIT', '65s') },
 *       });
 *
 * An experiment is a value; running it is a pure function of it and of the options. Points are
 * taken in the order of the grid, the last name varies fastest, and a run keeps no events. No point
 * knows of another, so some can be run here and some elsewhere: `only` names them by number.
 */
import type { Micros } from '../base/time.ts';
import type { LogHeader } from '../log/header.ts';
import type { Scenario, ScenarioOptions } from '../simulation/scenario.ts';
import { type Duration, fail, micros } from '../simulation/steps.ts';
import { type Measured, measure } from './measure.ts';

export type Value = number | string | boolean;
export type Point = Readonly<Record<string, Value>>;

export type ExperimentSpec<V extends Readonly<Record<string, readonly Value[]>>> = {
  readonly name: string;
  readonly about: string;
  /** What is varied: names and their values. */
  readonly vary: V;
  readonly build: (point: { readonly [K in keyof V]: V[K][number] }) => Scenario | LogHeader;
  /** When a run is cut; absent: at its end. */
  readonly until?: Duration;
  /** Time between samples; a second if absent. */
  readonly every?: Duration;
  readonly measure: Readonly<Record<string, (run: Measured, point: Point) => Value>>;
  /** Columns over virtual time. */
  readonly series?: Readonly<Record<string, (run: Measured) => readonly number[]>>;
};

export type Experiment = ExperimentSpec<Readonly<Record<string, readonly Value[]>>>;

export type Row = {
  readonly point: Point;
  readonly values: Readonly<Record<string, Value>>;
  /** Time between the values of a series. */
  readonly every: Micros;
  readonly series: Readonly<Record<string, readonly number[]>>;
};

export type Progress = {
  /** Number of the point that is run, from 0, and how many there are. */
  readonly at: number;
  readonly of: number;
  readonly point: Point;
  /** What is run at this point. */
  readonly header: LogHeader;
  readonly events: number;
  /** Virtual time of the run. */
  readonly time: Micros;
};

/** An experiment, checked. */
export function experiment<const V extends Readonly<Record<string, readonly Value[]>>>(
  spec: ExperimentSpec<V>,
): Experiment {
  const { name, vary } = spec;
  if (typeof name !== 'string' || name === '') fail('experiment: expected a name');
  for (const [axis, values] of Object.entries(vary ?? {})) {
    if (!Array.isArray(values) || values.length === 0) {
      fail(`experiment ${name}: expected a list of values for ${axis}`);
    }
  }
  if (typeof spec.build !== 'function') fail(`experiment ${name}: expected a function build`);
  if (Object.keys(spec.measure ?? {}).length === 0) {
    fail(`experiment ${name}: expected something to measure`);
  }
  if (spec.until !== undefined) micros(spec.until, `experiment ${name}, until`);
  if (micros(spec.every ?? '1s', `experiment ${name}, every`) === 0) {
    fail(`experiment ${name}, every: expected more than 0`);
  }
  return spec as unknown as Experiment;
}

/** The points of a grid, the last name varying fastest. */
export function pointsOf(vary: Experiment['vary']): Point[] {
  return Array.from({ length: countPoints(vary) }, (_, at) => pointAt(vary, at));
}

function countPoints(vary: Experiment['vary']): number {
  return Object.values(vary).reduce((count, values) => count * values.length, 1);
}

/** The number of a point is written in digits, one for each name, the last one counts units. */
function pointAt(vary: Experiment['vary'], at: number): Point {
  let rest = at;
  const digits = Object.entries(vary).reverse();
  const named = digits.map(([axis, values]) => {
    const value = values[rest % values.length] as Value;
    rest = Math.floor(rest / values.length);
    return [axis, value] as const;
  });
  return Object.fromEntries(named.reverse());
}

/**
 * Runs point by point, or only the points of some numbers. Yields when a point is built, now and
 * then while it runs, and before it is measured, so that a caller can show progress or stop.
 */
export function* stepExperiment(
  spec: Experiment,
  options: ScenarioOptions & { readonly only?: readonly number[] } = {},
): Generator<Progress, Row[]> {
  const { only, ...rest } = options;
  const of = countPoints(spec.vary);
  const until = spec.until === undefined ? Number.POSITIVE_INFINITY : micros(spec.until, 'until');
  const every = micros(spec.every ?? '1s', 'every');
  const rows: Row[] = [];
  for (const at of only ?? Array(of).keys()) {
    const point = pointAt(spec.vary, at);
    const built = spec.build(point);
    const header = 'build' in built ? built.build(rest) : built;
    yield { at, of, point, header, events: 0, time: 0 };
    const run = measure(header, until, every);
    for (;;) {
      const step = run.next();
      const { events, time } = step.value;
      yield { at, of, point, header, events, time };
      if (step.done !== true) continue;
      rows.push(rowOf(spec, point, step.value));
      break;
    }
  }
  return rows;
}

/** Runs a whole experiment. */
export function runExperiment(
  spec: Experiment,
  options: ScenarioOptions & { readonly onProgress?: (progress: Progress) => void } = {},
): Row[] {
  const { onProgress, ...rest } = options;
  const steps = stepExperiment(spec, rest);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    onProgress?.(step.value);
  }
}

function rowOf(spec: Experiment, point: Point, run: Measured): Row {
  const values = Object.entries(spec.measure).map(([name, of]) => {
    return [name, checkValue(of(run, point), name)];
  });
  const series = Object.entries(spec.series ?? {}).map(([name, of]) => [name, of(run)]);
  return {
    point,
    values: Object.fromEntries(values),
    every: run.every,
    series: Object.fromEntries(series),
  };
}

/** What is no plain value could not be written down, nor leave the thread that measured it. */
function checkValue(value: Value, name: string): Value {
  if (value === null || !['object', 'function', 'symbol', 'bigint'].includes(typeof value)) {
    return value;
  }
  const found = Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
  return fail(`measure ${name}: expected a number, a text or true or false, found ${found}`);
}
