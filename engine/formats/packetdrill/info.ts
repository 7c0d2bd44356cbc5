/** `%{ assert … }%`: expressions over the fields of TCP_INFO of the connection under test. */
import type { Tcb } from '../../tcp/tcb.ts';
import type { Assertion, Expression } from './ast.ts';
import { Failed, Missing } from './failure.ts';
import { constant, type Family, stateInfo } from './names.ts';
import { tcbOf, timeWaitOf } from './session.ts';
import type { Sockets } from './sockets.ts';

/** Checks what a script asserts; the first assertion that does not hold fails. */
export function checkAssertions(x: Sockets, assertions: readonly Assertion[]): void {
  for (const assertion of assertions) {
    if (evaluate(x, assertion.that) !== 0) continue;
    const note = assertion.message === '' ? '' : ` (${assertion.message})`;
    throw new Failed(`${assertion.text}${note}`, valuesText(x, assertion.that));
  }
}

/** The names in an expression with their values. */
function valuesText(x: Sockets, e: Expression): string {
  const names = new Set(namesIn(e));
  const texts = [...names].map((name) => `${name} ${fieldValue(x, name)}`);
  return texts.length === 0 ? 'false' : texts.join(', ');
}

function namesIn(e: Expression): string[] {
  switch (e.kind) {
    case 'number':
      return [];
    case 'name':
      return e.name.startsWith('tcpi_') ? [e.name] : [];
    case 'not':
    case 'minus':
      return namesIn(e.of);
    default:
      return [...namesIn(e.left), ...namesIn(e.right)];
  }
}

function evaluate(x: Sockets, e: Expression): number {
  switch (e.kind) {
    case 'number':
      return e.value;
    case 'name':
      return fieldValue(x, e.name);
    case 'not':
      return Number(evaluate(x, e.of) === 0);
    case 'minus':
      return -evaluate(x, e.of);
    case 'logic': {
      const left = evaluate(x, e.left);
      if (e.op === 'and') return left === 0 ? left : evaluate(x, e.right);
      return left === 0 ? evaluate(x, e.right) : left;
    }
    case 'binary':
      return operate(e.op, evaluate(x, e.left), evaluate(x, e.right));
  }
}

function operate(op: (Expression & { kind: 'binary' })['op'], a: number, b: number): number {
  switch (op) {
    case '==':
      return Number(a === b);
    case '!=':
      return Number(a !== b);
    case '<':
      return Number(a < b);
    case '<=':
      return Number(a <= b);
    case '>':
      return Number(a > b);
    case '>=':
      return Number(a >= b);
    case '&':
      return (a & b) >>> 0;
    case '|':
      return (a | b) >>> 0;
    case '^':
      return (a ^ b) >>> 0;
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '<<':
      return a * 2 ** b;
    case '>>':
      return Math.floor(a / 2 ** b);
  }
}

function fieldValue(x: Sockets, name: string): number {
  const known = constant(name, x.family);
  if (known !== undefined) return known;
  if (!name.startsWith('tcpi_')) throw new Missing(`${name} in %{ … }%`);
  const t = tcbOf(x.session, x.current);
  if (name === 'tcpi_state') {
    if (t !== undefined) return stateInfo(t.state, x.family);
    const gone = timeWaitOf(x.session, x.current) === undefined ? 'CLOSED' : 'TIME-WAIT';
    return stateInfo(gone, x.family);
  }
  const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  if (field === undefined) throw new Missing(`${name} of TCP_INFO`);
  return t === undefined ? 0 : field(t, x.family);
}

type Field = (t: Tcb, family: Family) => number;

/** Segments for Linux, octets for BSD. */
const inUnits = (t: Tcb, octets: number, family: Family): number =>
  family === 'linux' ? Math.ceil(octets / Math.max(1, t.mss)) : octets;

const FIELDS: Readonly<Record<string, Field>> = {
  tcpi_options: (t) =>
    Number(t.tsOn) | (t.sackOn ? 2 : 0) | (t.rcvScale >= 0 && t.sndScale >= 0 ? 4 : 0),
  tcpi_snd_wscale: (t) => Math.max(0, t.sndScale),
  tcpi_rcv_wscale: (t) => Math.max(0, t.rcvScale),
  tcpi_rto: (t) => t.rto,
  tcpi_rtt: (t) => t.srtt,
  tcpi_rttvar: (t) => t.rttvar,
  tcpi_snd_mss: (t) => t.mss - (t.tsOn ? 12 : 0),
  tcpi_rcv_mss: (t) => t.mss,
  tcpi_snd_cwnd: (t, family) => inUnits(t, t.cwnd, family),
  tcpi_snd_ssthresh: (t, family) => inUnits(t, t.ssthresh, family),
  tcpi_snd_wnd: (t) => t.sndWnd,
  tcpi_rcv_space: (t) => t.rcvWnd,
  tcpi_snd_nxt: (t) => t.sndNxt,
  tcpi_snd_una: (t) => t.sndUna,
  tcpi_rcv_nxt: (t) => t.rcvNxt,
  tcpi_unacked: (t, family) => inUnits(t, (t.sndNxt - t.sndUna) >>> 0, family),
  tcpi_retransmits: (t) => t.rtxCount,
  tcpi_probes: (t) => t.keepProbes,
};
