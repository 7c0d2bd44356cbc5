import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../files/scratch.ts';
import { twomsl } from './fake-io.ts';

const SMALL = ['explore', '--start', 'established'];

describe('explore', () => {
  test('tells states, edges, pairs and claims', async () => {
    const { code, out, err } = await twomsl(SMALL, { cwd: '/' });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^\d+ states, \d+ transitions, depth \d+, complete within the bounds/);
    expect(out).toContain('edges    9 of 26 taken');
    expect(out).toContain('never      CLOSED → LISTEN');
    expect(out).toContain('claims   14 of 14 hold');
    // A space of one's own need not hold every edge.
    expect(out.trimEnd().split('\n').at(-1)).toBe('ok');
  });

  test('that is cut off says at its end why it is not ok', async () => {
    const { code, out } = await twomsl(['explore', '--depth', '1'], { cwd: '/' });
    expect(code).toBe(1);
    expect(out.trimEnd().split('\n').at(-1)).toMatch(
      /^NOT ok {3}\d+ edges of the diagram were never taken, as the search was cut off$/,
    );
  });

  test('--out that cannot be written is refused before the search', async () => {
    const cwd = scratchFolder();
    writeFileSync(join(cwd, 'a.jsonl'), 'old');
    const find = ['explore', '--find', 'A=CLOSING,B=CLOSING', '--out'];
    const looks = { cwd, tick: 1e6 };
    for (const [out, message] of [
      ['a.jsonl', 'a.jsonl: exists already'],
      ['none/a.jsonl', 'there is no folder none'],
    ] as const) {
      const { code, err } = await twomsl([...find, out], looks);
      expect(code).toBe(2);
      // Each look at the clock is long after the one before: the search would have told of itself.
      expect(err.startsWith(`twomsl: ${out}`)).toBe(true);
      expect(err).toContain(message);
    }
  });

  test('--json has it all', async () => {
    const { code, out } = await twomsl([...SMALL, '--json'], { cwd: '/' });
    expect(code).toBe(0);
    const report = JSON.parse(out);
    expect(report).toMatchObject({ ok: true, complete: true, violations: [] });
    expect(report.edgesTaken).toHaveLength(9);
    expect(report.pairs).toContainEqual(['FIN-WAIT-2', 'CLOSE-WAIT']);
    expect(report.sweeps[0].bounds).toMatchObject({ start: 'established', opens: 0 });
  });

  test('--find writes the shortest log, which check finds sound', async () => {
    const cwd = scratchFolder();
    const args = ['--find', 'A=CLOSING,B=CLOSING', '--out', 'a.jsonl'];
    const { code, out } = await twomsl([...SMALL, ...args], { cwd });
    expect(code).toBe(0);
    expect(out).toMatch(/^a\.jsonl: 9 events, /);
    expect((await twomsl(['check', 'a.jsonl'], { cwd })).code).toBe(0);
  });

  test('--find of what cannot be reached ends with 1', async () => {
    const { code, out } = await twomsl([...SMALL, '--find', 'A=LAST-ACK, B=LAST-ACK'], {
      cwd: '/',
    });
    expect(code).toBe(1);
    expect(out).toMatch(/^A=LAST-ACK, B=LAST-ACK: not reached within the bounds \(\d+ states, all/);
  });

  test('a broken claim ends with 1 and is written', async () => {
    const cwd = scratchFolder();
    const trial = ['explore', '--start', 'time-wait', '--opens', '2', '--iss', 'same'];
    const { code, out } = await twomsl([...trial, '--out', 'a.jsonl'], { cwd });
    expect(code).toBe(1);
    expect(out).toContain('BROKEN     octets: octets handed over are the next');
    expect(existsSync(join(cwd, 'a.jsonl'))).toBe(true);
  });

  test.each([
    [['--find', 'A=OPEN'], '--find: there is no state "OPEN"'],
    [['--find', 'A=OPEN'], 'The eleven: CLOSED, LISTEN, SYN-SENT, SYN-RECEIVED, ESTABLISHED'],
    [['--start', 'nowhere'], '--start nowhere: expected one of closed, listening'],
    [['--losses', '-1'], 'Expected a whole number that is not negative'],
    [['--profile', 'nosuch'], 'there is no profile "nosuch"'],
  ])('%j is refused', async (args, message) => {
    const { code, out, err } = await twomsl(['explore', ...args], { cwd: '/' });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });
});
