/**
 * TIMEOUTS: what each timer does when it expires (RFC 9293 §3.8.3, §3.8.4, §3.10.8; RFC 6298 §5).
 */
import { seqAdd } from '../base/seq.ts';
import { becomeRecord, waitsBeforeRecord } from './arrives/fin-wait-2.ts';
import { onTimeout } from './congestion.ts';
import { givesUp, givesUpProbing, isShut, startPersist, startRetransmission } from './rto.ts';
import { ACK, FIN, PSH, RST } from './segment.ts';
import { emit, flightSize, resendAt, sendAck, sendMss, sendNext, sendReset } from './send.ts';
import { isSynchronized } from './states.ts';
import { because, deadline, deadlineMs, endConnection, type Step } from './step.ts';
import type { Tcb } from './tcb.ts';
import { deadlineOf, type TimerName } from './timers.ts';

export function timerExpired(s: Step, t: Tcb, timer: TimerName): void {
  if (deadlineOf(t, timer) === 0) {
    because(s, 'timerIdle');
    return;
  }
  switch (timer) {
    case 'RETRANSMISSION':
      retransmissionExpired(s, t);
      return;
    case 'DELAYED-ACK':
      t.delackAt = 0;
      if (t.ackOwed) {
        because(s, 'delayedAckDue');
        sendAck(s, t);
      } else because(s, 'timerIdle');
      return;
    case 'KEEP-ALIVE':
      keepAliveExpired(s, t);
      return;
    case 'USER':
      userExpired(s, t);
      return;
    case 'FIN-WAIT-2':
      endConnection(s, t, '', 'finWait2Over');
      return;
    case 'TIME-WAIT':
      endConnection(s, t, '', 'timeWaitOver');
      return;
  }
}

/** The host's USER TIMEOUT spares a peer whose window is shut, one that was set does not. */
function userExpired(s: Step, t: Tcb): void {
  t.userAt = 0;
  if (flightSize(t) === 0 && t.textEnd === t.textNxt && (!t.finQueued || t.finSent)) {
    because(s, 'timerIdle');
    return;
  }
  if (isShut(t) && t.options.userTimeout_ms === 0) {
    because(s, 'timerIdle');
    t.userAt = deadlineMs(s, s.knobs.user_timeout_ms);
    return;
  }
  endConnection(s, t, 'ETIMEDOUT', 'userTimeout');
}

function retransmissionExpired(s: Step, t: Tcb): void {
  t.rtxAt = 0;
  if (t.rtxUse === 'persist') {
    probe(s, t);
    return;
  }
  if (flightSize(t) === 0) {
    because(s, 'timerIdle');
    return;
  }
  if (t.rtxUse === 'probe') {
    probeTail(s, t);
    return;
  }
  if (givesUp(s, t)) {
    endConnection(s, t, t.closed && !t.held ? '' : 'ETIMEDOUT', 'gaveUp');
    return;
  }
  t.rtxCount += 1;
  if (isShut(t)) t.keepProbes += 1;
  because(s, 'retransmitted');
  if (t.rtxCount === s.knobs.r1_retries) because(s, 'r1Reached');
  const inFlight = flightSize(t);
  if (t.synAcked) {
    onTimeout(s, t, inFlight);
    t.sacked = [];
  }
  const sent = resendAt(s, t, t.sndUna);
  t.rtxNxt = seqAdd(t.sndUna, sent);
  startRetransmission(s, t);
}

/**
 * The window is shut and text waits: one octet beyond it, or an old number, so that the answer
 * tells the window. The connection stays open as long as the answers come (RFC 9293 §3.8.6.1,
 * MUST-36). A window that is open but silly is used at last (§3.8.6.2.1, rule 4).
 */
function probe(s: Step, t: Tcb): void {
  if (givesUpProbing(s, t)) {
    endConnection(s, t, t.closed && !t.held ? '' : 'ETIMEDOUT', 'gaveUp');
    return;
  }
  if (t.sndWnd > 0 && flightSize(t) === 0) {
    because(s, 'sillyWindowUsed');
    t.rtxCount = 0;
    if (sendNext(s, t, true, true)) return;
  }
  because(s, 'persistProbe');
  t.rtxCount += 1;
  t.keepProbes += 1;
  if (flightSize(t) > 0) resendAt(s, t, t.sndUna);
  else if (s.knobs.window_probe === 'empty') {
    emit(s, t, ACK, seqAdd(t.sndUna, -1), t.textNxt, 0);
  } else if (t.textEnd > t.textNxt) {
    const last = t.textEnd === t.textNxt + 1;
    emit(s, t, ACK | (last ? PSH : 0), t.sndNxt, t.textNxt, 1);
    t.textNxt += 1;
    t.sndNxt = seqAdd(t.sndNxt, 1);
  } else if (t.finQueued && !t.finSent) {
    emit(s, t, ACK | FIN, t.sndNxt, t.textNxt, 0);
    t.finSent = true;
    t.sndNxt = seqAdd(t.sndNxt, 1);
  }
  startPersist(s, t);
}

/** New text if there is some, else the last segment again; then the RTO (RFC 8985 §7.3). */
function probeTail(s: Step, t: Tcb): void {
  because(s, 'tailProbe');
  t.tailProbed = true;
  if (!sendNext(s, t)) {
    const octets = Math.min(flightSize(t), sendMss(t));
    resendAt(s, t, seqAdd(t.sndNxt, -octets));
  }
  startRetransmission(s, t);
}

/** Nothing was heard for long: ask, and give up when nobody answers (RFC 9293 §3.8.4). */
function keepAliveExpired(s: Step, t: Tcb): void {
  const k = s.knobs;
  const idle = (t.options.keepaliveIdle_ms || k.keepalive_idle_ms) * 1000;
  const interval = (t.options.keepaliveInterval_ms || k.keepalive_interval_ms) * 1000;
  const most = t.options.keepaliveProbes || k.keepalive_probes;
  t.keepAt = 0;
  if (t.state === 'SYN-SENT' || t.state === 'SYN-RECEIVED') {
    // A peer whose SYN we know may hold the connection.
    if (t.state === 'SYN-RECEIVED') sendReset(s, t, RST | ACK);
    endConnection(s, t, 'ETIMEDOUT', 'handshakeOver');
    return;
  }
  if (waitsBeforeRecord(s, t)) {
    becomeRecord(s, t);
    return;
  }
  const quiet = s.now - t.lastRcvAt;
  if (t.keepProbes === 0 && quiet < idle) {
    t.keepAt = deadline(s, idle - quiet);
    return;
  }
  if (flightSize(t) > 0 || t.textEnd > t.textNxt) {
    t.keepAt = deadline(s, idle);
    return;
  }
  if (t.keepProbes >= most) {
    sendReset(s, t, RST | ACK);
    endConnection(s, t, 'ETIMEDOUT', 'keepAliveDead');
    return;
  }
  because(s, 'keepAliveProbe');
  t.keepProbes += 1;
  emit(s, t, ACK, seqAdd(t.sndNxt, -1), t.textNxt, 0);
  t.keepAt = deadline(s, interval);
}

/** Starts the keep-alive timer where it is wanted, in every synchronized state but the last. */
export function startKeepAlive(s: Step, t: Tcb): void {
  const wanted = t.options.keepalive ?? s.knobs.keepalive;
  if (!wanted || t.keepAt !== 0 || !isSynchronized(t.state) || t.state === 'TIME-WAIT') return;
  t.keepAt = deadline(s, (t.options.keepaliveIdle_ms || s.knobs.keepalive_idle_ms) * 1000);
}
