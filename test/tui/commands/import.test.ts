import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../files/scratch.ts';
import { twomsl } from './fake-io.ts';

const CAPTURES = fileURLToPath(new URL('../../fixtures/captures/', import.meta.url));
const names = readdirSync(CAPTURES).filter((name) => /\.pcap(ng)?$/.test(name));
const bytesOf = (name: string): Buffer => readFileSync(`${CAPTURES}${name}`);

describe('import', () => {
  test.each(names)('%s becomes a log that is sound', async (name) => {
    const { code, out } = await twomsl(['import', name], { cwd: CAPTURES });
    expect(code).toBe(0);
    const checked = await twomsl(['check', '-', '--json'], { cwd: '/', stdin: [out] });
    const told = JSON.parse(checked.out);
    expect(told).toMatchObject({ complete: true, recordedDigest: told.digest, warnings: [] });
  });

  test('reads stdin and compressed captures, and writes what it was told to', async () => {
    const cwd = scratchFolder();
    const name = names[0] as string;
    const plain = await twomsl(['import', '-'], { cwd, stdin: [bytesOf(name)] });
    const stdin = [zlib.gzipSync(bytesOf(name))];
    const packed = await twomsl(['import', '-'], { cwd, stdin });
    expect(packed.out).toBe(plain.out);
    const args = ['import', '-', '--out', 'a.jsonl', '--profile', 'freebsd', '--json'];
    const { out } = await twomsl(args, { cwd, stdin });
    expect(JSON.parse(out)).toMatchObject({ log: 'a.jsonl', hosts: [{ profile: 'freebsd' }, {}] });
    expect(readdirSync(cwd)).toEqual(['a.jsonl']);
  });

  test('on a terminal tells which moment time 0 is, and what was sent again', async () => {
    // The recording begins 1970-01-01 (its README); its first SYN was lost, and nothing else.
    const { out } = await twomsl(['import', 'd_syn_lost_once.pcapng'], {
      cwd: CAPTURES,
      tty: true,
    });
    expect(out).toMatch(/^source +recording .*; 0 s is 1970-01-01 00:00:0\d\.\d{6} UTC$/m);
    expect(out).toMatch(/^segments +\d+ sent, 1 of them again, 0 with RST$/m);
  });

  test('tells how far it is, also while it follows the hosts', async () => {
    // Half an hour between two looks at the clock.
    const setting = { cwd: CAPTURES, tick: 1_800_000 };
    const { code, err } = await twomsl(['import', 'g_data_reordered.pcapng'], setting);
    expect(code).toBe(0);
    expect(err).toMatch(/^following g_data_reordered.pcapng: 0 %$/m);
  });

  test('a capture that was cut is used up to the cut', async () => {
    const bytes = bytesOf(names[0] as string);
    const stdin = [bytes.subarray(0, bytes.length - 5)];
    const { code, err, out } = await twomsl(['import', '-', '--json'], { cwd: '/', stdin });
    expect(code).toBe(0);
    expect(err).toMatch(/^warning: stdin: the file ends within /m);
    expect(JSON.parse(out).warnings.length).toBeGreaterThan(0);
  });

  test.each([
    ['an empty file', '', /^twomsl: stdin: at byte 0: expected .*, found an empty file/],
    [
      'a text',
      'hello, this is no capture',
      /^twomsl: stdin: at byte 0: expected the magic .* "editcap -F/,
    ],
    [
      'a record that is longer than any',
      Buffer.from(`d4c3b2a1020004000000000000000000ffff000001000000${'f'.repeat(32)}`, 'hex'),
      /^twomsl: stdin: at byte 32: expected a packet of at most .* The file is damaged there/,
    ],
    [
      'a capture without packets',
      Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex'),
      /^twomsl: stdin: no TCP to import: the capture holds no packets/,
    ],
    [
      'a capture that is cut within its first packet',
      // Its record tells of 0x3c octets, and there are four.
      Buffer.from(
        'd4c3b2a1020004000000000000000000ffff000001000000' +
          '00000000000000003c0000003c00000000010203',
        'hex',
      ),
      /holds no packets; it is cut: the file ends within a packet record at byte 24: 20 of 76 by/,
    ],
  ])('%s is refused', async (_, content, message) => {
    const { code, err } = await twomsl(['import', '-'], { cwd: '/', stdin: [content] });
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});
