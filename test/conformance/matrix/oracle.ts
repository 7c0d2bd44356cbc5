/**
 * What RFC 9293 §3.10 demands in each cell of the matrix, stated anew from its text.
 *
 * Nothing here calls the engine: the numbers are those that the text of the RFC gives for ISS 1000,
 * IRS 5000, 100 octets in flight. Segments are written `flags seq ack len`, `-` for no ACK.
 */

export type Numbers = {
  una: number;
  nxt: number;
  rcvNxt: number;
  rcvWnd: number;
  /** MAX.SND.WND. */
  maxWnd: number;
};

export type Stimulus = { flags: string; seq: number; ack: number; len: number };

export type Expected = {
  after: string;
  via?: readonly string[];
  sent: readonly string[];
  /** Paragraph that says so. */
  cites: string;
};

const MOD = 2 ** 32;
const ahead = (from: number, to: number): number => (((to - from) % MOD) + MOD) % MOD;
const plus = (a: number, n: number): number => (((a + n) % MOD) + MOD) % MOD;
const after = (a: number, b: number): boolean => a !== b && ahead(b, a) < MOD / 2;

/** SEGMENT ARRIVES. `way` tells the two ways into SYN-RECEIVED apart. */
export function expectSegment(state: string, way: string, n: Numbers, s: Stimulus): Expected {
  const has = (flag: string) => s.flags.split(',').includes(flag);
  const segLen = s.len + (has('SYN') ? 1 : 0) + (has('FIN') ? 1 : 0);
  const stay = (cites: string): Expected => ({ after: state, sent: [], cites });
  const ackNow = (cites: string): Expected => ({
    after: state,
    sent: [`. ${n.nxt} ${n.rcvNxt} 0`],
    cites,
  });

  if (state === 'CLOSED') {
    if (has('RST')) return stay('§3.10.7.1: an incoming segment containing a RST is discarded');
    const rst = has('ACK') ? `R ${s.ack} - 0` : `R. 0 ${plus(s.seq, segLen)} 0`;
    return { after: 'CLOSED', sent: [rst], cites: '§3.10.7.1' };
  }
  if (state === 'LISTEN') {
    if (has('RST')) return stay('§3.10.7.2 first');
    if (has('ACK')) return { after: state, sent: [`R ${s.ack} - 0`], cites: '§3.10.7.2 second' };
    if (!has('SYN')) return stay('§3.10.7.2 fourth');
    return {
      after: 'SYN-RECEIVED',
      sent: [`S. 1000 ${plus(s.seq, 1)} 0`],
      cites: '§3.10.7.2 third',
    };
  }
  if (state === 'SYN-SENT') return expectSynSent(s, has, stay);
  if (way === 'simultaneous open' && s.flags === 'SYN,ACK' && s.seq === 5000) {
    // Figure 7, lines 6 and 7: the SYN is known, its ACK establishes the connection.
    return expectSegment(state, way, n, { ...s, flags: 'ACK', seq: 5001 });
  }

  if (!inWindow(n, s.seq, segLen)) {
    if (has('RST')) return stay('§3.10.7.4 first: unless the RST bit is set');
    return ackNow('§3.10.7.4 first: an acknowledgment should be sent in reply');
  }
  if (has('RST')) {
    if (s.seq !== n.rcvNxt) return ackNow('§3.10.7.4 second, 3): challenge ACK (RFC 5961 §3)');
    const listens = state === 'SYN-RECEIVED' && way === 'passive OPEN';
    return { after: listens ? 'LISTEN' : 'CLOSED', sent: [], cites: '§3.10.7.4 second, 2)' };
  }
  if (has('SYN')) {
    if (state === 'SYN-RECEIVED' && way === 'passive OPEN') {
      return { after: 'LISTEN', sent: [], cites: '§3.10.7.4 fourth' };
    }
    return ackNow('§3.10.7.4 fourth: challenge ACK (RFC 5961 §4)');
  }
  if (!has('ACK')) return stay('§3.10.7.4 fifth: if the ACK bit is off, drop');
  return expectAck(state, n, s, has('FIN'), ackNow);
}

