/**
 * Stack profiles as data: for each, the knobs that differ from RFC 9293, with their source.
 */
import type { KnobValue } from './knob-info.ts';
import { inRange, rangeText } from './knob-range.ts';
import { DEFAULT_KNOBS, isKnob, KNOBS, type KnobName, type Knobs } from './knobs.ts';

export type Profile = {
  readonly name: string;
  readonly about: string;
  readonly knobs: Partial<Knobs>;
};

const rfc9293: Profile = {
  name: 'rfc9293',
  about: 'RFC 9293 to the letter, with the RFCs it names',
  knobs: {},
};

/** Linux 6.18, measured with HZ = 250 and read in its source. */
const linux: Profile = {
  name: 'linux',
  about: 'Linux 6.18',
  knobs: {
    msl_ms: 30_000,
    time_wait_ms: 60_000,
    syn_again: 'syn_ack',
    fin_wait_2_ms: 60_000,
    fin_wait_2_orphan: 'record',
    simultaneous_open: 'acknowledged',
    time_wait_reopen: 'sequence_or_timestamp',
    time_wait_answers: 'old_or_fin',
    time_wait_restart: 'any_ack',
    tw_reuse: 2,
    tw_reuse_bound: true,
    tw_buckets_max: 131_072,
    iss_step: 65_537,
    backlog_extra: 1,
    syn_backlog: 2_048,
    syn_cookies: true,
    ephemeral_low: 32_768,
    ephemeral_high: 60_999,
    port_choice: 'hash_parity',
    rto_min_ms: 200,
    rto_max_ms: 120_000,
    rto_var_min_ms: 200,
    syn_retries: 6,
    syn_linear: 4,
    r2_retries: 15,
    r2_ms: 0,
    orphan_retries: 8,
    user_timeout_ms: 0,
    tail_loss_probe: true,
    delayed_ack_ms: 40,
    delayed_ack_counts: 'over_one',
    rst_when_closing: 'told',
    fin_ack: 'delayed',
    challenge_acks_max: 1,
    challenge_interval_ms: 500,
    recv_space: 131_072,
    send_space: 16_384,
    sockbuf_max: 6_291_456,
    buffer_report_double: true,
    option_layout: 'linux',
    ecn: 2,
    nagle_idle: 'call',
    timestamps_missing: 'accept',
    icmp_hard: 'opening_only',
    icmp_soft: 'abort_opening',
    initial_window_octets: 0,
    window_probe: 'empty',
    synack_retries: 5,
    congestion: 'cubic',
    persist_max_ms: 120_000,
  },
};

/** FreeBSD, as its conformance scripts see it. */
const freebsd: Profile = {
  name: 'freebsd',
  about: 'FreeBSD 15',
  knobs: {
    msl_ms: 30_000,
    time_wait_ms: 60_000,
    syn_again: 'syn_ack',
    fin_wait_2_ms: 60_000,
    rst_in_time_wait: 'ignore',
    time_wait_reopen: 'sequence',
    time_wait_answers: 'not_expected',
    // FreeBSD flushes what was not read, and sends its FIN.
    close_with_unread: 'fin',
    close_in_syn_received: 'delete',
    fin_beyond_window: true,
    abort_when_closing: 'reset',
    rst_when_closing: 'told',
    listen_ack: 'drop_syn_ack',
    syn_fin: 'ignore_fin',
    syn_data: 'drop',
    half_open: 'listener',
    accept_ended: 'aborted',
    paws_answer: 'text',
    send_before_established: 'refuse',
    send_after_end: 'pipe',
    ephemeral_low: 10_000,
    ephemeral_high: 65_535,
    rto_min_ms: 30,
    rto_slop_ms: 200,
    rto_max_ms: 64_000,
    persist_min_ms: 5_000,
    r2_retries: 12,
    r2_ms: 0,
    user_timeout_ms: 0,
    syn_retries: 12,
    synack_retries: 3,
    syn_ack_timed: false,
    delayed_ack_ms: 40,
    delayed_ack_counts: 'segments',
    closing_ack: 'fin',
    challenge_acks_max: 5,
    challenge_interval_ms: 1_000,
    old_segment_ack: 'read',
    bare_answers_limited: false,
    recv_round_mss: true,
    window_edge: 'buffer',
    ecn: 2,
    nagle_idle: 'call',
    icmp_hard: 'opening_only',
    congestion: 'cubic',
    keepalive_init_ms: 75_000,
    keepalive_probes: 8,
    keepalive: true,
  },
};

const windows: Profile = {
  name: 'windows',
  about: 'Windows Server, TcpTimedWaitDelay at its default',
  knobs: {
    msl_ms: 60_000,
    time_wait_ms: 120_000,
    syn_again: 'syn_ack',
    time_wait_reopen: 'sequence_or_timestamp',
    fin_wait_2_ms: 120_000,
    ephemeral_low: 49_152,
    ephemeral_high: 65_535,
    rto_initial_ms: 1_000,
    rto_min_ms: 300,
    syn_retries: 4,
    r2_retries: 5,
    r2_ms: 0,
    user_timeout_ms: 0,
    delayed_ack_ms: 40,
    delayed_ack_counts: 'segments',
    timestamps: false,
    congestion: 'cubic',
    keepalive_interval_ms: 1_000,
    keepalive_probes: 10,
  },
};

