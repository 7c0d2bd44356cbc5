import { expect, it } from 'vitest';
import {
  doneListeners,
  editListeners,
  isListenedOn,
  listen,
  listenersOn,
  unlisten,
  unlistenAll,
} from '../../../engine/host/listeners.ts';

it('finds those of a socket, and whether a port has any', () => {
  const l = editListeners({ '|80': [1], '10.0.0.1|80': [2, 5], 'fd00::1|443': [3] });
  expect(listenersOn(l, '10.0.0.1', 80)).toEqual([2, 5]);
  expect(listenersOn(l, '10.0.0.2', 80)).toEqual([]);
  expect(listenersOn(l, 'fd00::1', 443)).toEqual([3]);
  expect(listenersOn(l, '', 80)).toEqual([1]);
  expect([80, 443, 81].map((port) => isListenedOn(l, port))).toEqual([true, true, false]);
});

it('the record is the very same where nothing has changed, and another where something has', () => {
  const base = { '|80': [1] };
  const l = editListeners(base);
  expect(listenersOn(l, '', 80)).toEqual([1]);
  expect(doneListeners(l)).toBe(base);
  unlisten(l, '10.0.0.1', 80, 1);
  unlisten(l, '', 80, 2);
  expect(doneListeners(l)).toBe(base);
  listen(l, '10.0.0.1', 81, 7);
  expect(doneListeners(l)).toEqual({ '|80': [1], '10.0.0.1|81': [7] });
  unlisten(l, '', 80, 1);
  expect(doneListeners(l)).toEqual({ '10.0.0.1|81': [7] });
  listen(l, '10.0.0.1', 81, 4);
  unlisten(l, '10.0.0.1', 81, 7);
  expect(doneListeners(l)).toEqual({ '10.0.0.1|81': [4] });
  unlistenAll(l);
  expect(doneListeners(l)).toEqual({});
  expect(isListenedOn(l, 81)).toBe(false);
});
