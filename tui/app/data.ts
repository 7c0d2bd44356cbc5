/**
 * What the dashboard knows of the timeline, each answer kept for as long as it is likely to be
 * asked again: a frame asks for the same position many times, a step asks for its neighbours.
 */
import {
  type Bases,
  basesOf,
  closingOf,
  describeEvent,
  type Explained,
  explainEvent,
  type Item,
  type Ladder,
  type Life,
  type LogHeader,
  ladderOf,
  lifeOf,
  type Micros,
  type PortSpace,
  portSpaces,
  type Snapshot,
  type State,
  subjectOf,
  type Timeline,
  type WaitingPorts,
  waitingPorts,
} from '../../engine/index.ts';
import { cutMiddle } from './term/line.ts';

type Closing = ReturnType<typeof closingOf>;

export type Data = {
  readonly timeline: Timeline;
  readonly length: number;
  /** Whether more of the log is awaited. */
  readonly growing: boolean;
  /** Changes when what was said of whole lives is no longer held to. */
  readonly edition: number;
  /** Time of the last event. */
  readonly end: Micros;
  readonly hosts: readonly string[];
  snapshot(n: number): Snapshot;
  /** By the number of the event, from 0. */
  explained(event: number): Explained;
  /** `absolute`: with sequence numbers as they are sent. */
  items(event: number, absolute?: boolean): readonly Item[];
  /** In a few words: of long names of hosts the middle is left out. */
  text(event: number, absolute?: boolean): string;
  life(host: number, conn: number): Life;
  bases(host: number, conn: number): Bases;
  closing(host: number, conn: number): Closing;
  ladder(host: number, conn: number, event: number, rows: number): Ladder;
  series(host: number, state: State, columns: number): readonly number[];
  ports(n: number): readonly PortSpace[];
  /** The log has grown, `done`: for the last time. What was said of whole lives is asked anew. */
  refresh(done?: boolean): void;
};

/**
 * The newest answers by key, at most so many; the older half is forgotten at once. Not one by one:
 * a map that things go in and out of leaves its old tables behind, which hold on to what they held
 * and make each collection of young garbage long.
 */
function remember<V>(max: number, forgetting?: (() => void)[]) {
  let newer = new Map<string | number, V>();
  let older = new Map<string | number, V>();
  forgetting?.push(() => {
    newer = new Map();
    older = new Map();
  });
  return (key: string | number, compute: () => V): V => {
    const known = newer.get(key);
    if (known !== undefined) return known;
    const answer = older.get(key) ?? compute();
    if (newer.size >= max / 2) {
      older = newer;
      newer = new Map();
    }
    newer.set(key, answer);
    return answer;
  };
}

export function createData(timeline: Timeline, awaited = false): Data {
  const { header } = timeline;
  const shortNames = withShortNames(header);
  const stale: (() => void)[] = [];
  let growing = awaited;
  let edition = 0;
  const snapshots = remember<Snapshot>(64);
  const explained = remember<Explained>(512);
  const items = remember<readonly Item[]>(64);
  const texts = remember<string>(4_096);
  const lives = remember<Life>(256, stale);
  const bases = remember<Bases>(4_096, stale);
  const closings = remember<Closing>(256, stale);
  const ladders = remember<Ladder>(8, stale);
  const series = remember<readonly number[]>(32);
  const ports = remember<readonly PortSpace[]>(4);
  let waiting: WaitingPorts | undefined;
  const data: Data = {
    timeline,
    get length() {
      return timeline.length;
    },
    get growing() {
      return growing;
    },
    get edition() {
      return edition;
    },
    get end() {
      return timeline.length > 0 ? timeline.timeOf(timeline.length - 1) : 0;
    },
    hosts: header.hosts.map((host) => host.name),
    snapshot: (n) => snapshots(n, () => timeline.at(n)),
    explained: (event) => explained(event, () => timeline.explain(event)),
    items: (event, absolute = false) =>
      items(2 * event + Number(absolute), () => explainEvent(asked, event, lookups(absolute))),
    text: (event, absolute = false) =>
      texts(2 * event + Number(absolute), () =>
        textOf(data, event, shortNames, lookups(absolute).bases),
      ),
    life: (host, conn) => lives(`${host} ${conn}`, () => lifeOf(asked, host, conn)),
    bases: (host, conn) => bases(`${host} ${conn}`, () => basesOf(asked, host, conn)),
    closing: (host, conn) =>
      closings(`${host} ${conn}`, () => closingOf(asked, host, conn, data.life)),
    ladder: (host, conn, event, rows) =>
      ladders(`${host} ${conn} ${event} ${rows}`, () => ladderOf(asked, host, conn, event, rows)),
    series: (host, state, columns) =>
      series(`${host} ${state} ${columns} ${timeline.length}`, () =>
        timeline.series(host, state, columns),
      ),
    ports: (n) =>
      ports(n, () => {
        const { hosts } = data.snapshot(n);
        waiting = waitingPorts(hosts, waiting);
        return portSpaces(hosts, waiting);
      }),
    refresh(done = false) {
      growing &&= !done;
      edition += 1;
      for (const forget of stale) forget();
    },
  };
  // The projections ask for positions too: they are to find what is already known.
  const asked = timelineWith(timeline, data.snapshot, data.explained);
  const lookups = (absolute: boolean) => ({
    lives: data.life,
    bases: absolute ? () => FROM_ZERO : data.bases,
  });
  return data;
}

/** Relative to these, numbers are absolute. */
const FROM_ZERO: Bases = { iss: 0, irs: 0 };

/** The same timeline, which answers two questions in its own way. */
function timelineWith(
  timeline: Timeline,
  at: Timeline['at'],
  explain: Timeline['explain'],
): Timeline {
  return {
    header: timeline.header,
    get length() {
      return timeline.length;
    },
    warnings: timeline.warnings,
    at,
    event: (n) => timeline.event(n),
    timeOf: (n) => timeline.timeOf(n),
    indexAt: (time) => timeline.indexAt(time),
    explain,
    series: (host, state, columns) => timeline.series(host, state, columns),
    biography: (host, conn) => timeline.biography(host, conn),
    biographies: () => timeline.biographies(),
    eventsOf: (host, conn) => timeline.eventsOf(host, conn),
    search: (n, step, condition) => timeline.search(n, step, condition),
    holds: (n, condition) => timeline.holds(n, condition),
  };
}

/** Cells of a host's name in a text that is to fit in a line. */
const NAME_MOST = 18;

function withShortNames(header: LogHeader): LogHeader {
  const hosts = header.hosts.map((host) => ({ ...host, name: cutMiddle(host.name, NAME_MOST) }));
  return { ...header, hosts };
}

function textOf(data: Data, event: number, header: LogHeader, lookup: Data['bases']): string {
  const { event: what, before, effects } = data.explained(event);
  const { conn, taken } = subjectOf(what, effects);
  const context = { conn, before, lookup };
  const text = describeEvent(what, header, context);
  return taken === undefined ? text : `${text}  → ${taken.after}`;
}
