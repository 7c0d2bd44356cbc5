/** The states of one connection from its birth to its end, with the event of each change. */
import type { Micros } from '../base/time.ts';
import type { RuleId } from '../tcp/rules.ts';
import type { State } from '../tcp/states.ts';
import type { Timeline } from '../timeline/timeline.ts';

export type LifeStep = {
  /** Number of the event. */
  readonly n: number;
  readonly time: Micros;
  readonly before: State;
  readonly via: readonly State[];
  readonly after: State;
  readonly rule: RuleId;
  /** Whether a call of the connection's own application took the step. */
  readonly called: boolean;
};

export type Life = readonly LifeStep[];

/**
 * Looks at each event that touched the connection, the newest `eventsMax` and as many of the oldest
 * where there are more: a change of state in the middle of a long transfer is not to be expected.
 */
export function lifeOf(timeline: Timeline, host: number, conn: number, eventsMax = 2_000): Life {
  const steps: LifeStep[] = [];
  for (const n of ends(timeline.eventsOf(host, conn), eventsMax)) {
    const { event, effects } = timeline.explain(n);
    for (const taken of effects.transitions) {
      if (taken.host !== host || taken.conn !== conn) continue;
      const { before, via, after, rule } = taken;
      steps.push({ n, time: event.t, before, via, after, rule, called: event.ev === 'call' });
    }
  }
  return steps;
}

function ends(events: readonly number[], max: number): readonly number[] {
  if (events.length <= 2 * max) return events;
  return [...events.slice(0, max), ...events.slice(-max)];
}

/** The states entered, in order, those passed through included. */
export function path(step: Pick<LifeStep, 'before' | 'via' | 'after'>): readonly State[] {
  return [step.before, ...step.via, step.after];
}

/** The first step that enters a state, passing through included. */
export function entering(life: Life, state: State): LifeStep | undefined {
  return life.find((step) => step.after === state || step.via.includes(state));
}
