/**
 * The requirements of RFC 9293 by their identifiers (Appendix B), in our own words, and what became
 * of each here: kept, with a test whose title begins with the identifier; a knob, which decides
 * whether a profile keeps it (the default does, and a test shows it); or left out, for a reason.
 *
 * "Kept" speaks of the default profile. What other stacks do otherwise is in profiles.ts.
 */
import type { KnobName } from './knobs.ts';

export type Level = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'MAY';

export type Requirement = {
  readonly id: string;
  /** Section of RFC 9293. */
  readonly section: string;
  readonly level: Level;
  readonly says: string;
  readonly status: 'kept' | 'knob' | 'left out';
  /** The knob that decides, or why it was left out; '' where it is kept. */
  readonly by: string;
};

type Fate = Pick<Requirement, 'status' | 'by'>;

const kept: Fate = { status: 'kept', by: '' };
const knob = (name: KnobName): Fate => ({ status: 'knob', by: name });
const out = (by: string): Fate => ({ status: 'left out', by });

const VALUES = 'segments are values here: no bit can flip on the way';
const NO_IP_OPTIONS = 'the network has links, no routers: no options of IP, no source routes';
const NO_DIFFSERV = 'links treat all segments alike';

const one =
  (level: Level) =>
  (id: string, section: string, says: string, fate: Fate = kept): Requirement => ({
    id,
    section,
    level,
    says,
    ...fate,
  });

const must = one('MUST');
const mustNot = one('MUST NOT');
const should = one('SHOULD');
const shouldNot = one('SHOULD NOT');
const may = one('MAY');

const FORMAT: readonly Requirement[] = [
  must('MUST-1', '3.1', 'windows are unsigned'),
  should('REC-1', '3.1', 'windows are kept and calculated in 32 bits'),
  must('MUST-2', '3.1', 'the sender calculates the checksum', out(VALUES)),
  must('MUST-3', '3.1', 'the receiver checks the checksum', out(VALUES)),
  must('MUST-4', '3.1', 'End of Option List, No-Operation and MSS are supported'),
  must('MUST-5', '3.1', 'an option may come in any segment'),
  must('MUST-6', '3.1', 'an option that is not known is ignored'),
  must('MUST-7', '3.1', 'an impossible option length does no harm'),
  must('MUST-64', '3.2', 'options need not begin on a word'),
  mustNot('MUST-65', '3.2', 'a segment without SYN has the MSS option'),
  must('MUST-68', '3.1', 'all options but End and No-Operation have a length'),
  must('MUST-69', '3.1', 'what follows the end of the options is zero'),
];

const OPENING: readonly Requirement[] = [
  must('MUST-8', '3.4.1', 'a clock drives initial sequence numbers'),
  should('SHLD-1', '3.4.1', 'a keyed function of the 4-tuple is added to them'),
  mustNot(
    'MUST-9',
    '3.4.1',
    'that function can be calculated from outside',
    out('the key is drawn from the seed, which stands in the log: runs must repeat'),
  ),
  must('MUST-10', '3.5', 'simultaneous open makes one connection', knob('simultaneous_open')),
  must('MUST-11', '3.5', 'SYN-RECEIVED knows whether it came from LISTEN'),
  must('MUST-41', '3.9.1.1', 'a passive OPEN leaves other connections alone'),
  must('MUST-42', '3.9.1.1', 'LISTEN on a port where another connection is being opened'),
  must('MUST-43', '3.9.1.1', 'OPEN takes a local address'),
  must('MUST-44', '3.9.1.1', 'without one a source address is chosen for the SYN'),
  must('MUST-45', '3.9.1.1', 'all later segments have the address of the first'),
  mustNot('MUST-46', '3.9.1.1', 'OPEN to a broadcast, multicast or invalid address'),
  must('MUST-57', '3.9.2.3', 'segments to broadcast and multicast addresses are dropped'),
  must('MUST-63', '3.9.2.3', 'a SYN from an invalid address is ignored'),
];

