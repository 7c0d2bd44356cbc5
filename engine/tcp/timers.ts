/** The timers of a connection, and the deadlines that they are in its TCB. */
import type { Micros } from '../base/time.ts';
import type { Tcb } from './tcb.ts';

/** A timer of a connection. One name is one deadline of the TCB. */
export const TIMERS = [
  'RETRANSMISSION',
  'DELAYED-ACK',
  'KEEP-ALIVE',
  'USER',
  'FIN-WAIT-2',
  'TIME-WAIT',
] as const;
export type TimerName = (typeof TIMERS)[number];

/** The deadline that a timer's name stands for. */
export function deadlineOf(tcb: Tcb, timer: TimerName): Micros {
  switch (timer) {
    case 'RETRANSMISSION':
      return tcb.rtxAt;
    case 'DELAYED-ACK':
      return tcb.delackAt;
    case 'KEEP-ALIVE':
      return tcb.keepAt;
    case 'USER':
      return tcb.userAt;
    case 'FIN-WAIT-2':
      return tcb.finWait2At;
    case 'TIME-WAIT':
      return tcb.timeWaitAt;
  }
}

/** The earliest deadline of a connection; 0: no timer runs. */
export function firstDeadline(tcb: Tcb): Micros {
  let first = Number.POSITIVE_INFINITY;
  if (tcb.rtxAt > 0) first = tcb.rtxAt;
  if (tcb.delackAt > 0 && tcb.delackAt < first) first = tcb.delackAt;
  if (tcb.keepAt > 0 && tcb.keepAt < first) first = tcb.keepAt;
  if (tcb.userAt > 0 && tcb.userAt < first) first = tcb.userAt;
  if (tcb.finWait2At > 0 && tcb.finWait2At < first) first = tcb.finWait2At;
  if (tcb.timeWaitAt > 0 && tcb.timeWaitAt < first) first = tcb.timeWaitAt;
  return first === Number.POSITIVE_INFINITY ? 0 : first;
}
