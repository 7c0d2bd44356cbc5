/**
 * The filter of the table: words that must all hold.
 *
 * `state:TIME-WAIT host:client port:80 addr:10.0 id:client#1 text`; `!` before a word turns it
 * round. Names of states may be cut short and written in any case, as `state:time`.
 */
import { type State, statesNamed } from '../../engine/index.ts';
import { localText, remoteText } from './names.ts';

export type FilterRow = {
  readonly name: string;
  readonly host: string;
  readonly state: State;
  /** Of one that is not there: why. */
  readonly absent: '' | 'to come' | 'ended';
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
};

/** What the table says of the state. */
export function stateText({ state, absent }: Pick<FilterRow, 'state' | 'absent'>): string {
  return absent === '' ? state : absent;
}

export type Test = (row: FilterRow) => boolean;
export type Parsed = { readonly test: Test } | { readonly error: string };

const FIELDS = ['state', 'host', 'port', 'lport', 'rport', 'addr', 'id'] as const;

export function parseFilter(text: string, hosts: readonly string[]): Parsed {
  const tests: Test[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const parsed = parseWord(word, hosts);
    if ('error' in parsed) return parsed;
    tests.push(parsed.test);
  }
  return { test: (row) => tests.every((test) => test(row)) };
}

function parseWord(word: string, hosts: readonly string[]): Parsed {
  const inverse = word.startsWith('!');
  const body = inverse ? word.slice(1) : word;
  if (body === '') return { error: '! stands before a word, as !state:LISTEN' };
  const parsed = parseTerm(body, hosts);
  if ('error' in parsed || !inverse) return parsed;
  return { test: (row) => !parsed.test(row) };
}

function parseTerm(body: string, hosts: readonly string[]): Parsed {
  const colon = body.indexOf(':');
  const field = body.slice(0, Math.max(0, colon)).toLowerCase();
  const value = body.slice(colon + 1);
  // An address and port is text, as 10.0.0.1:80 or ::1.
  if (colon < 1 || !/^[a-z]+$/.test(field) || /^[0-9a-f]{1,4}$/.test(field)) return plain(body);
  if (value === '' && (FIELDS as readonly string[]).includes(field)) {
    return { error: `${field}: needs a value` };
  }
  switch (field) {
    case 'state':
      return stateTerm(value);
    case 'host':
      return hostTerm(value, hosts);
    case 'port':
      return portTerm(value, (row, port) => row.localPort === port || row.remotePort === port);
    case 'lport':
      return portTerm(value, (row, port) => row.localPort === port);
    case 'rport':
      return portTerm(value, (row, port) => row.remotePort === port);
    case 'addr':
      return addressTerm(value);
    case 'id':
      return { test: (row) => row.name.toLowerCase() === value.toLowerCase() };
    default:
      return { error: `no field ${field}: ${FIELDS.join(' ')}` };
  }
}

function addressTerm(value: string): Parsed {
  const wanted = value.toLowerCase();
  return { test: (row) => row.local.includes(wanted) || row.remote.includes(wanted) };
}

/** What is seen of a row. */
function plain(body: string): Parsed {
  const wanted = body.toLowerCase();
  return {
    test: (row) =>
      `${row.name} ${stateText(row)} ${localText(row)} ${remoteText(row)}`
        .toLowerCase()
        .includes(wanted),
  };
}

function stateTerm(value: string): Parsed {
  const states = statesNamed(value);
  if (states.length === 0) return { error: `no state begins with ${value}` };
  return { test: (row) => states.includes(row.state) };
}

function hostTerm(value: string, hosts: readonly string[]): Parsed {
  const wanted = value.toLowerCase();
  if (!hosts.some((host) => host.toLowerCase().startsWith(wanted))) {
    return { error: `no host begins with ${value}` };
  }
  return { test: (row) => row.host.toLowerCase().startsWith(wanted) };
}

function portTerm(value: string, test: (row: FilterRow, port: number) => boolean): Parsed {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) return { error: `${value} is no port` };
  return { test: (row) => test(row, Number(value)) };
}