const CLOSING: readonly Requirement[] = [
  should('SHLD-2', '3.5.3', 'an RST may carry text'),
  must('MUST-12', '3.6', 'the user is told whether the peer closed or aborted'),
  may('MAY-1', '3.6.1', 'CLOSE may end both directions'),
  should('SHLD-3', '3.6.1', 'then lost text is answered by RST', knob('close_with_unread')),
  must('MUST-13', '3.6.1', 'the active closer stays in TIME-WAIT for 2·MSL', knob('time_wait_ms')),
  may('MAY-2', '3.6.1', 'a new SYN may end TIME-WAIT', knob('time_wait_reopen')),
  should('SHLD-4', '3.6.1', 'timestamps shorten TIME-WAIT (RFC 6191)', knob('time_wait_reopen')),
];

const SEGMENTS: readonly Requirement[] = [
  must('MUST-14', '3.7.1', 'the MSS option is sent and read'),
  should('SHLD-5', '3.7.1', 'it is sent unless the MSS is the default'),
  may('MAY-3', '3.7.1', 'it may always be sent'),
  must('MUST-15', '3.7.1', 'without it the MSS is 536 octets for IPv4, 1220 for IPv6'),
  must('MUST-16', '3.7.1', 'text fits both MSS and MTU, less the options it carries'),
  must('MUST-67', '3.7.1', 'the MSS told is at most what IP can receive'),
  should(
    'SHLD-6',
    '3.7.3',
    'where the MTU varies the MSS follows the smallest',
    out('the MTU of a host is one number, its knob mtu'),
  ),
  should('SHLD-7', '3.7.4', "Nagle's algorithm puts small segments together", knob('nagle')),
  must('MUST-17', '3.7.4', 'an application can turn it off'),
];

const RETRANSMISSION: readonly Requirement[] = [
  must('MUST-18', '3.8.1', 'the RTO is that of RFC 6298, samples follow Karn'),
  may(
    'MAY-4',
    '3.8.1',
    'an identical retransmission may have the same IP identification',
    out('headers of IP are not modelled'),
  ),
  must(
    'MUST-19',
    '3.8.2',
    'exponential back-off, slow start and congestion avoidance',
    knob('congestion'),
  ),
  may('MAY-18', '3.8.2', 'other conformant congestion control', knob('congestion')),
  should(
    'SHLD-8',
    '3.8.2',
    'explicit congestion notification',
    out('links lose segments and never mark them; a profile may negotiate it (knob ecn)'),
  ),
  must('MUST-20', '3.8.3', 'R1 asks for another way, R2 closes the connection'),
  must('MUST-21', '3.8.3', 'an application can set R2 of a connection'),
  should('SHLD-9', '3.8.3', 'the application hears of R1'),
  should('SHLD-10', '3.8.3', 'R1 is at least three retransmissions', knob('r1_retries')),
  should('SHLD-11', '3.8.3', 'R2 is at least 100 seconds', knob('r2_ms')),
  must('MUST-22', '3.8.3', 'SYNs are given up the same way'),
  must('MUST-23', '3.8.3', 'but not before three minutes', knob('syn_give_up_ms')),
];

const KEEP_ALIVE: readonly Requirement[] = [
  may('MAY-5', '3.8.4', 'keep-alives may be sent'),
  must('MUST-24', '3.8.4', 'an application turns them on and off'),
  must('MUST-25', '3.8.4', 'they are off by default', knob('keepalive')),
  must('MUST-26', '3.8.4', 'only an idle connection sends them'),
  must('MUST-27', '3.8.4', 'the interval can be set'),
  must('MUST-28', '3.8.4', 'and is two hours or more by default', knob('keepalive_idle_ms')),
  mustNot('MUST-29', '3.8.4', 'one unanswered probe ends a connection', knob('keepalive_probes')),
  should('SHLD-12', '3.8.4', 'a probe has no text'),
  may(
    'MAY-6',
    '3.8.4',
    'a probe may have one garbage octet',
    out('for stacks that answer nothing else; none of the profiles is of that kind'),
  ),
];

