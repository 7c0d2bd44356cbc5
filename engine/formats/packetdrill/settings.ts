/**
 * What a script's stack is set to: the header of its log, and what sysctl names mean as knobs.
 *
 * RFC 9293 leaves buffers, timers and layout open. Scripts are written for the values that a
 * FreeBSD machine has, whatever they test otherwise, so these hold for the RFC's profile here too.
 */

import { FORMAT_VERSION, type LogHeader, SEMANTICS_VERSION } from '../../log/header.ts';
import { cleanLink } from '../../network/topology.ts';
import type { Knobs } from '../../tcp/knobs.ts';
import { knobsOf } from '../../tcp/profiles.ts';
import type { ScriptOptions } from './ast.ts';

/** Number of the host under test in the header; the peer is the other. */
export const LOCAL = 0;

const ADDRESSES = {
  ipv4: ['192.168.0.1', '192.0.2.1'],
  ipv6: ['fd3d:fa7b:d17d::1', '2001:db8::1'],
} as const;

/** What RFC 9293 leaves open, as the scripts' machines have it. */
const LEFT_OPEN: Partial<Knobs> = {
  recv_round_mss: true,
  window_edge: 'buffer',
  fin_beyond_window: true,
  nagle_idle: 'call',
  // Errors of calls are a matter of sockets.
  send_after_end: 'pipe',
  accept_ended: 'aborted',
  ecn: 2,
  rto_slop_ms: 200,
  rto_min_ms: 30,
  rto_max_ms: 64_000,
  syn_ack_timed: false,
  delayed_ack_ms: 40,
  time_wait_ms: 60_000,
  // Step 4 of §3.10.7.4 lets a SYN into TIME-WAIT by its timestamp, and challenges all others.
  time_wait_reopen: 'timestamp',
};

/** Linux's receive buffers under the `defaults.sh` of its scripts; its send buffers grow. */
const LINUX_DEFAULTS: Partial<Knobs> = { sockbuf_max: 15_728_640 };
const LINUX_START: Partial<Knobs> = { send_space: 4_194_304 };

/** Where a profile's knobs stand at the start of a script. */
export function startKnobs(profile: string): Partial<Knobs> {
  if (profile === 'rfc9293') return LEFT_OPEN;
  return profile === 'linux' ? LINUX_START : {};
}

/** The header of a script's log: the host under test, and a peer that only has an address. */
export function headerOf(name: string, profile: string, options: ScriptOptions): LogHeader {
  const [local, peer] = ADDRESSES[options.ip === 'ipv6' ? 'ipv6' : 'ipv4'];
  const knobs = { ...startKnobs(profile), mtu: options.mtu };
  return {
    format: 'twomsl',
    version: FORMAT_VERSION,
    semantics: SEMANTICS_VERSION,
    id: 'packetdrill',
    title: `packetdrill: ${name}`,
    about: 'A packetdrill script: its calls and segments meet one host, the peer is the script.',
    seed: 1,
    source: { kind: 'simulation', scenario: name },
    hosts: [
      { name: 'local', addresses: [local], profile, knobs },
      // What reaches the peer is the script's business: no TCP answers there.
      { name: 'script', addresses: [peer], profile: 'rfc9293', knobs: { blackhole: true } },
    ],
    links: [],
    defaultLink: cleanLink(0),
    faults: [],
    programs: [],
    apps: [],
  };
}

/** The knobs that `defaults.sh` sets: those that the script began with, and the stack's own. */
export function defaultKnobs(profile: string, options: ScriptOptions): Partial<Knobs> {
  const extra = profile === 'linux' ? LINUX_DEFAULTS : {};
  return knobsOf(profile, { ...startKnobs(profile), mtu: options.mtu, ...extra });
}

type Setting = (value: number, start: Knobs, values: readonly number[]) => Partial<Knobs>;

