/** ICMP errors about segments (RFC 9293 §3.9.2.2, RFC 5461): which are hard, and their names. */
import type { IcmpError } from '../capture/icmp.ts';
import type { IcmpAction } from './packet.ts';
import { type Scribe, write } from './scribe.ts';

const UNREACHABLE = [
  ...['net unreachable', 'host unreachable', 'protocol unreachable', 'port unreachable'],
  ...['fragmentation needed', 'source route failed', 'net unknown', 'host unknown'],
  ...['host isolated', 'net prohibited', 'host prohibited', 'net unreachable for this service'],
  ...['host unreachable for this service', 'administratively prohibited'],
];
const UNREACHABLE_V6 = [
  ...['no route', 'administratively prohibited', 'beyond scope', 'address unreachable'],
  'port unreachable',
];
/** Protocol, port, and whatever somebody forbids: asking again would not help. */
const HARD = new Set([2, 3, 6, 7, 8, 9, 10, 13]);
const HARD_V6 = new Set([1, 4]);

export function reportIcmp(s: Scribe, { t, host, error }: IcmpAction): void {
  const { quoted } = error;
  write(s, {
    t,
    ev: 'icmp',
    host,
    hard: isHard(error),
    what: nameOf(error),
    local: quoted.src,
    localPort: quoted.srcPort,
    remote: quoted.dst,
    remotePort: quoted.dstPort,
    seq: quoted.seq,
  });
}

function isHard({ version, type, code }: IcmpError): boolean {
  return version === 4 ? type === 3 && HARD.has(code) : type === 1 && HARD_V6.has(code);
}

/** Other errors by their type (RFC 792). */
const NAMES: Readonly<Record<number, string>> = {
  4: 'source quench',
  11: 'time exceeded',
  12: 'parameter problem',
};

function nameOf({ version, type, code }: IcmpError): string {
  const unreachable = version === 4 ? type === 3 : type === 1;
  const name = (version === 4 ? UNREACHABLE : UNREACHABLE_V6)[code];
  if (unreachable && name !== undefined) return name;
  if (version === 4 && NAMES[type] !== undefined) return NAMES[type];
  return `ICMP${version === 6 ? 'v6' : ''} type ${type} code ${code}`;
}
