/**
 * The matrix of RFC 9293 §3.10: each state × each stimulus × each boundary, and what happens there.
 *
 * A connection is brought into each state by calls and segments alone, then one stimulus is applied
 * to a copy of that snapshot. A cell tells the state after, what was sent, what the call gave, and
 * by which rules, with their sources. Numbers are fixed so that a reader can check them by hand:
 * ISS 1000, IRS 5000, 100 octets of text in flight where the state allows it.
 */

import { type Seq, seqAdd } from '../base/seq.ts';
import type { Call, LogEvent } from '../log/event.ts';
import { FORMAT_VERSION, type LogHeader, SEMANTICS_VERSION } from '../log/header.ts';
import { cleanLink } from '../network/topology.ts';
import type { Knobs } from '../tcp/knobs.ts';
import type { RuleId } from '../tcp/rules.ts';
import {
  ACK,
  blankSegment,
  FIN,
  flagsText,
  RST,
  type Segment,
  SYN,
  segLen,
  URG,
} from '../tcp/segment.ts';
import type { State } from '../tcp/states.ts';
import type { Tcb } from '../tcp/tcb.ts';
import { TIMERS } from '../tcp/timers.ts';
import type { Effects } from '../timeline/effects.ts';
import { evolve } from '../timeline/evolve.ts';
import { initialState } from '../timeline/initial.ts';
import type { Snapshot } from '../timeline/snapshot.ts';

const LOCAL = '10.0.0.1';
const PEER = '10.0.0.2';
const PORT = 80;
const PEER_PORT = 4000;
const ISS = 1000;
const IRS = 5000;
/** Octets of text in flight in ESTABLISHED and CLOSE-WAIT. */
const IN_FLIGHT = 100;
/** Octets of text of a stimulus that has some. */
const TEXT = 5;

export const SEQ_BOUNDARIES = [
  'left out',
  'left edge',
  'inside',
  'right edge',
  'right out',
] as const;
export type SeqBoundary = (typeof SEQ_BOUNDARIES)[number];

export const ACK_BOUNDARIES = ['too old', 'old', 'SND.UNA', 'SND.NXT', 'unsent'] as const;
export type AckBoundary = (typeof ACK_BOUNDARIES)[number];

/** Flags of the stimuli, by the names used in the matrix. */
const SEGMENT_KINDS: Readonly<Record<string, number>> = {
  SYN,
  'SYN,ACK': SYN | ACK,
  'SYN,FIN': SYN | FIN,
  ACK,
  FIN,
  'FIN,ACK': FIN | ACK,
  RST,
  'RST,ACK': RST | ACK,
  none: 0,
  'URG,ACK': URG | ACK,
};

const CALL_KINDS: Readonly<Record<string, Call>> = {
  'OPEN active': open('active'),
  'OPEN passive': open('passive'),
  SEND: { call: 'SEND', bytes: TEXT, urgent: false },
  RECEIVE: { call: 'RECEIVE', bytes: 10 },
  CLOSE: { call: 'CLOSE', how: 'write' },
  'CLOSE socket': { call: 'CLOSE', how: 'both' },
  ABORT: { call: 'ABORT' },
  STATUS: { call: 'STATUS' },
};

function open(mode: 'active' | 'passive'): Call {
  const active = mode === 'active';
  return {
    call: 'OPEN',
    mode,
    to: active ? PEER : '',
    toPort: active ? PEER_PORT : 0,
    from: active ? LOCAL : '',
    fromPort: PORT,
    backlog: -1,
    iss: ISS,
    nowait: false,
  };
}

export type Start = {
  readonly state: State;
  /** How the state was reached, where that matters. */
  readonly by: string;
  readonly header: LogHeader;
  readonly snapshot: Snapshot;
  /** The connection; undefined in CLOSED. */
  readonly tcb: Tcb | undefined;
};

export type Cell = {
  readonly state: State;
  readonly by: string;
  readonly stimulus: string;
  /** Where the numbers lie; '' for calls and timers. */
  readonly boundary: string;
  readonly event: LogEvent;
  readonly after: State;
  readonly via: readonly State[];
  /** Segments sent, as `flags seq ack len`. */
  readonly sent: readonly string[];
  readonly result: string;
  /** The error that the user is to be told. */
  readonly error: string;
  readonly rules: readonly RuleId[];
};