const URGENT: readonly Requirement[] = [
  shouldNot('SHLD-13', '3.8.5', 'new applications use urgent text'),
  must('MUST-30', '3.8.5', 'the urgent mechanism is supported'),
  must('MUST-31', '3.8.5', 'urgent text may have any length'),
  must('MUST-62', '3.8.5', 'the pointer is the octet after the urgent text'),
  must('MUST-32', '3.8.5', 'the user hears of a new or moved pointer'),
  must('MUST-33', '3.8.5', 'and can learn how much urgent text is left'),
];

const WINDOWS: readonly Requirement[] = [
  shouldNot('SHLD-14', '3.8.6', 'the right edge of the window moves left'),
  must('MUST-34', '3.8.6', 'a peer that does so is coped with'),
  shouldNot('SHLD-15', '3.8.6', 'then new text is sent'),
  should('SHLD-16', '3.8.6', 'but what is in the window is sent again'),
  may('MAY-7', '3.8.6', 'and what is beyond it may be'),
  shouldNot('SHLD-17', '3.8.6', 'text beyond the edge times the connection out'),
  must('MUST-35', '3.8.6', 'a window that shrank to zero is probed'),
  must('MUST-36', '3.8.6.1', 'a zero window is probed', knob('window_probe')),
  may('MAY-8', '3.8.6.1', 'a receiver may keep its window shut for ever'),
  must('MUST-37', '3.8.6.1', 'the connection stays as long as probes are answered'),
  should('SHLD-29', '3.8.6.1', 'the first probe comes after the RTO', knob('persist_min_ms')),
  should('SHLD-30', '3.8.6.1', 'the intervals grow exponentially', knob('persist_max_ms')),
  must('MUST-38', '3.8.6.2.1', 'the sender avoids silly windows'),
  must('MUST-39', '3.8.6.2.2', 'the receiver avoids silly windows', knob('window_edge')),
  must('MUST-66', '3.10.7.4', 'RST and URG count with a zero window too'),
];

const ACKNOWLEDGING: readonly Requirement[] = [
  should('SHLD-18', '3.8.6.3', 'ACKs are delayed', knob('delayed_ack_ms')),
  must('MUST-40', '3.8.6.3', 'by less than half a second', knob('delayed_ack_ms')),
  should(
    'SHLD-19',
    '3.8.6.3',
    'every second full segment is acknowledged',
    knob('delayed_ack_counts'),
  ),
  must('MUST-58', '3.10.7.4', 'ACKs are put together where possible'),
  must('MUST-59', '3.10.7.4', 'all that waits is processed before an ACK is sent'),
  should('SHLD-31', '3.10.7.4', 'text beyond a gap is kept'),
  may('MAY-13', '3.10.7.4', 'and may be answered by an ACK'),
  may('MAY-12', '3.10.7.4', 'text with an ACK out of range is dropped', knob('old_ack_check')),
];

