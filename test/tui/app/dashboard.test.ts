// The dashboard in a terminal: what stands in its cells, and how it is left.

import { afterEach, describe, expect, test } from 'vitest';
import type { Timeline } from '../../../engine/index.ts';
import { openDashboard } from '../../../tui/app/open.tsx';
import { churn, simultaneousClose } from '../../engine/projections/logs.ts';
import { COLOURS } from './scenes.ts';
import { type FakeTerminal, fakeTerminal, until } from './terminal.ts';

const timeline = simultaneousClose();
const open: FakeTerminal[] = [];

function start(columns: number, rows: number, of: Timeline = timeline) {
  const terminal = fakeTerminal(columns, rows);
  open.push(terminal);
  const { stdin, stdout } = terminal;
  const errors: string[] = [];
  const stderr = { write: (text: string) => errors.push(text) } as unknown as NodeJS.WriteStream;
  const options = { timeline: of, title: 'a log', file: 'close.jsonl', theme: COLOURS };
  const done = openDashboard({ ...options, stdin, stdout, stderr });
  return { terminal, done, errors };
}

async function shows(terminal: FakeTerminal, text: string | RegExp): Promise<void> {
  await until(async () => {
    const all = (await terminal.lines()).join('\n');
    return typeof text === 'string' ? all.includes(text) : text.test(all);
  });
}

async function expectRestored(terminal: FakeTerminal): Promise<void> {
  expect(await terminal.isAlternate()).toBe(false);
  expect(terminal.cursorShown()).toBe(true);
  expect(terminal.mouseOff()).toBe(true);
  expect(terminal.isRaw()).toBe(false);
}

afterEach(() => {
  for (const terminal of open.splice(0)) terminal.type('\u0003');
});

