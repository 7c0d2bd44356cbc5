/** The hosts of an import: which addresses are one machine, its name, and the knobs it shows. */
import { isHostName } from '../../log/names.ts';
import type { HostSpec } from '../../network/topology.ts';
import type { Knobs } from '../../tcp/knobs.ts';
import { ACK, HOSTS_MAX, has, type Segment, SYN } from '../../tcp/segment.ts';
import type { DecodedCapture, TcpFrame } from '../capture/index.ts';
import type { Places } from './places.ts';

/** More far addresses than this share one host. */
const FAR_HOSTS_MAX = Math.min(256, HOSTS_MAX);

export type HostPlan = {
  readonly specs: readonly HostSpec[];
  /** Number of the host of an address. */
  readonly of: ReadonlyMap<string, number>;
};

type Machine = { readonly addresses: string[]; readonly place: number };

export function planHosts(
  decoded: DecodedCapture,
  frames: readonly TcpFrame[],
  places: Places,
  profile: string,
  knobs: Partial<Knobs>,
): HostPlan {
  const machines: Machine[] = [];
  const of = new Map<string, number>();
  const byPlace = new Map<number, number>();
  const settle = (address: string) => {
    if (of.has(address)) return;
    const place = places.at.get(address) ?? -1;
    let number = place >= 0 ? byPlace.get(place) : undefined;
    if (number === undefined && place < 0 && machines.length >= FAR_HOSTS_MAX) {
      number = machines.length - 1;
    }
    if (number === undefined) {
      number = machines.length;
      machines.push({ addresses: [], place });
      if (place >= 0) byPlace.set(place, number);
    }
    (machines[number] as Machine).addresses.push(address);
    of.set(address, number);
  };
  for (const { segment } of frames) {
    settle(segment.src);
    settle(segment.dst);
  }
  const names = nameHosts(decoded, frames, machines, of);
  const mss = largestMss(frames, of);
  const specs = machines.map(({ addresses }, i) => ({
    name: names[i] as string,
    addresses,
    profile,
    knobs: { ...shown(addresses, mss.get(i)), ...knobs },
    observed: true,
  }));
  return { specs, of };
}

/** How applications wrote is not shown, so no send buffer may hold inferred text back. */
function shown(addresses: readonly string[], mss: number | undefined): Partial<Knobs> {
  const headers = addresses[0]?.includes(':') ? 60 : 40;
  const mtu = mss === undefined || mss + headers === 1500 ? {} : { mtu: mss + headers };
  return { ...mtu, send_space: 2 ** 30 };
}

function largestMss(
  frames: readonly TcpFrame[],
  of: ReadonlyMap<string, number>,
): Map<number, number> {
  const mss = new Map<number, number>();
  for (const { segment: s } of frames) {
    if (!has(s, SYN) || s.mss === 0) continue;
    const host = of.get(s.src) as number;
    if (s.mss > (mss.get(host) ?? 0)) mss.set(host, s.mss);
  }
  return mss;
}

/** Interface names where they tell the hosts apart, else client and server, else addresses. */
function nameHosts(
  decoded: DecodedCapture,
  frames: readonly TcpFrame[],
  machines: readonly Machine[],
  of: ReadonlyMap<string, number>,
): string[] {
  const byInterface = machines.map(({ place }) => decoded.interfaces[place]?.name ?? '');
  const told = new Set(byInterface).size === machines.length && byInterface.every(isHostName);
  if (told && machines.length > 1) return byInterface;
  if (machines.length === 2) {
    const client = of.get(clientAddress(frames)) as number;
    return machines.map((_, i) => (i === client ? 'client' : 'server'));
  }
  return machines.map(({ addresses }) => addresses[0] as string);
}

/** Who sent the first SYN; without one, who has the higher port. */
function clientAddress(frames: readonly TcpFrame[]): string {
  const opens = (s: Segment) => has(s, SYN) && !has(s, ACK);
  const syn = frames.find((frame) => opens(frame.segment))?.segment;
  if (syn !== undefined) return syn.src;
  const first = (frames[0] as TcpFrame).segment;
  return first.srcPort >= first.dstPort ? first.src : first.dst;
}