/** FreeBSD's names and Linux's, with what they do here. */
const SYSCTLS: Readonly<Record<string, Setting>> = {
  'net.inet.tcp.rfc1323': (v) => ({
    window_scaling: v === 1 || v === 2,
    timestamps: v === 1 || v === 3,
  }),
  'net.inet.tcp.sack.enable': (v) => ({ sack: v !== 0 }),
  'net.inet.tcp.ecn.enable': (v) => ({ ecn: v }),
  'net.inet.tcp.recvspace': (v) => ({ recv_space: v }),
  'net.inet.tcp.sendspace': (v) => ({ send_space: v }),
  'kern.ipc.maxsockbuf': (v) => ({ sockbuf_max: v }),
  'net.inet.tcp.rexmit_initial': (v) => ({ rto_initial_ms: v }),
  'net.inet.tcp.rexmit_min': (v) => ({ rto_min_ms: v }),
  'net.inet.tcp.rexmit_slop': (v) => ({ rto_slop_ms: v }),
  'net.inet.tcp.blackhole': (v) => ({
    blackhole: v !== 0,
    blackhole_syn_only: v === 1,
  }),
  'net.inet.tcp.hostcache.purgenow': () => ({}),
  'net.inet.tcp.insecure_rst': (v) => ({ rst_in_window: v === 0 ? 'challenge' : 'reset' }),
  'net.inet.tcp.insecure_syn': (v) => ({ syn_when_synchronized: v === 0 ? 'challenge' : 'reset' }),
  'net.inet.tcp.insecure_ack': (v) => ({ old_ack_check: v === 0 }),
  'net.inet.tcp.ack_war_cnt': (v) => ({ challenge_acks_max: v }),
  'net.inet.tcp.ack_war_timewindow': (v) => ({ challenge_interval_ms: v }),
  'net.inet.tcp.drop_synfin': (v, start) => ({
    syn_fin: v === 0 ? (start.syn_fin === 'drop' ? 'ignore_fin' : start.syn_fin) : 'drop',
  }),
  'net.inet.tcp.tolerate_missing_ts': (v) => ({ timestamps_missing: v === 0 ? 'drop' : 'accept' }),
  'net.inet.tcp.delacktime': (v) => ({ delayed_ack_ms: v }),
  'net.inet.tcp.delayed_ack': (v, start) => ({
    delayed_ack_ms: v === 0 ? 0 : start.delayed_ack_ms,
  }),
  'net.inet.tcp.msl': (v) => ({ msl_ms: v, time_wait_ms: 2 * v }),
  'net.inet.tcp.keepinit': (v) => ({ keepalive_init_ms: v }),
  'net.inet.tcp.keepidle': (v) => ({ keepalive_idle_ms: v }),
  'net.inet.tcp.keepintvl': (v) => ({ keepalive_interval_ms: v }),
  'net.inet.tcp.keepcnt': (v) => ({ keepalive_probes: v }),
  'net.inet.tcp.always_keepalive': (v) => ({ keepalive: v !== 0 }),
  'net.inet.tcp.persmin': (v) => ({ persist_min_ms: v }),
  'net.inet.tcp.persmax': (v) => ({ persist_max_ms: v }),
  'net.inet.tcp.initcwnd_segments': (v) => ({ initial_window: v }),
  'net.ipv4.tcp_timestamps': (v) => ({ timestamps: v !== 0 }),
  'net.ipv4.tcp_sack': (v) => ({ sack: v !== 0 }),
  'net.ipv4.tcp_window_scaling': (v) => ({ window_scaling: v !== 0 }),
  'net.ipv4.tcp_ecn': (v) => ({ ecn: v }),
  'net.ipv4.tcp_fin_timeout': (v) => ({ fin_wait_2_ms: v * 1000 }),
  'net.ipv4.tcp_syn_retries': (v) => ({ syn_retries: v }),
  'net.ipv4.tcp_synack_retries': (v) => ({ synack_retries: v }),
  'net.ipv4.tcp_retries2': (v) => ({ r2_retries: v }),
  'net.ipv4.tcp_tw_reuse': (v) => ({ tw_reuse: v }),
  'net.ipv4.tcp_rfc1337': (v) => ({ rst_in_time_wait: v === 0 ? 'end' : 'ignore' }),
  'net.ipv4.tcp_max_tw_buckets': (v) => ({ tw_buckets_max: v }),
  'net.ipv4.tcp_rmem': (v, _, values) => ({
    recv_space: values[1] ?? v,
    sockbuf_max: values[2] ?? v,
  }),
  'net.ipv4.tcp_abort_on_overflow': (v) => ({ accept_overflow: v === 0 ? 'drop' : 'reset' }),
};

/** What setting a name does; undefined: the name is not known here. */
export function sysctl(
  name: string,
  values: readonly number[],
  start: Knobs,
): Partial<Knobs> | undefined {
  if (!Object.hasOwn(SYSCTLS, name)) return undefined;
  return (SYSCTLS[name] as Setting)(values[0] ?? 0, start, values);
}
