// Ways through a log: there and back, in the list and in the panes, and what Enter opens.

import { stripVTControlCharacters as strip } from 'node:util';
import { describe, expect, test } from 'vitest';
import { actionOf } from '../../../tui/app/keys.ts';
import { reduce } from '../../../tui/app/model.ts';
import { orderOf } from '../../../tui/app/order.ts';
import { connections } from '../../../tui/app/panes/connections.ts';
import { screenLines } from '../../../tui/app/screen.ts';
import type { ConnId } from '../../../tui/app/table.ts';
import { type Action, initial, orderSpec, type Ui } from '../../../tui/app/ui.ts';
import { churn, clientFirst, simultaneousClose } from '../../engine/projections/logs.ts';
import { dataOf, sceneOf } from './scenes.ts';

const close = dataOf(simultaneousClose());
const many = dataOf(churn(150));

/** Keys as they are pressed, one character each. */
function press(ui: Ui, keys: string, data = close): Ui {
  const names: Record<string, string> = { '\r': 'enter', '\u001B': 'esc', '↑': 'up', '↓': 'down' };
  return [...keys].reduce((now, key) => {
    const action = actionOf(names[key] ?? key, now.prompt !== null);
    return action === undefined ? now : reduce(now, action, data);
  }, ui);
}

const start = initial(close);
const live: Ui = { ...initial(many, 1_200), all: false, tableAt: 1_200 };

describe('back to where a jump came from', () => {
  test('is back to the moment, also between two events', () => {
    const between = press(start, ':20s\r');
    expect(between).toMatchObject({ n: 20, now: 20_000_000 });
    const away = press(between, 'mag');
    expect(press(away, "'a")).toMatchObject({ n: 20, now: 20_000_000 });
    const back = press(away, 'u');
    expect(back).toMatchObject({ n: 20, now: 20_000_000 });
    expect(press(back, 'U')).toMatchObject({ n: 0, now: 0 });
    expect(press(back, 'UuU')).toMatchObject({ n: 0, now: 0 });
  });

  test.each(['}', ']'])('goes back over %s', (key) => {
    const far = press(start, `llllllll${key}`);
    expect(far.n).toBeGreaterThan(8);
    expect(press(far, 'u').n).toBe(8);
    const back = press(far, key === '}' ? '{' : '[');
    expect(press(back, 'u').n).toBe(far.n);
  });

  test('does not count the rows of a pane as jumps', () => {
    const opened: Ui = { ...start, view: 'connection', focus: { ...start.focus } };
    expect(press(opened, '↓↓').past).toEqual([]);
    const onLadder: Ui = { ...opened, focus: { overview: 'connections', connection: 'ladder' } };
    expect(press(onLadder, '↓↓')).toMatchObject({ past: [], n: expect.any(Number) });
  });
});

test('ten down in the diagram are ten changes of state', () => {
  const opened: Ui = { ...start, view: 'connection' };
  const ten = reduce(opened, { type: 'row', by: 10 }, close);
  expect(ten.n).toBe(press(opened, '↓'.repeat(10)).n);
  expect(ten.n).toBeGreaterThan(press(opened, '↓').n);
  expect(reduce(ten, { type: 'row', by: -10 }, close).n).toBe(press(ten, '↑'.repeat(10)).n);
});

describe('a filter', () => {
  test('in the view of a connection leaves it the one that is shown', () => {
    const opened = press(start, ':17\r\r');
    expect(opened.view).toBe('connection');
    const filtered = press(opened, '/server\r');
    expect(filtered).toMatchObject({ selected: opened.selected, filter: 'server' });
  });

  test('that nothing passes leaves nothing to open', () => {
    const ui = press(start, ':17\r/nothing\r\r');
    expect(ui).toMatchObject({ view: 'overview', message: expect.stringContaining('empty') });
  });
});

describe('the list', () => {
  const ids = (ui: Ui): readonly ConnId[] => orderOf(many, orderSpec(ui)).ids;
  const gone = (): { ui: Ui; dead: ConnId; after: ConnId; before: ConnId } => {
    // One in the middle of the list of the clients, which ends soon.
    const dead = ids(live)[60] as ConnId;
    const died = many.timeline.biography(dead.host, dead.conn)?.died ?? -1;
    expect(died).toBeGreaterThan(1_200);
    const ui = reduce({ ...live, selected: dead }, { type: 'goto', n: died + 1 }, many);
    const next = ids(ui).findIndex(({ host, conn }) => host > dead.host || conn > dead.conn);
    return { ui, dead, after: ids(ui)[next] as ConnId, before: ids(ui)[next - 1] as ConnId };
  };

  test('stays at the place of a connection that has ended', () => {
    const { ui, dead, after, before } = gone();
    expect(ids(ui)).not.toContainEqual(dead);
    expect(press(ui, '↓', many).selected).toEqual(after);
    expect(press(ui, '↑', many).selected).toEqual(before ?? after);
    const rows = connections({ ...sceneOf(many), ui }, 100, 9)
      .map(strip)
      .join('\n');
    expect(rows).toContain(`${many.hosts[after.host]}#${after.conn} `);
  });

  test('opens its only row, though another was selected', () => {
    const ui: Ui = { ...initial(many), all: false, selected: { host: 0, conn: 140 } };
    const one = press(press(ui, '}', many), '\r', many);
    expect(one).toMatchObject({ view: 'connection', selected: { host: 1, conn: 1 } });
  });
});

