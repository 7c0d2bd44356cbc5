/**
 * One end of one connection of a log as a packetdrill script, which passes when it is run with that
 * end's profile. One of a recording says what a real stack sent, but for its windows, which tell of
 * that machine's memory; what it offers on its SYN is set. It passes as far as our TCP sends the
 * same, and its delays are not always the same. The calls, the segments that arrived
 * and those that were sent become its events; what timers did follows by itself. Knobs that a
 * sysctl cannot set are set as `twomsl.NAME`, which this project's runner alone knows.
 */
import type { Micros } from '../../base/time.ts';
import type { Call, CallEvent, LogEvent } from '../../log/event.ts';
import type { LogHeader } from '../../log/header.ts';
import type { Knobs } from '../../tcp/knobs.ts';
import { knobsOf } from '../../tcp/profiles.ts';
import { ACK, flagsText, has, type Segment, SYN } from '../../tcp/segment.ts';
import type { SocketOptions, Tcb } from '../../tcp/tcb.ts';
import type { Emission } from '../../timeline/effects.ts';
import { applyEvent } from '../../timeline/evolve.ts';
import { initialState } from '../../timeline/initial.ts';
import { hostOf, openWorld, type World } from '../../timeline/world.ts';
import { layOut, optionsText } from './layout.ts';
import { createNumbers, type Numbers, told, toldOptions } from './numbers.ts';
import { startKnobs } from './settings.ts';
import { writesOf } from './writes.ts';

export type Exported =
  | { readonly ok: true; readonly script: string }
  | { readonly ok: false; readonly message: string };

/** Descriptors of the script. */
const LISTENER = 3;
const CONNECTION = 4;

/** The connection as the log has it, and what was written of it so far. */
type Export = {
  readonly host: number;
  readonly conn: number;
  readonly numbers: Numbers;
  readonly lines: string[];
  tuple: Pick<Tcb, 'local' | 'localPort' | 'remote' | 'remotePort' | 'opened' | 'listener'>;
  knobs: Knobs;
  /** When the event before happened; -1: none did. */
  last: Micros;
  /** By how much the current event comes sooner than in the log. */
  early: Micros;
  /** The first of our timestamps. */
  stamp: number;
  /** Whether a real stack did this, … */
  readonly recorded: boolean;
  /** … and what its SYN shows it to be set to. */
  shown: Partial<Knobs>;
  /** By position of its events: how its application wrote, see {@link writesOf}. */
  readonly writes: ReadonlyMap<number, number>;
};

/** Writes the script of connection number `conn` of a host. */
export function exportScript(
  header: LogHeader,
  events: readonly LogEvent[],
  host: number,
  conn: number,
): Exported {
  const born = birthOf(header, events, host, conn);
  if (born === undefined) return { ok: false, message: 'the log has no such connection' };
  const { tcb } = born;
  const listening = tcb.listener > 0;
  if (tcb.opened === 'passive' && !listening) {
    const message =
      'a passive OPEN of one connection has no form as sockets: accept() makes others';
    return { ok: false, message };
  }
  const profile = header.hosts[host]?.profile ?? 'rfc9293';
  const recorded = header.hosts[host]?.observed === true;
  const x: Export = {
    host,
    conn,
    numbers: createNumbers(),
    lines: [],
    tuple: tcb,
    knobs: born.knobs,
    last: -1,
    early: 0,
    stamp: -1,
    recorded,
    shown: {},
    writes: recorded ? writesOf(events, host, conn, tcb) : new Map(),
  };
  if (listening) writeListen(x, born.world, tcb);
  const w = openWorld(header, initialState(header), true);
  for (const [n, event] of events.entries()) {
    applyEvent(w, event);
    if (n < born.event) continue;
    x.early = timerFollows(events, n, host, conn) ? 1 : 0;
    writeEvent(x, w, n, event);
    // What comes later to the same sockets is for another connection, or for none.
    const h = hostOf(w, host);
    if (!h.conns.has(conn) && !h.timeWaits.has(conn)) break;
  }
  return { ok: true, script: `${headOf(header, x, profile, born.knobs)}${x.lines.join('')}` };
}

/**
 * Whether a timer fires after this event at the same moment. A script's timers fire before what it
 * does at their time, so the event has to come a little sooner.
 */