const macos: Profile = {
  name: 'macos',
  about: 'macOS, net.inet.tcp.msl = 15 s',
  knobs: {
    msl_ms: 15_000,
    time_wait_ms: 30_000,
    syn_again: 'syn_ack',
    time_wait_reopen: 'sequence_or_timestamp',
    fin_wait_2_ms: 60_000,
    ephemeral_low: 49_152,
    ephemeral_high: 65_535,
    rto_min_ms: 30,
    rto_slop_ms: 200,
    r2_retries: 12,
    r2_ms: 0,
    user_timeout_ms: 0,
    syn_retries: 10,
    delayed_ack_ms: 100,
    delayed_ack_counts: 'segments',
    congestion: 'cubic',
    keepalive_probes: 8,
  },
};

/**
 * The older Berkeley kind (4.3BSD): no options but MSS, no challenge ACKs, no simultaneous open.
 */
const berkeley: Profile = {
  name: 'berkeley',
  about: 'an older Berkeley stack, before window scaling and RFC 5961',
  knobs: {
    msl_ms: 30_000,
    time_wait_ms: 60_000,
    syn_again: 'syn_ack',
    simultaneous_open: 'never_ends',
    time_wait_reopen: 'sequence',
    syn_give_up_ms: 75_000,
    ephemeral_low: 1_024,
    ephemeral_high: 5_000,
    port_choice: 'sequential',
    rst_in_window: 'reset',
    syn_when_synchronized: 'reset',
    old_ack_check: false,
    icmp_check: false,
    delayed_ack_counts: 'segments',
    icmp_hard: 'opening_only',
    window_scaling: false,
    timestamps: false,
    sack: false,
    recv_space: 4_096,
    send_space: 4_096,
    initial_window: 1,
    idle_restart: false,
    limited_transmit: false,
    r2_retries: 12,
    r2_ms: 0,
    user_timeout_ms: 0,
    keepalive_probes: 8,
  },
};

export const PROFILES: Readonly<Record<string, Profile>> = Object.freeze({
  rfc9293,
  linux,
  freebsd,
  windows,
  macos,
  berkeley,
});

/** The knobs of a profile with some set otherwise; an unknown profile is the default's. */
export function knobsOf(profile: string, changes: Partial<Knobs>): Knobs {
  return Object.freeze({ ...DEFAULT_KNOBS, ...PROFILES[profile]?.knobs, ...changes });
}

/** A knob from text, as `--set name=value` gives it; or what is wrong. */
export function parseKnob(
  name: string,
  text: string,
): { readonly knobs: Partial<Knobs> } | { readonly error: string } {
  const value = isKnob(name) ? valueIn(text, KNOBS[name].value) : text;
  const error = knobFault(name, value);
  return error === undefined ? { knobs: { [name]: value } } : { error };
}

/** A number or switch where one is wanted and the text reads as one. */
function valueIn(text: string, like: KnobValue): KnobValue {
  if (typeof like === 'number' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (typeof like === 'boolean' && /^(true|1)$/.test(text)) return true;
  if (typeof like === 'boolean' && /^(false|0)$/.test(text)) return false;
  return text;
}

/** What is wrong with a knob, or with the value for it; undefined: nothing. */
export function knobFault(name: string, value: unknown): string | undefined {
  if (!isKnob(name)) return `unknown knob ${name}; near it: ${nearKnobs(name).join(', ')}`;
  const { value: like, range } = KNOBS[name];
  const choices: readonly unknown[] | null = KNOBS[name].choices;
  if (typeof like === 'boolean' && typeof value === 'boolean') return undefined;
  if (range !== null && typeof value === 'number' && inRange(value, range)) return undefined;
  if (choices?.includes(value)) return undefined;
  const one = choices === null ? 'true or false' : `one of ${choices.join(', ')}`;
  return `${name}: expected ${range === null ? one : rangeText(range)}, found ${shown(value)}`;
}

/** A text that looks like a number or a switch is told from one. */
function shown(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  return /^(-?[\d.]+|true|false)$/.test(value) ? `the text '${value}'` : value || 'nothing';
}

/** What is wrong with knobs that are in force together; undefined: nothing. */
export function knobsFault(knobs: Knobs): string | undefined {
  for (const name of Object.keys(KNOBS) as KnobName[]) {
    const fault = knobFault(name, knobs[name]);
    if (fault !== undefined) return fault;
  }
  const { ephemeral_low: low, ephemeral_high: high } = knobs;
  if (low <= high) return undefined;
  return `ephemeral_low: expected at most ephemeral_high, which is ${high}, found ${low}`;
}

/** The knobs whose names share the most words with what was typed, then the nearest by letters. */
export function nearKnobs(name: string): readonly KnobName[] {
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
  const near = (Object.keys(KNOBS) as KnobName[]).map((known) => ({
    known,
    shared: sharedWords(words, known.split('_')),
    far: distance(name, known) - (known.includes(name) ? name.length : 0),
  }));
  near.sort((a, b) => b.shared - a.shared || a.far - b.far || (a.known < b.known ? -1 : 1));
  return near.slice(0, 3).map(({ known }) => known);
}

/** Units and other short words say little. */
function sharedWords(words: readonly string[], known: readonly string[]): number {
  return words.filter((word) => word.length > 2 && known.includes(word)).length;
}

/** Levenshtein's distance of two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const nextRow = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      nextRow.push(Math.min(change, (row[j] as number) + 1, (nextRow[j - 1] as number) + 1));
    }
    row = nextRow;
  }
  return row[b.length] as number;
}
