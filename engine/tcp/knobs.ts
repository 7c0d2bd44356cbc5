/**
 * Every behaviour in which stacks differ, as a named knob with its default, meaning and source.
 *
 * The TCP code asks for a behaviour (`knobs.rst_in_window`), never for the name of a stack; a
 * profile (profiles.ts) is a set of values for these knobs. The defaults are those of RFC 9293 and
 * the RFCs it names; where they leave a number open, a common modern value stands with its source.
 */
import {
  AT_LEAST_1,
  choice,
  count,
  flag,
  type KnobInfo,
  MTU,
  NUMBER_32,
  PORT,
  SYN_RETRIES,
  TICKS,
  ZERO_TO_TWO,
} from './knob-info.ts';

/** Names end in their unit; `_ms` is milliseconds. 0 switches a limit off unless said otherwise. */
export const KNOBS = {
  // TIME-WAIT and the end of a connection
  msl_ms: count(
    120_000,
    'how old a segment gets where all orders are explored; TIME-WAIT goes by time_wait_ms',
    'RFC 9293 §3.4.2',
  ),
  time_wait_ms: count(240_000, 'length of TIME-WAIT, 2·MSL', 'RFC 9293 §3.6.1'),
  fin_wait_2_ms: count(0, 'limit of an orphan in FIN-WAIT-2', 'Linux tcp_fin_timeout'),
  fin_wait_2_orphan: choice(
    ['connection', 'record'],
    'connection',
    'what an orphan in FIN-WAIT-2 is: a connection as others, or a small record that takes a FIN' +
      ' alone; what is to wait longer than TIME-WAIT lasts twice the difference',
    'RFC 9293 §3.10.7.4; Linux tcp_fin_time, tcp_timewait_state_process',
  ),
  rst_in_time_wait: choice(
    ['end', 'ignore'],
    'end',
    'what an acceptable RST does to TIME-WAIT',
    'RFC 9293 §3.10.7.4; RFC 1337 §3 (fix F1: ignore)',
  ),
  time_wait_reopen: choice(
    ['never', 'sequence', 'timestamp', 'rfc6191', 'sequence_or_timestamp'],
    'rfc6191',
    'which SYN may open a new incarnation out of TIME-WAIT',
    'RFC 9293 §3.6.1 (MAY-2, SHLD-4); RFC 6191 §2; Linux: sequence_or_timestamp',
  ),
  time_wait_answers: choice(
    ['every', 'not_expected', 'old_or_fin'],
    'every',
    'which segments without RST TIME-WAIT answers with an ACK',
    'RFC 9293 §3.10.7.4 step 5; FreeBSD and Linux answer fewer',
  ),
  time_wait_restart: choice(
    ['fin', 'any_ack'],
    'fin',
    'what starts the 2·MSL timer again: a FIN sent again, or any segment with ACK',
    'RFC 9293 §3.10.7.4; Linux tcp_timewait_state_process',
  ),
  tw_reuse: count(
    0,
    'connect() may take a port in TIME-WAIT: 0 no, 1 yes, 2 loopback only; needs timestamps',
    'Linux tcp_tw_reuse',
    ZERO_TO_TWO,
  ),
  tw_reuse_bound: flag(
    false,
    'connect() from a given port may take over a TIME-WAIT with timestamps, whatever tw_reuse',
    'RFC 9293 §3.10.1: the connection exists; Linux tcp_twsk_unique',
  ),
  tw_reuse_delay_ms: count(1_000, 'least age of a TIME-WAIT to be reused', 'Linux'),
  tw_buckets_max: count(0, 'TIME-WAIT records per host; over it: CLOSED', 'tcp_max_tw_buckets'),
  quiet_time_ms: count(0, 'silence after a restart of the host', 'RFC 9293 §3.4.3'),
  close_with_unread: choice(
    ['reset', 'fin'],
    'reset',
    'what CLOSE sends when text was not read',
    'RFC 9293 §3.6.1 (SHLD-3), RFC 2525 §2.17',
  ),
  close_in_syn_received: choice(
    ['fin', 'delete'],
    'fin',
    'CLOSE in SYN-RECEIVED: a FIN follows, or the connection is deleted without a segment',
    'RFC 9293 §3.10.4; FreeBSD tcp_disconnect',
  ),
  fin_beyond_window: flag(
    false,
    'the FIN after all text is sent though the peer has no room for its number',
    'RFC 9293 §3.8.6; FreeBSD tcp_output',
  ),
  abort_when_closing: choice(
    ['silent', 'reset'],
    'silent',
    'ABORT in CLOSING and LAST-ACK',
    'RFC 9293 §3.10.5; FreeBSD tcp_drop sends RST',
  ),
  reset_orphan_data: flag(true, 'new text for an orphan meets a RST', 'RFC 9293 §3.6.1 (SHLD-3)'),

  // Opening
  simultaneous_open: choice(
    ['four_segments', 'acknowledged', 'never_ends'],
    'four_segments',
    'a SYN,ACK that crosses ours: read for its ACK, also acknowledged, or met by SYN,ACK for ever',
    'RFC 9293 §3.5 Figure 7 (MUST-10); older Berkeley stacks',
  ),
  iss_step: count(
    0,
    'ISS of a reopened 4-tuple: old SND.NXT + this; 0: by the clock',
    'Linux',
    NUMBER_32,
  ),
  listen_ack: choice(
    ['reset', 'drop_syn_ack'],
    'reset',
    'what LISTEN does with a SYN,ACK',
    'RFC 9293 §3.10.7.2; FreeBSD drops it',
  ),
  syn_again: choice(
    ['ack', 'syn_ack'],
    'ack',
    'the answer in SYN-RECEIVED to a SYN that comes again: a bare ACK, or our SYN,ACK once more',
    'RFC 9293 §3.10.7.4, first; the stacks send the SYN,ACK, which the peer has not got',
  ),
  syn_fin: choice(
    ['rfc', 'drop', 'ignore_fin'],
    'rfc',
    'SYN and FIN in one segment',
    'RFC 9293 §3.10.7; FreeBSD drop_synfin',
  ),
  syn_data: choice(
    ['queue', 'drop'],
    'queue',
    'text on a SYN: kept until ESTABLISHED, or dropped',
    'RFC 9293 §3.10.7.2; FreeBSD drops it in LISTEN',
  ),
  half_open: choice(
    ['rfc', 'listener'],
    'rfc',
    'a half-open connection of a listener is in SYN-RECEIVED, or still a matter of LISTEN, which' +
      ' reads RST, SYN and the ACK of its SYN alone',
    'RFC 9293 §3.10.7.4; FreeBSD syncache',
  ),
  blackhole_syn_only: flag(false, 'blackhole is silent to SYNs alone', 'FreeBSD blackhole = 1'),
  blackhole: flag(false, 'a closed port is silent instead of sending RST', 'FreeBSD blackhole'),
  backlog_max: count(4_096, 'greatest backlog of a listener', 'Linux somaxconn'),
  backlog_extra: count(0, 'completed connections beyond the backlog', 'Linux: 1'),
  syn_backlog: count(
    0,
    'half-open connections per listener, as far as its backlog goes; 0: as many as that',
    'Linux tcp_conn_request',
  ),
  syn_cookies: flag(
    false,
    'a full SYN queue drops no SYN, but keeps a connection where a cookie would keep nothing',
    'RFC 4987 §3.6',
  ),
  accept_overflow: choice(
    ['drop', 'reset'],
    'drop',
    'the last ACK of a handshake when the accept queue is full',
    'Linux tcp_abort_on_overflow',
  ),
  accept_ended: choice(
    ['connection', 'aborted'],
    'connection',
    'what accept() gives of a connection that was reset before: itself, or ECONNABORTED',
    'accept(2) of Linux and of BSD',
  ),
  ephemeral_low: count(49_152, 'first ephemeral port', 'RFC 6335 §6', PORT),
  ephemeral_high: count(65_535, 'last ephemeral port', 'RFC 6335 §6', PORT),
  port_choice: choice(
    ['hash', 'hash_parity', 'sequential'],
    'hash',
    'where connect() starts its search and by which step',
    'RFC 6056 §3.3.3; Linux 6.18: one parity first; Berkeley: in order',
  ),

  send_before_established: choice(
    ['queue', 'refuse'],
    'queue',
    'SEND in SYN-SENT and SYN-RECEIVED',
    'RFC 9293 §3.10.2; BSD sosend: ENOTCONN',
  ),
  send_after_end: choice(
    ['error', 'pipe'],
    'error',
    'SEND after the peer or a timeout ended the connection: that error first, or EPIPE at once',
    'RFC 9293 §3.9.1; BSD sosend',
  ),

  // Retransmission
  rto_initial_ms: count(1_000, 'RTO before the first round trip', 'RFC 6298 §2.1', AT_LEAST_1),
  rto_min_ms: count(1_000, 'least RTO', 'RFC 6298 §2.4'),
  rto_max_ms: count(60_000, 'greatest RTO', 'RFC 6298 §2.5', AT_LEAST_1),
  rto_var_min_ms: count(1, 'least 4·RTTVAR: the clock granularity G', 'RFC 6298 §2.3; Linux 200'),
  rto_slop_ms: count(0, 'added to every RTO but the first', 'FreeBSD rexmit_slop'),
  rto_after_syn_loss_ms: count(3_000, 'RTO for text after a SYN was lost', 'RFC 6298 §5.7'),
  syn_ack_timed: flag(
    true,
    'the SYN,ACK gives the first round trip of a passive OPEN',
    'RFC 6298 §2.2; FreeBSD syncache keeps no time of sending',
  ),
  syn_retries: count(0, 'SYN sent again at most; 0: by time', 'Linux tcp_syn_retries', SYN_RETRIES),
  syn_linear: count(0, 'first SYN retransmissions without back-off', 'tcp_syn_linear_timeouts'),
  syn_give_up_ms: count(180_000, 'R2 for a SYN', 'RFC 9293 §3.8.3 (MUST-23)'),
  synack_retries: count(0, 'SYN,ACK sent again at most; 0: by time', 'Linux tcp_synack_retries'),
  r1_retries: count(3, 'R1: report after so many', 'RFC 9293 §3.8.3 (SHLD-10)'),
  r2_retries: count(0, 'R2 as a count; 0: by time', 'Linux tcp_retries2'),
  r2_ms: count(100_000, 'R2 as a time', 'RFC 9293 §3.8.3 (SHLD-11)'),
  orphan_retries: count(0, 'R2 of a connection nobody holds; 0: as R2', 'tcp_orphan_retries'),
  user_timeout_ms: count(300_000, 'USER TIMEOUT of text not acknowledged', 'RFC 9293 §3.9.1'),
  tail_loss_probe: flag(false, 'probe a lost tail before the RTO', 'RFC 8985 §7'),
  timer_wheel: count(0, 'ticks per second of a coarse timer wheel; 0: exact', 'Linux HZ', TICKS),

  // Acknowledging
  delayed_ack_ms: count(200, 'longest delay of an ACK', 'RFC 9293 §3.8.6.3 (MUST-40: < 500)'),
  delayed_ack_segments: count(2, 'full segments to an ACK', 'RFC 9293 §3.8.6.3 (SHLD-19)'),
  delayed_ack_counts: choice(
    ['full', 'over_one', 'segments'],
    'full',
    'what makes an ACK due: so many full segments, more than all but one of them, any segments',
    'RFC 9293 §3.8.6.3; Linux __tcp_ack_snd_check; BSD DELAY_ACK',
  ),
  fin_ack: choice(
    ['at_once', 'delayed'],
    'at_once',
    'when a FIN is acknowledged',
    'RFC 9293 §3.10.7.4; Linux delays it in CLOSE-WAIT',
  ),
  closing_ack: choice(
    ['bare', 'fin'],
    'bare',
    'the ACK on entering CLOSING: bare, or with our FIN again',
    'RFC 9293 §3.10.7.4; FreeBSD sends its FIN again',
  ),

  // Blind attacks
  rst_in_window: choice(
    ['challenge', 'reset'],
    'challenge',
    'an RST inside the window whose number is not RCV.NXT',
    'RFC 9293 §3.10.7.4, RFC 5961 §3',
  ),
  rst_when_closing: choice(
    ['silent', 'told'],
    'silent',
    'whether the user is told of an RST in CLOSING and LAST-ACK',
    'RFC 9293 §3.10.7.4, second; Linux tcp_reset and FreeBSD: ECONNRESET',
  ),
  syn_when_synchronized: choice(
    ['challenge', 'reset'],
    'challenge',
    'a SYN in a synchronized state',
    'RFC 9293 §3.10.7.4, RFC 5961 §4',
  ),
  old_segment_ack: choice(
    ['dropped', 'read'],
    'dropped',
    'whether the ACK of a segment that lies before RCV.NXT counts',
    'RFC 9293 §3.10.7.4, first; FreeBSD tcp_do_segment reads it',
  ),
  old_ack_check: flag(true, 'ACK below SND.UNA − MAX.SND.WND is challenged', 'RFC 5961 §5'),
  challenge_acks_max: count(10, 'challenge ACKs per connection and interval', 'RFC 5961 §7'),
  challenge_interval_ms: count(
    5_000,
    'the interval; Linux: tcp_invalid_ratelimit, which limits answers to invalid segments too',
    'RFC 5961 §7',
  ),
  bare_answers_limited: flag(
    true,
    'ACKs that answer bare segments count among the challenge ACKs',
    'RFC 5961 §7, so that two ends do not answer each other for ever',
  ),

  icmp_check: flag(true, 'an ICMP error counts only for what is in flight', 'RFC 5927 §4.1'),
  icmp_hard: choice(
    ['abort', 'opening_only'],
    'abort',
    'a hard ICMP error ends the connection: in every state, or only before it is synchronized',
    'RFC 9293 §3.9.2.2 (SHLD-26); RFC 5461 §3: Linux, BSD',
  ),
  icmp_soft: choice(
    ['note', 'abort_opening'],
    'note',
    'a soft ICMP error while the connection opens',
    'RFC 9293 §3.9.2.2 (MUST-56); RFC 5461 §4: Linux gives up',
  ),

  // Windows and options
  mtu: count(1_500, 'MTU of every link of the host, octets', 'RFC 9293 §3.7.1', MTU),
  recv_space: count(65_536, 'receive buffer, octets', 'RFC 9293 §3.8.6'),
  send_space: count(32_768, 'send buffer, octets', 'RFC 9293 §3.9.1'),
  sockbuf_max: count(2_097_152, 'buffer that the window scale must reach', 'RFC 7323 §2.2'),
  recv_round_mss: flag(false, 'round the buffer up to whole segments', 'FreeBSD tcp_mss'),
  window_edge: choice(
    ['full_segments', 'buffer'],
    'full_segments',
    'the window that is announced: its edge moves on by full segments, or shows all that is free',
    'RFC 9293 §3.8.6.2.2 (MUST-39); FreeBSD tcp_output',
  ),
  buffer_report_double: flag(false, 'SO_SNDBUF and SO_RCVBUF read back doubled', 'Linux'),
  window_scaling: flag(true, 'offer and accept window scaling', 'RFC 7323 §2'),
  timestamps: flag(true, 'offer and accept timestamps, PAWS', 'RFC 7323 §3, §5'),
  sack: flag(true, 'offer and accept SACK', 'RFC 2018'),
  ecn: count(
    0,
    'explicit congestion notification: 0 no, 1 asked for, 2 if asked',
    'RFC 3168 §6.1',
    ZERO_TO_TWO,
  ),
  option_layout: choice(
    ['mss_first', 'linux'],
    'mss_first',
    'order and padding of options',
    'FreeBSD tcp_addoptions; Linux tcp_options_write',
  ),
  paws_answer: choice(
    ['every', 'text'],
    'every',
    'which segments with too old a timestamp are answered',
    'RFC 7323 §5.3 R1; FreeBSD tcp_do_segment: those with text',
  ),
  timestamps_missing: choice(
    ['drop', 'accept'],
    'drop',
    'a segment without timestamps where they were agreed on',
    'RFC 7323 §3.2 (SHOULD drop); Linux accepts it',
  ),
  nagle: flag(true, 'hold small segments while text is unacknowledged', 'RFC 9293 §3.7.4'),
  nagle_idle: choice(
    ['segment', 'call'],
    'segment',
    'Nagle asks what is in flight when a segment is made, or when SEND is called',
    'RFC 9293 §3.7.4; BSD tcp_output; Linux waits for small segments alone',
  ),
  congestion: choice(
    ['none', 'newreno', 'cubic'],
    'newreno',
    'congestion control',
    'RFC 5681, RFC 6582; RFC 9438',
  ),
  initial_window: count(10, 'initial window, segments', 'RFC 6928 §2', AT_LEAST_1),
  initial_window_octets: count(
    14_600,
    'bound of the initial window, but two segments always; 0: none',
    'RFC 6928 §2',
  ),
  idle_restart: flag(true, 'the initial window again after an idle RTO', 'RFC 5681 §4.1'),
  limited_transmit: flag(true, 'new text on the first two duplicate ACKs', 'RFC 3042'),
  persist_min_ms: count(0, 'least interval of zero-window probes; 0: RTO', 'RFC 9293 §3.8.6.1'),
  persist_max_ms: count(60_000, 'greatest interval of probes', 'RFC 9293 §3.8.6.1', AT_LEAST_1),
  window_probe: choice(
    ['octet', 'empty'],
    'octet',
    'the probe of a shut window: the next octet of text, or an old number without text',
    'RFC 9293 §3.8.6.1; Linux tcp_xmit_probe_skb',
  ),
  keepalive: flag(false, 'keep-alive unless the application says so', 'RFC 9293 §3.8.4 (MUST-25)'),
  keepalive_init_ms: count(0, 'limit of the handshake after an active OPEN', 'FreeBSD keepinit'),
  keepalive_idle_ms: count(
    7_200_000,
    'idle time before a probe',
    'RFC 9293 §3.8.4 (MUST-28)',
    AT_LEAST_1,
  ),
  keepalive_interval_ms: count(75_000, 'between probes', '4.4BSD'),
  keepalive_probes: count(9, 'probes without answer to the end', 'Linux tcp_keepalive_probes'),
} as const;

export type KnobName = keyof typeof KNOBS;

export type Knobs = {
  readonly [K in KnobName]: (typeof KNOBS)[K] extends KnobInfo<infer T> ? T : never;
};

/** The values of RFC 9293. */
export const DEFAULT_KNOBS: Knobs = Object.freeze(
  Object.fromEntries(Object.entries(KNOBS).map(([name, info]) => [name, info.value])),
) as Knobs;

export function isKnob(name: string): name is KnobName {
  return Object.hasOwn(KNOBS, name);
}
