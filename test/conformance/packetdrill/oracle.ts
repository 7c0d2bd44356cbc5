// What a stack must do with one segment in one state, from the text of RFC 9293 §3.10.7, RFC 5961
// and the documented exceptions of FreeBSD; and scripts that ask for it. Nothing here calls the
// engine: the rules are stated a second time, in the order of the text, and by numbers that count
// from each side's ISN.

export type Profile = 'freebsd' | 'rfc9293';
export type Ip = 'ipv4' | 'ipv6';

export const STATES = [
  'CLOSED',
  'LISTEN',
  'SYN_SENT',
  'SYN_RECEIVED_PASSIVE',
  'SYN_RECEIVED_ACTIVE',
  'ESTABLISHED',
  'FIN_WAIT_1',
  'FIN_WAIT_2',
  'CLOSE_WAIT',
  'CLOSING',
  'LAST_ACK',
  'TIME_WAIT',
] as const;
export type State = (typeof STATES)[number];

export type Stimulus = {
  readonly name: string;
  readonly flags: string;
  readonly len: number;
  /** Which number is acknowledged; null where the ACK bit is not set. */
  readonly ack: 'una' | 'nxt' | 'beyond' | null;
};

const stimulus = (flags: string, len: number, ack: Stimulus['ack']): Stimulus => ({
  name: `${flags}${len > 0 ? ` with ${len}` : ''}${ack === null ? '' : ` ack ${ack}`}`,
  flags,
  len,
  ack,
});

export const STIMULI: readonly Stimulus[] = [
  stimulus('S', 0, null),
  stimulus('S.', 0, 'una'),
  stimulus('S.', 0, 'nxt'),
  stimulus('SF', 0, null),
  stimulus('.', 0, 'una'),
  stimulus('.', 0, 'nxt'),
  stimulus('.', 0, 'beyond'),
  stimulus('P.', 10, 'una'),
  stimulus('P.', 10, 'nxt'),
  stimulus('F', 0, null),
  stimulus('F.', 0, 'una'),
  stimulus('F.', 0, 'nxt'),
  stimulus('FP.', 10, 'nxt'),
  stimulus('R', 0, null),
  stimulus('R.', 0, 'nxt'),
  stimulus('-', 0, null),
  stimulus('P', 10, null),
];

export const POSITIONS = ['left outside', 'left edge', 'inside', 'right edge', 'right outside'];

/** Knobs of the stack that a script may turn. */
export type Insecure = {
  readonly rst: boolean;
  readonly syn: boolean;
  readonly dropSynFin: boolean;
};
export const SECURE: Insecure = { rst: false, syn: false, dropSynFin: false };

export type Cell = {
  readonly profile: Profile;
  readonly ip: Ip;
  readonly state: State;
  readonly stimulus: Stimulus;
  readonly position: string;
  readonly insecure: Insecure;
};

/** The variables of the connection before the segment; the peer's window is never the limit. */
type Before = { una: number; nxt: number; rcvNxt: number; wnd: number };

const mssOf = (ip: Ip): number => (ip === 'ipv4' ? 1460 : 1440);
const bufferOf = (ip: Ip): number => (ip === 'ipv4' ? 65_700 : 66_240);
const U32 = 2 ** 32;
const wrap = (n: number): number => ((n % U32) + U32) % U32;

function before({ state, ip }: Cell): Before {
  const wnd = state === 'SYN_RECEIVED_PASSIVE' ? 65_535 : bufferOf(ip);
  switch (state) {
    case 'CLOSED':
    case 'LISTEN':
      return { una: 0, nxt: 7, rcvNxt: 1000, wnd };
    case 'SYN_SENT':
      return { una: 0, nxt: 1, rcvNxt: 1000, wnd };
    case 'SYN_RECEIVED_PASSIVE':
    case 'SYN_RECEIVED_ACTIVE':
      return { una: 0, nxt: 1, rcvNxt: 1, wnd };
    case 'ESTABLISHED':
      return { una: 1, nxt: 1, rcvNxt: 1, wnd };
    case 'FIN_WAIT_1':
      return { una: 1, nxt: 2, rcvNxt: 1, wnd };
    case 'FIN_WAIT_2':
      return { una: 2, nxt: 2, rcvNxt: 1, wnd };
    case 'CLOSE_WAIT':
      return { una: 1, nxt: 1, rcvNxt: 2, wnd };
    case 'CLOSING':
    case 'LAST_ACK':
      return { una: 1, nxt: 2, rcvNxt: 2, wnd };
    case 'TIME_WAIT':
      return { una: 2, nxt: 2, rcvNxt: 2, wnd };
  }
}

