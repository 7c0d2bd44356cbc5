/**
 * A host under test at a desk: calls go in at the top, hand-made segments of its peer at the
 * bottom, and the clock moves when it is told to. The peer is nobody, so nothing answers by itself.
 * Numbers are relative, as in a capture: what the host sends counts from its ISS, what it gets from
 * the peer's, so the first octet of text is 1 on both sides.
 */
import { type Seq, seqAdd, seqSub } from '../../engine/base/seq.ts';
import type { Call, LogEvent } from '../../engine/log/event.ts';
import { FORMAT_VERSION, type LogHeader, SEMANTICS_VERSION } from '../../engine/log/header.ts';
import { startSimulation } from '../../engine/simulation/simulate.ts';
import type { Knobs } from '../../engine/tcp/knobs.ts';
import type { RuleId } from '../../engine/tcp/rules.ts';
import {
  ACK,
  blankSegment,
  flagsOf,
  flagsText,
  RST,
  type Segment,
} from '../../engine/tcp/segment.ts';
import type { SocketOptions, Tcb } from '../../engine/tcp/tcb.ts';
import type { CallResult, Transition } from '../../engine/timeline/effects.ts';
import { effectsOf } from '../../engine/timeline/world.ts';

export const HOST = '10.0.0.1';
export const PEER = '10.0.0.2';
export const PORT = 80;
export const PEER_PORT = 4000;
export const ISS = 1_000_000;
const IRS = 5_000_000;
export const MS = 1_000;
export const SECOND = 1_000_000;

export type Sent = {
  readonly t: number;
  /** Of the segment: flags as in tcpdump, relative numbers. */
  readonly flags: string;
  readonly seq: number;
  readonly ack: number;
  readonly len: number;
  readonly seg: Segment;
};

/** A segment of the peer; numbers relative, what is left out is the next in order. */
export type Given = Partial<Omit<Segment, 'flags' | 'sack'>> & {
  readonly flags: string;
  readonly sack?: readonly number[];
};

export type DeskOptions = {
  readonly profile?: string;
  readonly knobs?: Partial<Knobs>;
  readonly addresses?: readonly string[];
  readonly start?: number;
};

const PLAIN: Partial<Knobs> = { timestamps: false, sack: false, window_scaling: false };

function headerOf({ profile = 'rfc9293', knobs = {}, addresses = [HOST] }: DeskOptions): LogHeader {
  return {
    format: 'twomsl',
    version: FORMAT_VERSION,
    semantics: SEMANTICS_VERSION,
    id: 'desk',
    title: 'desk',
    about: '',
    seed: 1,
    source: { kind: 'simulation', scenario: 'desk' },
    hosts: [{ name: 'host', addresses, profile, knobs: { ...PLAIN, ...knobs } }],
    links: [],
    defaultLink: { delay: 0, jitter: 0, loss: 0, duplicate: 0, reorder: 0, reorderDelay: 0 },
    faults: [],
    programs: [],
    apps: [],
    planned: [],
  };
}

type Open = Extract<Call, { call: 'OPEN' }>;

export const ACTIVE: Open = {
  call: 'OPEN',
  mode: 'active',
  to: PEER,
  toPort: PEER_PORT,
  from: HOST,
  fromPort: PORT,
  backlog: -1,
  iss: ISS,
  nowait: false,
};

export const PASSIVE: Open = { ...ACTIVE, mode: 'passive', to: '', toPort: 0, from: '' };

export class Desk {
  readonly #simulation;
  #now: number;
  /** Everything sent so far. */
  readonly log: Sent[] = [];
  readonly transitions: Transition[] = [];
  /** Rules that the last event applied. */
  rules: readonly RuleId[] = [];
  result: CallResult | undefined;

  constructor(options: DeskOptions = {}) {
    this.#simulation = startSimulation(headerOf(options), undefined, { explain: true });
    this.#now = options.start ?? SECOND;
  }

  get now(): number {
    return this.#now;
  }

  /** Connection `num`; undefined once it is forgotten or has shrunk to a TIME-WAIT record. */
  find(num = 1): Tcb | undefined {
    return this.host.conns.get(num);
  }

  tcb(num = 1): Tcb {
    const found = this.find(num);
    if (found === undefined) throw new Error(`there is no connection ${num}`);
    return found;
  }

  get host() {
    const host = this.#simulation.snapshot().hosts[0];
    if (host === undefined) throw new Error('no host');
    return host;
  }

  state(num = 1): string {
    if (this.host.timeWaits.has(num)) return 'TIME-WAIT';
    return this.find(num)?.state ?? 'CLOSED';
  }

