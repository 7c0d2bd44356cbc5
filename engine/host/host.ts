/**
 * One machine with many connections: what a host holds in a snapshot.
 *
 * Connections live in a table by their number; those in TIME-WAIT that nobody holds shrink to a small
 * record in a second table under the same number. `demux` finds a number by the hash of its 4-tuple
 * and is only an index: it can be rebuilt, and the digest leaves it out.
 */
import type { PortSet } from '../base/bitmap.ts';
import type { HashIndex } from '../base/hash-index.ts';
import type { Table } from '../base/table.ts';
import type { Micros } from '../base/time.ts';
import type { Knobs } from '../tcp/knobs.ts';
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
  readonly refused: number;
  readonly reset: number;
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

export type Host = {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly knobs: Knobs;
  /** Kept from sending until then, after a restart (RFC 9293 §3.4.3). */
  readonly quietUntil: Micros;
  readonly up: boolean;
  readonly observed: boolean;
  readonly nextConn: number;
  /** Grows with each successful search for an ephemeral port. */
  readonly perturbation: number;
  /** Connections now in each state, by position in STATES; TIME-WAIT records counted. */
  readonly states: readonly number[];
  readonly totals: HostTotals;
  readonly conns: Table<Tcb>;
  readonly timeWaits: Table<TimeWait>;
  readonly demux: HashIndex;
  /** Connection number of the LISTEN socket on each port. */
  readonly listeners: Readonly<Record<string, number>>;
  /** By `remote|remotePort|local`. */
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
  /** Connection that it holds; 0: none. */
  conn: number;
  /** Rounds of the loop that is running, or processes started by the current spawn. */
  round: number;
  /** Octets still to be read by the current receive. */
  pending: number;
  /** Until when it waits; 0: for no time. */
  wakeAt: Micros;
  /** Error of its last call; '' none. */
  error: string;
};