function timerFollows(events: readonly LogEvent[], n: number, host: number, conn: number): boolean {
  const { t, ev } = events[n] as LogEvent;
  if (ev === 'timer') return false;
  for (let i = n + 1; events[i]?.t === t; i += 1) {
    const later = events[i] as LogEvent;
    if (later.ev === 'timer' && later.host === host && later.conn === conn) return true;
  }
  return false;
}

type Birth = {
  readonly event: number;
  readonly tcb: Tcb;
  readonly knobs: Knobs;
  readonly world: World;
};

/** The event that made the connection, and how it was then. */
function birthOf(
  header: LogHeader,
  events: readonly LogEvent[],
  host: number,
  conn: number,
): Birth | undefined {
  const world = openWorld(header, initialState(header), false);
  for (const [event, e] of events.entries()) {
    const { knobs } = hostOf(world, host);
    applyEvent(world, e);
    const tcb = hostOf(world, host).conns.get(conn);
    if (tcb !== undefined && tcb.remotePort !== 0) {
      return { event, tcb: { ...tcb }, knobs, world };
    }
  }
  return undefined;
}

const RECORDED = [
  '// From a recording: what is expected is what a real stack sent, whatever windows it announced.',
  '// Where the profile differs from that machine the script fails, and tells the difference.',
];

/** Comments, options, and the knobs that differ from those that a run starts with. */
function headOf(header: LogHeader, x: Export, profile: string, knobs: Knobs): string {
  const { local, localPort, remotePort, opened } = x.tuple;
  const name = header.hosts[x.host]?.name ?? '';
  const active = opened === 'active';
  const start = knobsOf(profile, startKnobs(profile));
  const set = { ...knobs, ...x.shown };
  const changed = (Object.keys(start) as (keyof Knobs)[]).filter(
    (knob) => knob !== 'mtu' && start[knob] !== set[knob],
  );
  const sets = changed.map((knob) => `sysctl -w twomsl.${knob}=${set[knob]}`);
  const lines = [
    `// ${name}#${x.conn} of "${header.title.replace(/[\r\n]+/g, ' ')}"`,
    `// twomsl packetdrill --profile ${profile}`,
    `--ip_version=${local.includes(':') ? 'ipv6' : 'ipv4'}`,
    `--mtu=${knobs.mtu}`,
    active ? `--connect_port=${remotePort}` : `--bind_port=${localPort}`,
  ];
  if (x.recorded) lines.splice(2, 0, ...RECORDED);
  if (sets.length > 0) lines.push(`\`${sets.join('\n')}\``);
  return `${lines.join('\n')}\n`;
}

/** Time before an event: seconds after the one before. */
function after(x: Export, time: Micros): string {
  const at = Math.max(x.last, time - x.early);
  const seconds = x.last < 0 ? 0 : (at - x.last) / 1_000_000;
  x.last = at;
  return `+${seconds.toFixed(6).replace(/\.?0+$/, '')}`;
}

function write(x: Export, time: Micros, text: string): void {
  x.lines.push(`${after(x, time)} ${text}\n`);
}

function writeListen(x: Export, w: World, tcb: Tcb): void {
  const listener = hostOf(w, x.host).conns.get(tcb.listener);
  write(x, w.time, `socket(..., SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP) = ${LISTENER}`);
  writeOptions(x, w.time, LISTENER, tcb.options);
  write(x, w.time, `bind(${LISTENER}, ..., ...) = 0`);
  write(x, w.time, `listen(${LISTENER}, ${listener?.backlog ?? 1}) = 0`);
}

function writeEvent(x: Export, w: World, n: number, event: LogEvent): void {
  const { t } = event;
  if (event.ev === 'call' && event.host === x.host) writeCall(x, w, event, x.writes.get(n));
  else if ((event.ev === 'arrive' || event.ev === 'inject') && event.host === x.host) {
    if (isOurs(x, event.seg)) write(x, t, `< ${arrivedText(x, event.seg)}`);
  } else if (event.ev === 'knob' && event.host === x.host) {
    const sets = Object.entries(event.knobs).map(([k, v]) => `sysctl -w twomsl.${k}=${v}`);
    write(x, t, `\`${sets.join('\n')}\``);
  }
  x.knobs = hostOf(w, x.host).knobs;
  for (const emission of w.effects?.emissions ?? []) {
    if (isSentByUs(x, emission)) write(x, t, `> ${sentText(x, emission.seg)}`);
  }
}

