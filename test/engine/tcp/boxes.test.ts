/**
 * What a copy of a connection takes in V8's heap: its fields, and boxes for those numbers alone
 * that are reckoned with on each segment. Counted after a collection, not timed.
 */
import v8 from 'node:v8';
import vm from 'node:vm';
import { expect, it } from 'vitest';
import { cloneTcb, timeWaitOf } from '../../../engine/tcp/clone.ts';
import { createTcb, type Tcb } from '../../../engine/tcp/tcb.ts';

const COPIES = 20_000;
const WORD = 8;
const BOX = 16;
/** Map, properties and elements of an object; its place in the list. */
const BESIDE = 4 * WORD;

const BEYOND = 2 ** 31 + 7;

function connection(): Tcb {
  const t = createTcb(1, '10.0.0.1', 80, 0);
  for (const name of ['iss', 'irs', 'sndUna', 'sndNxt', 'sndUp', 'sndWl1', 'sndWl2'] as const) {
    t[name] = BEYOND;
  }
  for (const name of ['rcvNxt', 'rcvUp', 'rcvAdv', 'lastAckSent', 'rttSeq', 'recover'] as const) {
    t[name] = BEYOND;
  }
  t.tsOffset = BEYOND;
  t.tsRecent = BEYOND;
  return t;
}

function octetsEach(copy: () => object): number {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  const kept: object[] = new Array(COPIES).fill(copy());
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < COPIES; i += 1) kept[i] = copy();
  collect();
  return (process.memoryUsage().heapUsed - before) / kept.length;
}

/** Fields, and so many boxes. */
function octetsOf(record: object, boxes: number): number {
  return Object.keys(record).length * WORD + BESIDE + boxes * BOX;
}

it.skipIf('Deno' in globalThis)('a copy of a TCB has six boxes', () => {
  const t = connection();
  const each = octetsEach(() => cloneTcb(t));
  expect(each).toBeGreaterThan(octetsOf(t, 6) - BOX / 2);
  expect(each).toBeLessThan(octetsOf(t, 6) + BOX / 2);
});

it.skipIf('Deno' in globalThis)('a copy of a record in TIME-WAIT has one', () => {
  const w = timeWaitOf(connection());
  const each = octetsEach(() => timeWaitOf(w));
  expect(each).toBeGreaterThan(octetsOf(w, 1) - BOX / 2);
  expect(each).toBeLessThan(octetsOf(w, 1) + BOX / 2);
});
