import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../files/scratch.ts';
import { twomsl } from './fake-io.ts';

const GOOD = `0 < . 1:1(0) ack 7 win 9
+0 > R 7:7(0) win 0
`;
const BRANCHED = `#ifdef FreeBSD
${GOOD}
#endif
#ifdef STANDARD
0 \`nstat\`
#endif
`;
const BAD = GOOD.replace('7:7', '8:8');
const BROKEN = '0 < . 1:1(0) ack 7 win\n';

function folder(): string {
  const cwd = scratchFolder();
  const files = { good: GOOD, branched: BRANCHED, bad: BAD, broken: BROKEN };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, `${name}.pkt`), text);
  return cwd;
}

describe('packetdrill', () => {
  test('a line a script, then the count', async () => {
    const args = ['packetdrill', '--define', 'STANDARD', 'good.pkt', 'bad.pkt', 'branched.pkt'];
    const { code, out } = await twomsl(args, { cwd: folder() });
    expect(out).toBe(`ok good.pkt
not ok bad.pkt:2: expected > R 8:8(0) win 0 got > R 7:7(0) win 0
skip branched.pkt:7: the command nstat
1 passed, 1 failed, 1 not runnable
`);
    expect(code).toBe(1);
  });

  test('names choose branches', async () => {
    const args = ['packetdrill', '--profile', 'freebsd', '--define', 'FreeBSD', 'branched.pkt'];
    const { code, out } = await twomsl(args, { cwd: folder() });
    expect(out).toBe('ok branched.pkt\n1 passed, 0 failed, 0 not runnable\n');
    expect(code).toBe(0);
  });

  test('what is no script is told with line and column, and the rest is run', async () => {
    const args = ['packetdrill', 'broken.pkt', 'none.pkt', 'good.pkt'];
    const { code, out, err } = await twomsl(args, { cwd: folder() });
    expect(code).toBe(2);
    expect(out).toMatch(/^not ok broken\.pkt:1:\d+: expected .*\nok good\.pkt\n1 passed, 1 failed/);
    expect(err).toMatch(/^twomsl: broken\.pkt:1:\d+: expected .*, found .*\n/);
    expect(err).toContain('twomsl: none.pkt: cannot be read');
  });

  test('a script that is exported passes when it is run', async () => {
    const cwd = folder();
    const log = await twomsl(['run', 'client-closes-first'], { cwd });
    for (const end of ['client', 'server']) {
      const name = `${end}.pkt`;
      const args = ['export', '-', '--format', 'packetdrill', '--connection', 'client#1'];
      const stdin = [log.out];
      const exported = await twomsl([...args, '--end', end, '--out', name], { cwd, stdin });
      expect(exported).toMatchObject({ code: 0, err: '' });
      expect(readFileSync(join(cwd, name), 'utf8')).toContain(
        end === 'client' ? 'connect(' : 'listen(',
      );
      const { code, out } = await twomsl(['packetdrill', name], { cwd });
      expect(out).toBe(`ok ${name}\n1 passed, 0 failed, 0 not runnable\n`);
      expect(code).toBe(0);
    }
  });

  test('without an event is none that passes', async () => {
    for (const text of ['', '// nothing but a comment\n', '--mtu=1500\n']) {
      const { code, err, out } = await twomsl(['packetdrill', '-'], { cwd: '/', stdin: [text] });
      expect(code).toBe(2);
      expect(err).toMatch(/^twomsl: -:\d+:\d+: expected .*, found /);
      expect(out).toContain('0 passed, 1 failed, 0 not runnable');
    }
  });

  test.each([
    ['nobody#1', /--connection nobody#1: expected a host and a number, such as \w+#1$/m],
    ['client', /expected a host and a number/],
    ['client#9', /the log has no such connection/],
  ])('a connection %s that there is not', async (connection, message) => {
    const cwd = scratchFolder();
    const log = await twomsl(['run', 'client-closes-first'], { cwd });
    const args = ['export', '-', '--connection', connection];
    const { code, err } = await twomsl(args, { cwd, stdin: [log.out] });
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});