function seqOf({ stimulus: s, position }: Cell, b: Before): number {
  const length = s.len + (s.flags.includes('S') ? 1 : 0) + (s.flags.includes('F') ? 1 : 0);
  switch (position) {
    case 'left outside':
      // All of it lies before RCV.NXT.
      return wrap(b.rcvNxt - Math.max(1, length));
    case 'left edge':
      return b.rcvNxt;
    case 'inside':
      return b.rcvNxt + 100;
    case 'right edge':
      return b.rcvNxt + b.wnd - 1;
    default:
      return b.rcvNxt + b.wnd;
  }
}

/** What must be sent, and where the connection stands then; `gone`: there is none any more. */
export type Answer = {
  readonly sent: readonly string[];
  readonly state: string;
  readonly error: '' | 'ECONNREFUSED' | 'ECONNRESET';
  /** RCV.NXT and SND.NXT and SND.UNA afterwards. */
  readonly rcvNxt: number;
  readonly nxt: number;
  readonly una: number;
};

function answer(cell: Cell): Answer {
  const b = before(cell);
  switch (cell.state) {
    case 'CLOSED':
      return inClosed(cell, b);
    case 'LISTEN':
      return inListen(cell, b);
    case 'SYN_SENT':
      return inSynSent(cell, b);
    case 'TIME_WAIT':
      return inTimeWait(cell, b);
    default:
      return inOthers(cell, b);
  }
}

const stays = (cell: Cell, b: Before, ...sent: string[]): Answer => ({
  sent,
  state: cell.state.replace(/_(?:PASSIVE|ACTIVE)$/, ''),
  error: '',
  rcvNxt: b.rcvNxt,
  nxt: b.nxt,
  una: b.una,
});

const bare = (seq: number, ack: number): string => `> . ${seq}:${seq}(0) ack ${ack}`;
const hasAck = (s: Stimulus): boolean => s.flags.includes('.');
const ackOf = (s: Stimulus, b: Before): number =>
  s.ack === 'una' ? b.una : s.ack === 'nxt' ? b.nxt : b.nxt + 1000;

/** <SEQ=SEG.ACK><CTL=RST>, or <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>. */
function resetFor(cell: Cell, b: Before): string {
  const { stimulus: s } = cell;
  if (hasAck(s)) return `> R ${ackOf(s, b)}:${ackOf(s, b)}(0)`;
  const length = s.len + (s.flags.includes('S') ? 1 : 0) + (s.flags.includes('F') ? 1 : 0);
  return `> R. 0:0(0) ack ${wrap(seqOf(cell, b) + length)} win 0`;
}

function synFinDropped({ stimulus: s, insecure }: Cell): boolean {
  return insecure.dropSynFin && s.flags.includes('S') && s.flags.includes('F');
}

function inClosed(cell: Cell, b: Before): Answer {
  if (cell.stimulus.flags.includes('R') || synFinDropped(cell)) return stays(cell, b);
  return stays(cell, b, resetFor(cell, b));
}

function synAck(cell: Cell, seq: number): string {
  return `> S. 0:0(0) ack ${wrap(seq + 1)} win 65535 <mss ${mssOf(cell.ip)}>`;
}

function inListen(cell: Cell, b: Before): Answer {
  const { stimulus: s } = cell;
  if (s.flags.includes('R') || synFinDropped(cell)) return stays(cell, b);
  if (hasAck(s)) {
    const dropped = cell.profile === 'freebsd' && s.flags.includes('S');
    return dropped ? stays(cell, b) : stays(cell, b, resetFor(cell, b));
  }
  if (!s.flags.includes('S')) return stays(cell, b);
  return { ...stays(cell, b, synAck(cell, seqOf(cell, b))), state: 'opened' };
}

function inSynSent(cell: Cell, b: Before): Answer {
  const { stimulus: s } = cell;
  if (synFinDropped(cell)) return stays(cell, b);
  if (hasAck(s) && s.ack !== 'nxt') {
    return s.flags.includes('R') ? stays(cell, b) : stays(cell, b, resetFor(cell, b));
  }
  if (s.flags.includes('R')) {
    if (!hasAck(s)) return stays(cell, b);
    return { ...stays(cell, b), state: 'gone', error: 'ECONNREFUSED' };
  }
  if (!s.flags.includes('S')) return stays(cell, b);
  const seq = seqOf(cell, b);
  if (hasAck(s)) {
    const ack = wrap(seq + 1);
    // Numbers count from the ISN that this SYN has told.
    const sent = `> . 1:1(0) ack ${wrap(ack - seq)} win 65535`;
    return { ...stays(cell, b, sent), state: 'ESTABLISHED', rcvNxt: 1, una: 1 };
  }
  return { ...stays(cell, b, synAck(cell, seq)), state: 'SYN_RECEIVED', rcvNxt: 1 };
}

