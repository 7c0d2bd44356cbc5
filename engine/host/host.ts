/**
 * One machine with many connections: what a host holds in a snapshot.
 *
 * Connections live in a table by their number; those in TIME-WAIT that nobody holds shrink to a
 * small record in a second table under the same number. `demux` finds a number by the hash of its
 * 4-tuple and is only an index: it can be rebuilt, and the digest leaves it out.
 */
import type { PortSet } from '../base/bitmap.ts';
import type { HashIndex } from '../base/hash-index.ts';
import type { Table } from '../base/table.ts';
import type { Micros } from '../base/time.ts';
import type { Knobs } from '../tcp/knobs.ts';
import type { Segment } from '../tcp/segment.ts';
import type { Tcb, TimeWait } from '../tcp/tcb.ts';

/** Local ports in use towards one foreign socket: the space from which connect() draws. */
export type PortGroup = {
  readonly local: string;
  readonly remote: string;
  readonly remotePort: number;
  readonly used: PortSet;
};

/** What happened on a host since the start of the log. */
export type HostTotals = {
  readonly opened: number;
  readonly established: number;
  /** Connections that reached CLOSED. */
  readonly ended: number;
  /** Those that ended with an error; what was half-open at a listener is nobody's, and not here. */
  readonly refused: number;
  readonly reset: number;
  /** Ended because nothing came back in time, whether there was a user to tell or not. */
  readonly timedOut: number;
  /** connect() calls that failed with EADDRNOTAVAIL. */
  readonly addrNotAvail: number;
  /** Connections that should have entered TIME-WAIT but met `tw_buckets_max`. */
  readonly timeWaitOverflow: number;
  readonly timeWaitReused: number;
  readonly listenDrops: number;
  readonly segmentsSent: number;
  readonly segmentsReceived: number;
  readonly retransmissions: number;
  readonly resetsSent: number;
  readonly divergences: number;
};

/** A segment that our TCP would send in a recorded host's place, and that was not seen yet. */
export type Expectation = {
  /** When it was due. */
  readonly at: Micros;
  /** Number of the connection; 0: none. */
  readonly conn: number;
  readonly seg: Segment;
};

export type Host = {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly knobs: Knobs;
  /** Kept from sending until then, after a restart (RFC 9293 §3.4.3). */
  readonly quietUntil: Micros;
  readonly up: boolean;
  /** Secret key, drawn from the seed (RFC 6528 §3). */
  readonly key: number;
  readonly observed: boolean;
  /** Of a recorded host: what it should send next, oldest first. */
  readonly expected: readonly Expectation[];
  readonly nextConn: number;
  /** Grows with each successful search for an ephemeral port. */
  readonly perturbation: number;
  /** Connections now in each state, by position in STATES; TIME-WAIT records counted. */
  readonly states: readonly number[];
  readonly totals: HostTotals;
  readonly conns: Table<Tcb>;
  readonly timeWaits: Table<TimeWait>;
  readonly demux: HashIndex;
  /** Connection number in LISTEN by `address|port`; any address: `|port`. */
  readonly listeners: Readonly<Record<string, readonly number[]>>;
  /** By `local|remote|remotePort`. */
  readonly groups: Readonly<Record<string, PortGroup>>;
};

/** A running program. */
export type Process = {
  id: number;
  host: number;
  /** Position in the header's list of programs. */
  program: number;
  /** Position of the next instruction. */
  pc: number;
  /** Connection that it holds, and the listening one; 0: none. */
  conn: number;
  listener: number;
  /** Rounds of the loop that are done. */
  round: number;
  /**
   * What is left of the current instruction: octets to send or read, processes to start; -1: all.
   */
  pending: number;
  /** When it goes on; 0: it waits for no time. */
  wakeAt: Micros;
  /** Error of its last call; '' none. */
  error: string;
};
