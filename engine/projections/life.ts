/** The states of one connection from its birth to its end, with the event of each change. */
import type { Micros } from '../base/time.ts';
import type { RuleId } from '../tcp/rules.ts';
import type { State } from '../tcp/states.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { stateOf } from './names.ts';

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

/** Up to so many events, each is looked at. */
const EACH_MAX = 200;

/** The changes of state of one connection, in order. */
export function lifeOf(timeline: Timeline, host: number, conn: number): Life {
  const steps: LifeStep[] = [];
  const events = timeline.eventsOf(host, conn);
  const chosen = events.length <= EACH_MAX ? events : changes(timeline, host, conn, events);
  for (const n of chosen) {
    const explained = timeline.explain(n);
    const { event, effects } = explained;
    for (const taken of effects.transitions) {
      if (taken.host !== host || taken.conn !== conn) continue;
      const { before, via, after, rule } = taken;
      steps.push({ n, time: event.t, before, via, after, rule, called: event.ev === 'call' });
    }
    if (event.ev === 'crash' && event.host === host) {
      const before = stateOf(explained.before, host, conn);
      if (before === 'CLOSED') continue;
      const how = { via: [], after: 'CLOSED', rule: 'crashed', called: false } as const;
      steps.push({ n, time: event.t, before, ...how });
    }
  }
  return steps;
}

/**
 * The events that change the state, found by halving: no way through the diagram leads back to a
 * state that was left, but for LISTEN, and a socket in LISTEN that hears of many stays there. So
 * where the state is the same at both ends of a stretch, it is so in between.
 */
function changes(
  timeline: Timeline,
  host: number,
  conn: number,
  events: readonly number[],
): readonly number[] {
  const out: number[] = [];
  /** Before the event at this place of the list; at its end, after the last. */
  const stateBefore = (place: number): State => {
    const event = events[place];
    const n = event ?? (events.at(-1) as number) + 1;
    return stateOf(timeline.at(n), host, conn);
  };
  const halve = (from: number, to: number, first: State, last: State): void => {
    if (first === last) return;
    if (to - from === 1) {
      out.push(events[from] as number);
      return;
    }
    const middle = (from + to) >>> 1;
    const state = stateBefore(middle);
    halve(from, middle, first, state);
    halve(middle, to, state, last);
  };
  // It begins and ends in CLOSED: the first event is taken by itself.
  out.push(events[0] as number);
  halve(1, events.length, stateBefore(1), stateBefore(events.length));
  return out;
}

/** The states entered, in order, those passed through included. */
export function path(step: Pick<LifeStep, 'before' | 'via' | 'after'>): readonly State[] {
  return [step.before, ...step.via, step.after];
}

/** The first step that enters a state, passing through included. */
export function entering(life: Life, state: State): LifeStep | undefined {
  return life.find((step) => step.after === state || step.via.includes(state));
}
