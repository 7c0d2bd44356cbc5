import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../files/scratch.ts';
import { twomsl } from './fake-io.ts';
import { sampleLog } from './sample.ts';

const sample = sampleLog();

/** A folder with the sample in it. */
function folderWith(name: string, content: string | Uint8Array = sample.text): string {
  const cwd = scratchFolder();
  writeFileSync(join(cwd, name), content);
  return cwd;
}

describe('replay', () => {
  test('tells the state at the end, and the digest that the writer had', async () => {
    const cwd = folderWith('a.jsonl');
    const { code, out, err } = await twomsl(['replay', 'a.jsonl', '--json'], { cwd });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const told = JSON.parse(out);
    expect(told).toMatchObject({
      log: 'a.jsonl',
      events: sample.events.length,
      at: sample.events.length,
      time_us: sample.events.at(-1)?.t,
      digest: sample.digest,
      warnings: [],
    });
    expect(told.hosts[1].states).toEqual({
      CLOSED: 0,
      LISTEN: 1,
      'SYN-SENT': 0,
      'SYN-RECEIVED': 0,
      ESTABLISHED: 0,
      'FIN-WAIT-1': 0,
      'FIN-WAIT-2': 0,
      'CLOSE-WAIT': 0,
      CLOSING: 0,
      'LAST-ACK': 0,
      'TIME-WAIT': 0,
    });
  });

  test('goes to an event, from either end, or to a time', async () => {
    const cwd = folderWith('a.jsonl');
    const at = async (...where: string[]) => {
      const { out } = await twomsl(['replay', 'a.jsonl', '--json', ...where], { cwd });
      return JSON.parse(out);
    };
    expect((await at('--at', '0')).at).toBe(0);
    expect((await at('--at', '-1')).at).toBe(sample.events.length - 1);
    const second = await at('--time', '1s');
    expect(second.hosts[0].timeWait).toBe(3);
    expect(second.at).toBe(sample.events.filter((event) => event.t <= 1_000_000).length);
    expect((await at('--time', '0')).at).toBe(0);
    expect((await at('--time', '9h')).at).toBe(sample.events.length);
  });

  test('reads stdin and compressed logs', async () => {
    const cwd = scratchFolder();
    for (const bytes of [zlib.gzipSync(sample.text), zlib.zstdCompressSync(sample.text)]) {
      const { code, out } = await twomsl(['replay', '-'], { cwd, stdin: [bytes] });
      expect(code).toBe(0);
      expect(out).toContain(`digest         ${sample.digest}`);
    }
  });

  test.each([
    [['--at', '999'], '--at 999: expected a number from 0 to'],
    [['--at', 'x'], "option '--at <n>' argument 'x' is invalid. Expected a whole number."],
    [['--time', 'soon'], '--time soon: expected a time such as 1.5s'],
    [['--at', '1', '--time', '1s'], "option '--time <time>' cannot be used with option '--at <n>'"],
  ])('refuses %j', async (where, message) => {
    const cwd = folderWith('a.jsonl');
    const { code, out, err } = await twomsl(['replay', 'a.jsonl', ...where], { cwd });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`twomsl: ${message}`);
  });

  test('a log cut at any byte: a message, or what is before the cut with a warning', async () => {
    const first = sample.text.indexOf('\n') + 1;
    const cuts = [0, 1, 50, first - 2, first, first + 1];
    for (let cut = first + 7; cut < sample.text.length; cut += 61) cuts.push(cut);
    const cwd = scratchFolder();
    for (const cut of cuts) {
      const stdin = [sample.text.slice(0, cut)];
      const { code, err, out } = await twomsl(['replay', '-', '--json'], { cwd, stdin });
      // The header is whole without its end of line.
      expect({ cut, code }).toEqual({ cut, code: cut < first - 1 ? 2 : 0 });
      expect(err).toMatch(code === 2 ? /^twomsl: stdin:1: expected / : /^warning: stdin: the log /);
      if (code === 0) expect(JSON.parse(out).warnings).toHaveLength(1);
    }
  });

  test('a damaged log is refused with file, line, and what was found', async () => {
    const lines = sample.text.split('\n');
    lines[20] = (lines[20] as string).slice(0, -10);
    const cwd = folderWith('a.jsonl', lines.join('\n'));
    const { code, err } = await twomsl(['replay', 'a.jsonl'], { cwd });
    expect(code).toBe(2);
    expect(err).toMatch(
      /^twomsl: a\.jsonl:21: expected a line of JSON, found ".*The log is damaged/,
    );
    expect(err).not.toContain('    at ');
  });

  test('a log that tells what cannot be is refused with the event', async () => {
    const lines = sample.text.trimEnd().split('\n').slice(0, 6);
    lines.push('{"t":999999999,"ev":"arrive","host":"client","n":77,"seg":{}}'.replace('{}', SEG));
    lines.push('{"t":999999999,"ev":"wake","process":4711}');
    const { code, err } = await twomsl(['replay', '-'], { cwd: '/', stdin: [lines.join('\n')] });
    // Whether the engine can fold it or not, there is no stack trace and no crash.
    expect([0, 2]).toContain(code);
    expect(err).not.toContain('    at ');
  });

  test('an interruption while reading ends with 130', async () => {
    const abort = new AbortController();
    abort.abort();
    const cwd = folderWith('a.jsonl');
    const { code, out } = await twomsl(['replay', 'a.jsonl'], { cwd, interrupted: abort.signal });
    expect({ code, out }).toEqual({ code: 130, out: '' });
  });

  test('long work shows progress on stderr, and none on stdout', async () => {
    const cwd = folderWith('a.jsonl', sampleLog(200).text);
    const slow = await twomsl(['replay', 'a.jsonl', '--json'], { cwd, tick: 400, tty: true });
    expect(slow.err).toContain('\rreading a.jsonl: ');
    expect(slow.err).toMatch(/folding a\.jsonl: \d+ of \d+ events/);
    expect(() => JSON.parse(slow.out)).not.toThrow();
  });
});

const SEG = '{"src":"10.0.0.2:80","dst":"10.0.0.1:40000","flags":".","seq":1,"ack":1}';

describe('any text at all', () => {
  const byte = fc.constantFrom(...'{}[]",:0123456789.-+#?aeSFR \n');

  test('with some characters changed: folded, or refused in one line', async () => {
    const change = fc.tuple(fc.nat({ max: sample.text.length - 1 }), byte);
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const chars = [...sample.text];
        for (const [at, char] of changes) chars[at] = char;
        await answers(chars.join(''));
      }),
      { numRuns: 300 },
    );
  });

  test('with a number changed: folded, or refused in one line', async () => {
    const numbers = [...sample.text.matchAll(/\d+/g)].map((match) => match.index);
    const value = fc.constantFrom('0', '1', '2', '65535', '4294967295', '9007199254740991');
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...numbers), value, async (at, number) => {
        const rest = sample.text.slice(at).replace(/^\d+/, number);
        await answers(sample.text.slice(0, at) + rest);
      }),
      { numRuns: 300 },
    );
  });

  async function answers(text: string): Promise<void> {
    const { code, err } = await twomsl(['replay', '-'], { cwd: '/', stdin: [text] });
    expect([0, 2]).toContain(code);
    if (code === 2) expect(err).toMatch(/^twomsl: stdin[^\n]*\n$/);
  }
});
