/**
 * The transmission control block of one connection (RFC 9293 §3.3.1), a flat record.
 *
 * Flat, because a record that is copied on its first write in a batch should be one allocation. The
 * send and receive sequence variables bear the RFC's names. Beside them stand offsets of text: a
 * sequence number wraps, an offset (`textUna`, `rcvText`) counts the octets of the whole stream, so
 * that every octet has one name for ever. Every deadline is an absolute virtual time; 0 means off.
 */

import type { Seq } from '../base/seq.ts';
import type { Micros } from '../base/time.ts';
import { DEFAULT_OPTIONS, type SocketOptions } from './options.ts';
import type { StreamId } from './segment.ts';
import type { State } from './states.ts';

/** The errors of RFC 9293 §3.9.1 under the names that sockets give them. */
export type TcpError =
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'ECONNABORTED'
  | 'ETIMEDOUT'
  | 'EPIPE'
  | 'EADDRNOTAVAIL'
  | 'EADDRINUSE'
  | 'EISCONN'
  | 'ENOTCONN'
  | 'EAGAIN'
  | 'EINPROGRESS'
  | 'EALREADY'
  | 'EINVAL'
  | 'EBADF'
  | 'EOPNOTSUPP'
  | 'EHOSTUNREACH'
  | 'ENETUNREACH'
  | 'ENOBUFS';

/** A segment of text that waits for a gap before it to fill. */
export type Block = {
  readonly seq: Seq;
  readonly len: number;
  readonly stream: StreamId;
  readonly from: number;
};

export { DEFAULT_OPTIONS, type SocketOptions };

/** What the retransmission timer will do: resend, probe a zero window, or probe a lost tail. */
export type RetransmissionUse = 'rto' | 'persist' | 'probe';

