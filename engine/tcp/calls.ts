/** The user's calls on an open connection (RFC 9293 §3.10.2–§3.10.6). OPEN is in open.ts. */
import { seqAdd, seqDiff } from '../base/seq.ts';
import { waitForFin } from './arrives/fin-wait-2.ts';
import { updateReceiveWindow, urgentLeft } from './receive.ts';
import { ACK, RST } from './segment.ts';
import { output, receiveSpace, sendAck, sendReset } from './send.ts';
import { isSynchronized } from './states.ts';
import { because, endConnection, enter, type Step } from './step.ts';
import type { Tcb, TcpError } from './tcb.ts';

/** Result of a call: a count, or an error. */
export type Outcome = { readonly value: number; readonly error: TcpError | '' };

const NOTHING: Outcome = Object.freeze({ value: 0, error: '' });

const done = (value = 0): Outcome => (value === 0 ? NOTHING : { value, error: '' });
const fail = (error: TcpError): Outcome => ({ value: 0, error });

/** Takes the pending error, which is told once. */
function pendingError(t: Tcb): TcpError | '' {
  const error = t.error;
  t.error = '';
  return error;
}

/** STATUS (§3.10.6): the pending error or what ICMP reported, once (MUST-47, SHLD-25). */
export function status(t: Tcb): Outcome {
  const error = pendingError(t) || t.softError;
  t.softError = '';
  return error === '' ? done() : fail(error);
}

/** SEND: queues text; sent at once as far as windows allow (§3.10.2). */
export function send(s: Step, t: Tcb, bytes: number, urgent: boolean): Outcome {
  if (s.knobs.send_after_end === 'pipe' && t.state === 'CLOSED') {
    because(s, 'sendClosing');
    return fail('EPIPE');
  }
  const error = pendingError(t);
  if (error !== '') return fail(error);
  switch (t.state) {
    case 'CLOSED':
      return fail(t.closed ? 'EPIPE' : 'ENOTCONN');
    case 'LISTEN':
      return fail('ENOTCONN');
    case 'SYN-SENT':
    case 'SYN-RECEIVED':
      if (s.knobs.send_before_established === 'queue') break;
      because(s, 'sendUnopened');
      return fail('ENOTCONN');
    case 'ESTABLISHED':
    case 'CLOSE-WAIT':
      break;
    default:
      because(s, 'sendClosing');
      return fail('EPIPE');
  }
  if (t.finQueued) {
    because(s, 'sendClosing');
    return fail('EPIPE');
  }
  const taken = Math.min(bytes, t.sndBuf - (t.textEnd - t.textUna));
  if (taken <= 0 && bytes > 0) return fail('EAGAIN');
  because(s, 'sendQueued');
  t.textEnd += taken;
  if (urgent) {
    t.urgentEnd = t.textEnd;
    t.sndUp = seqAdd(t.sndNxt, t.textEnd - t.textNxt);
  }
  output(s, t);
  return done(taken);
}

/** RECEIVE: up to `bytes` octets of what came in order; 0 at the end of the stream (§3.10.3). */
export function receive(s: Step, t: Tcb, bytes: number): Outcome {
  const unread = t.rcvText - t.rcvRead;
  if (unread > 0) return take(s, t, Math.min(bytes, unread));
  const error = pendingError(t);
  if (error !== '') return fail(error);
  if (t.finRcvd || t.rcvShut) {
    because(s, 'receiveEnd');
    return done(0);
  }
  switch (t.state) {
    case 'CLOSED':
      return t.synAcked ? done(0) : fail('ENOTCONN');
    case 'LISTEN':
      return fail('ENOTCONN');
    default:
      because(s, 'receiveWaits');
      return fail('EAGAIN');
  }
}

function take(s: Step, t: Tcb, bytes: number): Outcome {
  because(s, 'receiveTaken');
  t.rcvRead += bytes;
  t.urgent = urgentLeft(t) > 0;
  updateReceiveWindow(t);
  announceWindow(s, t);
  return done(bytes);
}

/** A window that opened by two segments or half the buffer is announced (§3.8.6.2.2). */
function announceWindow(s: Step, t: Tcb): void {
  switch (t.state) {
    case 'ESTABLISHED':
    case 'FIN-WAIT-1':
    case 'FIN-WAIT-2':
      break;
    default:
      return;
  }
  const open = Math.max(0, seqDiff(t.rcvAdv, t.rcvNxt));
  if (s.knobs.window_edge === 'buffer') {
    if (opensEnough(t, open)) {
      because(s, 'windowUpdate');
      sendAck(s, t);
    }
    return;
  }
  const gained = receiveSpace(t) - open;
  const wasShut = open < t.mss;
  if (gained >= 2 * t.mss || gained >= t.rcvBuf >> 1) {
    if (wasShut || gained >= t.rcvBuf >> 1) {
      because(s, 'windowUpdate');
      sendAck(s, t);
    }
  }
}

