/**
 * What must hold for two peers together: named, in words and in code.
 *
 * The claims of one TCB are the timeline's (`checkInvariants`) and are checked here too, as
 * `tcb`. Those about a state are {@link STATE_CLAIMS}; those about a step are checked as it is
 * taken (steps.ts). They are meant for `rfc9293`, and where a claim needs that no side is gone for
 * a reason that the other cannot know (given up, crash, lost RST), it says so.
 */
import { seqSub } from '../base/seq.ts';
import { connOfStream, hostOfStream } from '../tcp/segment.ts';
import { isSynchronized, type State } from '../tcp/states.ts';
import type { Tcb } from '../tcp/tcb.ts';
import { checkInvariants } from '../timeline/invariants.ts';
import { HOSTS } from './bounds.ts';
import { liveConns, type Node, pastOf, type Side, stateOfSide, timeWaits } from './node.ts';
import { isQuiet, restOf } from './rest.ts';

export type Claim = {
  readonly name: string;
  readonly says: string;
  readonly source: string;
};

export type StateClaim = Claim & {
  /** Null: it holds; otherwise what was found. */
  readonly check: (node: Node) => string | null;
};

/** The first connection of either side for which `check` finds something. */
function eachConn(node: Node, check: (t: Tcb, host: number) => string | null): string | null {
  for (let host = 0; host < 2; host += 1) {
    for (const t of liveConns(node.snapshot.hosts[host] as Side)) {
      const found = check(t, host);
      if (found !== null) return `${HOSTS[host]}: ${found}`;
    }
  }
  return null;
}

/** The incarnation that a connection takes for its peer, while it still has a TCB. */
function peerOf(node: Node, host: number, t: Tcb): Tcb | undefined {
  if (t.peerStream < 0 || hostOfStream(t.peerStream) === host) return undefined;
  const num = connOfStream(t.peerStream);
  const peer = liveConns(node.snapshot.hosts[1 - host] as Side).find((p) => p.num === num);
  return peer !== undefined && peer.iss === t.irs ? peer : undefined;
}

/** The peer, if it takes this connection for its own peer too. */
function mateOf(node: Node, host: number, t: Tcb): Tcb | undefined {
  const peer = peerOf(node, host, t);
  return peer !== undefined && peerOf(node, 1 - host, peer) === t ? peer : undefined;
}

/** Octets that the peer's user wrote; undefined: not known. */
function writtenFor(node: Node, host: number, t: Tcb): number | undefined {
  const peer = peerOf(node, host, t);
  if (peer !== undefined) return peer.textEnd;
  if (t.peerStream < 0) return undefined;
  return pastOf(node.ghost, 1 - host, connOfStream(t.peerStream))?.written;
}

const FIN_IS_SENT: readonly State[] = ['FIN-WAIT-1', 'CLOSING', 'LAST-ACK', 'TIME-WAIT'];