export type Tcb = {
  /** Number of the connection on its host, from 1; with the host's name what people type. */
  num: number;
  state: State;
  local: string;
  localPort: number;
  /** '' and 0 while LISTEN has no foreign socket. */
  remote: string;
  remotePort: number;
  /** How the connection was opened (RFC 9293 §3.9.1). */
  opened: 'active' | 'passive';
  /** What a passive OPEN named: the local address, '' any; whether a foreign socket it awaits. */
  openedOn: string;
  awaits: boolean;
  /** Number of the listening connection this one came from; 0: none. */
  listener: number;
  /** Whether an application holds a descriptor of it; false: an orphan, or not yet accepted. */
  held: boolean;
  /** Whether the application called CLOSE or ABORT, or shut the direction down. */
  closed: boolean;
  rcvShut: boolean;
  /** The process that holds it; -1: none. */
  process: number;
  /** SO_ERROR: the error to report once; '' none. */
  error: TcpError | '';
  /**
   * What ICMP reported of the way to the peer since the last ACK; told if the connection dies of
   * it.
   */
  softError: TcpError | '';
  options: SocketOptions;
  openedAt: Micros;
  changedAt: Micros;

  // LISTEN
  /** Bound of the accept queue; -1: not a listening socket (an RFC passive OPEN does not fork). */
  backlog: number;
  /** Half-open connections of this listener. */
  synQueue: number;
  /** Numbers of completed connections that wait for accept(), oldest first. */
  acceptQueue: readonly number[];

  // Send sequence variables
  iss: Seq;
  sndUna: Seq;
  sndNxt: Seq;
  /** SND.WND in octets, scaled. */
  sndWnd: number;
  sndUp: Seq;
  sndWl1: Seq;
  sndWl2: Seq;
  /** MAX.SND.WND (RFC 5961 §5). */
  maxSndWnd: number;
  /** Whether our SYN is acknowledged: then SND.UNA counts text, not the SYN. */
  synAcked: boolean;
  /** Offset of SND.UNA, of SND.NXT and of the end of what was written, in octets of our stream. */
  textUna: number;
  textNxt: number;
  textEnd: number;
  /** Offset after the last octet of urgent text written; 0: none. */
  urgentEnd: number;
  /** Whether a FIN is to follow the text, was sent, and is acknowledged. */
  finQueued: boolean;
  finSent: boolean;
  finAcked: boolean;
  /** Edges of text the peer reported as received, pairs left, right, ascending (RFC 6675). */
  sacked: readonly Seq[];

  // Receive sequence variables
  irs: Seq;
  rcvNxt: Seq;
  rcvWnd: number;
  rcvUp: Seq;
  /** Right edge of the window ever advertised; it must not move left (RFC 9293 §3.8.6). */
  rcvAdv: Seq;
  /** Size of the receive buffer. */
  rcvBuf: number;
  sndBuf: number;
  /** Octets received in order, and of these read by the application. */
  rcvText: number;
  rcvRead: number;
  /** Whether the urgent pointer is ahead of what was read. */
  urgent: boolean;
  finRcvd: boolean;
  /** Text beyond a gap, ascending. */
  blocks: readonly Block[];
  /** A number in each of the blocks that came last, newest first (RFC 2018 §4). */
  newestBlocks: readonly Seq[];
  /** Number of a FIN that arrived beyond a gap; -1: none. */
  finAt: number;
  /** Stream of the incarnation that opened this connection; -1: unknown. */
  peerStream: StreamId;
  /** Octets delivered that are not the peer's next ones: of another incarnation or place. */
  foreign: number;
  /** Whether an ACK is owed, how many full segments it covers. */
  ackOwed: boolean;
  unackedSegments: number;
  /** SEG.ACK of the last segment we sent (RFC 7323 §4.3). */
  lastAckSent: Seq;
  /** Bare ACKs sent since SEG.ACK moved. */
  sameAcks: number;

  // Options agreed on
  mss: number;
  peerMss: number;
  /** Our and the peer's shift; -1: no scaling. */
  rcvScale: number;
  sndScale: number;
  sackOn: boolean;
  /** Explicit congestion notification (RFC 3168). */
  ecnOn: boolean;
  tsOn: boolean;
  tsOffset: number;
  tsRecent: number;
  tsRecentAt: Micros;

  // Round trip and retransmission (RFC 6298), in µs
  srtt: number;
  rttvar: number;
  rto: number;
  /** Number timed, and when it was sent; 0: none is timed (Karn). */
  rttSeq: Seq;
  rttAt: Micros;
  /** When new text or a FIN was last sent; 0: never. */
  textAt: Micros;
  /** Retransmissions of the oldest segment so far. */
  rtxCount: number;
  /** When the oldest segment not acknowledged was first sent; 0: none. */
  rtxSince: Micros;
  rtxUse: RetransmissionUse;
  /** Whether the tail in flight was probed already (RFC 8985 §7). */
  tailProbed: boolean;
  synRetransmitted: boolean;
  /** Segments sent again, in all. */
  resent: number;

  // Congestion control (RFC 5681, 6582, 6675, 9438), octets
  cwnd: number;
  ssthresh: number;
  dupAcks: number;
  /** 'open', 'recovery' after duplicate ACKs, 'loss' after a timeout. */
  recovery: 'open' | 'recovery' | 'loss';
  recover: Seq;
  /** Next number to send again while recovering. */
  rtxNxt: Seq;
  /** RescueRxt: an ACK beyond it lets the end of the flight be sent again (RFC 6675). */
  rescueRxt: Seq;
  /** Offset up to which text was sent when cwnd was last full. */
  cwndFull: number;
  /** W_max, cwnd_epoch, W_est of RFC 9438; when the epoch began, 0: not; when it last counted. */
  cubicMax: number;
  cubicStart: number;
  cubicEst: number;
  cubicEpoch: Micros;
  cubicAt: Micros;
  bytesAcked: number;

  // Deadlines; 0: off
  rtxAt: Micros;
  delackAt: Micros;
  keepAt: Micros;
  userAt: Micros;
  finWait2At: Micros;
  timeWaitAt: Micros;
  /** Probes that nobody answered yet, of keep-alive or of a shut window. */
  keepProbes: number;
  lastRcvAt: Micros;

  // Rate limit of challenge ACKs (RFC 5961 §7)
  challengeAt: Micros;
  challenges: number;
};

