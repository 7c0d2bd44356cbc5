// A log as others can fold it. Each event is said as what one end of a connection meets: its
// number, the kind of thing, and the few fields of the segment that the eleven states ask for.
// Whom an event is about, which the engine finds by addresses and ports, is told to the others for
// nothing; and they keep a part of TCP: states, sequence numbers and octets, but no timers,
// windows, options, retransmissions, applications or links. So what they reach is more than a fold
// of all of it could with the same means.

import {
  ACK,
  type Effects,
  FIN,
  type LogEvent,
  lookThrough,
  RST,
  type Snapshot,
  SYN,
} from '../../../engine/index.ts';
import type { Log } from '../load.ts';

export type Kind =
  | 'OPEN'
  | 'LISTEN'
  | 'SYN'
  | 'SYN_ACK'
  | 'ACK'
  | 'FIN'
  | 'RST'
  | 'SEND'
  | 'READ'
  | 'CLOSE'
  | 'TIMEOUT'
  /** Nothing that moves a connection: a process goes on, a segment is lost. */
  | 'OTHER';

export type Stimulus = {
  readonly type: Kind;
  /** Number of the end; -1: none. */
  readonly end: number;
  readonly seq: number;
  readonly ack: number;
  readonly len: number;
  /** The ISS chosen, where the event opens a connection. */
  readonly iss: number;
};

export type Stimuli = {
  readonly before: readonly Stimulus[];
  readonly events: readonly Stimulus[];
  /** Ends in each state after all of it, as the engine counts them; CLOSED is not kept. */
  readonly states: ReadonlyMap<string, number>;
};

const NOTHING = { seq: 0, ack: 0, len: 0, iss: 0 };

/** Connections of different hosts get numbers of one row. */
function createNumbers(): (host: number, conn: number) => number {
  const numbers = new Map<number, number>();
  return (host, conn) => {
    const key = conn * 4096 + host;
    const known = numbers.get(key) ?? numbers.size;
    numbers.set(key, known);
    return known;
  };
}

export function stimuliOf({ header, before, events }: Log): Stimuli {
  const numberOf = createNumbers();
  const look = lookThrough(header);
  const translated = (list: readonly LogEvent[]): Stimulus[] =>
    list.map((event) => stimulusOf(event, look.apply(event), numberOf));
  const said = { before: translated(before), events: translated(events) };
  return { ...said, states: countsOf(look.snapshot()) };
}

function stimulusOf(
  event: LogEvent,
  effects: Effects,
  numberOf: (host: number, conn: number) => number,
): Stimulus {
  // The end that moved; where none did, the one that was touched first.
  const whom = effects.transitions[0] ?? effects.touched[0];
  const end = whom === undefined ? -1 : numberOf(whom.host, whom.conn);
  const iss = effects.emissions[0]?.seg.seq ?? 0;
  if (whom === undefined) return { type: 'OTHER', end, ...NOTHING };
  switch (event.ev) {
    case 'arrive': {
      const { flags, seq, ack, len } = event.seg;
      return { type: kindOf(flags), end, seq, ack, len, iss };
    }
    case 'call':
      return { ...callOf(event.call), end, iss };
    case 'timer':
      return { type: event.timer === 'TIME-WAIT' ? 'TIMEOUT' : 'OTHER', end, ...NOTHING };
    default:
      return { type: 'OTHER', end, ...NOTHING };
  }
}

function kindOf(flags: number): Kind {
  if (flags & RST) return 'RST';
  if (flags & SYN) return flags & ACK ? 'SYN_ACK' : 'SYN';
  return flags & FIN ? 'FIN' : 'ACK';
}

type CallOf = Extract<LogEvent, { ev: 'call' }>['call'];

function callOf(call: CallOf): Omit<Stimulus, 'end'> {
  switch (call.call) {
    case 'OPEN':
      return { ...NOTHING, type: call.mode === 'active' ? 'OPEN' : 'LISTEN' };
    case 'SEND':
      return { ...NOTHING, type: 'SEND', len: call.bytes };
    case 'CLOSE':
      return { ...NOTHING, type: 'CLOSE' };
    default:
      return { ...NOTHING, type: 'READ' };
  }
}

function countsOf(snapshot: Snapshot): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const count = (state: string): void => {
    counts.set(state, (counts.get(state) ?? 0) + 1);
  };
  for (const host of snapshot.hosts) {
    for (const t of host.conns.values()) count(t.state);
    for (const _ of host.timeWaits.values()) count('TIME-WAIT');
  }
  return counts;
}