function headerFor(profile: string, knobs: Partial<Knobs>): LogHeader {
  const plain: Partial<Knobs> = { timestamps: false, sack: false, window_scaling: false, ...knobs };
  return {
    format: 'twomsl',
    version: FORMAT_VERSION,
    semantics: SEMANTICS_VERSION,
    id: 'matrix',
    title: 'matrix',
    about: '',
    seed: 1,
    source: { kind: 'simulation', scenario: 'matrix' },
    hosts: [
      { name: 'local', addresses: [LOCAL], profile, knobs: plain },
      { name: 'peer', addresses: [PEER], profile, knobs: plain },
    ],
    links: [],
    defaultLink: cleanLink(1000),
    faults: [],
    programs: [],
    apps: [],
    planned: [],
  };
}

type Move = Call | Segment;

function segment(flags: number, seq: Seq, ack: Seq, len = 0): Segment {
  return {
    ...blankSegment(PEER, PEER_PORT, LOCAL, PORT),
    flags,
    seq,
    ack,
    len,
    wnd: 8192,
    mss: flags & SYN ? 1460 : 0,
    up: flags & URG ? len : 0,
  };
}

const SYN_ACK = segment(SYN | ACK, IRS, ISS + 1);
const ACTIVE: readonly Move[] = [open('active'), SYN_ACK];
const TEXT_OUT: Move = { call: 'SEND', bytes: IN_FLIGHT, urgent: false };
const CLOSE: Move = { call: 'CLOSE', how: 'write' };
const PEER_FIN = segment(FIN | ACK, IRS + 1, ISS + 1);

/** The ways into each state; the first connection of the host walks them. */
const PATHS: readonly { state: State; by: string; moves: readonly Move[] }[] = [
  { state: 'CLOSED', by: 'no connection', moves: [] },
  { state: 'LISTEN', by: 'passive OPEN', moves: [open('passive')] },
  { state: 'SYN-SENT', by: 'active OPEN', moves: [open('active')] },
  {
    state: 'SYN-RECEIVED',
    by: 'passive OPEN',
    moves: [open('passive'), segment(SYN, IRS, 0)],
  },
  {
    state: 'SYN-RECEIVED',
    by: 'simultaneous open',
    moves: [open('active'), segment(SYN, IRS, 0)],
  },
  { state: 'ESTABLISHED', by: 'text in flight', moves: [...ACTIVE, TEXT_OUT] },
  { state: 'FIN-WAIT-1', by: 'CLOSE', moves: [...ACTIVE, CLOSE] },
  {
    state: 'FIN-WAIT-2',
    by: 'ACK of FIN',
    moves: [...ACTIVE, CLOSE, segment(ACK, IRS + 1, ISS + 2)],
  },
  { state: 'CLOSE-WAIT', by: 'text in flight', moves: [...ACTIVE, PEER_FIN, TEXT_OUT] },
  { state: 'CLOSING', by: 'simultaneous close', moves: [...ACTIVE, CLOSE, PEER_FIN] },
  { state: 'LAST-ACK', by: 'CLOSE', moves: [...ACTIVE, PEER_FIN, CLOSE] },
  {
    state: 'TIME-WAIT',
    by: 'FIN-WAIT-2',
    moves: [...ACTIVE, CLOSE, segment(FIN | ACK, IRS + 1, ISS + 2)],
  },
];

/** The snapshots in which the stimuli are applied. */
export function matrixStarts(profile: string, knobs: Partial<Knobs> = {}): readonly Start[] {
  const header = headerFor(profile, knobs);
  return PATHS.map(({ state, by, moves }) => {
    let snapshot = initialState(header);
    moves.forEach((move, i) => {
      snapshot = evolve(header, snapshot, eventOf(move, i + 1, i > 0 ? 1 : 0)).snapshot;
    });
    const tcb = snapshot.hosts[0]?.conns.get(1);
    return { state, by, header, snapshot, tcb };
  });
}

