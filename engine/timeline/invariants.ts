/**
 * What must hold in every snapshot, whatever happened: named, in words and in code.
 *
 * They are the TCB's own invariants (RFC 9293 §3.3.1, §3.4), those of TIME-WAIT, and that every
 * total agrees with what it counts. Invariants of two peers together belong to exploration.
 */
import { seqDiff, seqLe, seqSub } from '../base/seq.ts';
import { editHost, findConn } from '../host/edit.ts';
import type { Host } from '../host/host.ts';
import { STATES, stateNumber } from '../tcp/states.ts';
import type { Tcb } from '../tcp/tcb.ts';
import type { Snapshot } from './snapshot.ts';

export type Invariant = {
  readonly name: string;
  readonly says: string;
  /** Null: it holds; otherwise what was found. */
  readonly check: (t: Tcb, host: Host) => string | null;
};

const holds = (ok: boolean, found: () => string): string | null => (ok ? null : found());

/** States in which a connection has numbers of its own. */
const hasSequence = (t: Tcb): boolean => t.state !== 'CLOSED' && t.state !== 'LISTEN';

const TCB_INVARIANTS: readonly Invariant[] = [
  {
    name: 'una-nxt',
    says: 'SND.UNA =< SND.NXT',
    check: (t) =>
      holds(!hasSequence(t) || seqLe(t.sndUna, t.sndNxt), () => `${t.sndUna} > ${t.sndNxt}`),
  },
  {
    name: 'in-flight',
    says: 'SND.NXT − SND.UNA is the text, SYN and FIN in flight',
    check: (t) => {
      const syn = !t.synAcked && t.sndNxt !== t.iss ? 1 : 0;
      const fin = t.finSent && !t.finAcked ? 1 : 0;
      const counted = t.textNxt - t.textUna + syn + fin;
      const space = seqSub(t.sndNxt, t.sndUna);
      return holds(!hasSequence(t) || space === counted, () => `${space} ≠ ${counted}`);
    },
  },
  {
    name: 'text-order',
    says: 'text is acknowledged after it is sent, sent after it is written',
    check: (t) =>
      holds(
        t.textUna <= t.textNxt && t.textNxt <= t.textEnd,
        () => `${t.textUna}, ${t.textNxt}, ${t.textEnd}`,
      ),
  },
  {
    name: 'read-after-receive',
    says: 'no more is read than was received in order',
    check: (t) => holds(t.rcvRead <= t.rcvText, () => `${t.rcvRead} > ${t.rcvText}`),
  },
  {
    name: 'receive-window',
    says: '0 =< RCV.WND =< the receive buffer',
    check: (t) =>
      holds(
        !hasSequence(t) || (t.rcvWnd >= 0 && t.rcvWnd <= Math.max(t.rcvBuf, 65_535)),
        () => `RCV.WND ${t.rcvWnd} of ${t.rcvBuf}`,
      ),
  },
  {
    name: 'blocks-beyond',
    says: 'kept text lies beyond RCV.NXT, in order and apart',
    check: (t) => {
      // Text of a SYN waits at RCV.NXT; what a CLOSED connection kept nobody asks for.
      if (t.state === 'CLOSED' || !t.synAcked) return null;
      let edge = 0;
      for (const block of t.blocks) {
        const at = seqDiff(block.seq, t.rcvNxt);
        if (at <= 0 || at < edge) return `block at ${block.seq}, RCV.NXT ${t.rcvNxt}`;
        edge = at + block.len;
      }
      return null;
    },
  },
  {
    name: 'fin-after-close',
    says: 'a FIN is sent only after CLOSE, and after all text',
    check: (t) =>
      holds(!t.finSent || (t.finQueued && t.textNxt === t.textEnd), () => 'FIN before the end'),
  },
  {
    name: 'state-fin',
    says: 'each state after ESTABLISHED has the FINs, sent, received and acknowledged, of its name',
    check: (t) => {
      switch (t.state) {
        case 'FIN-WAIT-2':
          return holds(t.finAcked && !t.finRcvd, () => 'FIN-WAIT-2');
        case 'TIME-WAIT':
          return holds(t.finAcked && t.finRcvd, () => 'TIME-WAIT');
        case 'CLOSE-WAIT':
          return holds(t.finRcvd && !t.finQueued, () => 'CLOSE-WAIT');
        case 'CLOSING':
        case 'LAST-ACK':
          return holds(t.finRcvd && t.finQueued && !t.finAcked, () => t.state);
        case 'ESTABLISHED':
          return holds(t.synAcked && !t.finRcvd && !t.finSent, () => 'ESTABLISHED');
        default:
          return null;
      }
    },
  },
  {
    name: 'time-wait-timer',
    says: 'TIME-WAIT has its 2·MSL timer and no retransmission timer; no other state has it',
    check: (t) =>
      holds(
        t.state === 'TIME-WAIT' ? t.timeWaitAt > 0 && t.rtxAt === 0 : t.timeWaitAt === 0,
        () => `2·MSL at ${t.timeWaitAt}, retransmission at ${t.rtxAt}`,
      ),
  },
  {
    name: 'timer-for-flight',
    says: 'what is in flight has a retransmission timer',
    check: (t, host) => {
      const inFlight = hasSequence(t) && t.sndUna !== t.sndNxt;
      return holds(host.observed || !inFlight || t.rtxAt > 0, () => 'in flight, no timer');
    },
  },
  {
    name: 'closed-is-silent',
    says: 'CLOSED has no timer',
    check: (t) =>
      holds(
        t.state !== 'CLOSED' || t.rtxAt + t.delackAt + t.keepAt + t.userAt + t.timeWaitAt === 0,
        () => 'a timer runs',
      ),
  },
];

/** Every invariant that does not hold, as sentences; empty: all is well. */
export function checkInvariants(snapshot: Snapshot): string[] {
  return snapshot.hosts.flatMap((host, i) => checkHost(host, i));
}

function checkHost(host: Host, index: number): string[] {
  const found: string[] = [];
  const states = STATES.map(() => 0);
  const edit = editHost(host, index);
  for (const t of host.conns.values()) {
    const at = stateNumber(t.state);
    states[at] = (states[at] as number) + 1;
    found.push(...checkTcb(t, host));
    if (!hasSequence(t)) continue;
    const num = findConn(edit, t.local, t.localPort, t.remote, t.remotePort);
    if (num !== t.num) found.push(`${host.name}#${t.num}: demux: its 4-tuple finds ${num}`);
  }
  for (const w of host.timeWaits.values()) {
    states[10] = (states[10] as number) + 1;
    const num = findConn(edit, w.local, w.localPort, w.remote, w.remotePort);
    if (num !== w.num) found.push(`${host.name}#${w.num}: demux: its 4-tuple finds ${num}`);
    if (host.conns.has(w.num)) found.push(`${host.name}#${w.num}: two records`);
  }
  STATES.forEach((state, i) => {
    if (states[i] === host.states[i]) return;
    found.push(`${host.name}: totals: ${state} counted ${host.states[i]}, there are ${states[i]}`);
  });
  return found;
}

/** The invariants of one connection that do not hold. */
export function checkTcb(t: Tcb, host: Host): string[] {
  const found: string[] = [];
  for (const invariant of TCB_INVARIANTS) {
    const problem = invariant.check(t, host);
    if (problem !== null) found.push(`${host.name}#${t.num}: ${invariant.says}: ${problem}`);
  }
  return found;
}