function expectSynSent(
  s: Stimulus,
  has: (flag: string) => boolean,
  stay: (cites: string) => Expected,
): Expected {
  const good = has('ACK') && s.ack === 1001;
  if (has('ACK') && !good) {
    if (has('RST')) return stay('§3.10.7.3 first');
    return { after: 'SYN-SENT', sent: [`R ${s.ack} - 0`], cites: '§3.10.7.3 first' };
  }
  if (has('RST')) {
    return good
      ? { after: 'CLOSED', sent: [], cites: '§3.10.7.3 second' }
      : stay('§3.10.7.3 second');
  }
  if (!has('SYN')) return stay('§3.10.7.3 fifth');
  if (good) {
    // Text on the SYN,ACK is taken, and one ACK covers both.
    return {
      after: 'ESTABLISHED',
      sent: [`. 1001 ${plus(s.seq, 1 + s.len)} 0`],
      cites: '§3.10.7.3 fourth',
    };
  }
  return {
    after: 'SYN-RECEIVED',
    sent: [`S. 1000 ${plus(s.seq, 1)} 0`],
    cites: '§3.10.7.3 fourth',
  };
}

/** Table 6. */
function inWindow(n: Numbers, seq: number, len: number): boolean {
  const inside = (x: number) => ahead(n.rcvNxt, x) < n.rcvWnd;
  if (len === 0) return n.rcvWnd === 0 ? seq === n.rcvNxt : inside(seq);
  return n.rcvWnd > 0 && (inside(seq) || inside(plus(seq, len - 1)));
}

/** The fifth step and what follows it, for an acceptable segment with ACK. */
function expectAck(
  state: string,
  n: Numbers,
  s: Stimulus,
  fin: boolean,
  ackNow: (cites: string) => Expected,
): Expected {
  const via: string[] = [];
  let now = state;
  if (state === 'SYN-RECEIVED') {
    if (!(after(s.ack, n.una) && !after(s.ack, n.nxt))) {
      return { after: state, sent: [`R ${s.ack} - 0`], cites: '§3.10.7.4 fifth, SYN-RECEIVED' };
    }
    now = 'ESTABLISHED';
  }
  if (state === 'TIME-WAIT') return ackNow('§3.10.7.4 fifth, TIME-WAIT: acknowledge it');
  if (after(plus(n.una, -n.maxWnd), s.ack)) return ackNow('§3.10.7.4 fifth; RFC 5961 §5');
  if (after(s.ack, n.nxt)) return ackNow('§3.10.7.4 fifth: acks something not yet sent');
  const all = s.ack === n.nxt;
  if (now === 'FIN-WAIT-1' && all) now = 'FIN-WAIT-2';
  else if (now === 'CLOSING' && all) now = 'TIME-WAIT';
  else if (now === 'LAST-ACK' && all) {
    return { after: 'CLOSED', sent: [], cites: '§3.10.7.4 fifth, LAST-ACK' };
  }
  if (now !== state) via.push(now);
  const receives = ['ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2'].includes(now);
  const result = (to: string, sent: readonly string[], cites: string): Expected => {
    const path = to === now ? via.slice(0, -1) : via;
    return { after: to, via: path, sent, cites };
  };
  if (!receives) return result(now, [], '§3.10.7.4 seventh, eighth: this should not occur');
  const inOrder = s.seq === n.rcvNxt;
  if (!inOrder && (s.len > 0 || fin)) {
    return result(now, [`. ${n.nxt} ${n.rcvNxt} 0`], 'RFC 5681 §4.2: ACK at once for a gap');
  }
  if (!fin) {
    // Text in order: its ACK may wait (§3.8.6.3).
    return result(now, [], '§3.10.7.4 seventh');
  }
  const next = { ESTABLISHED: 'CLOSE-WAIT', 'FIN-WAIT-1': 'CLOSING', 'FIN-WAIT-2': 'TIME-WAIT' }[
    now
  ] as string;
  return result(next, [`. ${n.nxt} ${plus(n.rcvNxt, s.len + 1)} 0`], '§3.10.7.4 eighth');
}

