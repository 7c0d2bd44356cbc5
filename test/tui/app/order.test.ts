// The order of the table is carried on from moment to moment: wherever one comes from, it is what
// sorting all rows of that moment would give, and a step looks at the few rows that have changed.

import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { type Biography, STATES } from '../../../engine/index.ts';
import type { Data } from '../../../tui/app/data.ts';
import { parseFilter } from '../../../tui/app/filter.ts';
import { type OrderSpec, orderOf } from '../../../tui/app/order.ts';
import { COLUMNS, type Column, type ConnId, type Row, rowOf } from '../../../tui/app/table.ts';
import { churn } from '../../engine/projections/logs.ts';
import { dataOf } from './scenes.ts';

const looked = vi.hoisted(() => ({ count: 0 }));

// Counts the rows that a filter is asked about.
vi.mock(import('../../../tui/app/filter.ts'), async (load) => {
  const real = await load();
  return {
    ...real,
    parseFilter(...args: Parameters<typeof real.parseFilter>) {
      const parsed = real.parseFilter(...args);
      if ('error' in parsed) return parsed;
      return {
        test(row: Parameters<typeof parsed.test>[0]) {
          looked.count += 1;
          return parsed.test(row);
        },
      };
    },
  };
});

const timeline = churn(150);
const data = dataOf(timeline);

function everyId(n: number, all: boolean): ConnId[] {
  if (all) return timeline.biographies().map(({ host, conn }: Biography) => ({ host, conn }));
  return data
    .snapshot(n)
    .hosts.flatMap(({ conns, timeWaits }, host) =>
      [...conns.ids(), ...timeWaits.ids()].map((conn) => ({ host, conn })),
    );
}

const octets = (address: string): number[] => address.split('.').map(Number);

function compareLists(a: readonly number[], b: readonly number[]): number {
  for (const [i, one] of a.entries()) if (one !== b[i]) return one - (b[i] ?? 0);
  return 0;
}

/** What a column is ordered by, of IPv4 alone. */
function keyOf(row: Row, column: Column): readonly number[] {
  const never = Number.MAX_SAFE_INTEGER;
  const socket = (address: string, port: number) =>
    address === '' ? [0, 0, 0, 0, 0, port] : [4, ...octets(address), port];
  const keys: Record<Column, readonly number[]> = {
    id: [],
    state: [STATES.indexOf(row.state)],
    local: socket(row.local, row.localPort),
    remote: socket(row.remote, row.remotePort),
    'recv-q': [-row.receiveQueue],
    'send-q': [-row.sendQueue],
    timer: [row.expiresAt < 0 ? never : row.expiresAt],
    age: [row.changedAt < 0 ? never : row.changedAt],
    rto: [-row.rto],
    cwnd: [-row.cwnd],
  };
  return keys[column];
}

/** The definition: all rows of the moment, sorted. */
function sorted({ n, filter, column, reversed, all }: OrderSpec): ConnId[] {
  const parsed = parseFilter(filter, data.hosts);
  const rows = everyId(n, all)
    .map((id) => rowOf(data, n, id))
    .filter((row) => !('test' in parsed) || parsed.test(row))
    .sort(
      (a, b) =>
        compareLists(keyOf(a, column), keyOf(b, column)) ||
        a.id.host - b.id.host ||
        a.id.conn - b.id.conn,
    )
    .map((row) => row.id);
  return reversed ? rows.reverse() : rows;
}

const listed = fc.record({
  filter: fc.constantFrom('', 'state:time', 'ended', '!come', 'host:server', 'port:80'),
  column: fc.constantFrom(...COLUMNS),
  reversed: fc.boolean(),
  all: fc.boolean(),
});

describe('wherever one comes from', () => {
  test('the order is that of all rows of the moment', () => {
    const moments = fc.array(fc.nat({ max: timeline.length }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(listed, moments, (list, visited) => {
        for (const n of visited) {
          const spec = { ...list, n };
          const { ids, total } = orderOf(data, spec);
          expect(ids).toEqual(sorted(spec));
          expect(total).toBe(everyId(n, list.all).length);
        }
      }),
      { numRuns: 150 },
    );
  });
});

/** Rows looked at by twenty steps from the middle of a log. */
function looksOf(many: Data, all: boolean): number {
  const list = { filter: 'host:client', column: 'remote', reversed: false, all } as const;
  const middle = many.length >> 1;
  orderOf(many, { ...list, n: middle });
  looked.count = 0;
  for (let i = 1; i <= 20; i += 1) orderOf(many, { ...list, n: middle + i });
  return looked.count;
}

test.each([false, true])('a step looks at rows that changed, with all others: %s', (all) => {
  // Each event touches a connection or two.
  expect(looksOf(dataOf(churn(1_500)), all)).toBeLessThanOrEqual(60);
});
