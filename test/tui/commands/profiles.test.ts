import { expect, test } from 'vitest';
import { twomsl } from './fake-io.ts';

test('profiles side by side, every knob with its meaning and source', async () => {
  const { code, out, err } = await twomsl(['profiles', 'rfc9293', 'freebsd'], { cwd: '/' });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const [head, ...rows] = out.trimEnd().split('\n');
  expect(head).toMatch(/^knob +rfc9293 +freebsd +meaning +source$/);
  expect(rows.find((row) => row.startsWith('time_wait_ms '))).toMatch(/240000 +60000 .*RFC 9293/);
  expect(rows.find((row) => row.startsWith('nagle '))).toMatch(/true +true/);
});

test('--diff leaves out what is the same', async () => {
  const { out } = await twomsl(['profiles', 'rfc9293', 'freebsd', '--diff', '--json'], {
    cwd: '/',
  });
  const rows = JSON.parse(out);
  expect(rows.find((row: { knob: string }) => row.knob === 'nagle')).toBeUndefined();
  for (const row of rows) expect(row.rfc9293).not.toEqual(row.freebsd);
});

test('--diff wants two, and a profile that is not there has neighbours', async () => {
  const alone = await twomsl(['profiles', 'linux', '--diff'], { cwd: '/' });
  expect(alone).toMatchObject({ code: 2, out: '' });
  const unknown = await twomsl(['profiles', 'linx'], { cwd: '/' });
  expect(unknown).toMatchObject({ code: 2, out: '' });
  expect(unknown.err).toContain('linux');
  // What every object has is no profile.
  const inherited = await twomsl(['profiles', 'constructor'], { cwd: '/' });
  expect(inherited).toMatchObject({ code: 2, out: '' });
  const two = await twomsl(['profiles', 'linux', 'freebsd', '--matrix'], { cwd: '/' });
  expect(two).toMatchObject({ code: 2, out: '' });
});

test('--matrix shows a source only where there is one', async () => {
  const { out } = await twomsl(['profiles', '--matrix'], { cwd: '/' });
  expect(out).not.toContain('[]');
  expect(out).toMatch(/\[RFC 9293 /);
});

test('--matrix prints every cell, none empty', async () => {
  const { code, out } = await twomsl(['profiles', '--matrix', '--json'], { cwd: '/' });
  expect(code).toBe(0);
  const cells: { state: string; rules: unknown[]; result: string }[] = JSON.parse(out);
  expect(new Set(cells.map((cell) => cell.state)).size).toBe(11);
  for (const cell of cells) expect(cell.rules.length > 0 || cell.result !== '').toBe(true);
});
