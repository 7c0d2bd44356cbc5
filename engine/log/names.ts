/**
 * Names in a log: hosts by name, a connection as `client#1`, a stretch of text as
 * `client#1:0+1000` — which incarnation sent it, from which offset, how many octets.
 */
import { connOfStream, HOSTS_MAX, hostOfStream, type StreamId, streamOf } from '../tcp/segment.ts';
import { digitsFrom, oneOf, textAt } from './fields.ts';
import type { LogHeader } from './header.ts';
import { Malformed, show } from './problem.ts';

/** What the decoder needs to know about hosts. */
export type HostNames = {
  readonly list: readonly string[];
  readonly numbers: ReadonlyMap<string, number>;
};

/** A name is one word without `#`: `client#1:0+10` must have one reading. */
const NAME = /^[^\s#"\\?\p{Cc}]{1,64}$/u;

export function isHostName(name: string): boolean {
  return NAME.test(name);
}

export function hostNames(header: Pick<LogHeader, 'hosts'>): HostNames {
  const list = header.hosts.map((host) => host.name);
  return { list, numbers: new Map(list.map((name, number) => [name, number])) };
}

export function hostAt(value: unknown, names: HostNames, path: string): number {
  const number = names.numbers.get(value as string);
  if (number !== undefined) return number;
  throw new Malformed(path, `a host of this log, ${oneOf(names.list)}`, show(value));
}

export type ConnRef = { readonly host: number; readonly conn: number };

export function connAt(value: unknown, names: HostNames, path: string): ConnRef {
  const text = textAt(value, path);
  const hash = text.lastIndexOf('#');
  const conn = digitsFrom(text, hash + 1, text.length);
  if (hash < 1 || conn < 0) throw new Malformed(path, 'a connection as client#1', show(value));
  return { host: hostAt(text.slice(0, hash), names, path), conn };
}

/** The text of a payload's identity: `client#1:0+1000`, or `?:0+1000` of an unknown stream. */
export function payloadText(
  list: readonly string[],
  stream: StreamId,
  from: number,
  len: number,
): string {
  if (stream < 0) return `?:${from}+${len}`;
  return `${list[hostOfStream(stream)]}#${connOfStream(stream)}:${from}+${len}`;
}

export type Payload = { stream: StreamId; from: number; len: number };

export function payloadAt(value: unknown, names: HostNames, path: string): Payload {
  const text = textAt(value, path);
  const plus = text.lastIndexOf('+');
  const colon = text.lastIndexOf(':', plus);
  const from = digitsFrom(text, colon + 1, plus);
  const len = digitsFrom(text, plus + 1, text.length);
  if (colon < 1 || from < 0 || len < 0) {
    throw new Malformed(path, 'a stretch of text as client#1:0+1000', show(value));
  }
  return { stream: streamAt(text.slice(0, colon), names, path), from, len };
}

function streamAt(text: string, names: HostNames, path: string): StreamId {
  if (text === '?') return -1;
  const { host, conn } = connAt(text, names, path);
  if (conn > Number.MAX_SAFE_INTEGER / HOSTS_MAX) {
    throw new Malformed(path, 'a number of a connection', show(text));
  }
  return streamOf(host, conn);
}
