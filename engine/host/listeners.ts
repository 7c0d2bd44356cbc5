/**
 * Which connections in LISTEN have a local socket: mostly one, but an RFC passive OPEN may name the
 * foreign socket too, and one that comes back to LISTEN may find another there. A snapshot holds
 * them as a plain record by `address|port` (any address: `|port`); while a batch is folded it is a
 * map by port, for every connect() looks whether a port is listened on, and texts are slow to make.
 */

type Numbers = readonly number[];
type Listeners = Readonly<Record<string, Numbers>>;

export type ListenersEdit = {
  base: Listeners;
  /** See `byPort`. */
  ports: ByPort | undefined;
  changed: boolean;
};

/** Numbers of connections by port and address, the oldest first; '' is any address. */
type ByPort = Map<number, Map<string, Numbers>>;

const NONE: Numbers = Object.freeze([]);

export function editListeners(base: Listeners): ListenersEdit {
  return { base, ports: undefined, changed: false };
}

/** Made when it is first asked for: most batches of one event do not. */
function byPort(l: ListenersEdit): ByPort {
  if (l.ports !== undefined) return l.ports;
  l.ports = new Map();
  for (const [key, nums] of Object.entries(l.base)) {
    const bar = key.lastIndexOf('|');
    enter(l.ports, key.slice(0, bar), Number(key.slice(bar + 1)), nums);
  }
  return l.ports;
}

function enter(ports: ByPort, address: string, port: number, nums: Numbers): void {
  const byAddress = ports.get(port);
  if (byAddress === undefined) ports.set(port, new Map([[address, nums]]));
  else byAddress.set(address, nums);
}

/** The record for a snapshot: the very same as before if nothing was changed. */
export function doneListeners(l: ListenersEdit): Listeners {
  if (!l.changed) return l.base;
  const record: Record<string, Numbers> = {};
  for (const [port, byAddress] of byPort(l)) {
    for (const [address, nums] of byAddress) record[`${address}|${port}`] = nums;
  }
  l.base = Object.freeze(record);
  l.changed = false;
  return l.base;
}

export function listen(l: ListenersEdit, address: string, port: number, num: number): void {
  enter(byPort(l), address, port, Object.freeze([...listenersOn(l, address, port), num]));
  l.changed = true;
}

export function unlisten(l: ListenersEdit, address: string, port: number, num: number): void {
  const byAddress = byPort(l).get(port);
  const nums = byAddress?.get(address);
  if (byAddress === undefined || !nums?.includes(num)) return;
  if (nums.length > 1) byAddress.set(address, Object.freeze(nums.filter((n) => n !== num)));
  else if (byAddress.size > 1) byAddress.delete(address);
  else byPort(l).delete(port);
  l.changed = true;
}

export function unlistenAll(l: ListenersEdit): void {
  l.ports = new Map();
  l.changed = true;
}

/** The connections in LISTEN on exactly this socket. */
export function listenersOn(l: ListenersEdit, address: string, port: number): Numbers {
  return byPort(l).get(port)?.get(address) ?? NONE;
}

/** Whether there is a connection in LISTEN on this port of whatever address. */
export function isListenedOn(l: ListenersEdit, port: number): boolean {
  return byPort(l).has(port);
}
