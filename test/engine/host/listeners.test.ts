import { expect, it } from 'vitest';
import {
  doneListeners,
  editListeners,
  listen,
  listenerFor,
  listenerOn,
  unlisten,
  unlistenAll,
} from '../../../engine/host/listeners.ts';

it('a socket of an address comes before the one of any address', () => {
  const l = editListeners({ '|80': 1, '10.0.0.1|80': 2, 'fd00::1|443': 3 });
  expect(listenerFor(l, '10.0.0.1', 80)).toBe(2);
  expect(listenerFor(l, '10.0.0.2', 80)).toBe(1);
  expect(listenerFor(l, 'fd00::1', 443)).toBe(3);
  expect(listenerFor(l, 'fd00::2', 443)).toBe(0);
  expect(listenerOn(l, '', 80)).toBe(1);
  expect(listenerOn(l, '10.0.0.2', 80)).toBe(0);
});

it('the record is the very same where nothing has changed, and another where something has', () => {
  const base = { '|80': 1 };
  const l = editListeners(base);
  expect(listenerOn(l, '', 80)).toBe(1);
  expect(doneListeners(l)).toBe(base);
  unlisten(l, '10.0.0.1', 80);
  expect(doneListeners(l)).toBe(base);
  listen(l, '10.0.0.1', 81, 7);
  expect(doneListeners(l)).toEqual({ '|80': 1, '10.0.0.1|81': 7 });
  unlisten(l, '', 80);
  expect(doneListeners(l)).toEqual({ '10.0.0.1|81': 7 });
  unlistenAll(l);
  expect(doneListeners(l)).toEqual({});
  expect(listenerFor(l, '10.0.0.1', 81)).toBe(0);
});
