import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeLog, formatTime } from '../../../engine/index.ts';
import { scratchFolder } from '../files/scratch.ts';
import { twomsl } from './fake-io.ts';
import { sampleHeader, sampleLog } from './sample.ts';

const sample = sampleLog();

/** A folder with a script that makes the sample, or what is given. */
function folderWith(body = `return ${JSON.stringify(sampleHeader())};`): string {
  const cwd = scratchFolder();
  writeFileSync(join(cwd, 's.mjs'), `export default (twomsl, options) => {\n${body}\n};\n`);
  return cwd;
}

describe('run', () => {
  test('writes the log to stdout, byte for byte the same each time', async () => {
    const cwd = folderWith();
    const { code, out, err } = await twomsl(['run', 's.mjs'], { cwd });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe(sample.text);
  });

  test('writes the log to a file, and says what it wrote', async () => {
    const cwd = folderWith();
    const { code, out } = await twomsl(['run', 's.mjs', '--out', 'a.jsonl'], { cwd });
    expect(code).toBe(0);
    const { events, digest } = sample;
    const clock = formatTime(events.at(-1)?.t ?? 0);
    expect(out).toBe(`a.jsonl: ${events.length} events, ${clock}, digest ${digest}\n`);
    expect(readFileSync(join(cwd, 'a.jsonl'), 'utf8')).toBe(sample.text);
  });

  test('replaces no file without --force', async () => {
    const cwd = folderWith();
    writeFileSync(join(cwd, 'a.jsonl'), 'mine');
    const refused = await twomsl(['run', 's.mjs', '--out', 'a.jsonl'], { cwd });
    expect(refused.code).toBe(2);
    expect(refused.err).toBe(
      'twomsl: a.jsonl: exists already. Name another file, or replace it with --force\n',
    );
    expect(readFileSync(join(cwd, 'a.jsonl'), 'utf8')).toBe('mine');
    const forced = await twomsl(['run', 's.mjs', '--out', 'a.jsonl', '--force', '--json'], { cwd });
    expect(JSON.parse(forced.out)).toMatchObject({ log: 'a.jsonl', digest: sample.digest });
    expect(readFileSync(join(cwd, 'a.jsonl'), 'utf8')).toBe(sample.text);
  });

  test('on a terminal shows a summary instead of the log', async () => {
    const { out } = await twomsl(['run', 's.mjs'], { cwd: folderWith(), tty: true });
    expect(out).toContain('closed first client 3');
    expect(out).toContain('--out FILE');
  });

  test('gives the script the engine and the options', async () => {
    const cwd = folderWith(`
      const header = ${JSON.stringify(sampleHeader())};
      const { seed, profile, knobs } = options;
      return { ...header, seed, title: twomsl.formatTime(1500000), hosts: header.hosts.map(
        (host) => ({ ...host, profile, knobs })) };`);
    const set = ['--seed', '7', '--profile', 'freebsd', '--set', 'time_wait_ms=1000'];
    const { out } = await twomsl(['run', 's.mjs', ...set, '--set', 'nagle=false'], { cwd });
    const decoded = decodeLog(out);
    if (!decoded.ok) throw new Error(decoded.error.expected);
    expect(decoded.header).toMatchObject({ seed: 7, title: '1.500 s' });
    expect(decoded.header.hosts[0]).toMatchObject({
      profile: 'freebsd',
      knobs: { time_wait_ms: 1000, nagle: false },
    });
  });

  test('--until stops at a time', async () => {
    const { out } = await twomsl(['run', 's.mjs', '--until', '100ms'], { cwd: folderWith() });
    const decoded = decodeLog(out);
    expect(decoded.ok && decoded.events.at(-1)?.t).toBeLessThanOrEqual(100_000);
    expect(decoded.ok && decoded.warnings).toEqual([]);
  });

  test('interrupted on stdout, says that stdout holds what there was', async () => {
    const abort = new AbortController();
    const out = async () => abort.abort();
    const setting = { cwd: '/', tick: 200, interrupted: abort.signal, out };
    const { code, err } = await twomsl(['run', 'tour'], setting);
    expect(code).toBe(130);
    expect(err).toMatch(/interrupted after \d+ events; stdout holds them\n$/);
  });

  test('interrupted, closes the file: it holds a whole log of what there was', async () => {
    const cwd = folderWith(`return ${JSON.stringify(sampleHeader(2000))};`);
    const abort = new AbortController();
    const setting = { cwd, tick: 20, interrupted: abort.signal };
    const running = twomsl(['run', 's.mjs', '--out', 'a.jsonl'], setting);
    setTimeout(() => abort.abort(), 30);
    const { code, err, out } = await running;
    expect({ code, out }).toEqual({ code: 130, out: '' });
    expect(err).toContain('interrupted after');
    expect(readdirSync(cwd).sort()).toEqual(['a.jsonl', 's.mjs']);
    const text = readFileSync(join(cwd, 'a.jsonl'), 'utf8');
    const checked = await twomsl(['check', '-'], { cwd, stdin: [text] });
    expect({ code: checked.code, err: checked.err }).toEqual({ code: 0, err: '' });
  });

  test('interrupted, does not replace what is there, also with --force', async () => {
    const cwd = folderWith(`return ${JSON.stringify(sampleHeader(2000))};`);
    writeFileSync(join(cwd, 'a.jsonl'), 'old');
    const abort = new AbortController();
    const setting = { cwd, tick: 20, interrupted: abort.signal };
    const running = twomsl(['run', 's.mjs', '--out', 'a.jsonl', '--force'], setting);
    setTimeout(() => abort.abort(), 30);
    const { code, err } = await running;
    expect(code).toBe(130);
    expect(err).toMatch(/after \d+ events; a\.part\.jsonl holds them, a\.jsonl is what it was\n$/);
    expect(readdirSync(cwd).sort()).toEqual(['a.jsonl', 'a.part.jsonl', 's.mjs']);
    expect(readFileSync(join(cwd, 'a.jsonl'), 'utf8')).toBe('old');
    expect((await twomsl(['check', 'a.part.jsonl'], { cwd })).code).toBe(0);
  });
});

