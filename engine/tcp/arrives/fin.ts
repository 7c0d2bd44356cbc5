/** The eighth step, the FIN bit (RFC 9293 §3.10.7.4), and the entry into TIME-WAIT. */
import { type Seq, seqAdd, seqGt } from '../../base/seq.ts';
import { owe } from '../receive.ts';
import type { RuleId } from '../rules.ts';
import { ACK, FIN } from '../segment.ts';
import { emit } from '../send.ts';
import { because, deadline, enter, type Step, stopTimers } from '../step.ts';
import type { Tcb } from '../tcb.ts';

/** A FIN with number `finSeq`, inside the window: taken, or kept until the gap before it fills. */
export function processFin(s: Step, t: Tcb, finSeq: Seq): void {
  if (t.finRcvd) {
    because(s, 'finAgain');
    return;
  }
  if (seqGt(finSeq, t.rcvNxt)) {
    because(s, 'finHeld');
    t.finAt = finSeq;
    owe(s, t, true);
    return;
  }
  if (finSeq !== t.rcvNxt) return;
  because(s, 'finTaken');
  t.finAt = -1;
  t.finRcvd = true;
  t.rcvNxt = seqAdd(t.rcvNxt, 1);
  t.blocks = t.blocks.length > 0 ? [] : t.blocks;
  afterFin(s, t);
}

function afterFin(s: Step, t: Tcb): void {
  switch (t.state) {
    case 'ESTABLISHED':
      enter(s, t, 'CLOSE-WAIT', 'finCloseWait');
      owe(s, t, s.knobs.fin_ack === 'at_once');
      return;
    case 'FIN-WAIT-1':
      enter(s, t, 'CLOSING', 'finClosing');
      if (s.knobs.closing_ack === 'fin' && t.finSent) {
        emit(s, t, ACK | FIN, seqAdd(t.sndNxt, -1), t.textNxt, 0);
      } else owe(s, t, true);
      return;
    case 'FIN-WAIT-2':
      owe(s, t, true);
      enterTimeWait(s, t, 'finTimeWait');
      return;
    default:
      // SYN-RECEIVED has become ESTABLISHED by its ACK; the others had their FIN.
      owe(s, t, true);
  }
}

/** Starts TIME-WAIT: all other timers are turned off (RFC 9293 §3.10.7.4). */
export function enterTimeWait(s: Step, t: Tcb, rule: RuleId): void {
  const delack = t.delackAt;
  stopTimers(t);
  t.delackAt = delack;
  // A length and no limit: 0 ends it at once.
  t.timeWaitAt = deadline(s, s.knobs.time_wait_ms * 1000);
  enter(s, t, 'TIME-WAIT', rule);
}