describe('while the keys are shown', () => {
  const helped = press(start, 'lll?');

  test.each(['l', 'h', '}', ']', ' ', 'v', '+', 'g', 'u', 's', 'S', 'a', 'z', '/', ':', ';', 'm'])(
    '%s does nothing beneath',
    (key) => {
      const { scroll: _, ...now } = press(helped, key);
      const { scroll: __, ...before } = helped;
      expect(now).toEqual(before);
    },
  );

  test.each(['q', '?', '\r', '\u001B'])('%j closes them', (key) => {
    expect(press(helped, key)).toMatchObject({ help: false, quit: false, view: 'overview' });
  });

  test('Ctrl-C quits', () => {
    expect(reduce(helped, actionOf('C-c', false) as Action, close).quit).toBe(true);
    expect(press(start, 'q').quit).toBe(true);
  });
});

describe('what was asked before', () => {
  const up: Action = { type: 'recall', by: -1 };
  const down: Action = { type: 'recall', by: 1 };
  const text = (ui: Ui, ...actions: Action[]): string | undefined =>
    actions.reduce((now, action) => reduce(now, action, close), ui).prompt?.text;

  test('comes back by ↑, and then what was typed by ↓', () => {
    const asked = press(start, ':5\r:closing\r:9\r:closing\r:12');
    expect(text(asked, up)).toBe('closing');
    expect(text(asked, up, up)).toBe('9');
    expect(text(asked, up, up, up, up, up)).toBe('5');
    expect(text(asked, up, up, down)).toBe('closing');
    expect(text(asked, up, up, down, down, down)).toBe('12');
    expect(text(asked, up, { type: 'type', text: '!' }, down)).toBe('closing!');
    expect(text(asked, up, { type: 'type', text: '!' }, up)).toBe('closing');
    // What is changed is typed: it is not lost on the way there and back.
    expect(text(asked, up, { type: 'erase' }, up, down)).toBe('closin');
  });

  test('is kept for filters apart, and put in force at once', () => {
    const asked = press(start, ':17\r/client\r/');
    const cleared = reduce(asked, { type: 'clear' }, close);
    expect(cleared.filter).toBe('');
    const again = reduce(cleared, up, close);
    expect(again).toMatchObject({ filter: 'client', prompt: { text: 'client', kind: 'filter' } });
  });
});

describe('an event that is sought selects the connection that it is of', () => {
  const lossy = dataOf(clientFirst());
  const whom = (text: string, data = many, from: Partial<Ui> = {}) =>
    press({ ...initial(data), selected: null, ...from }, `:${text}\r`, data);

  test('the sender of what is lost', () => {
    const { n, selected } = whom('loss', lossy);
    const lost = lossy.timeline.event(n - 1);
    const sent = [...Array(n).keys()]
      .flatMap((event) => lossy.explained(event).effects.emissions)
      .find((one) => lost.ev === 'lose' && one.n === lost.n);
    expect(sent?.conn).toBeGreaterThan(0);
    expect(selected).toEqual({ host: sent?.host, conn: sent?.conn });
  });

  test.each(['flag F', 'port 80', 'retransmission'])('%s', (text) => {
    const data = text === 'retransmission' ? lossy : many;
    const { n, selected } = whom(text, data);
    expect(data.explained(n - 1).effects.touched).toContainEqual(selected);
  });

  test('but leaves the one that is looked at, if it is of that too', () => {
    const one = whom('flag F');
    const { touched } = many.explained(one.n - 1).effects;
    for (const { host, conn } of touched) {
      expect(whom('flag F', many, { selected: { host, conn } }).selected).toEqual({ host, conn });
    }
  });
});

describe('marks', () => {
  test.each(['𝔞', 'é', 'a'])('%s is one', (letter) => {
    const ui = press(start, `lllm${letter}g'${letter}`);
    expect(ui.n).toBe(3);
    expect(ui.marks).toEqual({ [letter]: { n: 3, now: close.timeline.timeOf(2) } });
  });

  test.each(['😀', '漢'])('%s is two cells wide and is none', (letter) => {
    const ui = press(start, `lllm${letter}`);
    expect(ui).toMatchObject({ marks: {}, prompt: null, message: /one cell wide/ });
  });
});

test.each(['explanation', 'variables', 'help'] as const)(
  'what is scrolled past the end of %s comes back with the first key',
  (pane) => {
    const told: [string, number][] = [];
    const view = pane === 'variables' ? 'connection' : 'overview';
    const focus = { overview: 'explanation', connection: 'variables' } as const;
    const scene = sceneOf(close, [{ type: 'goto', n: 20 }], { view, focus, help: pane === 'help' });
    let ui = scene.ui;
    const draw = (): string => {
      const past = (of: typeof pane | string, last: number) => told.push([of, last]);
      return screenLines({ ...scene, ui, past }, 40, 12).join('\n');
    };
    ui = reduce(ui, { type: 'row', by: 500 }, close);
    const bottom = draw();
    expect(told.map(([of]) => of)).toEqual([pane]);
    ui = reduce(ui, { type: 'past', pane, last: told[0]?.[1] ?? 0 }, close);
    expect(draw()).toBe(bottom);
    expect(told.length).toBe(1);
    ui = reduce(ui, { type: 'row', by: -1 }, close);
    expect(draw()).not.toBe(bottom);
  },
);
