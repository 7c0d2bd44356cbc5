// The same recipes on records that are written in place: no snapshot is ever kept, so nothing is
// copied. It is the limit that a fold into immutable snapshots is measured against, and another
// way to the same end.

import type { HashIndex, HashIndexEdit } from '../../../engine/base/hash-index.ts';
import { HashIndex as Index } from '../../../engine/base/hash-index.ts';
import { Table, type TableEdit } from '../../../engine/base/table.ts';
import { indexConn } from '../../../engine/host/edit.ts';
import type { LogEvent } from '../../../engine/log/event.ts';
import type { LogHeader } from '../../../engine/log/header.ts';
import { applyEvent } from '../../../engine/timeline/evolve.ts';
import type { Snapshot } from '../../../engine/timeline/snapshot.ts';
import { commit, hostOf, openWorld } from '../../../engine/timeline/world.ts';

type Face<T> = { [K in keyof T]: T[K] };

/** A table that is a map, with the face of an edit. */
function plainTable<T extends object>(from: Table<T>): TableEdit<T> {
  // The snapshot is to stay as it is.
  const records = new Map([...from.entries()].map(([id, record]) => [id, { ...record }]));
  const face: Face<TableEdit<T>> = {
    get size() {
      return records.size;
    },
    touched: true,
    get: (id) => records.get(id),
    has: (id) => records.has(id),
    own: (id) => records.get(id) as T,
    set: (id, record) => void records.set(id, record),
    delete: (id) => void records.delete(id),
    done(freeze) {
      const edit = Table.empty<T>().edit();
      for (const [id, record] of records) edit.set(id, record);
      return edit.done(freeze);
    },
  };
  return face as TableEdit<T>;
}

/** An index that is a map of lists, with the face of an edit. */
function plainIndex(): HashIndexEdit {
  const lists = new Map<number, number[]>();
  let size = 0;
  const face: Face<HashIndexEdit> = {
    get size() {
      return size;
    },
    touched: true,
    find(hash, matches, arg) {
      const list = lists.get(hash);
      if (list === undefined) return -1;
      for (const value of list) if (matches(value, arg)) return value;
      return -1;
    },
    add(hash, value) {
      const list = lists.get(hash);
      if (list === undefined) lists.set(hash, [value]);
      else list.push(value);
      size += 1;
    },
    remove(hash, value) {
      const rest = (lists.get(hash) as number[]).filter((other) => other !== value);
      if (rest.length === 0) lists.delete(hash);
      else lists.set(hash, rest);
      size -= 1;
    },
    // A digest leaves it out, and nobody goes on from here.
    done: (): HashIndex => Index.empty(),
  };
  return face as HashIndexEdit;
}

export type Plain = {
  fold(events: Iterable<LogEvent>): void;
  snapshot(): Snapshot;
};

/** Copies of the records of a snapshot, to be folded on from there. */
export function openPlain(header: LogHeader, from: Snapshot): Plain {
  const w = openWorld(header, from, false);
  w.flights = plainTable(w.base.flights);
  w.processes = plainTable(w.base.processes);
  header.hosts.forEach((_, number) => {
    const h = hostOf(w, number);
    h.conns = plainTable(h.base.conns);
    h.timeWaits = plainTable(h.base.timeWaits);
    h.demux = plainIndex();
    for (const t of h.base.timeWaits.values()) indexConn(h, t);
    for (const t of h.base.conns.values()) {
      if (t.state !== 'LISTEN' && t.state !== 'CLOSED') indexConn(h, t);
    }
  });
  return {
    fold(events) {
      for (const event of events) applyEvent(w, event);
    },
    snapshot: () => commit(w),
  };
}
