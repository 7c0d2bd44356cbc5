/**
 * What differs between two snapshots: a walk that passes by whatever both share.
 *
 * Snapshots of one log share structure, so the walk costs what changed between them and not what
 * they hold. Indexes and caches are left out, as in the digest.
 */
import type { Table } from '../base/table.ts';
import type { Host } from '../host/host.ts';
import type { Snapshot } from './snapshot.ts';

export type Change = {
  /** The kind of record. */
  readonly of: 'network' | 'host' | 'connection' | 'time-wait' | 'flight' | 'process';
  /** Number of the host; -1: not of one host. */
  readonly host: number;
  /** Number of the record; 0: the network or the host itself. */
  readonly num: number;
  /** The variable; '' where the whole record came or went. */
  readonly field: string;
  /** Undefined: it was not there, or is not any more. */
  readonly before: unknown;
  readonly after: unknown;
};

type Place = Pick<Change, 'of' | 'host' | 'num'>;

const NETWORK: Place = { of: 'network', host: -1, num: 0 };
/** Members that are walked on their own, or derived from others. */
const NETWORK_TABLES = new Set(['hosts', 'flights', 'processes']);
const HOST_TABLES = new Set(['conns', 'timeWaits', 'demux', 'groups']);

/** Every difference, network first, then host by host, each in the order of its variables. */
export function diffSnapshots(a: Snapshot, b: Snapshot): readonly Change[] {
  const changes: Change[] = [];
  if (a === b) return changes;
  diffRecord(changes, NETWORK, a, b, NETWORK_TABLES);
  for (let host = 0; host < b.hosts.length; host += 1) {
    const [before, after] = [a.hosts[host], b.hosts[host]];
    if (before !== after && before !== undefined && after !== undefined) {
      diffHost(changes, host, before, after);
    }
  }
  diffTable(changes, 'flight', -1, a.flights, b.flights);
  diffTable(changes, 'process', -1, a.processes, b.processes);
  return changes;
}

function diffHost(changes: Change[], host: number, a: Host, b: Host): void {
  diffRecord(changes, { of: 'host', host, num: 0 }, a, b, HOST_TABLES);
  diffTable(changes, 'connection', host, a.conns, b.conns);
  diffTable(changes, 'time-wait', host, a.timeWaits, b.timeWaits);
}

function diffTable<T extends object>(
  changes: Change[],
  of: Change['of'],
  host: number,
  a: Table<T>,
  b: Table<T>,
): void {
  if (a === b) return;
  for (const num of b.diff(a)) {
    const place: Place = { of, host, num };
    const [before, after] = [a.get(num), b.get(num)];
    if (before !== undefined && after !== undefined) diffRecord(changes, place, before, after);
    else changes.push({ ...place, field: '', before, after });
  }
}

function diffRecord(
  changes: Change[],
  place: Place,
  a: object,
  b: object,
  except: ReadonlySet<string> = new Set(),
): void {
  const before = a as Readonly<Record<string, unknown>>;
  const after = b as Readonly<Record<string, unknown>>;
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (except.has(field) || sameValue(before[field], after[field])) continue;
    changes.push({ ...place, field, before: before[field], after: after[field] });
  }
}

/** Equal by value: a copy of a list or of a record is no change. */
function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  if (left.length !== right.length) return false;
  const other = b as Readonly<Record<string, unknown>>;
  return left.every(([key, value]) => sameValue(value, other[key]));
}
