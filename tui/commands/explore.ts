/**
 * `twomsl explore`: every interleaving of two peers within bounds; or the shortest log to a pair of
 * states. What is claimed and how states are merged is told in engine/explore.
 */
import { Failure } from '../files/failure.ts';
import {
  type Bounds,
  BUDGETS,
  type Budget,
  CLAIMS,
  foldAll,
  initialState,
  knobsFault,
  knobsOf,
  matchesQuery,
  type PairQuery,
  parsePairQuery,
  queryText,
  STARTS,
  type State,
  type Suite,
  type SuiteReport,
  SWEEPS,
  type Sweep,
  startSuite,
  type Trace,
} from './engine.ts';
import { INTERRUPTED, type Io, json, NO, OK } from './io.ts';
import { checkTarget, type Kept, keep } from './keep.ts';
import { createPace } from './progress.ts';
import { type KnobSettings, profileNamed } from './settings.ts';

export type ExploreArgs = { readonly [K in Budget]?: number } & {
  start?: string;
  depth?: number;
  statesMax?: number;
  close?: string;
  iss?: string;
  profile?: string;
  set: KnobSettings;
  find?: string;
  out?: string;
  force?: true;
  json?: true;
};

/** States between two looks at the clock. */
const SLICE = 8;

export async function explore(args: ExploreArgs, io: Io): Promise<number> {
  const query = args.find === undefined ? undefined : queryOf(args.find);
  const sweeps = sweepsOf(args);
  const fault = knobsFault(knobsOf(args.profile ?? 'rfc9293', args.set));
  if (fault !== undefined) throw new Failure(`--set: ${fault}`);
  await checkTarget(args, io);
  const started = io.now();
  const suite = startSuite({
    sweeps,
    knobs: args.set,
    ...(args.profile === undefined ? {} : { profile: profileNamed(args.profile) }),
    ...(query === undefined ? {} : { until: (pair) => matchesQuery(query, pair) }),
  });
  if (!(await finish(suite, io))) return INTERRUPTED;
  if (query !== undefined) return tellFound(suite, query, args, io);
  return tellReport(suite, sweeps, (io.now() - started) / 1000, args, io);
}

function queryOf(text: string): PairQuery {
  const query = parsePairQuery(text);
  if ('error' in query) throw new Failure(`--find: ${query.error}`);
  return query;
}

function oneOf<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new Failure(`${option} ${text}: expected one of ${choices.join(', ')}`);
}

/** The standard sweeps; or one of its own, where a start or a budget is given. */
function sweepsOf(args: ExploreArgs): readonly Sweep[] {
  const general: Partial<Bounds> = {
    ...(args.depth === undefined ? {} : { depth: args.depth }),
    ...(args.statesMax === undefined ? {} : { statesMax: args.statesMax }),
    ...(args.close === undefined
      ? {}
      : { close: oneOf('--close', args.close, ['rfc', 'socket', 'any']) }),
    ...(args.iss === undefined ? {} : { iss: oneOf('--iss', args.iss, ['clock', 'same']) }),
  };
  const budgets = (Object.keys(BUDGETS) as Budget[]).filter((name) => args[name] !== undefined);
  if (budgets.length === 0 && args.start === undefined) {
    return SWEEPS.map((sweep) => ({ ...sweep, bounds: { ...sweep.bounds, ...general } }));
  }
  const starts = Object.keys(STARTS) as (keyof typeof STARTS)[];
  const start = oneOf('--start', args.start ?? 'closed', starts);
  const given = Object.fromEntries(budgets.map((name) => [name, args[name]]));
  const bounds = { start, opens: start === 'closed' ? 2 : 0, ...given, ...general };
  return [{ name: 'as given', says: STARTS[start], bounds }];
}

/** Explores to the end. False: interrupted. */
async function finish(suite: Suite, io: Io): Promise<boolean> {
  const pace = createPace(io, () => {
    const { total } = suite.report();
    return `${total.states} states, ${total.transitions} transitions`;
  });
  try {
    while (suite.advance(SLICE)) {
      const stop = pace.step();
      if (typeof stop === 'boolean' ? stop : await stop) return false;
    }
    return true;
  } finally {
    pace.done();
  }
}

async function keepTrace(trace: Trace, args: ExploreArgs, io: Io): Promise<Kept> {
  const { header, events } = trace;
  const snapshot = (count: number) => foldAll(header, initialState(header), events.slice(0, count));
  return keep({ header, events, snapshot }, { ...args, warnings: [] }, io);
}

