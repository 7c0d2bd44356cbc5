/**
 * A path of the exploration as a log for the dashboard.
 *
 * Exploring knows no delays. A log is easier to read with them, so each event is moved to its time:
 * segments take the delay of the link, what dies of old age takes MSL, timers expire at their
 * deadlines. Not every order of events can be had that way, since the exploration lets a timer
 * expire before another whose deadline is earlier. Where the moved events lead to another state
 * even once, the log keeps the even steps of the exploration.
 */
import type { LogEvent } from '../log/event.ts';
import type { LogHeader } from '../log/header.ts';
import { deadlineOf } from '../tcp/timers.ts';
import { initialState } from '../timeline/initial.ts';
import { commit } from '../timeline/world.ts';
import { canonicalText } from './canonical.ts';
import type { Choice } from './choices.ts';
import { NO_GHOST, type Node } from './node.ts';
import { takeStep } from './steps.ts';

export type Trace = { readonly header: LogHeader; readonly events: readonly LogEvent[] };

const CALL_US = 1_000;

/** The log of a path; `header` is the exploration's, under another title. */
export function traceOf(
  header: LogHeader,
  path: readonly Choice[],
  title: string,
  about: string,
): Trace {
  const named = { ...header, title, about };
  const even = path.flatMap(({ events }) => events);
  return { header: named, events: moved(header, path) ?? even };
}

function startOf(header: LogHeader): Node {
  return { snapshot: initialState(header), ghost: NO_GHOST, flights: [] };
}

function step(header: LogHeader, node: Node, choice: Choice): Node {
  const { world, ghost, flights } = takeStep(header, node, choice);
  return { snapshot: commit(world), ghost, flights };
}

/** The events at their own times; undefined: they would lead elsewhere. */
function moved(header: LogHeader, path: readonly Choice[]): LogEvent[] | undefined {
  const events: LogEvent[] = [];
  let explored = startOf(header);
  let node = explored;
  for (const choice of path) {
    explored = step(header, explored, choice);
    const timed = choice.events.map((event) => timedEvent(node, choice, event));
    let t = node.snapshot.time;
    const own = timed.map((event) => {
      t = Math.max(t + CALL_US, event.t);
      return { ...event, t };
    });
    node = step(header, node, { ...choice, events: own });
    events.push(...own);
    if (keyOf(node) !== keyOf(explored)) return undefined;
  }
  return events;
}

function keyOf(node: Node): string {
  return canonicalText(node.snapshot, node.ghost, node.flights);
}

/** When an event would happen; its segment is the one that is really on the way then. */
function timedEvent(node: Node, choice: Choice, event: LogEvent): LogEvent {
  const { snapshot } = node;
  switch (event.ev) {
    case 'arrive': {
      const flight = snapshot.flights.get(event.n >= 0 ? event.n : choice.copyOf);
      return flight === undefined ? event : { ...event, t: flight.at, seg: flight.seg };
    }
    case 'lose': {
      const flight = snapshot.flights.get(event.n);
      if (flight === undefined) return event;
      const old = (snapshot.hosts[flight.from]?.knobs.msl_ms ?? 0) * 1000;
      const life = choice.budget === 'losses' ? Math.floor((flight.at - flight.sentAt) / 2) : old;
      return { ...event, t: flight.sentAt + life };
    }
    case 'timer': {
      const host = snapshot.hosts[event.host];
      const t = host?.conns.get(event.conn);
      const due =
        t === undefined
          ? (host?.timeWaits.get(event.conn)?.timeWaitAt ?? 0)
          : deadlineOf(t, event.timer);
      return { ...event, t: due };
    }
    default:
      return { ...event, t: 0 };
  }
}
