import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../engine/base/digest.ts';
import type { LogEvent } from '../../../engine/log/event.ts';
import { forkTimeline } from '../../../engine/simulation/fork.ts';
import { SCENARIOS } from '../../../engine/simulation/scenarios/index.ts';
import { simulate } from '../../../engine/simulation/simulate.ts';
import { createTimeline } from '../../../engine/timeline/create.ts';
import type { Timeline } from '../../../engine/timeline/timeline.ts';

function timelineOf(name: string): Timeline {
  const header = SCENARIOS[name]?.build({});
  if (header === undefined) throw new Error(`no scenario ${name}`);
  return createTimeline(header, simulate(header));
}

const eventsOf = (timeline: Timeline): LogEvent[] =>
  Array.from({ length: timeline.length }, (_, n) => timeline.event(n));

const timeline = timelineOf('client-closes-first');
/** The event by which the client enters TIME-WAIT. */
const entered = eventsOf(timeline).findIndex((_, n) =>
  timeline.explain(n).effects.transitions.some((t) => t.host === 0 && t.after === 'TIME-WAIT'),
);

describe('a fork', () => {
  it.each([0, 3, 9, timeline.length])('without a change after %i events is its origin', (n) => {
    expect([...forkTimeline(timeline, n).events]).toEqual(eventsOf(timeline));
  });

  it('with another TIME-WAIT differs by that alone', () => {
    const shorter = { ev: 'knob', host: 0, knobs: { time_wait_ms: 1_000 } } as const;
    const fork = forkTimeline(timeline, entered, [shorter]);
    const events = [...fork.events];
    expect(events.slice(0, entered)).toEqual(eventsOf(timeline).slice(0, entered));
    expect(events[entered]).toMatchObject(shorter);
    const over = events.find((e) => e.ev === 'timer' && e.timer === 'TIME-WAIT');
    const began = timeline.timeOf(entered);
    expect(over?.t).toBe(began + 1_000_000);
    const others = (list: readonly LogEvent[]) =>
      list.filter((e) => e.ev !== 'knob' && !(e.ev === 'timer' && e.timer === 'TIME-WAIT'));
    expect(others(events)).toEqual(others(eventsOf(timeline)));
  });

  it('by a crash of the server leaves the client alone with what it knows', () => {
    const fork = forkTimeline(timeline, 8, [{ ev: 'crash', host: 1 }]);
    const forked = createTimeline(fork.header, fork.events);
    expect(digestOf(fork.snapshot(forked.length))).toBe(digestOf(forked.at(forked.length)));
    expect(fork.snapshot(3)).toEqual(timeline.at(3));
    expect(forked.at(9).hosts[1]).toMatchObject({ up: false });
    expect(forked.at(forked.length).hosts[1]?.conns.size).toBe(0);
  });

  it('is refused outside the log', () => {
    expect(() => forkTimeline(timeline, timeline.length + 1)).toThrow(RangeError);
  });

  it('is refused where a host is recorded', () => {
    const recorded: Timeline = {
      ...timeline,
      header: {
        ...timeline.header,
        hosts: timeline.header.hosts.map((host) => ({ ...host, observed: true })),
      },
    };
    expect(() => forkTimeline(recorded, 1)).toThrow('recording');
  });
});