/**
 * Two segments more, if that is much of the buffer or the buffer is small or was nearly full; or
 * half the buffer (FreeBSD tcp_output). What the shifted field does not show is not announced.
 */
function opensEnough(t: Tcb, open: number): boolean {
  const scale = t.sndScale < 0 ? 0 : Math.max(0, t.rcvScale);
  const most = 65_535 * 2 ** scale;
  const space = Math.min(receiveSpace(t), most);
  const gained = space - open;
  if (gained <= 0 || open >>> scale >= space >>> scale) return false;
  if (2 * gained >= t.rcvBuf) return true;
  if (gained < 2 * t.mss) return false;
  const small = t.rcvBuf <= 8 * t.mss || space <= t.rcvBuf >> 3;
  return small || gained >= t.rcvBuf >> 2 || gained >= most;
}

/**
 * CLOSE (§3.10.4): "I have no more to send". `write` is the RFC's call; `both` is the socket's,
 * after which nobody reads either; `read` only stops reading.
 */
export function close(s: Step, t: Tcb, how: 'write' | 'read' | 'both'): Outcome {
  if (how === 'read') {
    because(s, 'shutRead');
    t.rcvShut = true;
    t.rcvRead = t.rcvText;
    updateReceiveWindow(t);
    return done();
  }
  if (how === 'both') return closeSocket(s, t);
  return closeSending(s, t);
}

function closeSocket(s: Step, t: Tcb): Outcome {
  const unread = t.rcvText > t.rcvRead;
  const lingers = t.options.linger_s !== 0;
  t.error = '';
  if (t.state === 'CLOSED') {
    t.held = false;
    t.closed = true;
    return done();
  }
  if (t.state === 'SYN-RECEIVED' && s.knobs.close_in_syn_received === 'delete') {
    t.held = false;
    t.closed = true;
    endConnection(s, t, '', 'closeHalfOpen');
    return done();
  }
  if (mayNeedReset(t)) {
    if (unread && s.knobs.close_with_unread === 'reset') {
      t.held = false;
      t.closed = true;
      sendReset(s, t, RST | ACK);
      endConnection(s, t, '', 'closeUnread');
      return done();
    }
    if (!lingers) {
      because(s, 'closeLingerZero');
      return abort(s, t);
    }
  }
  const outcome = closeSending(s, t);
  t.held = false;
  t.rcvShut = true;
  waitForFin(s, t);
  return outcome.error === 'ENOTCONN' ? done() : outcome;
}

/** Whether the peer may hold the connection, and has not ended it as we have. */
function mayNeedReset(t: Tcb): boolean {
  if (t.state === 'SYN-RECEIVED') return true;
  return isSynchronized(t.state) && t.state !== 'TIME-WAIT';
}

/** Ends the sending side: the FIN follows the text that is queued. */
function closeSending(s: Step, t: Tcb): Outcome {
  switch (t.state) {
    case 'CLOSED':
      return fail('ENOTCONN');
    case 'LISTEN':
    case 'SYN-SENT':
      t.closed = true;
      endConnection(s, t, '', 'closeUnopened');
      return done();
    case 'SYN-RECEIVED':
      t.closed = true;
      t.finQueued = true;
      // With text queued the FIN waits for ESTABLISHED (§3.10.4).
      if (t.textEnd > 0) return done();
      enter(s, t, 'FIN-WAIT-1', 'closeSendsFin');
      break;
    case 'ESTABLISHED':
      t.closed = true;
      t.finQueued = true;
      enter(s, t, 'FIN-WAIT-1', 'closeSendsFin');
      break;
    case 'CLOSE-WAIT':
      t.closed = true;
      t.finQueued = true;
      enter(s, t, 'LAST-ACK', 'closeSendsFin');
      break;
    default:
      because(s, 'closeAgain');
      return done();
  }
  output(s, t);
  return done();
}

/**
 * ABORT (§3.10.5): RST where the peer may hold the connection, then CLOSED. The RST carries an ACK
 * too, as every stack we know sends it; the RFC's form has the RST alone.
 */
export function abort(s: Step, t: Tcb): Outcome {
  t.closed = true;
  t.held = false;
  t.error = '';
  switch (t.state) {
    case 'CLOSED':
      return done();
    case 'CLOSING':
    case 'LAST-ACK':
      endAbort(s, t, s.knobs.abort_when_closing === 'reset');
      return done();
    case 'SYN-RECEIVED':
    case 'ESTABLISHED':
    case 'FIN-WAIT-1':
    case 'FIN-WAIT-2':
    case 'CLOSE-WAIT':
      endAbort(s, t, true);
      return done();
    default:
      endAbort(s, t, false);
      return done();
  }
}

function endAbort(s: Step, t: Tcb, told: boolean): void {
  if (told) sendReset(s, t, RST | ACK);
  endConnection(s, t, '', told ? 'abortReset' : 'abortSilent');
}
