// What gives way where there is little room, and what does not: numbers, ports, states, errors.

import { stripVTControlCharacters as strip } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createTimeline, type LogHeader, simulate } from '../../../engine/index.ts';
import { reduce } from '../../../tui/app/model.ts';
import { orderOf } from '../../../tui/app/order.ts';
import { ends, hints, tabs } from '../../../tui/app/panes/bars.ts';
import { about, connections } from '../../../tui/app/panes/connections.ts';
import { events } from '../../../tui/app/panes/events.ts';
import { header } from '../../../tui/app/panes/header.ts';
import { ports } from '../../../tui/app/panes/ports.ts';
import { states } from '../../../tui/app/panes/states.ts';
import { screenLines } from '../../../tui/app/screen.ts';
import { COLUMNS, rowOf } from '../../../tui/app/table.ts';
import { initial, OVERVIEW, orderSpec } from '../../../tui/app/ui.ts';
import { sampleHeader } from '../commands/sample.ts';
import { dataOf, sceneOf } from './scenes.ts';

function logOf(change: (header: LogHeader) => LogHeader) {
  const header = change(sampleHeader(120));
  return dataOf(createTimeline(header, [...simulate(header)]));
}

/** Two hosts with long names and addresses of IPv6. */
const long = logOf((header) => {
  const text = JSON.stringify(header)
    .replaceAll('"client"', '"a-very-long-client"')
    .replaceAll('"server"', '"a-very-long-server"')
    .replace('10.0.0.1', '2001:db8:ffff:eeee:dddd:cccc:bbbb:1001')
    .replace('10.0.0.2', '2001:db8:ffff:eeee:dddd:cccc:bbbb:1002');
  return JSON.parse(text) as LogHeader;
});
const conn = { host: 0, conn: 109 };
const alive = (long.timeline.biography(0, 109)?.born ?? 0) + 12;
const at = (n: number, selected: typeof conn) =>
  sceneOf(long, [{ type: 'goto', n }], { selected, all: true });

