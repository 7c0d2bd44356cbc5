/**
 * Which connection in LISTEN has a local socket. A snapshot holds it as a plain record by
 * `address|port` (any address: `|port`); while a batch is folded it is a map by port, for every
 * connect() looks whether a port is listened on, and texts are slow to make.
 */

type Listeners = Readonly<Record<string, number>>;

export type ListenersEdit = {
  base: Listeners;
  /** See `byPort`. */
  ports: ByPort | undefined;
  changed: boolean;
};

/** Numbers of connections by port and address; '' is any address. */
type ByPort = Map<number, Map<string, number>>;

export function editListeners(base: Listeners): ListenersEdit {
  return { base, ports: undefined, changed: false };
}

/** Made when it is first asked for: most batches of one event do not. */
function byPort(l: ListenersEdit): ByPort {
  if (l.ports !== undefined) return l.ports;
  l.ports = new Map();
  for (const [key, num] of Object.entries(l.base)) {
    const bar = key.lastIndexOf('|');
    enter(l.ports, key.slice(0, bar), Number(key.slice(bar + 1)), num);
  }
  return l.ports;
}

function enter(ports: ByPort, address: string, port: number, num: number): void {
  const byAddress = ports.get(port);
  if (byAddress === undefined) ports.set(port, new Map([[address, num]]));
  else byAddress.set(address, num);
}

/** The record for a snapshot: the very same as before if nothing was changed. */
export function doneListeners(l: ListenersEdit): Listeners {
  if (!l.changed) return l.base;
  const record: Record<string, number> = {};
  for (const [port, byAddress] of byPort(l)) {
    for (const [address, num] of byAddress) record[`${address}|${port}`] = num;
  }
  l.base = Object.freeze(record);
  l.changed = false;
  return l.base;
}

export function listen(l: ListenersEdit, address: string, port: number, num: number): void {
  enter(byPort(l), address, port, num);
  l.changed = true;
}

export function unlisten(l: ListenersEdit, address: string, port: number): void {
  const byAddress = byPort(l).get(port);
  if (!byAddress?.delete(address)) return;
  if (byAddress.size === 0) byPort(l).delete(port);
  l.changed = true;
}

export function unlistenAll(l: ListenersEdit): void {
  l.ports = new Map();
  l.changed = true;
}

/** The connection in LISTEN on exactly this socket; 0: none. */
export function listenerOn(l: ListenersEdit, address: string, port: number): number {
  return byPort(l).get(port)?.get(address) ?? 0;
}

/** Whether there is a connection in LISTEN on this port of whatever address. */
export function isListenedOn(l: ListenersEdit, port: number): boolean {
  return byPort(l).has(port);
}

/** The connection in LISTEN for what comes to this socket; 0: none. */
export function listenerFor(l: ListenersEdit, address: string, port: number): number {
  const byAddress = byPort(l).get(port);
  return byAddress?.get(address) ?? byAddress?.get('') ?? 0;
}
