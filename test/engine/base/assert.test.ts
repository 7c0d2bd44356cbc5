import { expect, test } from 'vitest';
import { assert, InvariantError, unreachable } from '../../../engine/base/assert.ts';

test('a condition that holds passes, without its message being made', () => {
  const never = (): string => {
    throw new Error('made');
  };
  expect(() => assert(1 + 1 === 2, never)).not.toThrow();
});

test.each([false, 0, '', null, undefined, Number.NaN])('%s throws with its message', (value) => {
  expect(() => assert(value, 'text')).toThrow(new InvariantError('text'));
  expect(() => assert(value, () => 'made')).toThrow(new InvariantError('made'));
});

test('the error has a name of its own and is an Error', () => {
  const error = new InvariantError('broken');
  expect(error).toBeInstanceOf(Error);
  expect(String(error)).toBe('InvariantError: broken');
});

test('unreachable says what got there, whatever it is', () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  expect(() => unreachable({ kind: 'odd' } as never)).toThrow('unreachable value: {"kind":"odd"}');
  expect(() => unreachable(undefined as never)).toThrow('unreachable value: undefined');
  expect(() => unreachable(circle as never)).toThrow(InvariantError);
});