describe('a long name', () => {
  test.each([60, 80, 120])('keeps the number of its connection in a list %i wide', (width) => {
    const rows = connections(at(alive, conn), width, 9).map(strip);
    expect(rows.some((row) => /^›a-[a-z-]*…[a-z-]*#109 /.test(row))).toBe(true);
  });

  test('keeps it at the ends of the ladder and in the titles too', () => {
    const scene = sceneOf(long, [{ type: 'goto', n: alive }], {
      selected: conn,
      view: 'connection',
    });
    const text = screenLines(scene, 120, 40).map(strip).join('\n');
    expect(text).toMatch(/ladder of a-very-long-client#109/);
    expect(text).toMatch(/time +a-[a-z-]*…[a-z-]+nt#109 .* a-[a-z-]*…[a-z-]+er#110 ?│/);
  });
});

test('the longest names of hosts leave the events their room', () => {
  const domain = `${'department.'.repeat(5)}example.com`;
  const named = logOf((header) => {
    const text = JSON.stringify(header).replaceAll(/"(client|server)"/g, `"$1.${domain}"`);
    return JSON.parse(text) as LogHeader;
  });
  const rows = events(sceneOf(named, [{ type: 'goto', n: 40 }]), 66, 20).map(strip);
  expect(rows).toHaveLength(20);
  for (const row of rows.filter((one) => one.includes('#'))) {
    expect(row).toMatch(/ (client|server)\.\S*…\S*com#\d+ (<|[a-z]+|[A-Z]+) /);
  }
});

describe('a socket of IPv6', () => {
  test.each([76, 90, 150])('keeps its port in a list %i wide', (width) => {
    const rows = connections(at(alive, conn), width, 9).map(strip);
    const row = rows.find((one) => one.startsWith('›')) ?? '';
    const { localPort } = rowOf(long, alive, conn);
    expect(row).toMatch(new RegExp(`…[0-9a-f:]*:1001\\]:${localPort} `));
    expect(row).toMatch(/…[0-9a-f:]*:1002\]:80 /);
  });

  test('leaves the names and states of the two ends their room', () => {
    const bar = ends(at(alive, conn), 80, 2).map(strip).join('\n');
    expect(bar).toMatch(
      /^ a-ver[a-z-]*…?[a-z-]*#109 [A-Z0-9-]+ {2}– {2}a-ver[a-z-]*…?[a-z-]*#110 [A-Z0-9-]+ /,
    );
    const wide = ends(at(alive, conn), 200, 2).map(strip).join('\n');
    expect(wide).toContain(`:1001]:${rowOf(long, alive, conn).localPort} – [2001:db8:`);
  });
});

test('the ends of a listener are told as in the table', () => {
  const bar = ends(at(alive, { host: 1, conn: 1 }), 100, 2)
    .map(strip)
    .join('\n');
  expect(bar).toContain('*:80 – * ');
  expect(bar).not.toContain(':0');
});

describe('the tabs', () => {
  test.each([40, 50, 60, 70])('name the pane that is seen, and count all, at %i', (width) => {
    for (const pane of OVERVIEW) {
      const scene = sceneOf(long, [{ type: 'focus', pane }]);
      const bar = strip(tabs(scene, width, 1)[0] ?? '');
      expect(bar).toContain(` ${OVERVIEW.indexOf(pane) + 1} ${pane} `);
      expect(bar.match(/ \d /g)).toEqual([' 1 ', ' 2 ', ' 3 ', ' 4 ', ' 5 ', ' 6 ']);
    }
  });
});

describe('the ports', () => {
  test.each([
    [140, / a-very-long-client 2001:db8:[^ ]+:1001 → \[2001:db8:[^ ]+:1002\]:80 {2}\d+ of \d+ /],
    [80, / a-very-long-client → \[2001:db8:[^ ]+:1002\]:80 {2}\d+ free/],
    [42, / a-v[a-z]*…[a-z]+ → …[^ ]*:1002\]:80 {2}\d+ free/],
  ])('towards a long address are told with its end, %i wide', (width, expected) => {
    expect(strip(ports(at(alive, conn), width, 4)[0] ?? '')).toMatch(expected);
  });

  test('that are none are told in whole words', () => {
    const text = ports(sceneOf(long), 30, 4).map(strip).join(' ').replaceAll(/ +/g, ' ');
    expect(text).toContain('no local port is in use towards a foreign socket');
  });
});

test('a time of three digits does not round up to a thousand of its unit', () => {
  expect(about(999)).toBe('999 µs');
  expect(about(9_999)).toBe('10 ms');
  expect(about(999_499)).toBe('999 ms');
  expect(about(999_999)).toBe('1.0 s');
  expect(about(99_949_999)).toBe('99.9 s');
  expect(about(99_999_999)).toBe('100 s');
});

test('nothing in the first line moves while its numbers run', () => {
  const places = new Set<string>();
  const scene = sceneOf(long);
  for (let n = 0; n <= long.length; n += 7) {
    const ui = reduce(scene.ui, { type: 'goto', n }, long);
    const line = strip(header({ ...scene, ui }, 120, 1)[0] ?? '');
    places.add(`${line.indexOf('/')} ${line.indexOf(' of ')}`);
  }
  expect(places.size).toBe(1);
});

describe('many hosts', () => {
  const names = Array.from({ length: 20 }, (_, i) => `h${i}`);
  const many = logOf((header) => ({
    ...header,
    hosts: [
      ...header.hosts,
      ...names.map((name, i) => ({ ...header.hosts[0]!, name, addresses: [`10.1.0.${i + 1}`] })),
    ],
  }));

  test('that have no column of their own share the last one', () => {
    const n = Math.floor(many.length / 2);
    const rows = states(sceneOf(many, [{ type: 'goto', n }]), 60, 12).map(strip);
    // 38 cells of six: five hosts, and 17 others.
    expect(rows[0]).toMatch(/ cl…nt se…er +h0 +h1 +h2 +\+17$/);
    for (const row of rows.slice(1)) {
      const [all = 0, ...hosts] = (row.slice(13).match(/\d+|·/g) ?? []).map(
        (one) => Number(one) || 0,
      );
      expect(hosts.reduce((sum, count) => sum + count, 0)).toBe(all);
    }
  });

  test('are not summed up where each has room', () => {
    const rows = states(sceneOf(many), 160, 12).map(strip);
    expect(rows[0]).toMatch(/h19$/);
  });
});

describe('the line of a prompt', () => {
  const typed = (text: string) =>
    sceneOf(long, [
      { type: 'ask', kind: 'goto' },
      ...[...text].map((char) => ({ type: 'type', text: char }) as const),
    ]);

  test('shows the end of a long text and the cursor', () => {
    const line = strip(hints(typed(`${'x'.repeat(100)}end`), 80, 1)[0] ?? '');
    expect(line).toMatch(/^:…x+end█ *$/);
  });

  test('shows beside it what is wrong', () => {
    const scene = typed(`${'x'.repeat(100)}end`);
    const ui = reduce(scene.ui, { type: 'accept' }, long);
    expect(ui.prompt?.error).not.toBe('');
    const line = strip(hints({ ...scene, ui }, 80, 1)[0] ?? '');
    expect(line).toMatch(/^:…x+end█ {2}an event 123, /);
  });
});

describe('a filter finds what is seen', () => {
  const names = (filter: string): readonly string[] => {
    const from = sceneOf(long, [{ type: 'goto', n: alive }], { filter, all: true });
    const { ids } = orderOf(long, orderSpec(from.ui));
    return ids.map((id) => rowOf(long, alive, id)).map((row) => row.absent || row.state);
  };

  test('of connections that are not there', () => {
    expect(new Set(names('ended'))).toEqual(new Set(['ended']));
    expect(new Set(names('!ended'))).toContain('to come');
    expect(new Set(names('!ended'))).not.toContain('ended');
  });

  test('of sockets, as they are written', () => {
    expect(names('*:80')).toEqual(['LISTEN']);
    expect(names(':1002]:80').length).toBeGreaterThan(100);
    expect(names('addr:2001:DB8')).toEqual(names('addr:2001:db8'));
    expect(names('addr:2001:DB8').length).toBeGreaterThan(100);
  });
});

describe('the order of the table', () => {
  test.each([40, 60, 80, 120])('is by a column that is seen in a list %i wide', (width) => {
    const from = sceneOf(long, [{ type: 'goto', n: alive }]);
    let { ui } = from;
    for (const column of COLUMNS) {
      expect(ui.column).toBe(column);
      const title = strip(connections({ ...from, ui }, width, 5)[0] ?? '');
      expect(title).toContain(`${column}▾`);
      ui = reduce(ui, { type: 'sort' }, long);
    }
  });

  test('by id is by host and number, also with past and future', () => {
    const { ids } = orderOf(long, orderSpec({ ...initial(long), all: true }));
    const numbers = ids.map(({ host, conn: number }) => host * 1_000 + number);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  test('by address is by its numbers', () => {
    const addresses = ['10.0.0.10', '10.0.0.9', '9.0.0.1', '10.0.0.100'];
    const from = logOf((header) => ({
      ...header,
      hosts: [
        header.hosts[1]!,
        ...addresses.map((address, i) => ({
          ...header.hosts[0]!,
          name: i === 0 ? 'client' : `c${i}`,
          addresses: [address],
        })),
      ].map((host) => (host.name === 'server' ? { ...host, addresses: ['10.9.9.9'] } : host)),
      apps: [
        header.apps[0]!,
        ...addresses.map((_, i) => ({
          host: i === 0 ? 'client' : `c${i}`,
          program: 'one',
          at: 1_000,
        })),
      ],
    }));
    const spec = orderSpec({
      ...initial(from),
      all: true,
      column: 'remote',
      filter: 'host:server',
    });
    const remotes = orderOf(from, spec).ids.map((id) => rowOf(from, 0, id).remote);
    expect(remotes).toEqual(['', '9.0.0.1', '10.0.0.9', '10.0.0.10', '10.0.0.100']);
  });
});
