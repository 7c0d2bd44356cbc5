/**
 * IPv4 and IPv6 addresses: bytes, canonical text, endpoints.
 *
 * Everywhere else an address is its canonical text: dotted decimal without leading zeros for IPv4,
 * RFC 5952 for IPv6 (lower case, the longest run of zero groups as `::`, IPv4-mapped addresses with
 * their last 32 bits in dotted decimal). So equal addresses are equal strings. Zone identifiers
 * (`%eth0`, RFC 4007) are left out: they name an interface of one machine, not an address.
 */

import { hashText } from './random.ts';

/** An address in canonical text with a port. */
export type Endpoint = { address: string; port: number };

const DOT = 46;
const ZERO = 48;
const NINE = 57;
const IPV4_PART = /^(0|[1-9]\d{0,2})$/;
const IPV6_GROUP = /^[0-9a-fA-F]{1,4}$/;
const PORT = /^\d{1,5}$/;

/** The text of the four bytes at `at`. */
export function formatIpv4(bytes: Uint8Array, at = 0): string {
  return `${bytes[at] ?? 0}.${bytes[at + 1] ?? 0}.${bytes[at + 2] ?? 0}.${bytes[at + 3] ?? 0}`;
}

/** The canonical text of the sixteen bytes at `at` (RFC 5952 §4, §5). */
export function formatIpv6(bytes: Uint8Array, at = 0): string {
  const groups: number[] = [];
  for (let i = at; i < at + 16; i += 2) {
    groups.push(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0));
  }
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${formatIpv4(bytes, at + 12)}`;
  }
  const run = longestZeroRun(groups);
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  if (run.length < 2) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

/** The first of the longest runs of zero groups (RFC 5952 §4.2.3). */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: index + 1 - length, length };
  }
  return best;
}

/** The canonical text of an address of 4 or 16 bytes. */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return formatIpv4(bytes);
  if (bytes.length === 16) return formatIpv6(bytes);
  throw new RangeError(`an address has 4 or 16 bytes, this one has ${bytes.length}`);
}

/** The bytes, 4 or 16, of an address in any of its texts; undefined where it is none. */
export function parseAddress(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  // "010" is refused: some readers take it for octal.
  if (!parts.every((part) => IPV4_PART.test(part) && Number(part) <= 255)) return undefined;
  return Uint8Array.from(parts, Number);
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  const tail = parseGroups(halves[1] ?? '', true);
  if (head === undefined || tail === undefined) return undefined;
  // "::" stands for at least one group (RFC 4291 §2.2).
  const room = 16 - head.length - tail.length;
  if (halves.length === 1 ? room !== 0 : room < 2) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(head, 0);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

/** The bytes of groups joined by colons; the last may be IPv4 text if the address ends here. */
function parseGroups(text: string, endsHere: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    if (endsHere && index === groups.length - 1 && group.includes('.')) {
      const ipv4 = parseIpv4(group);
      if (ipv4 === undefined) return undefined;
      bytes.push(...ipv4);
    } else {
      if (!IPV6_GROUP.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}

/** The canonical text of an address given in any of its texts; undefined where it is none. */
export function canonicalAddress(text: string): string | undefined {
  const bytes = parseAddress(text);
  return bytes === undefined ? undefined : formatAddress(bytes);
}

/** Whether canonical text is an IPv6 address. */
export function isIpv6(address: string): boolean {
  return address.includes(':');
}

/**
 * Whether one host can have the address: not unspecified, multicast or the limited broadcast
 * (RFC 1122 §3.2.1.3, RFC 4291 §2.5.2, §2.7). Broadcasts of a subnet cannot be told: there are no
 * netmasks here.
 */
export function isUnicast(address: string): boolean {
  // It is asked of every segment: no text is cut or searched for IPv4.
  let first = 0;
  for (let i = 0; i < 4; i += 1) {
    const code = address.charCodeAt(i);
    if (code === DOT) return first !== 0 && first < 224;
    if (code < ZERO || code > NINE) break;
    first = first * 10 + code - ZERO;
  }
  return address !== '::' && !/^ff[0-9a-f]{2}:/.test(address);
}

/** So many hashes of addresses are known at a time: by the end of the text, where most differ. */
const KNOWN = 64;
const known: string[] = new Array<string>(KNOWN).fill('');
const hashes = new Uint32Array(KNOWN).fill(hashText(''));

/** {@link hashText} of an address: few are in use at a time, and every connection asks for it. */
export function hashAddress(address: string): number {
  const { length } = address;
  const at = (address.charCodeAt(length - 1) + 10 * address.charCodeAt(length - 2)) & (KNOWN - 1);
  if (known[at] !== address) {
    known[at] = address;
    hashes[at] = hashText(address);
  }
  return hashes[at] as number;
}

/** `10.0.0.1:80` or `[fd00::1]:80`; undefined where the text is neither. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const colon = text.lastIndexOf(':');
  if (colon < 0) return undefined;
  const host = text.slice(0, colon);
  const port = text.slice(colon + 1);
  if (!PORT.test(port) || Number(port) > 65_535) return undefined;
  const bracketed = host.startsWith('[') && host.endsWith(']');
  const address = canonicalAddress(bracketed ? host.slice(1, -1) : host);
  if (address === undefined || isIpv6(address) !== bracketed) return undefined;
  return { address, port: Number(port) };
}

/** The inverse of {@link parseEndpoint}. */
export function formatEndpoint(address: string, port: number): string {
  return isIpv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}
