/**
 * Conditions as people type them:
 *
 *     TIME-WAIT > 500     client TIME-WAIT >= 10     client#3 = CLOSING
 *     enters CLOSING      flag R     flag SYN,ACK    port 8080
 *     lost   divergence   retransmission   reset   eaddrnotavail   timer   crash   …
 *
 * Names of states may be cut short and written in any case and without hyphens.
 */
import type { EventKind } from '../log/event.ts';
import { nearest } from '../log/nearest.ts';
import { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG } from '../tcp/segment.ts';
import { STATES, type State } from '../tcp/states.ts';
import { type Condition, OPERATORS, type Operator, type SoughtTotal } from './condition.ts';

export type ParsedCondition =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly error: string };

const EXAMPLES = 'TIME-WAIT > 500, client#3 = CLOSING, flag R, port 8080, or lost';
const COUNT_MAX = 1e9;

/** Words for events and totals, the full one first among those of one meaning. */
const WORDS: Readonly<Record<string, EventKind | { readonly total: SoughtTotal }>> = {
  loss: 'lose',
  lost: 'lose',
  divergence: { total: 'divergences' },
  retransmission: { total: 'retransmissions' },
  reset: { total: 'resetsSent' },
  eaddrnotavail: { total: 'addrNotAvail' },
  'listen-drop': { total: 'listenDrops' },
  refused: { total: 'refused' },
  'timed-out': { total: 'timedOut' },
  reuse: { total: 'timeWaitReused' },
  call: 'call',
  arrival: 'arrive',
  injection: 'inject',
  timer: 'timer',
  knob: 'knob',
  link: 'link',
  crash: 'crash',
  restart: 'restart',
  observed: 'observe',
  wake: 'wake',
  icmp: 'icmp',
};

const FLAGS: Readonly<Record<string, number>> = { FIN, SYN, RST, PSH, ACK, URG, ECE, CWR };
const LETTERS: Readonly<Record<string, number>> = {
  S: SYN,
  F: FIN,
  R: RST,
  P: PSH,
  A: ACK,
  '.': ACK,
  U: URG,
  E: ECE,
  W: CWR,
};

/** `hosts`: the names of the log's hosts, in order. */
export function parseCondition(text: string, hosts: readonly string[]): ParsedCondition {
  const written = text.trim();
  const compared = /^(.*?)\s*(>=|<=|!=|==|≥|≤|≠|>|<|=)\s*(.*)$/u.exec(written);
  if (compared !== null) {
    const [, left = '', sign = '', right = ''] = compared;
    const op = operatorOf(sign);
    return left.includes('#')
      ? stateCondition(left, op, right, hosts)
      : countCondition(left, op, right, hosts);
  }
  const [word = '', ...rest] = written.replace(/^(\w+):\s*/, '$1 ').split(/\s+/);
  const argument = rest.join(' ');
  switch (word.toLowerCase()) {
    case 'flag':
    case 'flags':
      return flagCondition(argument);
    case 'port':
      return portCondition(argument);
    case 'enters':
      return entersCondition(argument);
    default:
      return argument === '' ? wordCondition(word) : fail(`expected ${EXAMPLES}`);
  }
}

function operatorOf(sign: string): Operator {
  const plain = { '==': '=', '≥': '>=', '≤': '<=', '≠': '!=' }[sign] ?? sign;
  return OPERATORS.find((op) => op === plain) ?? '=';
}

function countCondition(
  left: string,
  op: Operator,
  right: string,
  hosts: readonly string[],
): ParsedCondition {
  const words = left.split(/\s+/);
  const named = words.length > 1 ? words[0] : undefined;
  const host = named === undefined ? -1 : hostNamed(named, hosts);
  if (named !== undefined && host < 0) return fail(noHost(named, hosts));
  const state = oneState(words.slice(named === undefined ? 0 : 1).join(' '));
  if (typeof state !== 'string') return state;
  const value = Number(right);
  if (!/^\d+$/.test(right) || value > COUNT_MAX) {
    return fail(`expected a number of connections after ${op}, found ${right || 'nothing'}`);
  }
  return { ok: true, condition: { kind: 'count', host, state, op, value } };
}