function inTimeWait(cell: Cell, b: Before): Answer {
  const { stimulus: s, profile, position } = cell;
  const ack = bare(b.nxt, b.rcvNxt);
  if (profile === 'freebsd') {
    if (s.flags.includes('R')) return stays(cell, b);
    if (synFinDropped(cell)) return stays(cell, b);
    const after = position !== 'left outside' && position !== 'left edge';
    if (s.flags.includes('S') && !hasAck(s) && after) {
      return { ...stays(cell, b, synAck(cell, seqOf(cell, b))), state: 'opened' };
    }
    if (!hasAck(s)) return stays(cell, b);
    const expected =
      s.flags === '.' && s.len === 0 && position === 'left edge' && s.ack !== 'beyond';
    return expected ? stays(cell, b) : stays(cell, b, ack);
  }
  if (synFinDropped(cell)) return stays(cell, b);
  const outside = isOutside(cell);
  if (s.flags.includes('R')) {
    if (outside) return stays(cell, b);
    const exact = position === 'left edge' || cell.insecure.rst;
    return exact ? { ...stays(cell, b), state: 'gone' } : stays(cell, b, ack);
  }
  if (!hasAck(s) && !s.flags.includes('S') && !outside) return stays(cell, b);
  return stays(cell, b, ack);
}

function isOutside({ position }: Cell): boolean {
  return position === 'left outside' || position === 'right outside';
}

function inOthers(cell: Cell, b: Before): Answer {
  const { stimulus: s, profile, state } = cell;
  if (synFinDropped(cell)) return stays(cell, b);
  const freebsd = profile === 'freebsd';
  if (freebsd && state === 'SYN_RECEIVED_PASSIVE' && !s.flags.includes('R')) {
    if (s.flags.includes('S')) {
      return hasAck(s) ? stays(cell, b) : stays(cell, b, synAck(cell, 0));
    }
    if (!hasAck(s)) return stays(cell, b);
  }
  if (s.flags.includes('R')) return rst(cell, b);
  if (s.flags.includes('S')) return syn(cell, b);
  if (isOutside(cell)) return outside(cell, b);
  if (!hasAck(s)) return stays(cell, b);
  return acceptable(cell, b);
}

/** RFC 5961 §3. */
function rst(cell: Cell, b: Before): Answer {
  const { position, state } = cell;
  if (isOutside(cell)) return stays(cell, b);
  if (position !== 'left edge' && !cell.insecure.rst) {
    return stays(cell, b, bare(b.nxt, b.rcvNxt));
  }
  if (state === 'SYN_RECEIVED_PASSIVE') return { ...stays(cell, b), state: 'LISTEN' };
  const reset = { ...stays(cell, b), state: 'gone' } as const;
  if (state === 'SYN_RECEIVED_ACTIVE') return { ...reset, error: 'ECONNREFUSED' };
  // RFC 9293 §3.10.7.4 has no signal for a user who has closed; FreeBSD tells the socket.
  const silent = cell.profile === 'rfc9293' && (state === 'CLOSING' || state === 'LAST_ACK');
  return { ...reset, error: silent ? '' : 'ECONNRESET' };
}

/** RFC 5961 §4; an old SYN of the same open is the peer's SYN,ACK of Figure 7, or sent again. */
function syn(cell: Cell, b: Before): Answer {
  const { stimulus: s, state, position } = cell;
  const challenge = bare(b.nxt, b.rcvNxt);
  const opening = state.startsWith('SYN_RECEIVED');
  if (state === 'SYN_RECEIVED_ACTIVE' && position === 'left outside' && s.flags === 'S.') {
    if (s.ack === 'nxt') return { ...stays(cell, b), state: 'ESTABLISHED', una: 1 };
    return stays(cell, b, resetFor(cell, b));
  }
  if (opening && position === 'left outside' && s.flags === 'S') {
    // The letter has no exception for a SYN that is sent again: it is not acceptable, so an ACK.
    return stays(cell, b, cell.profile === 'freebsd' ? synAck(cell, 0) : challenge);
  }
  if (state === 'SYN_RECEIVED_PASSIVE' && !isOutside(cell)) {
    return { ...stays(cell, b), state: 'LISTEN' };
  }
  if (cell.insecure.syn && !isOutside(cell)) {
    const sent = `> R. ${b.nxt}:${b.nxt}(0) ack ${b.rcvNxt} win 0`;
    return { ...stays(cell, b, sent), state: 'gone', error: 'ECONNRESET' };
  }
  return stays(cell, b, challenge);
}