/**
 * TIME-WAIT once the application holds nothing: the little that can still matter. The names are the
 * TCB's, so that the code for the state serves both.
 */
export type TimeWait = Pick<
  Tcb,
  | 'num'
  | 'local'
  | 'localPort'
  | 'remote'
  | 'remotePort'
  | 'opened'
  | 'sndNxt'
  | 'rcvNxt'
  | 'rcvWnd'
  | 'rcvScale'
  | 'tsOn'
  | 'tsOffset'
  | 'tsRecent'
  | 'tsRecentAt'
  | 'timeWaitAt'
  | 'changedAt'
  | 'challengeAt'
  | 'challenges'
>;

/** A TCB in CLOSED, all variables at rest. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one line for each variable
export function createTcb(num: number, local: string, localPort: number, now: Micros): Tcb {
  return {
    num,
    state: 'CLOSED',
    local,
    localPort,
    remote: '',
    remotePort: 0,
    opened: 'active',
    openedOn: '',
    awaits: false,
    listener: 0,
    held: true,
    closed: false,
    rcvShut: false,
    process: -1,
    error: '',
    softError: '',
    options: DEFAULT_OPTIONS,
    openedAt: now,
    changedAt: now,
    backlog: -1,
    synQueue: 0,
    acceptQueue: NONE,
    iss: 0,
    sndUna: 0,
    sndNxt: 0,
    sndWnd: 0,
    sndUp: 0,
    sndWl1: 0,
    sndWl2: 0,
    maxSndWnd: 0,
    synAcked: false,
    textUna: 0,
    textNxt: 0,
    textEnd: 0,
    urgentEnd: 0,
    finQueued: false,
    finSent: false,
    finAcked: false,
    sacked: NONE,
    irs: 0,
    rcvNxt: 0,
    rcvWnd: 0,
    rcvUp: 0,
    rcvAdv: 0,
    rcvBuf: 0,
    sndBuf: 0,
    rcvText: 0,
    rcvRead: 0,
    urgent: false,
    finRcvd: false,
    blocks: NO_BLOCKS,
    newestBlocks: NONE,
    finAt: -1,
    peerStream: -1,
    foreign: 0,
    ackOwed: false,
    unackedSegments: 0,
    lastAckSent: 0,
    sameAcks: 0,
    mss: 536,
    peerMss: 536,
    rcvScale: -1,
    sndScale: -1,
    sackOn: false,
    ecnOn: false,
    tsOn: false,
    tsOffset: 0,
    tsRecent: 0,
    tsRecentAt: 0,
    srtt: 0,
    rttvar: 0,
    rto: 0,
    rttSeq: 0,
    rttAt: 0,
    textAt: 0,
    rtxCount: 0,
    rtxSince: 0,
    rtxUse: 'rto',
    tailProbed: false,
    synRetransmitted: false,
    resent: 0,
    cwnd: 0,
    ssthresh: 0,
    dupAcks: 0,
    recovery: 'open',
    recover: 0,
    rtxNxt: 0,
    rescueRxt: 0,
    cwndFull: 0,
    cubicMax: 0,
    cubicStart: 0,
    cubicEst: 0,
    cubicEpoch: 0,
    cubicAt: 0,
    bytesAcked: 0,
    rtxAt: 0,
    delackAt: 0,
    keepAt: 0,
    userAt: 0,
    finWait2At: 0,
    timeWaitAt: 0,
    keepProbes: 0,
    lastRcvAt: now,
    challengeAt: 0,
    challenges: 0,
  };
}

const NONE: readonly number[] = Object.freeze([]);
const NO_BLOCKS: readonly Block[] = Object.freeze([]);
