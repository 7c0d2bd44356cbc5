/** An event in one line: what came to a host, or what its application asked for. */
import { formatEndpoint } from '../base/address.ts';
import { formatTime } from '../base/time.ts';
import type { Call, LogEvent } from '../log/event.ts';
import type { LogHeader } from '../log/header.ts';
import type { Flight } from '../network/flight.ts';
import { ACK, controlText, has, type Segment, SYN } from '../tcp/segment.ts';
import type { Effects, Transition } from '../timeline/effects.ts';
import type { Snapshot } from '../timeline/snapshot.ts';
import { type Bases, relative } from './bases.ts';
import { connName, hostName } from './names.ts';

/** `FIN,ACK seq 1001 ack 2001 len 0`; with bases, numbers are relative to ISS and IRS. */
export function describeSegment(seg: Segment, base?: { seq?: number; ack?: number }): string {
  // A SYN is where its sender's numbers begin.
  const first = base?.seq ?? (has(seg, SYN) ? seg.seq : undefined);
  const words = [controlText(seg.flags), `seq ${relative(seg.seq, first)}`];
  if (has(seg, ACK)) words.push(`ack ${relative(seg.ack, base?.ack)}`);
  if (seg.len > 0) words.push(`len ${seg.len}`);
  return words.join(' ');
}

/** The bases of a segment that the connection sends, or of one that it receives. */
export function segmentBase(
  bases: Bases | undefined,
  direction: 'sent' | 'received',
): { seq?: number; ack?: number } {
  if (bases === undefined) return {};
  const seq = direction === 'sent' ? bases.iss : bases.irs;
  const ack = direction === 'sent' ? bases.irs : bases.iss;
  return { ...(seq === undefined ? {} : { seq }), ...(ack === undefined ? {} : { ack }) };
}

export function describeCall(call: Call): string {
  switch (call.call) {
    case 'OPEN':
      if (call.mode === 'active') return `active OPEN to ${formatEndpoint(call.to, call.toPort)}`;
      return call.backlog < 0
        ? `passive OPEN on port ${call.fromPort}`
        : `listen on port ${call.fromPort}, backlog ${call.backlog}`;
    case 'ACCEPT':
      return 'ACCEPT';
    case 'SEND':
      return `SEND ${call.bytes} octets${call.urgent ? ', urgent' : ''}`;
    case 'RECEIVE':
      return call.bytes >= 2 ** 31 ? 'RECEIVE' : `RECEIVE up to ${call.bytes} octets`;
    case 'CLOSE':
      if (call.how === 'both') return 'CLOSE';
      return call.how === 'write' ? 'CLOSE of the sending side' : 'CLOSE of the receiving side';
    case 'ABORT':
      return 'ABORT';
    case 'STATUS':
      return 'STATUS';
    case 'SET':
      return `SET ${Object.entries(call.options)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')}`;
  }
}

type Context = {
  /** The connection that the event touched; 0 or absent: none or not known. */
  readonly conn?: number;
  readonly bases?: Bases | undefined;
  /** The snapshot that the event met: it knows segments on their way, and processes. */
  readonly before?: Snapshot;
  /** Asked where `bases` is absent and there is a segment: finding them may cost a fold. */
  readonly lookup?: (host: number, conn: number) => Bases;
};

function basesIn({ bases, lookup }: Context, host: number, conn = 0): Bases | undefined {
  return bases ?? (conn > 0 ? lookup?.(host, conn) : undefined);
}

/** The connection that sent what is on its way; 0: none, or it is there no more. */
export function senderOf(snapshot: Snapshot, { from, seg }: Flight): number {
  const host = snapshot.hosts[from];
  for (const sockets of [host?.conns, host?.timeWaits]) {
    for (const t of sockets?.values() ?? []) {
      const ports = t.localPort === seg.srcPort && t.remotePort === seg.dstPort;
      if (ports && t.local === seg.src && t.remote === seg.dst) return t.num;
    }
  }
  return 0;
}

/** `client#1 → server: FIN,ACK seq 1001 ack 2001 is lost`. */
function describeLoss(n: number, header: LogHeader, context: Context): string {
  const flight = context.before?.flights.get(n);
  if (context.before === undefined || flight === undefined) return `segment ${n} is lost`;
  const conn = senderOf(context.before, flight);
  const from = connName(header, flight.from, conn);
  const to = flight.to < 0 ? flight.seg.dst : hostName(header, flight.to);
  const base = segmentBase(basesIn(context, flight.from, conn), 'sent');
  const copy = flight.copyOf > 0 ? ' (a copy)' : '';
  return `${from} → ${to}: ${describeSegment(flight.seg, base)}${copy} is lost`;
}