async function tellFound(
  suite: Suite,
  query: PairQuery,
  args: ExploreArgs,
  io: Io,
): Promise<number> {
  const name = queryText(query);
  const about = 'The shortest way there of all that the exploration tried, from two closed hosts.';
  const trace = suite.found(name, about);
  if (trace !== undefined) {
    const kept = await keepTrace(trace, args, io);
    return kept.interrupted ? INTERRUPTED : OK;
  }
  const { states, transitions, complete } = suite.report().total;
  if (args.json) await io.out(json({ find: name, reached: false, states, transitions, complete }));
  else {
    const how = complete ? 'all of them' : 'cut off by --depth or --states-max';
    await io.out(`${name}: not reached within the bounds (${states} states, ${how})\n`);
  }
  return NO;
}

async function tellReport(
  suite: Suite,
  sweeps: readonly Sweep[],
  seconds: number,
  args: ExploreArgs,
  io: Io,
): Promise<number> {
  const report = suite.report();
  const { violations, edgesNotTaken } = report.total;
  // A space of one's own need not hold the whole diagram; the standard one must.
  const standard = sweeps.length === SWEEPS.length;
  const lacking = standard ? edgesNotTaken.length : 0;
  const ok = violations.length === 0 && lacking === 0;
  await io.out(args.json ? json(asJson(report, ok)) : text(report, lacking, seconds));
  const [first] = violations;
  if (first !== undefined && args.out !== undefined) {
    const quiet: Io = args.json ? { ...io, out: () => Promise.resolve() } : io;
    await keepTrace(suite.traceOf(first), args, quiet);
  }
  return ok ? OK : NO;
}

/** Documented in README.md. */
function asJson({ sweeps, total }: SuiteReport, ok: boolean): object {
  const edge = ({ from, to }: { from: State; to: State }): readonly State[] => [from, to];
  return {
    ok,
    states: total.states,
    transitions: total.transitions,
    depth: total.depth,
    complete: total.complete,
    pairs: total.pairs,
    edgesTaken: total.edgesTaken.map(edge),
    edgesNotTaken: total.edgesNotTaken.map(edge),
    rests: total.rests,
    claims: CLAIMS.map(({ name, says, source }) => ({ name, says, source })),
    violations: total.violations.map(({ claim, found, path }) => ({
      claim: claim.name,
      found,
      steps: path.length,
    })),
    sweeps: sweeps.map(({ sweep, bounds, states, transitions, depth, complete }) => ({
      name: sweep.name,
      says: sweep.says,
      bounds,
      states,
      transitions,
      depth,
      complete,
    })),
  };
}

/** `lacking`: edges that should have been taken and were not. */
function text({ sweeps, total }: SuiteReport, lacking: number, seconds: number): string {
  const rate = seconds > 0 ? `, ${Math.round(total.states / seconds)} states/s` : '';
  const taken = total.edgesTaken.length;
  const lines = [
    `${total.states} states, ${total.transitions} transitions, depth ${total.depth}, ${
      total.complete ? 'complete within the bounds' : 'cut off'
    }; ${seconds.toFixed(1)} s${rate}`,
  ];
  for (const { sweep, states, transitions, depth } of sweeps) {
    const counts = [states, transitions, depth].map((n, i) =>
      String(n).padStart([9, 9, 4][i] ?? 0),
    );
    lines.push(`  ${sweep.name.padEnd(13)}${counts.join('')}  ${sweep.says}`);
  }
  lines.push(`edges    ${taken} of ${taken + total.edgesNotTaken.length} taken`);
  for (const { from, to } of total.edgesNotTaken) lines.push(`  never      ${from} → ${to}`);
  lines.push(`pairs    ${total.pairs.length} of 121 reached: A, then what B may be in meanwhile`);
  lines.push(...pairLines(total.pairs));
  lines.push('at rest');
  for (const [name, count] of Object.entries(total.rests)) {
    lines.push(`  ${String(count).padStart(8)}  ${name}`);
  }
  const broken = total.violations.length;
  lines.push(`claims   ${CLAIMS.length - broken} of ${CLAIMS.length} hold`);
  for (const { claim, found, path } of total.violations) {
    lines.push(
      `  BROKEN     ${claim.name}: ${claim.says}`,
      `    after ${path.length} steps: ${found}`,
    );
  }
  if (broken > 0) lines.push('To see the first of them: --out FILE, then twomsl FILE');
  const edges = `${lacking} edges of the diagram were never taken`;
  const why = [
    ...(broken > 0 ? [`${broken} claims are broken`] : []),
    ...(lacking > 0 ? [total.complete ? edges : `${edges}, as the search was cut off`] : []),
  ];
  lines.push(why.length === 0 ? 'ok' : `NOT ok   ${why.join('; ')}`);
  return `${lines.join('\n')}\n`;
}

function pairLines(pairs: SuiteReport['total']['pairs']): string[] {
  const byA = new Map<State, State[]>();
  for (const [a, b] of pairs) byA.set(a, [...(byA.get(a) ?? []), b]);
  return [...byA].map(([a, states]) => `  ${a.padEnd(13)}${states.join(', ')}`);
}
