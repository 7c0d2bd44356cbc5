import { expect, test } from 'vitest';
import { twomsl } from './fake-io.ts';

test('fuzz runs networks from a seed on, and tells how many events held', async () => {
  const { code, out, err } = await twomsl(['fuzz', '--seed', '5', '--events', '2000'], {
    cwd: '/',
  });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^\d{4} events in \d+ networks from seed 5: no invariant broke/);
});

test('fuzz --json', async () => {
  const { out } = await twomsl(['fuzz', '--events', '500', '--json'], { cwd: '/' });
  expect(JSON.parse(out)).toMatchObject({ ok: true, seed: 1 });
});

test.each([
  [['--events', 'many'], 'Expected a whole number'],
  [['--seed', ''], '--seed: expected a number or a word'],
])('fuzz %j is refused', async (args, message) => {
  const { code, out, err } = await twomsl(['fuzz', ...args], { cwd: '/' });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
});