/** `program client goes on (client#1)`. */
function describeWake(process: number, header: LogHeader, before?: Snapshot): string {
  const known = before?.processes.get(process);
  const program = known === undefined ? undefined : header.programs[known.program];
  if (known === undefined || program === undefined) return `process ${process} goes on`;
  const { host, conn } = known;
  return `program ${program.name} goes on${conn > 0 ? ` (${connName(header, host, conn)})` : ''}`;
}

type WithSegment = { readonly host: number; readonly seg: Segment };

function segmentIn({ host, seg }: WithSegment, way: 'sent' | 'received', context: Context): string {
  return describeSegment(seg, segmentBase(basesIn(context, host, context.conn), way));
}

/** The numbers of who sent what arrives where there is no connection; undefined: not known. */
export function basesOfSender(event: LogEvent, context: Context): Bases | undefined {
  const flight = event.ev === 'arrive' ? context.before?.flights.get(event.n) : undefined;
  if (context.before === undefined || flight === undefined) return undefined;
  return basesIn(context, flight.from, senderOf(context.before, flight));
}

/** What happened, without the name of the host: `< FIN,ACK seq 1001 ack 2001`. */
function describeStimulus(event: LogEvent, header: LogHeader, context: Context = {}): string {
  switch (event.ev) {
    case 'call':
      return describeCall(event.call);
    case 'arrive': {
      const sender = context.conn ? undefined : basesOfSender(event, context);
      if (sender === undefined) return `< ${segmentIn(event, 'received', context)}`;
      return `< ${describeSegment(event.seg, segmentBase(sender, 'sent'))}`;
    }
    case 'inject':
      return `< ${segmentIn(event, 'received', context)} (forged)`;
    case 'observe':
      return `> ${segmentIn(event, 'sent', context)} (observed)`;
    case 'lose':
      return describeLoss(event.n, header, context);
    case 'timer':
      return `${event.timer} timeout`;
    case 'knob':
      return Object.entries(event.knobs)
        .map(([name, value]) => `${name} = ${value}`)
        .join(', ');
    case 'link':
      return `link ${link(header, event.a, event.b)}: ${rules(event.rules)}`;
    case 'crash':
      return 'crash';
    case 'restart':
      return 'restart';
    case 'wake':
      return describeWake(event.process, header, context.before);
    case 'icmp':
      return `< ICMP ${event.what}${event.hard ? ' (hard error)' : ''}`;
  }
}

function link(header: LogHeader, a: number, b: number): string {
  return `${hostName(header, a)} – ${hostName(header, b)}`;
}

function rules(changed: object): string {
  return Object.entries(changed)
    .map(([name, value]) => {
      const time = name === 'delay' || name === 'jitter' || name === 'reorderDelay';
      return `${name} ${time ? formatTime(Number(value)) : value}`;
    })
    .join(', ');
}

/** Which connection an event is about, and its change of state; conn 0: none. */
export type Subject = { readonly conn: number; readonly taken: Transition | undefined };

/**
 * The connection that the event names; otherwise the first that it moved, as a SYN touches the
 * listener and the connection that it makes, or touched. A crash is of the host alone.
 */
export function subjectOf(event: LogEvent, { transitions, touched }: Effects): Subject {
  const host = hostOf(event);
  const named = connOf(event);
  const isOf = (one: { readonly host: number; readonly conn: number }): boolean =>
    one.host === host && (named === 0 || one.conn === named);
  const taken = transitions.find(isOf);
  if (event.ev === 'crash') return { conn: 0, taken };
  return { conn: named || ((taken ?? touched.find(isOf))?.conn ?? 0), taken };
}

/** The host an event happens at; -1: none. */
function hostOf(event: LogEvent): number {
  return 'host' in event ? event.host : -1;
}

/** The connection an event names itself; 0: none. */
function connOf(event: LogEvent): number {
  return event.ev === 'call' || event.ev === 'timer' ? event.conn : 0;
}

/** Who and what: `client#1 < FIN,ACK seq 1001 ack 2001`. */
export function describeEvent(event: LogEvent, header: LogHeader, context: Context = {}): string {
  const host = hostOf(event);
  const what = describeStimulus(event, header, context);
  const who = host < 0 ? '' : `${connName(header, host, context.conn || connOf(event))} `;
  return `${who}${what}${event.inferred ? ' (inferred)' : ''}`;
}
