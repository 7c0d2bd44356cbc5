/**
 * Several explorations as one. One space with all budgets at once is out of reach, so that each
 * sweep opens a few of them wide from a start of its own; together they take every edge of the
 * diagram.
 */
import { EDGES } from '../tcp/states.ts';
import type { Bounds } from './bounds.ts';
import type { Choice } from './choices.ts';
import {
  type Exploration,
  type ExploreOptions,
  type Pair,
  type Report,
  startExploration,
  type Violation,
} from './explore.ts';
import { type Trace, traceOf } from './trace.ts';

export type Sweep = {
  readonly name: string;
  readonly says: string;
  readonly bounds: Partial<Bounds>;
};

export const SWEEPS: readonly Sweep[] = [
  {
    name: 'calls',
    says: 'OPEN, CLOSE and ABORT in every order',
    bounds: { opens: 2, aborts: 1 },
  },
  {
    name: 'losses',
    says: 'opening and closing with a loss, a copy and a retransmission',
    bounds: { start: 'listening', opens: 1, losses: 1, duplicates: 1, expiries: 1 },
  },
  {
    name: 'text',
    says: 'an octet with a loss and a retransmission',
    bounds: { start: 'established', opens: 0, sends: 1, losses: 1, expiries: 1 },
  },
  {
    name: 'overtaking',
    says: 'two octets that overtake each other and the FIN',
    bounds: { start: 'established', opens: 0, sends: 2 },
  },
  {
    name: 'incarnations',
    says: 'one connection after another between the same sockets',
    bounds: { opens: 3 },
  },
  {
    name: 'giving up',
    says: 'a side gives up while the other goes on',
    bounds: { start: 'crossing', opens: 0, losses: 1, giveUps: 1 },
  },
];

export type SweepReport = Report & { readonly sweep: Sweep; readonly bounds: Bounds };

export type SuiteReport = {
  readonly sweeps: readonly SweepReport[];
  /** All sweeps together; a state that several of them reach counts in each. */
  readonly total: Report;
};

export type Suite = {
  /** Goes on for so many states. False: all is done. */
  advance(states: number): boolean;
  report(): SuiteReport;
  /** The shortest way to what `until` asked for. */
  found(title: string, about: string): Trace | undefined;
  /** A broken claim as a log. */
  traceOf(violation: Violation): Trace;
};

export type SuiteOptions = Omit<ExploreOptions, 'bounds'> & { readonly sweeps?: readonly Sweep[] };

export function startSuite(options: SuiteOptions = {}): Suite {
  const sweeps = options.sweeps ?? SWEEPS;
  const done: SweepReport[] = [];
  let best: readonly Choice[] | undefined;
  let current: Exploration | undefined;
  let at = 0;
  const begin = (): Exploration => {
    const { bounds } = sweeps[at] as Sweep;
    const found = best === undefined ? {} : { pathMax: best.length - 1 };
    return startExploration({ ...options, ...found, bounds });
  };
  const reportOf = (exploration: Exploration): SweepReport => ({
    ...exploration.report(),
    sweep: sweeps[at] as Sweep,
    bounds: exploration.bounds,
  });
  const { header } = startExploration({ ...options, bounds: { statesMax: 0 } });
  return {
    advance(states) {
      if (at >= sweeps.length) return false;
      current ??= begin();
      if (current.advance(states)) return true;
      best = current.found() ?? best;
      done.push(reportOf(current));
      current = undefined;
      at += 1;
      return at < sweeps.length;
    },
    report() {
      const all = current === undefined ? done : [...done, reportOf(current)];
      return { sweeps: all, total: totalOf(all) };
    },
    found: (title, about) => (best ? traceOf(header, best, title, about) : undefined),
    traceOf: ({ claim, found, path }) =>
      traceOf(header, path, `Broken: ${claim.name}`, `${claim.says} (${claim.source}): ${found}.`),
  };
}

function totalOf(sweeps: readonly SweepReport[]): Report {
  const sum = (of: (report: Report) => number): number =>
    sweeps.reduce((total, report) => total + of(report), 0);
  const pairs = new Map<string, Pair>();
  const taken = new Set<string>();
  const rests: Record<string, number> = {};
  const violations = new Map<string, Violation>();
  for (const report of sweeps) {
    for (const pair of report.pairs) pairs.set(pair.join(), pair);
    for (const { from, to } of report.edgesTaken) taken.add(`${from},${to}`);
    for (const [name, count] of Object.entries(report.rests)) {
      rests[name] = (rests[name] ?? 0) + count;
    }
    for (const violation of report.violations) {
      const known = violations.get(violation.claim.name);
      if (known === undefined || known.path.length > violation.path.length) {
        violations.set(violation.claim.name, violation);
      }
    }
  }
  return {
    states: sum(({ states }) => states),
    transitions: sum(({ transitions }) => transitions),
    depth: Math.max(0, ...sweeps.map(({ depth }) => depth)),
    complete: sweeps.every(({ complete }) => complete),
    pairs: [...pairs.values()],
    edgesTaken: EDGES.filter(({ from, to }) => taken.has(`${from},${to}`)),
    edgesNotTaken: EDGES.filter(({ from, to }) => !taken.has(`${from},${to}`)),
    violations: [...violations.values()],
    rests,
  };
}
