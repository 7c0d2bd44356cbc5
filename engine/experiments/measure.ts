/**
 * What is measured while a simulation runs, without keeping its events: per host the states of its
 * connections and its ports in use, sampled at even steps of virtual time, their peaks, and totals.
 */
import type { Micros } from '../base/time.ts';
import type { HostEdit } from '../host/edit.ts';
import type { HostTotals } from '../host/host.ts';
import type { LogHeader } from '../log/header.ts';
import { startSimulation } from '../simulation/simulate.ts';
import { type Duration, fail, micros } from '../simulation/steps.ts';
import { STATES, type State } from '../tcp/states.ts';
import { hostOf, type World } from '../timeline/world.ts';

/** Counters that are sampled beside the states. */
const COUNTERS = ['opened', 'established', 'ended', 'addrNotAvail'] as const;
export type Counter = (typeof COUNTERS)[number];

export type HostMeasure = {
  readonly totals: HostTotals;
  /** Connections in a state at each sample, from time 0. */
  series(state: State): readonly number[];
  /** A counter's value at each sample. */
  counts(counter: Counter): readonly number[];
  /** Ports in use towards the destination that uses most, at each sample. */
  ports(): readonly number[];
  /** The most there ever were. */
  peak(state: State): number;
  /** The mean of a state over the samples from one time up to another. */
  mean(state: State, from?: Duration, to?: Duration): number;
  /** How much a counter grew from one time to another, per second. */
  rate(counter: Counter, from: Duration, to: Duration): number;
  /** Calls and connections that failed, by reason; reasons that never came up are absent. */
  failures(): Readonly<Record<string, number>>;
  /** When the first connect() found no port; -1: none. */
  readonly firstAddrNotAvail: Micros;
};

export type Measured = {
  readonly header: LogHeader;
  readonly events: number;
  /** Virtual time of the last event. */
  readonly time: Micros;
  /** Time between samples. */
  readonly every: Micros;
  host(name: string): HostMeasure;
};

type Probe = {
  readonly samples: number[][];
  readonly counters: number[][];
  readonly ports: number[];
  readonly peaks: number[];
  firstAddrNotAvail: Micros;
};

const SLICE = 4096;

/**
 * Runs a simulation up to `until` and measures it. Yields now and then, so that a caller can show
 * progress or stop.
 */
export function* measure(
  header: LogHeader,
  until: Micros,
  every: Micros,
): Generator<{ readonly events: number; readonly time: Micros }, Measured> {
  const simulation = startSimulation(header, undefined, { until });
  const { world } = simulation;
  const hosts = header.hosts.map((_, number) => hostOf(world, number));
  const probes = hosts.map(createProbe);
  let sampleAt = 0;
  let slice = 0;
  for (;;) {
    let event = simulation.next(sampleAt);
    if (event === undefined) {
      // All up to the time of the sample has happened; the values hold up to the next event.
      const values = hosts.map(sampleOf);
      event = simulation.next();
      const end = event?.t ?? (Number.isFinite(until) ? until + 1 : world.time + 1);
      for (; sampleAt < end; sampleAt += every) keepSample(probes, values);
      if (event === undefined) break;
    }
    notePeaks(world, probes);
    slice += 1;
    if (slice % SLICE === 0) yield { events: world.events, time: world.time };
  }
  const host = (name: string): HostMeasure => {
    const number = header.hosts.findIndex((h) => h.name === name);
    const [edit, probe] = [hosts[number], probes[number]];
    if (edit === undefined || probe === undefined) {
      return fail(`measure: there is no host '${name}'`);
    }
    return hostMeasure(edit, probe, every);
  };
  return { header, events: world.events, time: world.time, every, host };
}

function createProbe(): Probe {
  return {
    samples: STATES.map(() => []),
    counters: COUNTERS.map(() => []),
    ports: [],
    peaks: STATES.map(() => 0),
    firstAddrNotAvail: -1,
  };
}

type Sample = {
  readonly states: readonly number[];
  readonly counters: readonly number[];
  readonly ports: number;
};

function sampleOf(h: HostEdit): Sample {
  let ports = 0;
  for (const group of h.groups.values()) ports = Math.max(ports, group.used.count);
  const counters = COUNTERS.map((counter) => h.totals[counter]);
  return { states: h.states.slice(), counters, ports };
}

function keepSample(probes: readonly Probe[], values: readonly Sample[]): void {
  probes.forEach((probe, i) => {
    const { states, counters, ports } = values[i] as Sample;
    states.forEach((count, state) => {
      probe.samples[state]?.push(count);
    });
    counters.forEach((count, c) => {
      probe.counters[c]?.push(count);
    });
    probe.ports.push(ports);
  });
}

function notePeaks(w: World, probes: readonly Probe[]): void {
  for (const h of w.touched) {
    const probe = probes[h.index] as Probe;
    for (let state = 0; state < STATES.length; state += 1) {
      const count = h.states[state] as number;
      if (count > (probe.peaks[state] as number)) probe.peaks[state] = count;
    }
    if (probe.firstAddrNotAvail < 0 && h.totals.addrNotAvail > 0) {
      probe.firstAddrNotAvail = w.time;
    }
  }
}

function hostMeasure(h: HostEdit, probe: Probe, every: Micros): HostMeasure {
  const series = (state: State) => probe.samples[numberIn(STATES, state, 'state')] ?? [];
  const counts = (counter: Counter) => {
    return probe.counters[numberIn(COUNTERS, counter, 'counter')] ?? [];
  };
  const at = (time: Micros) => Math.round(time / every);
  return {
    totals: { ...h.totals },
    series,
    counts,
    ports: () => probe.ports,
    peak: (state) => probe.peaks[numberIn(STATES, state, 'state')] ?? 0,
    mean(state, from = 0, to) {
      const first = micros(from, 'mean, from');
      const last = to === undefined ? Number.POSITIVE_INFINITY : micros(to, 'mean, to');
      const values = series(state).filter((_, i) => i * every >= first && i * every <= last);
      return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    },
    rate(counter, from, to) {
      const [first, last] = [micros(from, 'rate, from'), micros(to, 'rate, to')];
      const grown = (counts(counter)[at(last)] ?? 0) - (counts(counter)[at(first)] ?? 0);
      return (grown * 1_000_000) / (last - first);
    },
    failures() {
      const { addrNotAvail, refused, reset, timedOut } = h.totals;
      const all = {
        EADDRNOTAVAIL: addrNotAvail,
        ECONNREFUSED: refused,
        ECONNRESET: reset,
        ETIMEDOUT: timedOut,
      };
      return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));
    },
    firstAddrNotAvail: probe.firstAddrNotAvail,
  };
}

/** The place of a name that a script wrote. */
function numberIn<T extends string>(names: readonly T[], name: T, what: string): number {
  const number = names.indexOf(name);
  if (number >= 0) return number;
  return fail(`measure: there is no ${what} '${name}'; there are ${names.join(', ')}`);
}