/** Whether a segment that reached the host has our sockets. */
function isOurs(x: Export, seg: Segment): boolean {
  const { local, localPort, remote, remotePort } = x.tuple;
  const to = seg.dst === local && seg.dstPort === localPort;
  return to && seg.src === remote && seg.srcPort === remotePort;
}

function isSentByUs(x: Export, { host, conn, seg }: Emission): boolean {
  const { local, localPort, remote, remotePort } = x.tuple;
  if (host !== x.host || (conn !== 0 && conn !== x.conn)) return false;
  const from = seg.src === local && seg.srcPort === localPort;
  return from && seg.dst === remote && seg.dstPort === remotePort;
}

// Segments. Both ISNs are written as 0, our timestamps count from the first one.

function learnOurs(x: Export, seg: Segment): void {
  if (has(seg, SYN) && x.numbers.ours === null) {
    x.numbers.ours = { real: seg.seq, written: 0 };
    x.numbers.learning = false;
  }
  if (seg.ts && x.stamp < 0) x.stamp = seg.tsVal;
  if (x.recorded && has(seg, SYN)) x.shown = shownBy(seg);
}

/** The settings of a machine that its SYN or SYN,ACK tells; a SYN,ACK only repeats offers. */
function shownBy(seg: Segment): Partial<Knobs> {
  const scale = seg.wscale < 0 ? {} : { sockbuf_max: 65_535 * 2 ** seg.wscale };
  if (has(seg, ACK)) return scale;
  return { ...scale, window_scaling: seg.wscale >= 0, sack: seg.sackOk, timestamps: seg.ts };
}

function sentText(x: Export, seg: Segment): string {
  learnOurs(x, seg);
  const t = told(x.numbers, seg);
  // The peer's SYN is written as 0, so that an absolute ACK of it is relative too.
  const ack = has(seg, ACK) ? ` ack ${x.numbers.peer === null ? t.ack : relative(x, seg.ack)}` : '';
  const laidOut = layOut({ ...seg, sack: t.sack }, x.knobs.option_layout);
  const options = toldOptions(laidOut, (val) => ourStamp(x, val));
  const end = (t.seq + t.len) % 2 ** 32;
  const urg = t.urg === 0 ? '' : ` urg ${t.urg}`;
  const text = options.length === 0 ? '' : ` <${optionsText(options)}>`;
  const win = x.recorded ? '' : ` win ${t.win}`;
  return `${flagsText(seg.flags)} ${t.seq}:${end}(${t.len})${ack}${win}${urg}${text}`;
}

function relative(x: Export, real: number): number {
  return (real - (x.numbers.peer ?? 0)) >>> 0;
}

/** 0 is the echo of nothing, so ours begin at 1. */
function ourStamp(x: Export, val: number): number {
  return (val - x.stamp + 1) >>> 0;
}

function arrivedText(x: Export, seg: Segment): string {
  if (has(seg, SYN) && x.numbers.peer === null) x.numbers.peer = seg.seq;
  const { ours } = x.numbers;
  const seq = relative(x, seg.seq);
  const ackValue = ours === null ? seg.ack : (seg.ack - ours.real) >>> 0;
  const ack = has(seg, ACK) ? ` ack ${ackValue}` : '';
  const sack = seg.sack?.map((edge) => (edge - (ours?.real ?? 0)) >>> 0) ?? null;
  const laidOut = layOut({ ...seg, sack }, 'mss_first');
  const options = laidOut.map((option) =>
    option.kind === 'TS' && option.ecr !== 0 && x.stamp >= 0
      ? { ...option, ecr: ourStamp(x, option.ecr) }
      : option,
  );
  const urg = seg.up === 0 ? '' : ` urg ${seg.up}`;
  const text = options.length === 0 ? '' : ` <${optionsText(options)}>`;
  const end = (seq + seg.len) % 2 ** 32;
  return `${flagsText(seg.flags)} ${seq}:${end}(${seg.len})${ack} win ${seg.wnd}${urg}${text}`;
}

// Calls