function stateCondition(
  left: string,
  op: Operator,
  right: string,
  hosts: readonly string[],
): ParsedCondition {
  const [name = '', number = ''] = left.split('#');
  const host = hostNamed(name.trim(), hosts);
  if (host < 0) return fail(noHost(name.trim(), hosts));
  if (!/^\d{1,9}$/.test(number)) return fail(`expected a connection as client#3, found ${left}`);
  if (op !== '=' && op !== '!=') return fail(`a state is compared by = or !=, not by ${op}`);
  const state = oneState(right);
  if (typeof state !== 'string') return state;
  const conn = Number(number);
  return { ok: true, condition: { kind: 'state', host, conn, state, is: op === '=' } };
}

function flagCondition(text: string): ParsedCondition {
  let flags = 0;
  for (const part of text.toUpperCase().split(/[\s,+]+/)) {
    const named = FLAGS[part];
    for (const letter of named === undefined ? part : '') {
      const one = LETTERS[letter];
      if (one === undefined) return fail(`no flag ${letter}: ${Object.keys(FLAGS).join(' ')}`);
      flags |= one;
    }
    flags |= named ?? 0;
  }
  if (flags === 0) return fail('expected flags, as flag R or flag SYN,ACK');
  return { ok: true, condition: { kind: 'flag', flags } };
}

function portCondition(text: string): ParsedCondition {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    return fail(`expected a port from 0 to 65535, found ${text || 'nothing'}`);
  }
  return { ok: true, condition: { kind: 'port', port } };
}

function entersCondition(text: string): ParsedCondition {
  const state = oneState(text);
  if (typeof state !== 'string') return state;
  return { ok: true, condition: { kind: 'enters', state } };
}

/** A single word: an event or a total by three letters or more, or the entry into a state. */
function wordCondition(word: string): ParsedCondition {
  const wanted = word.toLowerCase();
  const found =
    wanted.length < 3 ? undefined : Object.keys(WORDS).find((w) => w.startsWith(wanted));
  const meant = found === undefined ? undefined : WORDS[found];
  // `timer` and `time-wait` begin alike: a state that is cut short is meant where both would do.
  const states = statesNamed(word);
  if (meant !== undefined && (states.length === 0 || found === wanted)) {
    const condition: Condition =
      typeof meant === 'string'
        ? { kind: 'event', ev: meant }
        : { kind: 'total', total: meant.total };
    return { ok: true, condition };
  }
  if (states.length === 0) return fail(`expected ${EXAMPLES}`);
  return entersCondition(word);
}

const squeeze = (text: string): string => text.toLowerCase().replace(/[-_]/g, '');

/** The states whose name begins so. */
export function statesNamed(text: string): readonly State[] {
  const wanted = squeeze(text);
  if (wanted === '') return [];
  const exact = STATES.filter((state) => squeeze(state) === wanted);
  return exact.length > 0 ? exact : STATES.filter((state) => squeeze(state).startsWith(wanted));
}

function oneState(text: string): State | ParsedCondition {
  const states = statesNamed(text);
  const state = states[0];
  if (state === undefined) {
    const near = nearest(text, STATES).join(', ');
    return fail(text === '' ? 'expected a state' : `no state is called ${text}: ${near}`);
  }
  return states.length === 1 ? state : fail(states.join(' or '));
}

function hostNamed(name: string, hosts: readonly string[]): number {
  return hosts.findIndex((one) => one.toLowerCase() === name.toLowerCase());
}

function noHost(name: string, hosts: readonly string[]): string {
  return `no host is called ${name}: ${nearest(name, hosts).join(', ')}`;
}

function fail(error: string): ParsedCondition {
  return { ok: false, error };
}
