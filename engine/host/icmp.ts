/**
 * An ICMP error reaches a host (RFC 9293 §3.9.2.2): it is directed to the connection whose segment
 * it quotes. A hard error says that it is of no use to go on, a soft one that there is trouble on
 * the way, which may pass: it is noted, and told if the connection dies of it.
 *
 * Anyone can forge such a message, so what it quotes must be in flight (RFC 5927 §4.1). Path MTU
 * discovery is left out: the MTU of a host is a knob, and no link is narrower.
 */
import { seqLe, seqLt } from '../base/seq.ts';
import { because, endConnection, type Step } from '../tcp/step.ts';
import type { Tcb, TcpError } from '../tcp/tcb.ts';
import { findConn, type HostEdit, ownTcb } from './edit.ts';
import { settle } from './settle.ts';

export type IcmpReport = {
  readonly hard: boolean;
  /** Name of the message, such as `port unreachable`. */
  readonly what: string;
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
  /** SEG.SEQ of the segment that is quoted. */
  readonly seq: number;
};

export function icmpArrives(h: HostEdit, s: Step, report: IcmpReport): void {
  if (report.what === 'source quench') {
    because(s, 'icmpQuench');
    return;
  }
  const { local, localPort, remote, remotePort } = report;
  const num = findConn(h, local, localPort, remote, remotePort);
  if (!h.up || num < 0 || !h.conns.has(num)) {
    because(s, 'icmpStray');
    return;
  }
  const t = ownTcb(h, num);
  if (s.knobs.icmp_check && !(seqLe(t.sndUna, report.seq) && seqLt(report.seq, t.sndNxt))) {
    because(s, 'icmpStray');
  } else tell(s, t, report);
  settle(h, s, t);
}

function tell(s: Step, t: Tcb, { hard, what }: IcmpReport): void {
  const opening = t.state === 'SYN-SENT' || t.state === 'SYN-RECEIVED';
  const error = errorOf(what);
  if (hard && (opening || s.knobs.icmp_hard === 'abort')) {
    endConnection(s, t, error, 'icmpHard');
  } else if (opening && s.knobs.icmp_soft === 'abort_opening' && !isAboutSize(what)) {
    endConnection(s, t, error, 'icmpOpening');
  } else {
    because(s, 'icmpSoft');
    t.softError = error;
  }
}

/** Of path MTU discovery, which would send smaller segments. */
function isAboutSize(what: string): boolean {
  return /fragmentation|too big/.test(what);
}

/** The name that sockets give to the error. */
function errorOf(what: string): TcpError {
  if (/port|protocol/.test(what)) return 'ECONNREFUSED';
  return /^net|no route/.test(what) ? 'ENETUNREACH' : 'EHOSTUNREACH';
}
