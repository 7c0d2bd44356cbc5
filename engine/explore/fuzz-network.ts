/**
 * Networks drawn from a seed: two hosts or many, of all stacks, with knobs set to extremes, links
 * that lose, copy and reorder, programs that open, send, read and close in many ways, and hosts
 * that crash and come up again.
 */
import { hash32, idFrom, unit } from '../base/random.ts';
import type { AppSpec, Instruction, Program } from '../host/program.ts';
import type { PlannedEvent } from '../log/event.ts';
import { FORMAT_VERSION, type LogHeader, SEMANTICS_VERSION } from '../log/header.ts';
import type { HostSpec, LinkRules } from '../network/topology.ts';
import type { Knobs } from '../tcp/knobs.ts';
import { PROFILES } from '../tcp/profiles.ts';

/** Draws for one purpose after another: `draw(n)` is a number below n. */
export type Draw = (n: number) => number;

export function drawer(seed: number, purpose: number): Draw {
  let count = 0;
  return (n) => {
    count += 1;
    return Math.floor(unit(hash32(seed, purpose, count)) * n);
  };
}

export function oneOf<T>(draw: Draw, of: readonly T[]): T {
  return of[draw(of.length)] as T;
}

const SETTINGS: readonly Partial<Knobs>[] = [
  { recv_space: 1 },
  { recv_space: 700 },
  { recv_space: 3_000, window_scaling: false },
  { send_space: 500 },
  { mtu: 100 },
  { delayed_ack_ms: 0 },
  { time_wait_ms: 500, msl_ms: 250 },
  { tw_buckets_max: 1 },
  { tw_reuse: 1, tw_reuse_delay_ms: 0 },
  { fin_wait_2_ms: 300 },
  { timestamps: false },
  { sack: false },
  { nagle: false },
  { congestion: 'none' },
  { keepalive: true, keepalive_idle_ms: 500, keepalive_interval_ms: 200, keepalive_probes: 2 },
  { ephemeral_low: 50_000, ephemeral_high: 50_003 },
  { syn_backlog: 1, accept_overflow: 'reset' },
  { user_timeout_ms: 2_000 },
  { r2_retries: 3 },
  { quiet_time_ms: 1_000 },
  { challenge_acks_max: 0 },
];

const MOST_HOSTS = 5;
const STACKS = Object.keys(PROFILES);
const SERVER_PORT = 80;

function ending(draw: Draw): Instruction[] {
  return oneOf<Instruction[]>(draw, [
    [{ op: 'close' }],
    [{ op: 'shutdown' }, { op: 'receive_end' }, { op: 'close' }],
    [{ op: 'abort' }],
    [{ op: 'set', options: { linger_s: 0 } }, { op: 'close' }],
    [{ op: 'wait', us: draw(500_000) }, { op: 'close' }],
    [{ op: 'receive_end' }, { op: 'close' }],
  ]);
}

const SIZES = [0, 1, 2, 100, 1_460, 5_000, 40_000, 150_000];

function talk(draw: Draw): Instruction[] {
  const code: Instruction[] = [];
  for (let i = draw(3); i > 0; i -= 1) {
    const bytes = oneOf(draw, SIZES);
    if (bytes === 0) continue;
    if (draw(2) === 0) code.push({ op: 'send', bytes, urgent: draw(8) === 0 });
    else code.push({ op: 'receive', bytes });
  }
  return [...code, ...ending(draw)];
}

/** Two ends that open to each other between fixed ports. */
function crossing(hosts: readonly HostSpec[], draw: Draw): Program[] {
  return [0, 1].map((i) => ({
    name: `cross${i}`,
    code: [
      {
        op: 'connect',
        to: hosts[1 - i]?.addresses[0] as string,
        port: 7_000 + (1 - i),
        from: 7_000 + i,
      },
      ...talk(draw),
    ],
  }));
}

/** The header of the network of a seed. */
export function fuzzNetwork(seed: number): LogHeader {
  const draw = drawer(seed, 1);
  const count = draw(3) === 0 ? 2 + draw(MOST_HOSTS - 1) : 2;
  const hosts = Array.from({ length: count }, (_, i): HostSpec => host(i, draw));
  const programs: Program[] = crossing(hosts, draw);
  const apps: AppSpec[] = [];
  const start = (name: string, program: string, at: number) =>
    apps.push({ host: name, program, at });
  if (draw(3) === 0) {
    const at = draw(200_000);
    start(hosts[0]?.name as string, 'cross0', at);
    start(hosts[1]?.name as string, 'cross1', draw(2) === 0 ? at : draw(400_000));
  }
  hosts.forEach(({ name }, i) => {
    programs.push(
      { name: `serve${i}`, code: talk(draw) },
      {
        name: `listen${i}`,
        code: [
          { op: 'listen', port: SERVER_PORT, backlog: draw(4) },
          { op: 'serve', program: `serve${i}` },
        ],
      },
    );
    if (i > 0 || draw(2) === 0) start(name, `listen${i}`, draw(3) === 0 ? draw(300_000) : 0);
    const to = (i + 1 + draw(count - 1)) % count;
    const code = client(hosts[to] as HostSpec, draw);
    programs.push({ name: `client${i}`, code });
    if (i === 0 || draw(2) === 0) start(name, `client${i}`, 1 + draw(100_000));
  });
  const planned = plannedOf(count, draw);
  return {
    format: 'twomsl',
    version: FORMAT_VERSION,
    semantics: SEMANTICS_VERSION,
    id: idFrom(seed),
    title: `Fuzzing, seed ${seed}`,
    about: '',
    seed,
    source: { kind: 'simulation', scenario: 'fuzz' },
    hosts,
    links: [],
    defaultLink: linkRules(draw),
    faults: [],
    programs,
    apps,
    ...(planned.length === 0 ? {} : { planned }),
  };
}

function host(i: number, draw: Draw): HostSpec {
  const knobs = draw(2) === 0 ? {} : { ...oneOf(draw, SETTINGS), ...oneOf(draw, SETTINGS) };
  const own = `10.0.0.${i + 1}`;
  return { name: `h${i}`, addresses: [own], profile: oneOf(draw, STACKS), knobs };
}

function linkRules(draw: Draw): LinkRules {
  return {
    delay: 500 + draw(100_000),
    jitter: draw(2) * draw(50_000),
    loss: oneOf(draw, [0, 0, 0.02, 0.1, 0.3]),
    duplicate: draw(2) * 0.1,
    reorder: draw(2) * 0.2,
    reorderDelay: draw(200_000),
  };
}

function client(to: HostSpec, draw: Draw): Instruction[] {
  const code: Instruction[] = [
    { op: 'connect', to: to.addresses[0] as string, port: SERVER_PORT },
    ...talk(draw),
  ];
  if (draw(2) === 0) return code;
  return [...code, { op: 'wait', us: draw(300_000) }, { op: 'repeat', to: 0, times: 1 + draw(8) }];
}

function plannedOf(hosts: number, draw: Draw): PlannedEvent[] {
  const planned: PlannedEvent[] = [];
  for (let i = draw(4) === 0 ? 1 + draw(2) : 0; i > 0; i -= 1) {
    const t = draw(2_000_000);
    const host = draw(hosts);
    planned.push({ t, ev: 'crash', host }, { t: t + draw(1_000_000), ev: 'restart', host });
  }
  if (draw(4) === 0) {
    const rules = linkRules(draw);
    planned.push({ t: draw(2_000_000), ev: 'link', a: 0, b: 1, rules });
  }
  return planned.sort((a, b) => a.t - b.t);
}