  /** Folds one event; gives what was sent. */
  apply(event: LogEvent): Sent[] {
    this.#simulation.apply(event);
    return this.#look(event.t);
  }

  #look(t: number): Sent[] {
    const effects = effectsOf(this.#simulation.world);
    this.rules = effects.rules.slice();
    this.result = effects.results[0];
    this.transitions.push(...effects.transitions);
    const sent = effects.emissions.map(({ seg }) => sentOf(t, seg));
    this.log.push(...sent);
    return sent;
  }

  call(call: Call, conn = call.call === 'OPEN' ? 0 : 1): Sent[] {
    return this.apply({ t: this.#now, ev: 'call', host: 0, conn, process: -1, call });
  }

  send(bytes: number, urgent = false): Sent[] {
    return this.call({ call: 'SEND', bytes, urgent });
  }

  receive(bytes: number): Sent[] {
    return this.call({ call: 'RECEIVE', bytes });
  }

  set(options: Partial<SocketOptions>): Sent[] {
    return this.call({ call: 'SET', options });
  }

  close(how: 'write' | 'read' | 'both' = 'write', conn = 1): Sent[] {
    return this.call({ call: 'CLOSE', how }, conn);
  }

  abort(): Sent[] {
    return this.call({ call: 'ABORT' });
  }

  /** The segment as it would arrive: numbers absolute, gaps filled from the connection. */
  segment(given: Given): Segment {
    const t = this.find();
    const flags = flagsOf(given.flags);
    if (flags === undefined) throw new Error(`flags ${given.flags}`);
    const seq = given.seq ?? (t === undefined ? 0 : seqSub(t.rcvNxt, IRS));
    const ack = given.ack ?? (t === undefined ? 0 : seqSub(t.sndNxt, t.iss));
    const stamped = t?.tsOn === true && (flags & RST) === 0;
    return {
      ...blankSegment(PEER, PEER_PORT, HOST, PORT),
      wnd: 65_535,
      ...(stamped
        ? { ts: true, tsVal: t.tsRecent, tsEcr: (t.tsOffset + this.#now / MS) >>> 0 }
        : {}),
      ...given,
      flags,
      seq: seqAdd(IRS, seq),
      ack: flags & ACK ? seqAdd(t?.iss ?? ISS, ack) : 0,
      sack: given.sack?.map((edge) => seqAdd(ISS, edge)) ?? null,
    };
  }

  /** A segment of the peer arrives. */
  get(given: Given): Sent[] {
    return this.apply({ t: this.#now, ev: 'inject', host: 0, seg: this.segment(given) });
  }

  /** Time passes, timers expire. */
  pass(us: number): Sent[] {
    const until = this.#now + us;
    const sent: Sent[] = [];
    for (;;) {
      const event = this.#simulation.next(until);
      if (event === undefined) break;
      if (event.ev !== 'lose') sent.push(...this.#look(event.t));
    }
    this.#now = until;
    return sent;
  }

  /** Active OPEN and the peer's SYN,ACK with these options: ESTABLISHED, at once. */
  established(synAck: Partial<Given> = {}): Desk {
    this.call(ACTIVE);
    this.get({ flags: 'S.', seq: 0, ack: 1, mss: 1460, ...synAck });
    return this;
  }

  /** Passive OPEN, SYN and its ACK: ESTABLISHED. */
  accepted(syn: Partial<Given> = {}): Desk {
    this.call(PASSIVE);
    this.get({ flags: 'S', seq: 0, mss: 1460, ...syn });
    this.get({ flags: '.', seq: 1, ack: 1 });
    return this;
  }
}

function sentOf(t: number, seg: Segment): Sent {
  return {
    t,
    flags: flagsText(seg.flags),
    seq: seqSub(seg.seq, ISS),
    ack: seg.flags & ACK ? seqSub(seg.ack, IRS) : -1,
    len: seg.len,
    seg,
  };
}

/** `P. 1:101 ack 1`, relative numbers; the second number only where the segment has text. */
export function show(sent: readonly Sent[]): string[] {
  return sent.map(({ flags, seq, ack, len }) => {
    const range = len > 0 ? `${seq}:${seqAdd(seq, len)}` : `${seq}`;
    return ack < 0 ? `${flags} ${range}` : `${flags} ${range} ack ${ack}`;
  });
}

/** Seconds between things sent. */
export function gaps(sent: readonly Sent[], from?: number): number[] {
  const times = sent.map(({ t }) => t);
  if (from !== undefined) times.unshift(from);
  return times.slice(1).map((t, i) => (t - (times[i] as number)) / SECOND);
}

export function edges(sack: readonly Seq[] | null): number[] {
  return (sack ?? []).map((edge) => seqSub(edge, IRS));
}