/** `joined`: octets of the whole write that a SEND is the first part of; 0: it is a later one. */
function writeCall(x: Export, w: World, event: CallEvent, joined?: number): void {
  const { call, conn, t } = event;
  if (joined === 0) return;
  const result = w.effects?.results[0];
  const gives = result === undefined ? '= 0' : resultText(result);
  if (call.call === 'OPEN' && result?.conn === x.conn) {
    write(x, t, `socket(..., SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP) = ${CONNECTION}`);
    writeOptions(x, t, CONNECTION, call.options ?? {});
    write(x, t, `connect(${CONNECTION}, ..., ...) = -1 EINPROGRESS (Operation now in progress)`);
  } else if (call.call === 'ACCEPT' && result?.value === x.conn && result.error === '') {
    write(x, t, `accept4(${LISTENER}, ..., ..., SOCK_NONBLOCK) = ${CONNECTION}`);
  } else if (conn === x.conn) {
    if (call.call !== 'SEND' || joined === undefined) writeOwnCall(x, t, call, gives);
    else writeOwnCall(x, t, { ...call, bytes: joined }, `= ${joined}`);
  }
}

function resultText(result: { readonly value: number; readonly error: string }): string {
  return result.error === '' ? `= ${result.value}` : `= -1 ${result.error}`;
}

function writeOwnCall(x: Export, t: Micros, call: Call, gives: string): void {
  const fd = CONNECTION;
  switch (call.call) {
    case 'SEND':
      if (call.urgent) write(x, t, `send(${fd}, ..., ${call.bytes}, MSG_OOB) ${gives}`);
      else write(x, t, `write(${fd}, ..., ${call.bytes}) ${gives}`);
      return;
    case 'RECEIVE':
      write(x, t, `read(${fd}, ..., ${call.bytes}) ${gives}`);
      return;
    case 'CLOSE':
      if (call.how === 'both') write(x, t, `close(${fd}) = 0`);
      else write(x, t, `shutdown(${fd}, ${call.how === 'write' ? 'SHUT_WR' : 'SHUT_RD'}) ${gives}`);
      return;
    case 'ABORT':
      write(x, t, `setsockopt(${fd}, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0`);
      write(x, t, `close(${fd}) = 0`);
      return;
    case 'SET':
      writeOptions(x, t, fd, call.options);
      return;
    case 'STATUS': {
      const error = /-1 (\w+)/.exec(gives)?.[1] ?? '0';
      write(x, t, `getsockopt(${fd}, SOL_SOCKET, SO_ERROR, [${error}], [4]) = 0`);
      return;
    }
    default:
  }
}

/** setsockopt() for each option that is not at rest. */
function writeOptions(x: Export, t: Micros, fd: number, options: Partial<SocketOptions>): void {
  const set = (level: string, name: string, value: string): void => {
    write(x, t, `setsockopt(${fd}, ${level}, ${name}, ${value}, 4) = 0`);
  };
  const seconds = (ms: number): string => `[${Math.round(ms / 1000)}]`;
  const o = options;
  if (o.noDelay) set('IPPROTO_TCP', 'TCP_NODELAY', '[1]');
  if (o.linger_s !== undefined && o.linger_s >= 0) {
    set('SOL_SOCKET', 'SO_LINGER', `{onoff=1, linger=${o.linger_s}}`);
  }
  if (o.userTimeout_ms) set('IPPROTO_TCP', 'TCP_USER_TIMEOUT', `[${o.userTimeout_ms}]`);
  if (o.keepalive !== undefined && o.keepalive !== null) {
    set('SOL_SOCKET', 'SO_KEEPALIVE', `[${Number(o.keepalive)}]`);
  }
  if (o.keepaliveIdle_ms) set('IPPROTO_TCP', 'TCP_KEEPIDLE', seconds(o.keepaliveIdle_ms));
  if (o.keepaliveInterval_ms) {
    set('IPPROTO_TCP', 'TCP_KEEPINTVL', seconds(o.keepaliveInterval_ms));
  }
  if (o.keepaliveProbes) set('IPPROTO_TCP', 'TCP_KEEPCNT', `[${o.keepaliveProbes}]`);
  if (o.keepaliveInit_ms) set('IPPROTO_TCP', 'TCP_KEEPINIT', seconds(o.keepaliveInit_ms));
  if (o.rcvBuf) set('SOL_SOCKET', 'SO_RCVBUF', `[${o.rcvBuf}]`);
  if (o.sndBuf) set('SOL_SOCKET', 'SO_SNDBUF', `[${o.sndBuf}]`);
}
