/**
 * Which connection in LISTEN has a local socket. A snapshot holds it as a plain record by
 * `address|port` (any address: `|port`); while a batch is folded it is a map by port, for every
 * connect() looks whether a port is listened on, and texts are slow to make.
 */

type Listeners = Readonly<Record<string, number>>;

export type ListenersEdit = {
  base: Listeners;
  /** Numbers of connections by port and address; '' is any address. */
  readonly byPort: Map<number, Map<string, number>>;
  changed: boolean;
};

export function editListeners(base: Listeners): ListenersEdit {
  const edit: ListenersEdit = { base, byPort: new Map(), changed: false };
  for (const [key, num] of Object.entries(base)) {
    const bar = key.lastIndexOf('|');
    listen(edit, key.slice(0, bar), Number(key.slice(bar + 1)), num);
  }
  edit.changed = false;
  return edit;
}

/** The record for a snapshot: the very same as before if nothing was changed. */
export function doneListeners(l: ListenersEdit): Listeners {
  if (!l.changed) return l.base;
  const record: Record<string, number> = {};
  for (const [port, byAddress] of l.byPort) {
    for (const [address, num] of byAddress) record[`${address}|${port}`] = num;
  }
  l.base = Object.freeze(record);
  l.changed = false;
  return l.base;
}

export function listen(l: ListenersEdit, address: string, port: number, num: number): void {
  let byAddress = l.byPort.get(port);
  if (byAddress === undefined) {
    byAddress = new Map();
    l.byPort.set(port, byAddress);
  }
  byAddress.set(address, num);
  l.changed = true;
}

export function unlisten(l: ListenersEdit, address: string, port: number): void {
  const byAddress = l.byPort.get(port);
  if (!byAddress?.delete(address)) return;
  if (byAddress.size === 0) l.byPort.delete(port);
  l.changed = true;
}

export function unlistenAll(l: ListenersEdit): void {
  l.byPort.clear();
  l.changed = true;
}

/** The connection in LISTEN on exactly this socket; 0: none. */
export function listenerOn(l: ListenersEdit, address: string, port: number): number {
  return l.byPort.get(port)?.get(address) ?? 0;
}

/** The connection in LISTEN for what comes to this socket; 0: none. */
export function listenerFor(l: ListenersEdit, address: string, port: number): number {
  const byAddress = l.byPort.get(port);
  return byAddress?.get(address) ?? byAddress?.get('') ?? 0;
}
