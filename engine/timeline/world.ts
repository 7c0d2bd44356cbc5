/**
 * A snapshot while a batch of events is folded, and its commit.
 *
 * The recipe writes to edits: tables copy a record on its first write in a batch, hosts are opened
 * when they are touched. `commit` turns it all into the next immutable snapshot by one immer
 * `produce`. A batch of one event is the interactive step, a batch of a thousand the bulk fold; the
 * recipe is the same.
 */
import { produce } from 'immer';
import { copyOf } from '../base/copy.ts';
import type { TableEdit } from '../base/table.ts';
import type { Micros } from '../base/time.ts';
import { commitHost, editHost, type HostEdit } from '../host/edit.ts';
import type { Host, Process } from '../host/host.ts';
import type { ProcessView, Spawn } from '../host/process.ts';
import type { LogHeader } from '../log/header.ts';
import type { Flight } from '../network/flight.ts';
import type { LinkRules } from '../network/topology.ts';
import { linkKey } from '../network/transmit.ts';
import { HOSTS_MAX } from '../tcp/segment.ts';
import { createStep, type Step } from '../tcp/step.ts';
import type {
  CallResult,
  Corruption,
  Divergence,
  Effects,
  Emission,
  Transition,
} from './effects.ts';
import type { Snapshot } from './snapshot.ts';

export type MutableEffects = {
  emissions: Emission[];
  transitions: Transition[];
  results: CallResult[];
  corruptions: Corruption[];
  divergences: Divergence[];
};

export type World = {
  readonly header: LogHeader;
  /** The snapshot that the batch started from. */
  base: Snapshot;
  time: Micros;
  events: number;
  hosts: (HostEdit | undefined)[];
  flights: TableEdit<Flight>;
  nextFlight: number;
  processes: TableEdit<Process>;
  nextProcess: number;
  links: Record<string, LinkRules>;
  faultHits: number[];
  planned: number;
  step: Step;
  view: ProcessView;
  spawns: Spawn[];
  /** Processes that the current event may have moved. */
  poked: number[];
  /** Flights that the current event put on the way. */
  launched: number[];
  /** Hosts that the current event touched. */
  touched: HostEdit[];
  /** Null: nobody looks, nothing is noted. */
  effects: MutableEffects | null;
  readonly addressOf: ReadonlyMap<string, number>;
  readonly hostNumber: ReadonlyMap<string, number>;
  readonly programNumber: ReadonlyMap<string, number>;
  readonly linkOf: ReadonlyMap<string, LinkRules>;
  /** See `linkBetween`. */
  readonly found: FoundLinks;
};

/** Opens a snapshot for a batch. `explain`: effects and rules are noted. */
export function openWorld(header: LogHeader, base: Snapshot, explain: boolean): World {
  const index = indexHeader(header);
  const world: World = {
    header,
    base,
    time: base.time,
    events: base.events,
    hosts: new Array<HostEdit | undefined>(base.hosts.length).fill(undefined),
    flights: base.flights.edit(),
    nextFlight: base.nextFlight,
    processes: base.processes.edit(),
    nextProcess: base.nextProcess,
    links: base.links,
    faultHits: copyOf(base.faultHits),
    planned: base.planned,
    step: createStep(),
    view: {
      programs: header.programs,
      tcbOf: (host, conn) => hostOf(world, host).conns.get(conn),
    },
    spawns: [],
    poked: [],
    launched: [],
    touched: [],
    effects: explain ? noEffects() : null,
    ...index,
  };
  if (explain) world.step.rules = [];
  return world;
}

/** Rules found so far by both hosts, as long as the links changed are these. */
type FoundLinks = { links: World['links'] | undefined; readonly rules: Map<number, LinkRules> };

type HeaderIndex = Pick<World, 'addressOf' | 'hostNumber' | 'programNumber' | 'linkOf' | 'found'>;

const INDEXES = new WeakMap<LogHeader, HeaderIndex>();

/** Names of the header to numbers; a function of the header alone, so it is kept beside it. */
function indexHeader(header: LogHeader): HeaderIndex {
  let index = INDEXES.get(header);
  if (index === undefined) {
    const hostNumber = new Map(header.hosts.map((host, i) => [host.name, i]));
    const pair = (a: string, b: string) =>
      linkKey(hostNumber.get(a) as number, hostNumber.get(b) as number);
    index = {
      addressOf: new Map(header.hosts.flatMap((h, i) => h.addresses.map((a) => [a, i] as const))),
      hostNumber,
      programNumber: new Map(header.programs.map((program, i) => [program.name, i])),
      linkOf: new Map(header.links.map((link) => [pair(link.a, link.b), link])),
      found: { links: undefined, rules: new Map() },
    };
    INDEXES.set(header, index);
  }
  return index;
}

export function noEffects(): MutableEffects {
  return { emissions: [], transitions: [], results: [], corruptions: [], divergences: [] };
}

/** A host, opened on first use. */
export function hostOf(w: World, number: number): HostEdit {
  let h = w.hosts[number];
  if (h === undefined) {
    h = editHost(w.base.hosts[number] as Snapshot['hosts'][number], number);
    w.hosts[number] = h;
  }
  return h;
}

/** The rules between two hosts. */
export function linkBetween(w: World, a: number, b: number): LinkRules {
  const { found } = w;
  if (found.links !== w.links) {
    found.links = w.links;
    found.rules.clear();
  }
  const pair = a * HOSTS_MAX + b;
  let link = found.rules.get(pair);
  if (link === undefined) {
    const key = linkKey(a, b);
    link = w.links[key] ?? w.linkOf.get(key) ?? w.header.defaultLink;
    found.rules.set(pair, link);
  }
  return link;
}

/** Changes some rules between two hosts from now on. */
export function changeLink(w: World, a: number, b: number, rules: Partial<LinkRules>): void {
  const changed = Object.freeze({ ...linkBetween(w, a, b), ...rules });
  w.links = Object.freeze({ ...w.links, [linkKey(a, b)]: changed });
}

/** The next immutable snapshot; the world goes on from it. `freeze`: records too (tests). */
export function commit(w: World, freeze = false): Snapshot {
  // Given whole and frozen: a draft of it, and immer's walk to freeze it, cost more than an event.
  w.base = produce(w.base, () => Object.freeze(nextSnapshot(w, freeze)));
  return w.base;
}

function nextSnapshot(w: World, freeze: boolean): Snapshot {
  const { base } = w;
  let hosts: Host[] | undefined;
  for (let i = 0; i < w.hosts.length; i += 1) {
    const h = w.hosts[i];
    if (h === undefined || !h.dirty) continue;
    hosts ??= copyOf(base.hosts);
    hosts[i] = commitHost(h, freeze);
  }
  return {
    time: w.time,
    events: w.events,
    hosts: hosts === undefined ? base.hosts : Object.freeze(hosts),
    flights: w.flights.done(freeze),
    nextFlight: w.nextFlight,
    processes: w.processes.done(freeze),
    nextProcess: w.nextProcess,
    links: w.links,
    faultHits: sameNumbers(w.faultHits, base.faultHits)
      ? base.faultHits
      : Object.freeze(w.faultHits.slice()),
    planned: w.planned,
  };
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, i) => value === b[i]);
}

/** What the last event did. */
export function effectsOf(w: World): Effects {
  const e = w.effects ?? noEffects();
  const touched: { host: number; conn: number }[] = [];
  for (const { index: host, touched: conns } of w.touched) {
    for (const conn of conns.length > 1 ? new Set(conns) : conns) touched.push({ host, conn });
  }
  return { ...e, rules: w.step.rules ?? [], touched };
}