function eventOf(move: Move, t: number, conn: number): LogEvent {
  if ('call' in move) return { t, ev: 'call', host: 0, conn, process: -1, call: move };
  return { t, ev: 'inject', host: 0, seg: move };
}

/** Every cell of the matrix. */
export function* matrix(profile: string, knobs: Partial<Knobs> = {}): Generator<Cell> {
  for (const start of matrixStarts(profile, knobs)) {
    yield* segmentCells(start);
    for (const [name, call] of Object.entries(CALL_KINDS)) {
      const conn = start.tcb === undefined ? 0 : 1;
      yield apply(start, name, '', eventOf(call, 1_000, conn));
    }
    for (const timer of TIMERS) {
      if (start.tcb === undefined) continue;
      yield apply(start, timer, '', { t: 1_000, ev: 'timer', host: 0, conn: 1, timer });
    }
  }
}

function* segmentCells(start: Start): Generator<Cell> {
  for (const [name, flags] of Object.entries(SEGMENT_KINDS)) {
    for (const at of SEQ_BOUNDARIES) {
      for (const ackAt of flags & ACK ? ACK_BOUNDARIES : ([''] as const)) {
        for (const len of [0, TEXT]) {
          const ack = ackAt === '' ? 0 : ackNumber(start.tcb, ackAt);
          const seg = segment(flags, 0, ack, len);
          seg.seq = seqNumber(start.tcb, at, segLen(seg));
          const boundary = `${at}${ackAt === '' ? '' : `, ack ${ackAt}`}${len > 0 ? ', text' : ''}`;
          yield apply(start, name, boundary, { t: 1_000, ev: 'inject', host: 0, seg });
        }
      }
    }
  }
}

/**
 * A sequence number at a boundary of the receive window; without one around IRS. `octets`: those of
 * the segment in sequence space. One that is left out ends where the window begins: so the peer's
 * SYN and FIN come again.
 */
function seqNumber(t: Tcb | undefined, at: SeqBoundary, octets: number): Seq {
  const known = t !== undefined && t.state !== 'LISTEN' && t.state !== 'SYN-SENT';
  const nxt = known ? t.rcvNxt : IRS;
  const wnd = known ? t.rcvWnd : 65_536;
  switch (at) {
    case 'left out':
      return seqAdd(nxt, -Math.max(1, octets));
    case 'left edge':
      return nxt;
    case 'inside':
      return seqAdd(nxt, 20);
    case 'right edge':
      return seqAdd(nxt, wnd - 1);
    case 'right out':
      return seqAdd(nxt, wnd);
  }
}

/** An acknowledgment number at a boundary of what is in flight. */
export function ackNumber(t: Tcb | undefined, at: AckBoundary): Seq {
  const una = t?.sndUna ?? ISS;
  const nxt = t?.sndNxt ?? ISS;
  switch (at) {
    case 'too old':
      return seqAdd(una, -(t?.maxSndWnd ?? 0) - 1);
    case 'old':
      return seqAdd(una, -1);
    case 'SND.UNA':
      return una;
    case 'SND.NXT':
      return nxt;
    case 'unsent':
      return seqAdd(nxt, 1);
  }
}

function apply(start: Start, stimulus: string, boundary: string, event: LogEvent): Cell {
  const { snapshot, effects } = evolve(start.header, start.snapshot, event);
  const transition = effects.transitions.find((t) => t.host === 0);
  const tcb = snapshot.hosts[0]?.conns.get(1);
  return {
    state: start.state,
    by: start.by,
    stimulus,
    boundary,
    event,
    after: transition?.after ?? start.state,
    via: transition?.via ?? [],
    sent: effects.emissions.map((e) => segmentText(e.seg)),
    result: resultText(effects),
    error: tcb?.error ?? '',
    rules: effects.rules,
  };
}

function resultText(effects: Effects): string {
  const result = effects.results[0];
  if (result === undefined) return '';
  return result.error === '' ? String(result.value) : result.error;
}

/** `S. 1000 5001 0`: flags, SEG.SEQ, SEG.ACK (`-` without ACK), octets of text. */
function segmentText(seg: Segment): string {
  const ack = seg.flags & ACK ? seg.ack : '-';
  return `${flagsText(seg.flags)} ${seg.seq} ${ack} ${seg.len}`;
}
