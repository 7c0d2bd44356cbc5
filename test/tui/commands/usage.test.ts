import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { ClosedPipe } from '../../../tui/files/failure.ts';
import { scratchFolder } from '../files/scratch.ts';
import { twomsl } from './fake-io.ts';
import { sampleLog } from './sample.ts';

const COMMANDS = ['run', 'replay', 'experiment', 'import', 'explore', 'fuzz', 'check', 'list'];

describe('usage', () => {
  test('--version and --help go to stdout and end well', async () => {
    const version = await twomsl(['--version'], { cwd: '/' });
    expect(version).toEqual({ code: 0, out: `${packageJson.version}\n`, err: '' });
    const help = await twomsl(['--help'], { cwd: '/' });
    expect(help).toMatchObject({ code: 0, err: '' });
    for (const command of COMMANDS) expect(help.out).toContain(`  ${command} `);
  });

  test('-h is --help', async () => {
    for (const command of [[], ['run']]) {
      const short = await twomsl([...command, '-h'], { cwd: '/' });
      expect(short).toEqual(await twomsl([...command, '--help'], { cwd: '/' }));
      expect(short.code).toBe(0);
    }
  });

  test.each(COMMANDS)('%s --help tells its use', async (command) => {
    const { code, out, err } = await twomsl([command, '--help'], { cwd: '/' });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`Usage: twomsl ${command} `);
    expect(out).toContain('--json');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test.each([
    [['replay'], "missing required argument 'log'"],
    [['replay', 'a', 'b'], 'too many arguments'],
    [['--nosuch'], "unknown option '--nosuch'"],
    [['replay', 'a', '--jsn'], '(Did you mean --json?)'],
    [['list', 'nosuch'], 'list nosuch: expected one of scenarios, experiments, logs, profiles'],
    [['rply'], 'rply: there is no such file, and no such command: run, replay, fork, '],
    [['bogus'], 'explore, fuzz, check, list, profiles, help'],
    [['run', 'tour', '--set', 'client.msl_ms=1'], '--set sets msl_ms on every host; for client'],
    [['run', 'tour', '--out', 'nodir/x.jsonl'], 'written: there is no folder nodir'],
    [['run', 'tour', '--out', ''], 'expected the name of a file to write'],
    [['help', 'nope'], 'help nope: there is no such command: run, replay, '],
    [['replay', ''], 'expected the name of a file to read, or - for stdin, found nothing'],
    [['run', 'zzzzqqqq'], 'there is no scenario "zzzzqqqq". "twomsl list" names them all'],
    [['run', 'd14.txt'], 'A script is a file in .ts, .mts, .js or .mjs'],
    [['run', 'tour', '--seed=-5'], '--seed -5: expected a whole number from 0 to 4294967295, or'],
    [['run', 'tour', '--seed', '1.5'], '--seed 1.5: expected a whole number from 0 to 4294967295'],
    [['run', 'tour', '--seed', '4294967296'], '--seed 4294967296: expected a whole number from 0'],
    [['run', 'tour', '--until', '1d'], '--until 1d: expected a time such as 1.5s, 20ms or 1m 30s'],
    [['run', 'tour', '--until', '1d'], 'in us, ms, s, m or h; a number alone is in seconds'],
    [['profiles', 'qqqqq'], 'there is no profile "qqqqq". "twomsl list" names them all'],
    [['run', 'tour', '--out', 'a.parquet'], 'a.parquet: expected a name that tells the form of'],
    [['a.jsonl'], 'a.jsonl: cannot be read: there is no such file'],
  ])('%j is refused with 2 and a message', async (args, message) => {
    const { code, out, err } = await twomsl(args, { cwd: '/' });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err).toMatch(/^twomsl: /);
  });
});

describe('a log alone', () => {
  const sample = sampleLog();

  test('without a terminal: a summary on one page', async () => {
    const { code, out, err } = await twomsl(['-'], { cwd: '/', stdin: [sample.text] });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('Short connections\nA client opens');
    expect(out).toMatch(/^TIME-WAIT {4}at most 3, first at 0\.\d+ s$/m);
    expect(out).toContain('closed first client 3');
    expect(out).toContain('3 × ESTABLISHED → FIN-WAIT-1 → FIN-WAIT-2 → TIME-WAIT');
    expect(out).toContain(sample.digest);
    expect(out.split('\n').length).toBeLessThan(30);
  });

  test('that is not named is the tour', async () => {
    const { code, out, err } = await twomsl([], { cwd: '/' });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Tour/);
    expect(out).toContain('twomsl run tour --out tour.jsonl');
  });

  test('on a screen that is too small: a message', async () => {
    const cwd = scratchFolder();
    writeFileSync(join(cwd, 'a.jsonl'), sample.text);
    const screen = { cwd, tty: true, columns: 10, rows: 3 };
    const { code, err } = await twomsl(['a.jsonl'], screen);
    expect(code).toBe(2);
    expect(err).toMatch(/the screen is too small: expected at least \d+×\d+, found 10×3/);
  });

  test('a reader that goes away is no failure of ours', async () => {
    const out = () => Promise.reject(new ClosedPipe('gone'));
    const gone = twomsl(['-'], { cwd: '/', stdin: [sample.text], out });
    await expect(gone).rejects.toBeInstanceOf(ClosedPipe);
  });
});

test('list names what ships, as text and as JSON', async () => {
  const { code, out } = await twomsl(['list'], { cwd: '/' });
  expect(code).toBe(0);
  expect(out).toContain('rfc9293');
  const profiles = await twomsl(['list', 'profiles', '--json'], { cwd: '/' });
  expect(JSON.parse(profiles.out).profiles[0]).toMatchObject({ name: 'rfc9293' });
  const knobs = await twomsl(['list', 'knobs'], { cwd: '/' });
  expect(knobs.out).toContain('time_wait_ms');
});

test('a capture where a log is expected: what to do with it', async () => {
  const stdin = [Buffer.from('0a0d0d0a1c000000', 'hex')];
  for (const args of [['check', '-'], ['-']]) {
    const { code, err } = await twomsl(args, { cwd: '/', stdin });
    expect(code).toBe(2);
    expect(err).toContain('this is a capture, not a log. To make a log of it: twomsl import');
  }
});

test('the commands that a misspelt one is told are all there are', async () => {
  const help = await twomsl(['--help'], { cwd: '/' });
  const commands = [...help.out.matchAll(/^ {2}([a-z]+) .*/gm)]
    .filter(([line]) => !line.startsWith('  log '))
    .map(([, name]) => name as string);
  const { err } = await twomsl(['bogus'], { cwd: '/' });
  for (const command of commands) expect(err).toContain(command);
});
