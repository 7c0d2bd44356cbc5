// The keymap is data: what the help says is what the keys do.

import { stripVTControlCharacters as strip } from 'node:util';
import type { Key } from 'ink';
import { describe, expect, test } from 'vitest';
import { actionOf, BINDINGS, keyText, PROMPT_BINDINGS } from '../../../tui/app/keys.ts';
import { reduce } from '../../../tui/app/model.ts';
import { help } from '../../../tui/app/panes/help.ts';
import { keyNames, mouseReports } from '../../../tui/app/term/keyname.ts';
import { initial, type Ui } from '../../../tui/app/ui.ts';
import { simultaneousClose } from '../../engine/projections/logs.ts';
import { dataOf, sceneOf } from './scenes.ts';

const data = dataOf(simultaneousClose());
const middle: Ui = {
  ...initial(data, 10),
  past: [{ n: 3, now: 0 }],
  future: [{ n: 4, now: 0 }],
  marks: { a: { n: 5, now: 0 } },
  filter: 'client',
  focus: { overview: 'explanation', connection: 'diagram' },
  scroll: { explanation: 2 },
};

describe('the keymap', () => {
  test('gives no key two meanings', () => {
    for (const bindings of [BINDINGS, PROMPT_BINDINGS]) {
      const keys = bindings.flatMap((one) => one.keys);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  test.each(
    BINDINGS.flatMap(({ keys, action }) => keys.map((key) => [keyText(key), key, action] as const)),
  )('%s does something somewhere', (_, key, action) => {
    expect(actionOf(key, false)).toBe(action);
    const states: Ui[] = [
      middle,
      { ...middle, reversed: true },
      { ...middle, view: 'connection' },
      { ...middle, focus: { overview: 'connections', connection: 'ladder' }, selected: null },
      { ...middle, focus: { overview: 'chart', connection: 'ladder' } },
      { ...middle, help: true },
    ];
    expect(states.some((ui) => reduce(ui, action, data) !== ui)).toBe(true);
  });

  test('every key of the prompt does something', () => {
    const asked = { filter: ['client', 'server'], goto: [] };
    const asking = reduce({ ...middle, asked }, { type: 'ask', kind: 'filter' }, data);
    const recalled = reduce(asking, { type: 'recall', by: -1 }, data);
    for (const { action } of PROMPT_BINDINGS) {
      expect([asking, recalled].some((ui) => reduce(ui, action, data) !== ui)).toBe(true);
    }
  });

  test('the help names every key and what it does', () => {
    const text = strip(help(sceneOf(data), 58, 200).join('\n'));
    for (const { keys, help: says } of [...BINDINGS, ...PROMPT_BINDINGS]) {
      expect(text).toContain(`${keys.map(keyText).join(' ')} `);
      expect(text).toContain(says);
    }
  });

  test('what is not in the keymap does nothing', () => {
    expect(actionOf('y', false)).toBeUndefined();
    expect(actionOf('y', true)).toEqual({ type: 'type', text: 'y' });
    expect(actionOf('left', true)).toBeUndefined();
  });
});

const none = {} as Key;

describe('names of keys', () => {
  test.each<[string, Partial<Key>, string[]]>([
    ['j', {}, ['j']],
    ['jjjk', {}, ['j', 'j', 'j', 'k']],
    ['', { leftArrow: true }, ['left']],
    ['', { leftArrow: true, shift: true }, ['S-left']],
    ['', { upArrow: true, shift: true }, ['up']],
    ['', { tab: true, shift: true }, ['S-tab']],
    ['\r', { return: true }, ['enter']],
    ['c', { ctrl: true }, ['C-c']],
    ['G', { shift: true }, ['G']],
    ['[', {}, ['[']],
    ['[[', {}, ['[', '[']],
    ['[1;2Z', {}, []],
    ['x', { meta: true }, []],
    ['', {}, []],
    ['ab\r', {}, ['a', 'b', 'enter']],
    ['\u0015x\u0003', {}, ['C-u', 'x', 'C-c']],
  ])('%j %j', (input, key, names) => {
    expect(keyNames(input, { ...none, ...key })).toEqual(names);
  });

  test.each([
    ['[<0;5;2M', { kind: 'press', x: 4, y: 1 }],
    ['[<32;5;2M', { kind: 'drag', x: 4, y: 1 }],
    ['[<64;1;1M', { kind: 'up', x: 0, y: 0 }],
    ['[<65;1;1M', { kind: 'down', x: 0, y: 0 }],
    ['[<0;5;2m', undefined],
    ['[<2;5;2M', undefined],
    ['j', undefined],
  ])('mouse %j', (input, report) => {
    expect(mouseReports(`x\u001B${input}`)).toEqual(report === undefined ? [] : [report]);
  });
});