/** User calls: state after, segments, result (a number or an error). */
export function expectCall(
  state: string,
  call: string,
  n: Numbers,
): { after: string; sent: readonly string[]; result: string; cites: string } {
  const ok = (to: string, sent: readonly string[], result: string, cites: string) => ({
    after: to,
    sent,
    result,
    cites,
  });
  const open = state !== 'CLOSED';
  switch (call) {
    case 'OPEN active':
      return state === 'CLOSED' || state === 'LISTEN'
        ? ok('SYN-SENT', ['S 1000 - 0'], '1', '§3.10.1')
        : ok(state, [], 'EISCONN', '§3.10.1: connection already exists');
    case 'OPEN passive':
      return state === 'CLOSED'
        ? ok('LISTEN', [], '1', '§3.10.1')
        : ok(state, [], 'EISCONN', '§3.10.1: connection already exists');
    case 'SEND':
      if (!open) return ok(state, [], 'EBADF', '§3.10.2: connection does not exist');
      if (state === 'LISTEN') return ok(state, [], 'ENOTCONN', '§3.10.2: unspecified');
      if (['SYN-SENT', 'SYN-RECEIVED', 'ESTABLISHED', 'CLOSE-WAIT'].includes(state)) {
        // Queued; Nagle holds five octets behind what is in flight (§3.7.4).
        return ok(state, [], '5', '§3.10.2');
      }
      return ok(state, [], 'EPIPE', '§3.10.2: connection closing');
    case 'RECEIVE':
      if (!open) return ok(state, [], 'EBADF', '§3.10.3');
      if (state === 'LISTEN') return ok(state, [], 'ENOTCONN', '§3.10.3; sockets');
      if (['CLOSE-WAIT', 'CLOSING', 'LAST-ACK', 'TIME-WAIT'].includes(state)) {
        return ok(state, [], '0', '§3.10.3: connection closing');
      }
      return ok(state, [], 'EAGAIN', '§3.10.3: queued');
    case 'CLOSE':
    case 'CLOSE socket':
      if (!open) return ok(state, [], 'EBADF', '§3.10.4');
      if (state === 'LISTEN' || state === 'SYN-SENT') return ok('CLOSED', [], '0', '§3.10.4');
      if (state === 'SYN-RECEIVED' || state === 'ESTABLISHED') {
        return ok('FIN-WAIT-1', [`F. ${n.nxt} ${n.rcvNxt} 0`], '0', '§3.10.4');
      }
      if (state === 'CLOSE-WAIT') {
        return ok('LAST-ACK', [`F. ${n.nxt} ${n.rcvNxt} 0`], '0', '§3.10.4');
      }
      return ok(state, [], '0', '§3.10.4: closing already');
    case 'ABORT':
      if (!open) return ok(state, [], 'EBADF', '§3.10.5');
      if (['LISTEN', 'SYN-SENT', 'CLOSING', 'LAST-ACK', 'TIME-WAIT'].includes(state)) {
        return ok('CLOSED', [], '0', '§3.10.5');
      }
      return ok('CLOSED', [`R. ${n.nxt} ${n.rcvNxt} 0`], '0', '§3.10.5');
    default:
      return ok(state, [], open ? '0' : 'EBADF', '§3.10.6');
  }
}

/** Timers: what runs in each state and does something. */
export function expectTimer(
  state: string,
  timer: string,
  n: Numbers,
): { after: string; sent: readonly string[]; cites: string } {
  const inFlight: Readonly<Record<string, string>> = {
    'SYN-SENT': 'S 1000 - 0',
    'SYN-RECEIVED': `S. 1000 ${n.rcvNxt} 0`,
    ESTABLISHED: `P. 1001 ${n.rcvNxt} 100`,
    'FIN-WAIT-1': `F. 1001 ${n.rcvNxt} 0`,
    'CLOSE-WAIT': `P. 1001 ${n.rcvNxt} 100`,
    CLOSING: `F. 1001 ${n.rcvNxt} 0`,
    'LAST-ACK': `F. 1001 ${n.rcvNxt} 0`,
  };
  const segment = inFlight[state];
  if (timer === 'RETRANSMISSION' && segment !== undefined) {
    return { after: state, sent: [segment], cites: '§3.10.8; RFC 6298 §5.4' };
  }
  if (timer === 'USER' && segment !== undefined && !state.startsWith('SYN')) {
    return { after: 'CLOSED', sent: [], cites: '§3.10.8: user timeout' };
  }
  if (timer === 'TIME-WAIT' && state === 'TIME-WAIT') {
    return { after: 'CLOSED', sent: [], cites: '§3.10.8: time-wait timeout' };
  }
  return { after: state, sent: [], cites: 'the timer does not run' };
}
