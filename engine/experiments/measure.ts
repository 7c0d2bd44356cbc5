/**
 * What is measured while a simulation runs, without keeping its events: per host the states of its
 * connections and its ports in use, sampled at even steps of virtual time, their peaks, and totals.
 */
import { formatTime, type Micros } from '../base/time.ts';
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
  /**
   * The mean of a state over the samples from one time up to another, both within the run. Without
   * them over all.
   */
  mean(state: State, from?: Duration, to?: Duration): number;
  /**
   * How much a counter grew per second, from the first sample to the last of those between two
   * times, both within the run.
   */
  rate(counter: Counter, from: Duration, to: Duration): number;
  /**
   * How often connect() found no port (EADDRNOTAVAIL), and connections ended by ECONNREFUSED,
   * ECONNRESET or ETIMEDOUT; those that never came up are absent.
   */
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
      for (; sampleAt < (event?.t ?? endOf(header, until, world.time) + 1); sampleAt += every) {
        keepSample(probes, values);
      }
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
      const names = header.hosts.map((h) => h.name).join(', ');
      return fail(`measure: there is no host '${name}'; hosts: ${names}`);
    }
    return hostMeasure(edit, probe, every, endOf(header, until, world.time));
  };
  return { header, events: world.events, time: world.time, every, host };
}

/** After its last event nothing changes up to the time that ends a run; beyond it all is open. */
function endOf(header: LogHeader, until: Micros, last: Micros): Micros {
  return Number.isFinite(until) ? Math.min(until, header.until ?? until) : last;
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

function hostMeasure(h: HostEdit, probe: Probe, every: Micros, end: Micros): HostMeasure {
  const series = (state: State) => probe.samples[numberIn(STATES, state, 'state')] ?? [];
  const counts = (counter: Counter) => {
    return probe.counters[numberIn(COUNTERS, counter, 'counter')] ?? [];
  };
  return {
    totals: { ...h.totals },
    series,
    counts,
    ports: () => probe.ports,
    peak: (state) => probe.peaks[numberIn(STATES, state, 'state')] ?? 0,
    mean(state, from = 0, to = end) {
      const [first, last] = samplesIn('mean', from, to, every, end);
      const values = series(state).slice(first, last + 1);
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    },
    rate(counter, from, to) {
      const [first, last] = samplesIn('rate', from, to, every, end);
      const [before = 0, after = 0] = [counts(counter)[first], counts(counter)[last]];
      return ((after - before) * 1_000_000) / ((last - first) * every);
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

/** Numbers of the first and the last sample from one time up to another. */
function samplesIn(
  what: 'mean' | 'rate',
  from: Duration,
  to: Duration,
  every: Micros,
  end: Micros,
): [number, number] {
  const times = { from: micros(from, `${what}, from`), to: micros(to, `${what}, to`) };
  for (const [name, time] of Object.entries(times)) {
    if (time <= end) continue;
    const wanted = `expected a time up to the end of the run at ${formatTime(end)}`;
    fail(`${what}, ${name}: ${wanted}, found ${formatTime(time)}`);
  }
  const [first, last] = [Math.ceil(times.from / every), Math.floor(times.to / every)];
  const [least, samples] = what === 'rate' ? [1, 'two samples'] : [0, 'a sample'];
  if (last - first >= least) return [first, last];
  const span = `from ${formatTime(times.from)} to ${formatTime(times.to)}`;
  const each = `there is one each ${formatTime(every)}`;
  return fail(`${what}: expected ${samples} at least ${span}; ${each}`);
}

/** The place of a name that a script wrote. */
function numberIn<T extends string>(names: readonly T[], name: T, what: string): number {
  const number = names.indexOf(name);
  if (number >= 0) return number;
  return fail(`measure: there is no ${what} '${name}'; there are ${names.join(', ')}`);
}
