// V8 keeps an object's fields in fixed places, until it grew in ways that look like a table: then
// every field is looked up by its hash, at ten times the price. Nothing in the code shows which it
// is, so V8 is asked, for all that a fold reads and writes.

import v8 from 'node:v8';
import { describe, expect, it } from 'vitest';
import { churn } from '../../../engine/experiments/workload.ts';
import { createColumnDecoder, createColumnEncoder } from '../../../engine/log/codec.ts';
import { type Columns, columnsOf } from '../../../engine/log/columns.ts';
import type { LogEvent } from '../../../engine/log/event.ts';
import { keepColumns } from '../../../engine/log/keep-columns.ts';
import { startSimulation } from '../../../engine/simulation/simulate.ts';
import { applyEvent } from '../../../engine/timeline/evolve.ts';
import { initialState } from '../../../engine/timeline/initial.ts';
import { commit, openWorld } from '../../../engine/timeline/world.ts';

/** Deno has V8 too, but does not let it be asked. */
const DENO = 'Deno' in globalThis;

if (!DENO) v8.setFlagsFromString('--allow-natives-syntax');
const ASK = DENO ? 'return true' : 'return %HasFastProperties(o)';
const isPlain = new Function('o', ASK) as (o: object) => boolean;

/** Where in a value there are objects that V8 keeps as tables. */
function tablesIn(value: unknown, path = '', seen = new Set<unknown>()): string[] {
  if (typeof value !== 'object' || value === null || seen.has(value)) return [];
  seen.add(value);
  const here = isPlain(value) ? [] : [path];
  if (ArrayBuffer.isView(value)) return here;
  const parts = value instanceof Map ? [...value] : Object.entries(value);
  return [...here, ...parts.flatMap(([key, part]) => tablesIn(part, `${path}.${key}`, seen))];
}

const header = churn({ rate: 500, connections: 500, profile: 'linux', bytes: 100 }).build();

function fold() {
  const world = openWorld(header, initialState(header), false);
  const simulation = startSimulation(header);
  const events: LogEvent[] = [];
  for (let e = simulation.next(); e !== undefined && events.length < 5_000; e = simulation.next()) {
    events.push(e);
    applyEvent(world, e);
    if (events.length % 1_000 === 0) commit(world);
  }
  return { world, events, snapshots: [commit(world), simulation.snapshot()] };
}

describe.skipIf(DENO)('records that are plain to V8', () => {
  it('tells a table when it sees one', () => {
    const table: object = Object.create(null);
    expect(tablesIn({ one: { table }, other: {} })).toEqual(['.one.table']);
  });

  it('are all that a fold works on', () => {
    expect(tablesIn(fold())).toEqual([]);
  });

  it('are columns, and the events that are read of them', () => {
    const { events } = fold();
    const columns = asTable(events);
    expect(isPlain(columns)).toBe(false);
    const named = columnsOf(columns.rows, (name) => columns[name]);
    expect(named).toEqual(columns);
    expect(tablesIn(named)).toEqual([]);
    expect(tablesIn(keepColumns(columns))).toEqual([]);
    const list: LogEvent[] = [];
    expect(createColumnDecoder(header).decode(named, list)).toBeUndefined();
    expect(list).toEqual(events);
    expect(tablesIn(list)).toEqual([]);
  });

  it('are what rows are read from, though the columns that are given are none', () => {
    const { events } = fold();
    let reads = 0;
    const columns = new Proxy(asTable(events), {
      get(target, name) {
        reads += 1;
        return Reflect.get(target, name);
      },
    });
    const list: LogEvent[] = [];
    expect(createColumnDecoder(header).decode(columns, list)).toBeUndefined();
    expect(list).toEqual(events);
    expect(reads).toBeLessThan(events.length / 10);
  });
});

/** Columns such as a reader of files makes, name by name. */
function asTable(events: readonly LogEvent[]): Columns {
  const encoder = createColumnEncoder(header, events.length);
  for (const event of events) encoder.add(event);
  // Without a prototype it is a table from the start.
  return Object.assign(Object.create(null), encoder.take()) as Columns;
}
