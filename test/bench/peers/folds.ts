// The folds of others over a log with so many connections in it. Each starts from the same state,
// and is first held to come to the same states as the engine.

import { type Log, lingeringLog } from '../load.ts';
import { either } from '../options.ts';
import { type End, plainFold } from './plain.ts';
import { type Ends, reduxStep } from './redux.ts';
import { type Stimuli, type Stimulus, stimuliOf } from './stimuli.ts';
import { type Machine, xstateStep } from './xstate.ts';

export type Folds = {
  readonly log: Log;
  /** Events a second of one round. */
  readonly plain: () => number;
  readonly xstate: () => number;
  readonly redux: () => number;
};

/** What is slow is stopped after so long, and its speed told from what was done by then. */
const BUDGET_MS = 1_500;
const LOOK_EVERY = 16;
const PLAIN_MS = either(200, 5);

export function foldsOf(lingering: number, count: number): Folds {
  const log = lingeringLog(lingering, count);
  const stimuli = stimuliOf(log);
  const plain = new Map<number, End>();
  plainFold(plain, stimuli.before);
  const machines = new Map<number, Machine>();
  // What is over before the first event that counts leaves nothing behind.
  for (const s of stimuli.before) if (plain.has(s.end)) xstateStep(machines, s);
  // Filled in place, as a step at a time would take minutes; the slice freezes it with its first.
  const ends: Ends = { ends: structuredClone(Object.fromEntries(plain)) };
  check(stimuli, plain, machines, ends);
  const { events } = stimuli;
  return {
    log,
    plain: () => plainSpeed(plain, events),
    xstate: () => {
      const from = new Map(machines);
      return speed(events, (s) => xstateStep(from, s));
    },
    redux: () => {
      let state = ends;
      return speed(events, (s) => {
        state = reduxStep(state, s);
      });
    },
  };
}

const copied = (ends: ReadonlyMap<number, End>): Map<number, End> =>
  new Map(Array.from(ends, ([number, end]) => [number, { ...end }]));

/** Again and again: one pass would be over before the processor is taken away for once. */
function plainSpeed(ends: ReadonlyMap<number, End>, events: readonly Stimulus[]): number {
  let [done, tookMs] = [0, 0];
  while (tookMs < PLAIN_MS) {
    const from = copied(ends);
    const start = performance.now();
    plainFold(from, events);
    tookMs += performance.now() - start;
    done += events.length;
  }
  return (done * 1_000) / tookMs;
}

function speed(events: readonly Stimulus[], step: (s: Stimulus) => void): number {
  const start = performance.now();
  let done = 0;
  for (const event of events) {
    step(event);
    done += 1;
    if (done % LOOK_EVERY === 0 && performance.now() - start > BUDGET_MS) break;
  }
  return (done * 1_000) / (performance.now() - start);
}

/** The slice has the rules of the plain fold; a part of the events shows that it keeps to them. */
const SLICE_CHECKED = 50;

function check(
  { events, states }: Stimuli,
  plain: ReadonlyMap<number, End>,
  machines: ReadonlyMap<number, Machine>,
  ends: Ends,
): void {
  const folded = copied(plain);
  plainFold(folded, events);
  same('the plain fold', counts([...folded.values()].map(({ state }) => state)), states);
  const moved = new Map(machines);
  for (const s of events) xstateStep(moved, s);
  same('XState', counts([...moved.values()].map(({ value }) => String(value))), states);
  const part = events.slice(0, SLICE_CHECKED);
  const partly = copied(plain);
  plainFold(partly, part);
  const { ends: reduced } = part.reduce(reduxStep, ends);
  const expected = counts([...partly.values()].map(({ state }) => state));
  same('Redux', counts(Object.values(reduced).map(({ state }) => state)), expected);
}

function counts(states: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const state of states) found.set(state, (found.get(state) ?? 0) + 1);
  return found;
}

function same(
  who: string,
  found: ReadonlyMap<string, number>,
  expected: ReadonlyMap<string, number>,
): void {
  const sorted = (map: ReadonlyMap<string, number>) => JSON.stringify([...map].sort());
  if (sorted(found) === sorted(expected)) return;
  throw new Error(`${who} comes to ${sorted(found)}, the engine to ${sorted(expected)}`);
}