describe.each([
  [80, 24],
  [200, 50],
])('at %i×%i', (columns, rows) => {
  test('the first frame fills the screen, its first line at the top', async () => {
    const { terminal } = start(columns, rows);
    await shows(terminal, 'CLOSED');
    expect(await terminal.isAlternate()).toBe(true);
    const lines = await terminal.lines();
    expect(lines[0]).toMatch(/^ twomsl {2}close\.jsonl/);
    expect(lines[0]).toMatch(/ 0\/22 +0\.000 s of 60\.520 s/);
    expect(lines.at(-1)).toContain('q quit');
  });

  test('steps, opens a connection, and the state has its colour', async () => {
    const { terminal } = start(columns, rows);
    await shows(terminal, 'CLOSED');
    terminal.type(':19\r');
    await shows(terminal, '19/22');
    terminal.type('\r');
    await shows(terminal, 'rcv SYN');
    await shows(terminal, 'server#2: CLOSING → TIME-WAIT');
    expect(await terminal.colourOf('TIME-WAIT')).toBe(9);
    terminal.type('\u001B');
    await shows(terminal, /connections/);
  });

  test('keys of one chunk count each', async () => {
    const { terminal } = start(columns, rows);
    await shows(terminal, '0/22');
    terminal.type('lllh');
    await shows(terminal, ' 2/22');
    terminal.type('m');
    terminal.type('aG');
    await shows(terminal, '22/22');
    terminal.type("'a");
    await shows(terminal, ' 2/22');
  });

  test('help, and back', async () => {
    const { terminal } = start(columns, rows);
    terminal.type('?');
    await shows(terminal, 'one event on');
    terminal.type('?');
    await shows(terminal, 'CLOSED');
  });

  test('a filter is judged while it is typed', async () => {
    const { terminal } = start(columns, rows);
    terminal.type('G/state:x');
    await shows(terminal, 'no state begins with x');
    terminal.type('\u0015id:client#1\r');
    // The other rows of the table are gone.
    await until(
      async () => !/ server#\d +(LISTEN|ended)/.test((await terminal.lines()).join('\n')),
    );
    await shows(terminal, /client#1 +ended/);
  });
});

describe('resizing', () => {
  test('from small to large and back leaves nothing behind', async () => {
    const { terminal } = start(80, 24);
    await shows(terminal, '1 connections');
    for (const [columns, rows] of [
      [200, 50],
      [120, 35],
      [40, 12],
      [10, 3],
      [80, 24],
    ] as const) {
      terminal.resize(columns, rows);
      // Ink writes an empty box after a resize: a frame that came before that is drawn once more.
      await until(async () => {
        const lines = await terminal.lines();
        const titles = lines.filter((line) => line.includes('twomsl')).length;
        if (columns === 10) return lines.join('').includes('40×12') && titles === 0;
        return /q quit $/.test(lines.at(-1) ?? '') && titles === 1;
      });
    }
  });

  test('a screen of 10×3 says what is wrong, and can be left', async () => {
    const { terminal, done } = start(10, 3);
    await shows(terminal, '40×12');
    terminal.type('q');
    expect(await done).toBe(0);
  });
});

describe('the mouse', () => {
  test('a click on the scrubber seeks, the wheel steps', async () => {
    const { terminal } = start(80, 24);
    await shows(terminal, '0/22');
    terminal.type('\u001B[<0;79;2M');
    await shows(terminal, '22/22');
    terminal.type('\u001B[<64;10;2M');
    await shows(terminal, '21/22');
  });

  test('a click on a tab opens its pane, on a frame it focuses', async () => {
    const small = start(80, 24);
    await shows(small.terminal, '0/22');
    const tabs = (await small.terminal.lines()).findIndex((line) => line.includes('2 states'));
    const x = (await small.terminal.lines())[tabs]?.indexOf('3 chart') ?? -1;
    small.terminal.type(`\u001B[<0;${x + 1};${tabs + 1}M`);
    await shows(small.terminal, 'TIME-WAIT on all hosts');
    const large = start(200, 50);
    await shows(large.terminal, '5 before the first event');
    const lines = await large.terminal.lines();
    const y = lines.findIndex((line) => line.includes('5 before the first event'));
    large.terminal.type(`\u001B[<0;190;${y + 3}M`);
    // The title of the focused pane has its colour.
    await until(async () => (await large.terminal.colourOf('5 before the first event')) === 14);
  });

  test('the wheel moves what it is over, and nothing else', async () => {
    const { terminal } = start(80, 24);
    await shows(terminal, '0/22');
    terminal.type(':16\r');
    await shows(terminal, /16\/22[\s\S]*5: more/);
    const before = await terminal.lines();
    const rule = before.findIndex((line) => line.startsWith('─ event 16 '));
    terminal.type(`\u001B[<65;10;${rule + 2}M`);
    await until(async () => (await terminal.lines())[rule + 1] === before[rule + 2]);
    // The first lines hold the scrubber, whose marks come little by little.
    expect((await terminal.lines()).slice(3, rule)).toEqual(before.slice(3, rule));
    expect((await terminal.lines())[0]).toContain('16/22');
  });
});

describe('leaving', () => {
  test.each([
    ['q', 'q'],
    ['Ctrl-C', '\u0003'],
    ['Ctrl-C while typing', ':12\u0003'],
  ])('by %s restores the terminal', async (_, keys) => {
    const { terminal, done } = start(80, 24);
    await shows(terminal, '0/22');
    expect(terminal.isRaw()).toBe(true);
    terminal.type(keys);
    expect(await done).toBe(0);
    await expectRestored(terminal);
  });

  function brokenAt(position: number): Timeline {
    const at: Timeline['at'] = (n) => {
      if (n === position) throw new Error(`the fold is broken at ${n}`);
      return timeline.at(n);
    };
    return { ...timeline, length: timeline.length, at };
  }

  const lost = (): never => {
    throw new Error('the index is broken');
  };

  test.each([
    ['while drawing', brokenAt(0), '', 'the fold is broken at 0'],
    ['while the marks are made', brokenAt(9), '', 'the fold is broken at 9'],
    [
      'in answer to a key',
      { ...timeline, length: timeline.length, search: lost },
      '}',
      'the index is broken',
    ],
  ])('by a crash %s restores it, says so, and exits with 1', async (_, broken, keys, says) => {
    const { terminal, done, errors } = start(80, 24, broken);
    if (keys !== '') {
      await shows(terminal, '0/22');
      terminal.type(keys);
    }
    expect(await done).toBe(1);
    await expectRestored(terminal);
    expect(errors.join('')).toBe(`twomsl: the dashboard failed: ${says}\n`);
  });

  test('without a terminal it says what it needs', async () => {
    const { terminal, done, errors } = (() => {
      const fake = fakeTerminal(80, 24);
      const notes: string[] = [];
      const stderr = { write: (text: string) => notes.push(text) } as unknown as NodeJS.WriteStream;
      const stdout = { ...fake.stdout, isTTY: false } as unknown as NodeJS.WriteStream;
      const options = { timeline, title: '', file: null, stdin: fake.stdin, stdout, stderr };
      return { terminal: fake, done: openDashboard(options), errors: notes };
    })();
    expect(await done).toBe(2);
    expect(errors.join('')).toContain('needs a terminal');
    expect(terminal.output()).toBe('');
  });
});

test('playing reaches the end of a long log and stops there', async () => {
  const { terminal } = start(200, 50, churn(100));
  await shows(terminal, 'CLOSED');
  terminal.type(`${'+'.repeat(12)} `);
  await shows(terminal, '‖');
  await until(async () => /(\d+)\/\1 /.test((await terminal.lines())[0] ?? ''), 15_000);
});
