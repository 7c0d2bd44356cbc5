/**
 * Experiments: one workload, some things varied over a grid, some things measured at each point.
 *
 *     export default ({ experiment, churn }) =>
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
import { givenHeader } from '../log/given-header.ts';
import type { LogHeader } from '../log/header.ts';
import type { Scenario, ScenarioOptions } from '../simulation/scenario.ts';
import { checkFields, type Duration, fail, found, micros } from '../simulation/steps.ts';
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

const FIELDS = ['name', 'about', 'vary', 'build', 'until', 'every', 'measure', 'series'];

/** Nobody waits for more, and a row of each is kept. */
const POINTS_MAX = 1_000_000;

/** An experiment, checked. */
export function experiment<const V extends Readonly<Record<string, readonly Value[]>>>(
  spec: ExperimentSpec<V>,
): Experiment {
  const { name, about, vary, build, until, every = '1s', series = {} } = spec;
  if (typeof name !== 'string' || name === '') fail('experiment: expected a name');
  // Its files are called by it.
  if (!/^[^./\\\p{Cc}][^/\\\p{Cc}]*$/u.test(name)) {
    fail(`experiment, name: expected the name of a file, without / and no . before it: '${name}'`);
  }
  const what = `experiment ${name}`;
  checkFields(spec, FIELDS, what);
  if (typeof about !== 'string') fail(`${what}: expected a text about`);
  checkGrid(vary, what);
  if (typeof build !== 'function') fail(`${what}: expected a function build`);
  checkFunctions(spec.measure, `${what}, measure`);
  if (Object.keys(spec.measure).length === 0) fail(`${what}: expected something to measure`);
  checkFunctions(series, `${what}, series`);
  checkColumns({ vary, measure: spec.measure, series }, what);
  if (until !== undefined) micros(until, `${what}, until`);
  if (micros(every, `${what}, every`) === 0) fail(`${what}, every: expected more than 0`);
  return spec as unknown as Experiment;
}

/** A row is one line of a table: no two of its columns may have one name. */
function checkColumns(
  { vary, measure, series = {} }: Pick<Experiment, 'vary' | 'measure' | 'series'>,
  what: string,
): void {
  for (const [kind, columns] of Object.entries({ measure, series })) {
    const twice = Object.keys(columns).find((name) => Object.hasOwn(vary, name));
    if (twice !== undefined) fail(`${what}, ${kind}: ${twice} is varied already; rename it`);
  }
  if (Object.hasOwn(series, 'time_s')) fail(`${what}, series: time_s is the column of the time`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkGrid(vary: unknown, what: string): void {
  if (!isRecord(vary) || Object.keys(vary).length === 0) {
    fail(`${what}: expected something to vary, such as vary: { rate: [50, 100] }`);
  }
  for (const [axis, values] of Object.entries(vary)) {
    if (!Array.isArray(values) || values.length === 0) {
      fail(`${what}: expected a list of values for ${axis}`);
    }
    for (const value of values) checkValue(value, `${what}, vary ${axis}`);
  }
  const count = countPoints(vary as Experiment['vary']);
  if (count > POINTS_MAX) {
    fail(`${what}, vary: expected at most ${POINTS_MAX} points, found ${count}`);
  }
}

function checkFunctions(value: unknown, what: string): void {
  if (!isRecord(value)) fail(`${what}: expected functions by their names, found ${found(value)}`);
  for (const [name, of] of Object.entries(value)) {
    if (typeof of !== 'function') fail(`${what} ${name}: expected a function of the run`);
  }
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
    const header = headerOf(spec, point, rest);
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

function headerOf(spec: Experiment, point: Point, options: ScenarioOptions): LogHeader {
  const built: unknown = spec.build(point);
  const made = isRecord(built) ? (built as Partial<Scenario & LogHeader>) : {};
  if (typeof made.build === 'function') return made.build(options);
  const what = `experiment ${spec.name}, build`;
  if (made.format !== 'twomsl') fail(`${what}: expected a scenario, found ${found(built)}`);
  const given = givenHeader(made);
  return 'header' in given
    ? given.header
    : fail(`${what}: expected a scenario, found ${given.fault}`);
}

function rowOf(spec: Experiment, point: Point, run: Measured): Row {
  const values = Object.entries(spec.measure).map(([name, of]) => {
    return [name, checkMeasured(of(run, point), name, run)];
  });
  const series = Object.entries(spec.series ?? {}).map(([name, of]) => {
    return [name, checkSeries(of(run), name)];
  });
  return {
    point,
    values: Object.fromEntries(values),
    every: run.every,
    series: Object.fromEntries(series),
  };
}

/** What is no plain value could not be written down, nor leave the thread that measured it. */
function checkValue(value: unknown, what: string): Value {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return fail(`${what}: expected a number, a text or true or false, found ${found(value)}`);
}

/** A total that there is not counts nothing, or makes a sum that is no number. */
function checkMeasured(value: unknown, name: string, run: Measured): Value {
  if (value !== undefined && !Number.isNaN(value)) return checkValue(value, `measure ${name}`);
  const totals = Object.keys(run.host(run.header.hosts[0]?.name ?? '').totals).join(', ');
  const wrong = `measure ${name}: expected a value, found ${found(value)}`;
  return fail(`${wrong}; the totals are ${totals}`);
}

function checkSeries(value: unknown, name: string): readonly number[] {
  if (Array.isArray(value) && value.every(Number.isFinite)) return value;
  return fail(`series ${name}: expected a list of numbers, found ${found(value)}`);
}
