/** Connections and sockets as text, and in so much room. */
import { formatEndpoint, parseAddress } from '../../engine/index.ts';
import { cut, cutMiddle, widthOf } from './term/line.ts';

export type Sockets = {
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
};

export function localText({ local, localPort }: Sockets): string {
  return local === '' ? `*:${localPort}` : formatEndpoint(local, localPort);
}

export function remoteText({ remote, remotePort }: Sockets): string {
  return remote === '' ? '*' : formatEndpoint(remote, remotePort);
}

/** A name in so much room: the host's gives way, the number of the connection does not. */
export function fitName(name: string, width: number): string {
  const at = name.lastIndexOf('#');
  if (at < 0 || widthOf(name) <= width) return cut(name, width);
  const number = name.slice(at);
  return cutMiddle(name.slice(0, at), width - number.length) + number;
}

/** Keys of addresses: the same few come again and again. */
const addressKeys = new Map<string, string>();
const ADDRESSES_MAX = 10_000;

function addressKey(address: string): string {
  let key = addressKeys.get(address);
  if (key === undefined) {
    const bytes = parseAddress(address) ?? new Uint8Array();
    key = String.fromCharCode(bytes.length, ...bytes);
    if (addressKeys.size >= ADDRESSES_MAX) addressKeys.clear();
    addressKeys.set(address, key);
  }
  return key;
}

/** Ordered as the numbers of a socket are, the shorter addresses first. */
export function socketKey(address: string, port: number): string {
  return addressKey(address) + String.fromCharCode(port);
}