describe('a scenario that cannot be run', () => {
  test.each([
    ['none of that name', ['abrt'], 'twomsl: there is no scenario "abrt". The nearest: abort'],
    ['no such file', ['none.ts'], 'twomsl: none.ts: cannot be read: there is no such file'],
    ['an unknown knob', ['x', '--set', 'msl=1'], '--set msl=1: unknown knob msl; near it: msl_ms'],
    ['a wrong value', ['x', '--set', 'nagle=2'], '--set nagle=2: nagle: expected true or false'],
    ['no value', ['x', '--set', 'nagle'], '--set nagle: expected knob=value'],
    ['a profile', ['x', '--profile', 'linx'], 'there is no profile "linx". The nearest: linux'],
    ['a time', ['s.mjs', '--until', 'x'], '--until x: expected a time'],
  ])('%s', async (_, args, message) => {
    const { code, out, err } = await twomsl(['run', ...args], { cwd: folderWith() });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });

  test.each([
    [
      'throws',
      'const x = 1;\nthrow new Error("no luck");',
      's.mjs:3:7: the script throws: no luck',
    ],
    ['throws null', 'throw null;', 's.mjs: the script throws: null'],
    ['throws nothing', 'throw undefined;', 's.mjs: the script throws: undefined'],
    ['throws a thing', 'throw { code: 5 };', 's.mjs: the script throws: {"code":5}'],
    ['gives nothing', '', 's.mjs: expected the header of a log from the script, found a value of'],
    [
      'gives half a header',
      'return { format: "twomsl" };',
      's.mjs: the script gives a header whose version is wrong: expected a whole number of at ',
    ],
    [
      'makes an experiment',
      'return { build() {}, measure: {} };',
      's.mjs: the script makes an experiment, not a scenario: twomsl experiment s.mjs',
    ],
    [
      'gives a wrong field',
      `return { ...${JSON.stringify(sampleHeader())}, seed: 1.5 };`,
      's.mjs: the script gives a header whose seed is wrong: expected a whole number',
    ],
  ])('a script that %s', async (_, body, message) => {
    const { code, err } = await twomsl(['run', 's.mjs'], { cwd: folderWith(body) });
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).not.toContain('    at ');
  });

  test('a script without a function', async () => {
    const cwd = scratchFolder();
    writeFileSync(join(cwd, 's.mjs'), 'export const x = 1;\n');
    const { code, err } = await twomsl(['run', 's.mjs'], { cwd });
    expect(code).toBe(2);
    expect(err).toContain('s.mjs: expected a function as default export, (twomsl, options) => …');
  });
});

test.each([
  ['ephemeral_high=99999999', 'ephemeral_high: expected a whole number from 1 to 65535, found 99'],
  ['tw_reuse=7', 'tw_reuse: expected a whole number from 0 to 2, found 7'],
  ['msl_ms=1e30', 'msl_ms: expected a whole number from 0 to 2147483647, found 1e30'],
  ['time_wait_ms=99999999999', 'time_wait_ms: expected a whole number from 0 to 2147483647'],
  ['mtu=0', 'mtu: expected a whole number from 88 to 65535, found 0'],
  ['rto_min_ms=', 'rto_min_ms: expected a whole number from 0 to 2147483647, found nothing'],
  ['ephemeral_high=100', 'ephemeral_low: expected at most ephemeral_high, which is 100, found'],
  ['wait_time_ms=1', 'unknown knob wait_time_ms; near it: time_wait_ms'],
])('--set %s is refused with what is allowed', async (set, message) => {
  const { code, out, err } = await twomsl(['run', 'handshake', '--set', set], { cwd: '/' });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
});
