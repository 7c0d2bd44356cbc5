/**
 * An orphan in FIN-WAIT-2 waits for nothing but the peer's FIN, and not for ever where the host has
 * a limit. In Linux a small record does the waiting (tcp_time_wait), which reads next to nothing;
 * here the TCB stays, and reads as little.
 */
import { seqAdd, seqGe, seqGt } from '../../base/seq.ts';
import { failsPaws, isAcceptable, noteTimestamp } from '../acceptability.ts';
import { payAck } from '../receive.ts';
import { ACK, FIN, has, RST, type Segment, SYN, segEnd } from '../segment.ts';
import { sendResetAt, sendResetTo } from '../send.ts';
import { because, deadline, deadlineMs, endConnection, type Step } from '../step.ts';
import type { Tcb } from '../tcb.ts';
import { answerByAck } from './challenge.ts';
import { processFin } from './fin.ts';

/** Starts the wait, of what is an orphan in FIN-WAIT-2 now. */
export function waitForFin(s: Step, t: Tcb): void {
  if (t.held || t.state !== 'FIN-WAIT-2') return;
  if (s.knobs.fin_wait_2_orphan === 'connection' || s.knobs.fin_wait_2_ms === 0) {
    t.finWait2At = deadlineMs(s, s.knobs.fin_wait_2_ms);
    return;
  }
  // A record lasts no longer than TIME-WAIT; the keep-alive timer waits before it.
  const more = beyondTimeWait(s, t);
  t.keepAt = more > 0 ? deadline(s, more) : 0;
  t.finWait2At = more > 0 ? 0 : deadline(s, more + s.knobs.time_wait_ms * 1000);
}

/** By how much the wait is longer than TIME-WAIT: Linux tcp_fin_time less TCP_TIMEWAIT_LEN. */
function beyondTimeWait(s: Step, t: Tcb): number {
  return Math.max(s.knobs.fin_wait_2_ms * 1000, 3.5 * t.rto) - s.knobs.time_wait_ms * 1000;
}

/** Whether the keep-alive timer of this connection is the first part of the wait. */
export function waitsBeforeRecord(s: Step, t: Tcb): boolean {
  return !t.held && t.state === 'FIN-WAIT-2' && s.knobs.fin_wait_2_orphan === 'record';
}

/** The first part is over: the record waits as long again (Linux tcp_keepalive_timer). */
export function becomeRecord(s: Step, t: Tcb): void {
  because(s, 'finWait2Record');
  t.finWait2At = deadline(s, Math.max(0, beyondTimeWait(s, t)));
}

export function isRecord(s: Step, t: Tcb): boolean {
  return t.finWait2At !== 0 && s.knobs.fin_wait_2_orphan === 'record';
}

/** SEGMENT ARRIVES for the record, in the order of Linux tcp_timewait_state_process. */
export function arrivesFinWait2(s: Step, t: Tcb, seg: Segment): void {
  const end = segEnd(seg);
  const old = failsPaws(s, t, seg);
  if (old || !isAcceptable(t, seg)) {
    because(s, old ? 'pawsFailed' : 'outsideWindow');
    answerByAck(s, t, seg);
  } else if (has(seg, RST)) {
    endConnection(s, t, 'ECONNRESET', 'finWait2Rst');
  } else if (has(seg, SYN) && seqGe(seg.seq, t.rcvNxt)) {
    reset(s, t, seg);
  } else if (!has(seg, ACK) || !seqGt(end, t.rcvNxt) || end === seg.seq) {
    because(s, 'finWait2Drops');
  } else if (!has(seg, FIN) || end !== seqAdd(t.rcvNxt, 1)) {
    reset(s, t, seg);
  } else {
    noteTimestamp(s, t, seg);
    processFin(s, t, t.rcvNxt);
    payAck(s, t);
  }
}

/** As in CLOSED, and the record is gone. */
function reset(s: Step, t: Tcb, seg: Segment): void {
  if (has(seg, ACK)) sendResetAt(s, t, seg.ack);
  else sendResetTo(s, seg);
  endConnection(s, t, 'ECONNRESET', has(seg, SYN) ? 'finWait2Syn' : 'textForOrphan');
}
