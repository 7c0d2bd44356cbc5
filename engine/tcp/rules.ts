/**
 * Why something happened: each rule that the TCP code applies, in one sentence with its source.
 * The code names a rule where it acts on it; explanations and tests cite it from here.
 */
export type Rule = { readonly says: string; readonly source: string };

const rule = (says: string, source: string): Rule => ({ says, source });

/** Where Linux reads what comes to a small record. */
const TIMEWAIT_PROCESS = 'Linux tcp_timewait_state_process';

export const RULES = {
  // Calls
  openActive: rule('OPEN, active: a SYN is sent', 'RFC 9293 §3.10.1'),
  openPassive: rule('OPEN, passive: wait for a SYN', 'RFC 9293 §3.10.1'),
  openListening: rule(
    'OPEN, active, or SEND in LISTEN: a SYN is sent',
    'RFC 9293 §3.10.1, §3.10.2',
  ),
  sendQueued: rule('SEND: the text is queued', 'RFC 9293 §3.10.2'),
  sendUnopened: rule('SEND before ESTABLISHED is refused', 'BSD sosend'),
  sendClosing: rule('SEND after CLOSE: "connection closing"', 'RFC 9293 §3.10.2'),
  receiveTaken: rule('RECEIVE: the text is handed over', 'RFC 9293 §3.10.3'),
  receiveWaits: rule('RECEIVE: nothing to hand over yet', 'RFC 9293 §3.10.3'),
  receiveEnd: rule('RECEIVE at the end of the stream', 'RFC 9293 §3.10.3'),
  windowUpdate: rule('reading opened the window: it is announced', 'RFC 9293 §3.8.6.2.2'),
  closeUnopened: rule('CLOSE of a connection that is not open yet: deleted', 'RFC 9293 §3.10.4'),
  closeHalfOpen: rule('CLOSE in SYN-RECEIVED: deleted', 'FreeBSD tcp_disconnect'),
  closeSendsFin: rule('CLOSE: FIN after the text that is queued', 'RFC 9293 §3.10.4'),
  closeAgain: rule('CLOSE again: nothing more to do', 'RFC 9293 §3.10.4'),
  closeUnread: rule('CLOSE with text unread: RST shows that it was lost', 'RFC 9293 §3.6.1'),
  closeLingerZero: rule('CLOSE with SO_LINGER 0: ABORT', 'RFC 9293 §3.10.5; SO_LINGER'),
  abortReset: rule('ABORT: RST to the peer, all queues flushed', 'RFC 9293 §3.10.5'),
  abortSilent: rule('ABORT: deleted without a segment', 'RFC 9293 §3.10.5'),
  shutRead: rule('SHUT_RD: nothing more is handed over', 'sockets API'),

  // Segments: no connection, LISTEN, SYN-SENT
  closedDropsRst: rule('an RST to what matches nothing is dropped', 'RFC 9293 §3.10.7.1'),
  closedReset: rule('a segment that matches nothing is answered by RST', 'RFC 9293 §3.10.7.1'),
  closedBlackhole: rule('a closed port stays silent', 'FreeBSD blackhole'),
  listenDropsRst: rule('LISTEN ignores an RST', 'RFC 9293 §3.10.7.2'),
  listenResetsAck: rule('an ACK in LISTEN is answered by RST', 'RFC 9293 §3.10.7.2'),
  listenDropsSynAck: rule('a SYN,ACK in LISTEN is dropped', 'FreeBSD tcp_input'),
  listenSyn: rule('SYN in LISTEN: SYN,ACK is sent', 'RFC 9293 §3.10.7.2'),
  listenDropsOther: rule('LISTEN drops what is neither RST, ACK nor SYN', 'RFC 9293 §3.10.7.2'),
  halfOpenSyn: rule('a SYN for a half-open connection: SYN,ACK again', 'FreeBSD syncache_add'),
  listenFull: rule('the queue of the listener is full: the SYN is dropped', 'Linux; BSD sockets'),
  acceptFull: rule('the accept queue is full: the last ACK is ignored', 'Linux'),
  acceptFullReset: rule('the accept queue is full: RST', 'Linux tcp_abort_on_overflow'),
  synFinDropped: rule('SYN with FIN is dropped', 'FreeBSD drop_synfin'),
  synSentBadAck: rule('an ACK that is not of our SYN: RST', 'RFC 9293 §3.10.7.3'),
  synSentBadAckRst: rule(
    'an RST with an ACK that is not of our SYN is dropped',
    'RFC 9293 §3.10.7.3',
  ),
  synSentRefused: rule('RST that acknowledges our SYN: connection refused', 'RFC 9293 §3.10.7.3'),
  synSentDropsRst: rule('an RST without ACK is dropped', 'RFC 9293 §3.10.7.3'),
  synSentSynAck: rule('SYN,ACK: ours is acknowledged, ESTABLISHED', 'RFC 9293 §3.10.7.3'),
  synSentSyn: rule(
    'SYN crosses ours: simultaneous open, SYN,ACK',
    'RFC 9293 §3.10.7.3, §3.5 Figure 7',
  ),
  synSentDrops: rule('neither SYN nor RST: dropped', 'RFC 9293 §3.10.7.3'),

  // Segments: SYN-RECEIVED and the synchronized states
  outsideWindow: rule('outside the receive window: ACK, dropped', 'RFC 9293 §3.10.7.4, first'),
  shutWindowText: rule(
    'our window is shut: the text is not taken, ACK and URG count; ACK at once',
    'RFC 9293 §3.10.7.4, first',
  ),
  shutWindowAck: rule('our window is shut: ACK and URG count', 'RFC 9293 §3.10.7.4, first'),
  finResent: rule('the FIN again: ACK', 'RFC 9293 §3.10.7.4, first'),
  oldSegmentRead: rule(
    'a segment before RCV.NXT: its ACK counts all the same',
    'FreeBSD tcp_do_segment',
  ),
  outsideWindowRst: rule('an RST outside the window is dropped', 'RFC 9293 §3.10.7.4, second'),
  pawsFailed: rule('timestamp older than TS.Recent: ACK, dropped', 'RFC 7323 §5.3 R1'),
  pawsDropped: rule('timestamp older than TS.Recent, no text: dropped', 'FreeBSD tcp_do_segment'),
  timestampMissing: rule('timestamps were agreed on, none here: dropped', 'RFC 7323 §3.2'),
  rateLimited: rule('an ACK was due, but the rate limit holds it back', 'RFC 5961 §7'),
  synAgain: rule('the SYN again: our SYN,ACK was lost, it is sent once more', 'BSD, Linux'),
  crossingSynAck: rule(
    'the SYN,ACK of a simultaneous open: its ACK counts',
    'RFC 9293 §3.5 Figure 7',
  ),
  crossingSynAckAgain: rule(
    'a SYN,ACK whose SYN is known is answered by SYN,ACK, its ACK is not read',
    'older Berkeley stacks',
  ),
  rstAccepted: rule('an RST at RCV.NXT: connection reset', 'RFC 9293 §3.10.7.4, second'),
  rstInWindow: rule('an RST inside the window: connection reset', 'RFC 793 §3.4'),
  rstRefused: rule('an RST answers our SYN: connection refused', 'RFC 9293 §3.10.7.4, second'),
  rstBackToListen: rule(
    'an RST after a passive OPEN: back to LISTEN',
    'RFC 9293 §3.10.7.4, second',
  ),
  rstHalfOpen: rule(
    'an RST after a passive OPEN: given up, who listens goes on',
    'RFC 9293 §3.10.7.4, second',
  ),
  rstChallenged: rule('an RST inside the window, not at RCV.NXT: challenge ACK', 'RFC 5961 §3.2'),
  synBackToListen: rule('a SYN after a passive OPEN: back to LISTEN', 'RFC 9293 §3.10.7.4, fourth'),
  synHalfOpen: rule(
    'a SYN after a passive OPEN: given up, who listens goes on',
    'RFC 9293 §3.10.7.4, fourth',
  ),
  synChallenged: rule(
    'a SYN inside the window: challenge ACK',
    'RFC 9293 §3.10.7.4, fourth; RFC 5961 §4.2',
  ),
  synResets: rule('a SYN inside the window: RST, connection reset', 'RFC 793 §3.9'),
  ackMissing: rule('no ACK: dropped', 'RFC 9293 §3.10.7.4, fifth'),
  ackTooOld: rule('an ACK older than the largest window: challenge ACK', 'RFC 5961 §5.2'),
  ackUnsent: rule('an ACK of what was not sent: ACK, dropped', 'RFC 9293 §3.10.7.4, fifth'),
  synReceivedBadAck: rule('an ACK that is not of our SYN: RST', 'RFC 9293 §3.10.7.4, fifth'),
  synAcked: rule('our SYN is acknowledged: ESTABLISHED', 'RFC 9293 §3.10.7.4, fifth'),
  textAcked: rule('our text is acknowledged', 'RFC 9293 §3.10.7.4, fifth'),
  ackOld: rule('an ACK of what was acknowledged before: ignored', 'RFC 9293 §3.10.7.4, fifth'),
  ackNothingNew: rule('nothing new is acknowledged', 'RFC 9293 §3.10.7.4, fifth'),
  duplicateAck: rule('a duplicate ACK', 'RFC 5681 §2; with SACK RFC 6675 §2'),
  windowMoved: rule('the send window is updated', 'RFC 9293 §3.10.7.4, fifth'),
  windowReopened: rule(
    'the window is open again: what was refused is sent at once',
    'RFC 9293 §3.8.6.1',
  ),
  finAcked: rule('our FIN is acknowledged', 'RFC 9293 §3.10.7.4, fifth'),
  urgentSeen: rule('the urgent pointer moves on', 'RFC 9293 §3.10.7.4, sixth'),
  textTaken: rule('text in order is queued for the user', 'RFC 9293 §3.10.7.4, seventh'),
  textHeld: rule(
    'text beyond a gap is kept, ACK at once',
    'RFC 9293 §3.10.7.4, first (SHLD-31); RFC 5681 §4.2',
  ),
  textOld: rule('text that is there already is dropped', 'RFC 9293 §3.10.7.4, first'),
  textIgnored: rule('text after the FIN is ignored', 'RFC 9293 §3.10.7.4, seventh'),
  textForeign: rule('text of another incarnation is delivered', 'RFC 9293 §3.4.3; RFC 6191'),
  textForOrphan: rule('text for a connection that nobody holds: RST', 'RFC 9293 §3.6.1 (SHLD-3)'),
  ackDelayed: rule('the ACK waits for company', 'RFC 9293 §3.8.6.3'),
  finTaken: rule('FIN: the peer has no more to send, ACK', 'RFC 9293 §3.10.7.4, eighth'),
  finHeld: rule('FIN beyond a gap is kept', 'RFC 9293 §3.10.7.4, first (SHLD-31)'),
  finAgain: rule('a FIN after the FIN: the state stays', 'RFC 9293 §3.10.7.4, eighth'),
  finCloseWait: rule('FIN in ESTABLISHED: CLOSE-WAIT', 'RFC 9293 §3.10.7.4, eighth'),
  finClosing: rule('FIN while ours is not acknowledged: CLOSING', 'RFC 9293 §3.10.7.4, eighth'),
  finTimeWait: rule('FIN after ours was acknowledged: TIME-WAIT', 'RFC 9293 §3.10.7.4, eighth'),
  finWait2: rule('our FIN is acknowledged: FIN-WAIT-2', 'RFC 9293 §3.10.7.4, fifth'),
  closingTimeWait: rule(
    'our FIN is acknowledged in CLOSING: TIME-WAIT',
    'RFC 9293 §3.10.7.4, fifth',
  ),
  lastAckClosed: rule('our FIN is acknowledged in LAST-ACK: CLOSED', 'RFC 9293 §3.10.7.4, fifth'),

  finWait2Rst: rule('an RST in the window ends an orphan in FIN-WAIT-2', TIMEWAIT_PROCESS),
  finWait2Syn: rule('a new SYN for an orphan in FIN-WAIT-2: RST', TIMEWAIT_PROCESS),
  finWait2Drops: rule('an orphan in FIN-WAIT-2 drops what brings nothing', TIMEWAIT_PROCESS),

  // TIME-WAIT
  timeWaitFin: rule(
    'the FIN again: ACK, 2·MSL starts again',
    'RFC 9293 §3.10.7.4, fifth and eighth',
  ),
  timeWaitAnswers: rule(
    'TIME-WAIT keeps an old segment out and answers by ACK',
    'RFC 9293 §3.10.7.4, first; §3.3.2',
  ),
  timeWaitAcks: rule('TIME-WAIT takes nothing more: ACK', 'RFC 9293 §3.10.7.4, fifth'),
  timeWaitDrops: rule('TIME-WAIT drops it', 'RFC 9293 §3.10.7.4'),
  timeWaitRst: rule('an RST ends TIME-WAIT', 'RFC 9293 §3.10.7.4, second; RFC 1337'),
  timeWaitRstIgnored: rule('TIME-WAIT ignores an RST', 'RFC 1337 §3'),
  timeWaitReopened: rule(
    'a newer SYN ends TIME-WAIT: new incarnation',
    'RFC 9293 §3.6.1; RFC 6191',
  ),
  timeWaitOver: rule('2·MSL are over: CLOSED', 'RFC 9293 §3.10.8'),
  timeWaitReused: rule('connect() takes over a port in TIME-WAIT', 'Linux tcp_tw_reuse'),
  timeWaitFull: rule('no room for another TIME-WAIT: CLOSED at once', 'Linux tcp_max_tw_buckets'),

  // Timers
  retransmitted: rule('the RTO expired: the oldest segment is sent again', 'RFC 6298 §5.4-5.6'),
  r1Reached: rule(
    'R1 reached: the network layer is asked to look for another way',
    'RFC 9293 §3.8.3',
  ),
  gaveUp: rule('R2 reached: the connection is given up', 'RFC 9293 §3.8.3'),
  persistProbe: rule('a probe into a zero window', 'RFC 9293 §3.8.6.1'),
  sillyWindowUsed: rule('a small window that stays is used at last', 'RFC 9293 §3.8.6.2.1, rule 4'),
  tailProbe: rule('a probe for a lost tail', 'RFC 8985 §7.3'),
  fastRetransmit: rule('three duplicate ACKs: fast retransmit', 'RFC 5681 §3.2'),
  partialAck: rule('a partial ACK: the next hole is sent again', 'RFC 6582 §3.2'),
  lostResent: rule('what is taken for lost is sent again', 'RFC 6675 §5'),
  resentAfterRto: rule('slow start after the RTO: what follows is sent again', 'RFC 5681 §3.1'),
  holeResent: rule(
    'nothing else may go: a hole that may be no loss is sent again',
    'RFC 6675 §4, NextSeg (3)',
  ),
  tailRescued: rule(
    'nothing else may go: the end of the flight is sent again, once in a recovery',
    'RFC 6675 §4, NextSeg (4)',
  ),
  delayedAckDue: rule('the delayed ACK is due', 'RFC 9293 §3.8.6.3'),
  userTimeout: rule('USER TIMEOUT: aborted', 'RFC 9293 §3.10.8'),
  keepAliveProbe: rule('a keep-alive probe', 'RFC 9293 §3.8.4'),
  keepAliveDead: rule('no answer to keep-alive: aborted', 'RFC 9293 §3.8.4'),
  handshakeOver: rule('the handshake took too long', 'FreeBSD keepinit'),
  finWait2Record: rule(
    'an orphan in FIN-WAIT-2 goes on waiting as a small record',
    'Linux tcp_keepalive_timer',
  ),
  finWait2Over: rule('an orphan in FIN-WAIT-2 has waited long enough', 'Linux tcp_fin_timeout'),
  timerIdle: rule('the timer has nothing to do', ''),

  // Host and network
  portsExhausted: rule('no ephemeral port is free towards this peer', 'RFC 6056; connect(2)'),
  socketsInUse: rule('this pair of sockets is in use', 'RFC 9293 §3.4.1; connect(2)'),
  noRoute: rule('nobody has this address', ''),
  hostDown: rule('the host is down', ''),
  crashed: rule('the host crashed: all its connections are forgotten', 'RFC 9293 §3.5.1'),
  quietTime: rule('the quiet time after a restart', 'RFC 9293 §3.4.3'),
  badAddress: rule(
    'multicast, broadcast and unspecified addresses are of no TCP',
    'RFC 9293 §3.9.1.1 (MUST-46), §3.9.2.3',
  ),
  icmpHard: rule('a hard ICMP error: aborted', 'RFC 9293 §3.9.2.2 (SHLD-26)'),
  icmpSoft: rule('an ICMP error is noted, the connection goes on', 'RFC 9293 §3.9.2.2; RFC 5461'),
  icmpOpening: rule('an ICMP error while opening: given up', 'RFC 5461 §4; Linux'),
  icmpQuench: rule('a source quench is discarded', 'RFC 9293 §3.9.2.2 (MUST-55); RFC 6633'),
  icmpStray: rule('an ICMP error about nothing in flight is ignored', 'RFC 5927 §4.1'),
  observed: rule('the recorded host sent this', ''),
  diverged: rule('our TCP would not have sent this here', ''),
} as const;

export type RuleId = keyof typeof RULES;