const USER: readonly Requirement[] = [
  may('MAY-14', '3.9.1.7', 'a FLUSH call', out('sockets have none')),
  may('MAY-15', '3.9.1.2', 'SEND may take PUSH', out('sockets have none; MUST-60 and 61 hold')),
  mustNot('MUST-60', '3.9.1.2', 'then text is buffered for ever'),
  must('MUST-61', '3.9.1.2', 'and the last segment of what is queued has PSH'),
  should('SHLD-27', '3.9.1.2', 'PSH bits are put together with their text'),
  may('MAY-16', '3.9.1.2', 'text without PUSH may be gathered'),
  should('SHLD-28', '3.9.1.2', 'segments are as large as possible'),
  may('MAY-17', '3.9.1.3', 'the receiver may tell the user of PSH', out('sockets do not')),
  must('MUST-47', '3.9.1.8', 'soft errors are reported: ICMP, retransmissions, urgent text'),
  should(
    'SHLD-20',
    '3.9.1.8',
    'an application can turn the reports off',
    out('reports stand in the connection and in what an event did: they call nobody'),
  ),
  must('MUST-48', '3.9.1.9', 'an application sets the Diffserv field', out(NO_DIFFSERV)),
  should('SHLD-21', '3.9.1.9', 'and changes it while connected', out(NO_DIFFSERV)),
  should('SHLD-22', '3.9.1.9', 'and it goes to IP unchanged', out(NO_DIFFSERV)),
  may('MAY-9', '3.9.1.9', 'that of received segments may be told', out(NO_DIFFSERV)),
  shouldNot('SHLD-23', '3.9.2', 'applications change it often', out(NO_DIFFSERV)),
];

const NETWORK: readonly Requirement[] = [
  must('MUST-49', '3.9.2', 'the TTL can be set', out('links have no hops')),
  must('MUST-50', '3.9.2', 'options of IP that are not known are ignored'),
  may('MAY-10', '3.9.2', 'the timestamp option of IP', out(NO_IP_OPTIONS)),
  may('MAY-11', '3.9.2', 'the record route option of IP', out(NO_IP_OPTIONS)),
  must('MUST-51', '3.9.2.1', 'an application sets a source route', out(NO_IP_OPTIONS)),
  must('MUST-52', '3.9.2.1', 'which counts before a received one', out(NO_IP_OPTIONS)),
  must('MUST-53', '3.9.2.1', 'a received source route is used to answer', out(NO_IP_OPTIONS)),
  should('SHLD-24', '3.9.2.1', 'the last received counts', out(NO_IP_OPTIONS)),
  must('MUST-54', '3.9.2.2', 'ICMP errors reach the connection they are about'),
  must('MUST-55', '3.9.2.2', 'source quench is discarded'),
  mustNot('MUST-56', '3.9.2.2', 'a soft error aborts a connection', knob('icmp_soft')),
  should('SHLD-25', '3.9.2.2', 'a soft error is told to the application'),
  should('SHLD-26', '3.9.2.2', 'a hard error aborts the connection', knob('icmp_hard')),
];

/** What of the other RFCs is not here, and why. */
export const LEFT_OUT: readonly { readonly source: string; readonly why: string }[] = [
  { source: 'RFC 2883, duplicate SACK', why: 'nothing here undoes a retransmission by it' },
  { source: 'RFC 8985, RACK', why: 'losses are found by counting; only the tail probe is there' },
  { source: 'RFC 4015, 5682, 3522', why: 'a reduction that was spurious is not taken back' },
  { source: 'RFC 3168, marks', why: 'links lose and never mark; negotiation is there, knob ecn' },
  {
    source: 'RFC 1191, 8201, 8899, path MTU discovery',
    why: 'no link is narrower than the MTU of its hosts',
  },
  {
    source: 'RFC 5482 §2, the option',
    why: 'no stack of the profiles sends it; the limit itself is there, per connection',
  },
  {
    source: 'RFC 4987 §3.6, cookies',
    why: 'with knob syn_cookies a full queue does not drop, but neither state nor options are lost',
  },
  { source: 'RFC 7413, Fast Open', why: 'a second handshake of its own; text on a SYN waits' },
];

/** In the order of the RFC's sections, as far as one subject stays together. */
export const REQUIREMENTS: readonly Requirement[] = Object.freeze([
  ...FORMAT,
  ...OPENING,
  ...CLOSING,
  ...SEGMENTS,
  ...RETRANSMISSION,
  ...KEEP_ALIVE,
  ...URGENT,
  ...WINDOWS,
  ...ACKNOWLEDGING,
  ...USER,
  ...NETWORK,
]);
