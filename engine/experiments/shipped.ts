/**
 * The experiments that ship. Each has a closed form: TIME-WAIT counts follow Little's law (closes a
 * second × length), and a port space gives no more than ports / TIME-WAIT connections a second.
 */
import { type Experiment, experiment } from './experiment.ts';
import type { HostMeasure, Measured } from './measure.ts';
import { churn } from './workload.ts';

const SECOND = 1_000_000;

const client = (run: Measured): HostMeasure => run.host('client');
const server = (run: Measured): HostMeasure => run.host('server');

/** Seconds with three decimals. */
const seconds = (us: number): number => Math.round(us / 1000) / 1000;
const rounded = (value: number): number => Math.round(value * 10) / 10;

const whoClosesFirst = experiment({
  name: 'who-closes-first',
  about:
    'Where TIME-WAIT piles up: on the side that closes first, at rate × 60 s; RST leaves none.',
  vary: { closes: ['client', 'server', 'abort'], rate: [50, 100] },
  build: ({ closes, rate }) =>
    churn({ closes, rate, connections: rate * 90, profile: 'linux', bytes: 200 }),
  until: '90s',
  measure: {
    client_time_wait: (run) => rounded(client(run).mean('TIME-WAIT', 65 * SECOND)),
    server_time_wait: (run) => rounded(server(run).mean('TIME-WAIT', 65 * SECOND)),
    little: (_, { closes, rate }) => (closes === 'abort' ? 0 : Number(rate) * 60),
    client_ports: (run) => Math.max(...client(run).ports()),
    connects_per_s: (run) => rounded(client(run).rate('established', 30 * SECOND, 90 * SECOND)),
    failed: (run) => client(run).totals.addrNotAvail,
  },
  series: {
    client_time_wait: (run) => client(run).series('TIME-WAIT'),
    server_time_wait: (run) => server(run).series('TIME-WAIT'),
  },
});

/** Ports from 32768 on, at some rates; Linux has 28,232 of them. */
export function portExhaustionOn(ports: number, rates: readonly number[]): Experiment {
  return experiment({
    name: 'port-exhaustion',
    about:
      `When ephemeral ports run out, by rate: ${ports} ports / 60 s of TIME-WAIT = ` +
      `${rounded(ports / 60)} a second is all that one source, destination and port can have.`,
    vary: { rate: rates },
    build: ({ rate }) =>
      churn({
        rate,
        connections: rate * 180,
        profile: 'linux',
        knobs: { ephemeral_low: 32_768, ephemeral_high: 32_768 + ports - 1 },
        fixed: { tw_reuse: 0 },
      }),
    until: '180s',
    measure: {
      first_failure_s: (run) => {
        const at = client(run).firstAddrNotAvail;
        return at < 0 ? 'never' : seconds(at);
      },
      ports_over_rate_s: (_, { rate }) => {
        const time = ports / Number(rate);
        return time > 60 ? 'never' : Math.round(time * 1000) / 1000;
      },
      failed: (run) => client(run).totals.addrNotAvail,
      connects_per_s: (run) => rounded(client(run).rate('established', 60 * SECOND, 180 * SECOND)),
      limit_per_s: () => rounded(ports / 60),
      time_wait_peak: (run) => client(run).peak('TIME-WAIT'),
      ports_peak: (run) => Math.max(...client(run).ports()),
    },
    series: {
      time_wait: (run) => client(run).series('TIME-WAIT'),
      ports: (run) => client(run).ports(),
      failed: (run) => client(run).counts('addrNotAvail'),
    },
  });
}

const portExhaustion = portExhaustionOn(28_232, [300, 450, 500, 600]);

const REUSE_PORTS = 2_000;

const timeWaitLength = experiment({
  name: 'time-wait-length',
  about:
    'A shorter TIME-WAIT, or tw_reuse: 100 connections a second on 2,000 ports. Without reuse ' +
    '2,000 / TIME-WAIT a second get through; with it only the reuse delay of 1 s counts.',
  vary: { time_wait_ms: [60_000, 30_000, 10_000], tw_reuse: [0, 1] },
  build: ({ time_wait_ms, tw_reuse }) =>
    churn({
      rate: 100,
      connections: 100 * 180,
      profile: 'linux',
      knobs: { ephemeral_low: 40_000, ephemeral_high: 40_000 + REUSE_PORTS - 1 },
      fixed: { time_wait_ms, tw_reuse },
    }),
  until: '180s',
  measure: {
    connects_per_s: (run) => rounded(client(run).rate('established', 60 * SECOND, 180 * SECOND)),
    limit_per_s: (_, { time_wait_ms, tw_reuse }) => {
      const held = tw_reuse === 1 ? 1_000 : Number(time_wait_ms);
      return rounded((REUSE_PORTS * 1000) / held);
    },
    failed: (run) => client(run).totals.addrNotAvail,
    reused: (run) => client(run).totals.timeWaitReused,
    time_wait: (run) => rounded(client(run).mean('TIME-WAIT', 61 * SECOND)),
    time_wait_peak: (run) => client(run).peak('TIME-WAIT'),
  },
  series: {
    time_wait: (run) => client(run).series('TIME-WAIT'),
    failed: (run) => client(run).counts('addrNotAvail'),
  },
});

export const EXPERIMENTS: Readonly<Record<string, Experiment>> = Object.freeze(
  Object.fromEntries(
    [whoClosesFirst, portExhaustion, timeWaitLength].map((spec) => [spec.name, spec]),
  ),
);