/** First step: not acceptable. FreeBSD reads the ACK of what lies before the window. */
function outside(cell: Cell, b: Before): Answer {
  const { stimulus: s, state, position, profile } = cell;
  const read =
    profile === 'freebsd' &&
    position === 'left outside' &&
    hasAck(s) &&
    state !== 'SYN_RECEIVED_PASSIVE';
  if (!read) return stays(cell, b, bare(b.nxt, b.rcvNxt));
  const after = acked(cell, b);
  if (after.state === 'gone' || after.sent.length > 0) return after;
  return { ...after, sent: [bare(after.nxt, b.rcvNxt)] };
}

/** Fifth step: what the ACK does by itself. */
function acked(cell: Cell, b: Before): Answer {
  const { stimulus: s, state } = cell;
  if (state.startsWith('SYN_RECEIVED')) {
    if (s.ack !== 'nxt') return stays(cell, b, resetFor(cell, b));
    return { ...stays(cell, b), state: 'ESTABLISHED', una: 1 };
  }
  if (s.ack === 'beyond') return stays(cell, b, bare(b.nxt, b.rcvNxt));
  if (s.ack === 'una' || b.una === b.nxt) return stays(cell, b);
  const to = { FIN_WAIT_1: 'FIN_WAIT_2', CLOSING: 'TIME_WAIT', LAST_ACK: 'gone' }[state as string];
  return { ...stays(cell, b), state: to ?? state, una: b.nxt };
}

/** Fifth to eighth step, for what is acceptable. */
function acceptable(cell: Cell, b: Before): Answer {
  const { stimulus: s, position } = cell;
  const after = acked(cell, b);
  if (after.sent.length > 0 || after.state === 'gone') return after;
  const fin = s.flags.includes('F');
  if (s.len === 0 && !fin) return after;
  const takes = ['ESTABLISHED', 'FIN_WAIT_1', 'FIN_WAIT_2'].includes(after.state);
  if (!takes) return after;
  // Beyond a gap it is kept, and the ACK tells what is missing.
  if (position !== 'left edge') return { ...after, sent: [bare(after.nxt, b.rcvNxt)] };
  const rcvNxt = b.rcvNxt + s.len + (fin ? 1 : 0);
  const ack = bare(after.nxt, rcvNxt);
  if (!fin) return { ...after, rcvNxt, sent: [`+.04 ${ack}`] };
  const next = { ESTABLISHED: 'CLOSE_WAIT', FIN_WAIT_1: 'CLOSING', FIN_WAIT_2: 'TIME_WAIT' };
  const state = next[after.state as keyof typeof next];
  const again = state === 'CLOSING' && cell.profile === 'freebsd';
  const sent = again ? `> F. ${b.una}:${b.una}(0) ack ${rcvNxt}` : ack;
  return { ...after, rcvNxt, state, sent: [sent] };
}

// Scripts

const PASSIVE = `+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
`;

function activeOpen(ip: Ip): string {
  return `+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 4
+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 connect(4, ..., ...) = -1 EINPROGRESS (Operation now in progress)
+0 > S 0:0(0) win 65535 <mss ${mssOf(ip)},nop,wscale 6,sackOK,TS val 1 ecr 0>
`;
}