export const STATE_CLAIMS: readonly StateClaim[] = [
  {
    name: 'agreement',
    says: 'both quiescent: both or neither are ESTABLISHED, unless one is gone for a reason',
    source: 'TLA+ model of TCP, Inv; RFC 9293 §3.5',
    check: (node) => {
      if (node.ghost.excuse !== 0 || !isQuiet(node)) return null;
      const [a, b] = node.snapshot.hosts.map(stateOfSide) as [State, State];
      return (a === 'ESTABLISHED') === (b === 'ESTABLISHED') ? null : `A ${a}, B ${b}`;
    },
  },
  {
    name: 'handshake',
    says: 'a synchronized connection is known to its peer: no old SYN has opened it alone',
    source: 'RFC 9293 §3.5, the reason for the three-way handshake',
    check: (node) =>
      eachConn(node, (t, host) => {
        if (!isSynchronized(t.state) || !t.synAcked) return null;
        const peer = peerOf(node, host, t);
        if (peer === undefined || peer.state === 'LISTEN') return null;
        return peer.irs === t.iss ? null : `${t.state}, while its peer has another IRS`;
      }),
  },
  {
    name: 'nothing-lost',
    says: 'who has received the FIN has received every octet that was written before it',
    source: 'RFC 9293 §2.2, §3.10.7.4 eighth',
    check: (node) =>
      eachConn(node, (t, host) => {
        const written = t.finRcvd ? writtenFor(node, host, t) : undefined;
        if (written === undefined || written === t.rcvText) return null;
        return `${t.rcvText} octets received of ${written}`;
      }),
  },
  {
    name: 'acked-is-received',
    says: "SND.UNA =< the peer's RCV.NXT =< SND.NXT",
    source: 'RFC 9293 §3.4',
    check: (node) =>
      eachConn(node, (t, host) => {
        const mate = mateOf(node, host, t);
        if (mate === undefined || t.state === 'SYN-SENT' || mate.state === 'SYN-SENT') return null;
        const unacked = seqSub(mate.rcvNxt, t.sndUna);
        if (unacked <= seqSub(t.sndNxt, t.sndUna)) return null;
        return `SND.UNA ${t.sndUna}, SND.NXT ${t.sndNxt}, RCV.NXT there ${mate.rcvNxt}`;
      }),
  },
  {
    name: 'fin-acked-is-received',
    says: 'a FIN that is acknowledged was received',
    source: 'RFC 9293 §3.6',
    check: (node) =>
      eachConn(node, (t, host) => {
        const mate = t.finAcked ? mateOf(node, host, t) : undefined;
        return mate === undefined || mate.finRcvd ? null : `${t.state}, the peer ${mate.state}`;
      }),
  },
  {
    name: 'time-wait-last',
    says: 'in TIME-WAIT the peer has sent its FIN',
    source: 'RFC 9293 §3.6',
    check: (node) =>
      eachConn(node, (t, host) => {
        const mate = t.state === 'TIME-WAIT' ? mateOf(node, host, t) : undefined;
        if (mate === undefined || FIN_IS_SENT.includes(mate.state)) return null;
        return `the peer is in ${mate.state}`;
      }),
  },
  {
    name: 'one-incarnation',
    says: 'a side has one connection with the other at a time, of whatever state',
    source: 'RFC 9293 §3.4.1',
    check: (node) => {
      for (const side of node.snapshot.hosts) {
        const open = liveConns(side).filter((t) => t.state !== 'LISTEN').length;
        if (open + timeWaits(side).length > 1) return `${side.name} has several`;
      }
      return null;
    },
  },
  {
    name: 'held-or-moving',
    says: 'with no timer and nothing in flight a connection waits for an application',
    source: 'RFC 9293 §3.8.1, §3.9.1',
    check: (node) => {
      const rest = restOf(node);
      return rest?.kind === 'stuck' ? rest.who : null;
    },
  },
  {
    name: 'half-open',
    says: 'a side alone is left only by giving up, a crash or a lost RST',
    source: 'RFC 9293 §3.5.1',
    check: (node) => {
      const rest = restOf(node);
      return rest?.kind === 'half-open' && node.ghost.excuse === 0 ? rest.who : null;
    },
  },
  {
    name: 'tcb',
    says: 'what must hold in every TCB, and the totals agree',
    source: 'engine/timeline/invariants.ts',
    check: (node) => checkInvariants(node.snapshot)[0] ?? null,
  },
];

/** Checked as a step is taken, in steps.ts. */
export const STEP_CLAIMS = {
  octets: {
    name: 'octets',
    says: 'octets handed over are the next of their incarnation: none twice, in disorder, or old',
    source: 'RFC 9293 §2.2, §3.4.3',
  },
  edges: {
    name: 'edges',
    says: 'every step of a state is an edge of the declared diagram',
    source: 'RFC 9293 §3.3.2, Figure 5',
  },
  orderly: {
    name: 'orderly-close',
    says: 'an orderly close passes through TIME-WAIT on at least one side',
    source: 'RFC 9293 §3.6.1 (MUST-13)',
  },
  reset: {
    name: 'no-reset-for-reset',
    says: 'an RST is never answered by an RST',
    source: 'RFC 9293 §3.10.7.1',
  },
} as const satisfies Record<string, Claim>;

/** Every claim, for reports. */
export const CLAIMS: readonly Claim[] = [...STATE_CLAIMS, ...Object.values(STEP_CLAIMS)].map(
  ({ name, says, source }) => ({ name, says, source }),
);
