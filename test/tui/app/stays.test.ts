// What is told to those who look for connections that stay: which state is charted, what the
// selected connection waits for, and where there is nothing, why.

import { readFileSync } from 'node:fs';
import { stripVTControlCharacters as strip } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createTimeline, formatTime } from '../../../engine/index.ts';
import { decodeLog } from '../../../engine/log/codec.ts';
import type { Data } from '../../../tui/app/data.ts';
import { connections } from '../../../tui/app/panes/connections.ts';
import { events } from '../../../tui/app/panes/events.ts';
import { explanation } from '../../../tui/app/panes/explanation.ts';
import type { View } from '../../../tui/app/panes/pane.ts';
import { initial } from '../../../tui/app/ui.ts';
import { churn, simultaneousClose } from '../../engine/projections/logs.ts';
import { dataOf, sceneOf } from './scenes.ts';

function shipped(name: string): Data {
  const text = readFileSync(new URL(`../../../logs/${name}.jsonl`, import.meta.url), 'utf8');
  const decoded = decodeLog(text);
  if (!decoded.ok) throw new Error(decoded.error.expected);
  return dataOf(createTimeline(decoded.header, decoded.events));
}

function says(view: View, ...scene: Parameters<typeof sceneOf>): string {
  return view(sceneOf(...scene), 100, 30)
    .map(strip)
    .join(' ')
    .replaceAll(/ +/g, ' ');
}

const leak = shipped('close-wait-leak');
const server = { host: 1, conn: 2 };

describe('the chart opens on', () => {
  test.each([
    ['tour', 'TIME-WAIT'],
    ['close-wait-leak', 'CLOSE-WAIT'],
    ['connect-timeout', 'SYN-SENT'],
  ])('what %s is about: %s', (name, state) => {
    expect(initial(shipped(name)).chartState).toBe(state);
  });
});

describe('of the selected connection', () => {
  test('it is told what CLOSE-WAIT waits for, and since when', () => {
    const { length, timeline } = leak;
    const entered = leak.life(server.host, server.conn).find((one) => one.after === 'CLOSE-WAIT');
    const since = leak.end - timeline.timeOf(entered?.n ?? 0);
    const text = says(explanation, leak, [{ type: 'goto', n: length }], { selected: server });
    expect(text).toContain(`server#2 has been in CLOSE-WAIT for ${formatTime(since)}`);
    expect(text).toContain('waits for its own application to call CLOSE. RFC 9293 §3.3.2');
    const before = says(explanation, leak, [{ type: 'goto', n: 8 }], { selected: server });
    expect(before).not.toContain('CLOSE-WAIT');
  });

  test('TIME-WAIT is told also while another one enters it', () => {
    const many = dataOf(churn(20));
    const [first, second] = [1, 2].map(
      (conn) => many.life(0, conn).find((one) => one.after === 'TIME-WAIT')?.n ?? -1,
    ) as [number, number];
    const selected = { host: 0, conn: first < second ? 1 : 2 };
    const n = Math.max(first, second) + 1;
    const text = says(explanation, many, [{ type: 'goto', n }], { selected });
    expect(text).toContain(`client#${selected.conn} is in TIME-WAIT for `);
  });
});

test('a log without an event says so where events and connections would be', () => {
  const none = dataOf(createTimeline(simultaneousClose().header, []));
  for (const view of [events, connections]) expect(says(view, none)).toContain('no event');
});

test('the times of the timers stand below each other', () => {
  const many = dataOf(churn(150));
  const rows = connections(sceneOf(many, [{ type: 'goto', n: 1_200 }], { all: false }), 100, 30)
    .slice(1)
    .map(strip);
  const title = strip(connections(sceneOf(many), 100, 2)[0] ?? '');
  const from = title.indexOf('timer');
  const units = rows
    .map((row) => row.slice(from, from + 14))
    .filter((cell) => / m?s /.test(`${cell} `))
    .map((cell) => cell.search(/s( |$)/));
  expect(units.length).toBeGreaterThan(5);
  expect(new Set(units)).toEqual(new Set([5]));
});