/** Everything up to the state, with a listener where a TIME-WAIT may give way to one. */
function upTo({ state, ip, profile }: Cell): string {
  const mss = `<mss ${mssOf(ip)}>`;
  const half = `${PASSIVE}+.1 < S 0:0(0) win 65535 ${mss}
+0 > S. 0:0(0) ack 1 win 65535 ${mss}
`;
  const passive = `${half}+.1 < . 1:1(0) ack 1 win 65535
+0 accept(3, ..., ...) = 4
`;
  const shutdown = '+.1 shutdown(4, SHUT_WR) = 0\n';
  const fin = (ack: number): string => `+0 > F. 1:1(0) ack ${ack}\n`;
  switch (state) {
    case 'CLOSED':
      return '';
    case 'LISTEN':
      return PASSIVE;
    case 'SYN_SENT':
      return activeOpen(ip);
    case 'SYN_RECEIVED_PASSIVE':
      return half;
    case 'SYN_RECEIVED_ACTIVE':
      return `${activeOpen(ip)}+.1 < S 0:0(0) win 65535 ${mss}
+0 > S. 0:0(0) ack 1 win 65535 ${mss}
`;
    case 'ESTABLISHED':
      return passive;
    case 'FIN_WAIT_1':
      return `${passive}${shutdown}${fin(1)}`;
    case 'FIN_WAIT_2':
      return `${passive}${shutdown}${fin(1)}+.1 < . 1:1(0) ack 2 win 65535\n`;
    case 'CLOSE_WAIT':
      return `${passive}+.1 < F. 1:1(0) ack 1 win 65535\n+0 > . 1:1(0) ack 2\n`;
    case 'LAST_ACK':
      return `${passive}+.1 < F. 1:1(0) ack 1 win 65535\n+0 > . 1:1(0) ack 2\n${shutdown}${fin(2)}`;
    case 'CLOSING': {
      const entry = profile === 'freebsd' ? '> F. 1:1(0) ack 2' : '> . 2:2(0) ack 2';
      return `${passive}${shutdown}${fin(1)}+.1 < F. 1:1(0) ack 1 win 65535\n+0 ${entry}\n`;
    }
    case 'TIME_WAIT':
      return `${passive}${shutdown}${fin(1)}+.1 < . 1:1(0) ack 2 win 65535
+.1 < F. 1:1(0) ack 2 win 65535
+0 > . 2:2(0) ack 2
`;
  }
}

/** The script of a cell: to the state, the segment, what must come, and that nothing else came. */
export function script(cell: Cell): string {
  const b = before(cell);
  const want = answer(cell);
  const { stimulus: s, insecure, ip } = cell;
  const knobs = `0 \`sysctl -w net.inet.tcp.insecure_rst=${Number(insecure.rst)}
    sysctl -w net.inet.tcp.insecure_syn=${Number(insecure.syn)}
    sysctl -w net.inet.tcp.drop_synfin=${Number(insecure.dropSynFin)}\`
`;
  const seq = seqOf(cell, b);
  const ack = hasAck(s) ? ` ack ${ackOf(s, b)}` : '';
  const mss = s.flags.includes('S') ? ` <mss ${mssOf(ip)}>` : '';
  const numbers = `${seq}:${wrap(seq + s.len)}(${s.len})`;
  const stimulusLine = `+.1 < ${s.flags} ${numbers}${ack} win 65535${mss}\n`;
  const sent = want.sent.map((line) => (line.startsWith('+') ? line : `+0 ${line}`)).join('\n');
  return `--ip_version=${ip}\n${knobs}${upTo(cell)}${stimulusLine}${sent}\n${checks(cell, want)}`;
}

/**
 * The state, the error, and a segment whose answer is known: a segment too many would come first.
 */
function checks(cell: Cell, want: Answer): string {
  const holds = !['CLOSED', 'LISTEN', 'SYN_RECEIVED_PASSIVE'].includes(cell.state);
  const error = holds
    ? `+0 getsockopt(4, SOL_SOCKET, SO_ERROR, [${want.error || '0'}], [4]) = 0\n`
    : '';
  if (want.state === 'opened') return '';
  if (['gone', 'CLOSED', 'LISTEN', 'SYN_SENT'].includes(want.state)) {
    return `${error}+.3 < . 500:500(0) ack 77 win 100\n+0 > R 77:77(0) win 0\n`;
  }
  const state = `+0 %{ assert tcpi_state == TCPI_${want.state} }%\n`;
  const seq = wrap(want.rcvNxt - 1);
  const asks = `+.3 < . ${seq}:${seq}(0) ack ${want.una} win 65535\n`;
  if (cell.state.startsWith('SYN_RECEIVED') && want.state === 'SYN_RECEIVED') {
    // The ACK of nothing: FreeBSD reads it where the connection has its own socket.
    const read = cell.profile === 'freebsd' && cell.state === 'SYN_RECEIVED_ACTIVE';
    const answerLine = read ? '+0 > R 0:0(0) win 0\n' : `+0 ${bare(want.nxt, want.rcvNxt)}\n`;
    return `${asks}${answerLine}`;
  }
  if (cell.state === 'SYN_SENT') {
    if (want.state === 'SYN_RECEIVED' && cell.profile === 'freebsd')
      return `${asks}+0 > R 0:0(0)\n`;
  }
  if (cell.state === 'SYN_RECEIVED_PASSIVE') {
    return `+0 accept(3, ..., ...) = 5\n${state}${asks}+0 ${bare(want.nxt, want.rcvNxt)}\n`;
  }
  return `${state}${error}${asks}+0 ${bare(want.nxt, want.rcvNxt)}\n`;
}
