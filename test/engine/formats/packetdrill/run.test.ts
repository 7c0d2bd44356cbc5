// The runner: when things happen, what numbers stand for, and how a run fails.

import { describe, expect, test } from 'vitest';
import { drill, verdictText } from '../../../../engine/formats/packetdrill/index.ts';
import { evolve } from '../../../../engine/timeline/evolve.ts';
import { initialState } from '../../../../engine/timeline/initial.ts';

function run(text: string, profile = 'freebsd'): string {
  return verdictText('x', drill(text, { name: 'x', profile, defines: [] }).verdict);
}

const LISTEN = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
`;
const HALF = `${LISTEN}+0 < S 100:100(0) win 65535 <mss 1460>
+0 > S. 0:0(0) ack 101 win 65535 <mss 1460>
`;
const OPEN = `${HALF}+.1 < . 1:1(0) ack 1 win 65535
+0 accept(3, ..., ...) = 4
`;

describe('time', () => {
  test('an expected segment is neither too early nor too late', () => {
    const text = `${OPEN}+0 < P. 1:11(10) ack 1 win 100\n`;
    expect(run(`${text}+.04 > . 1:1(0) ack 11`)).toBe('ok x');
    expect(run(`${text}+.043 > . 1:1(0) ack 11`)).toBe('ok x');
    expect(run(`${text}+.05 > . 1:1(0) ack 11`)).toMatch(
      /^not ok x:9: .* at 0.15 s got it at 0.14 s/,
    );
    expect(run(`${text}+.03 > . 1:1(0) ack 11`)).toMatch(/got nothing until 0.134 s$/);
    expect(run(`${text}+0~+.1 > . 1:1(0) ack 11`)).toBe('ok x');
    expect(run(`${text}* > . 1:1(0) ack 11`)).toBe('ok x');
  });

  test('the percentage is FreeBSD’s own, another by default, or given', () => {
    const text = (options: string): string => `${options}
0 socket(..., SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP) = 3
+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)
+0 > S 0:0(0) <...>
+1.1 > S 0:0(0) <...>`;
    expect(run(text(''))).toMatch(/^not ok/);
    expect(run(text(''), 'rfc9293')).toBe('ok x');
    expect(run(text('--tolerance_percent=10'))).toBe('ok x');
    expect(run(text('--tolerance_usecs=100000'))).toBe('ok x');
  });

  test('the next event counts from when a segment was sent', () => {
    const text = `${OPEN}+0 < P. 1:11(10) ack 1 win 100
+0~+1 > . 1:1(0) ack 11
+.05 < P. 11:21(10) ack 1 win 100
+.04 > . 1:1(0) ack 21
+0 %{ assert tcpi_state == TCPI_ESTABLISHED }%`;
    expect(run(text)).toBe('ok x');
  });

  test('a call that blocks returns when it should, with what it should', () => {
    const text = (
      end: string,
      result: number,
    ): string => `${OPEN}+0...${end} read(4, ..., 50) = ${result}
+.2 < P. 1:8(7) ack 1 win 100
+.5 < . 8:8(0) ack 1 win 100`;
    expect(run(text('0.2', 7))).toBe('ok x');
    expect(run(text('0.3', 7))).toMatch(/^not ok x:8: .* at 0.4 s got 7 at 0.3 s$/);
    expect(run(text('0.1', 7))).toMatch(/^not ok x:8: .* got a call that still blocks$/);
    expect(run(text('0.2', 8))).toMatch(/^not ok x:8: .* got 7$/);
  });

  test('a call that would block without being said to is a failure', () => {
    expect(run(`${OPEN}+0 read(4, ..., 50) = 7`)).toMatch(/got a call that blocks$/);
    expect(run(`${LISTEN}+0 accept(3, ..., ...) = 4`)).toMatch(/got a call that blocks$/);
  });

  test('poll() waits until its timeout', () => {
    const poll = 'poll([{fd=4, events=POLLIN, revents=0}], 1, 200) = 0';
    expect(run(`${OPEN}+0...0.2 ${poll}\n+.5 < . 1:1(0) ack 1 win 9`)).toBe('ok x');
    const ready = 'poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, -1) = 1';
    expect(run(`${OPEN}+0...0.1 ${ready}\n+.1 < P. 1:2(1) ack 1 win 9`)).toBe('ok x');
  });
});

describe('numbers', () => {
  test('with SYN they are absolute, without it they count from the ISNs', () => {
    const text = `0 socket(..., SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP) = 3
+0 connect(3, ..., ...) = -1 EINPROGRESS (x)
+0 > S 500:500(0) <...>
+0 < S. 4294967290:4294967290(0) ack 501 win 100 <mss 1460>
+0 > . 1:1(0) ack 1
+0 < P. 1:11(10) ack 1 win 100
+.04 > . 1:1(0) ack 11
+0 < . 4294967290:4294967290(0) ack 1 win 100
+0 > . 1:1(0) ack 11`;
    expect(run(text)).toBe('ok x');
  });

  test('before an ISN is known they are as written, also those of RST', () => {
    expect(run('0 < . 50:60(10) ack 70 win 3\n+0 > R 70:70(0) win 0')).toBe('ok x');
    expect(run('0 < SF 50:53(3) win 3\n+0 > R. 0:0(0) ack 55')).toBe('ok x');
  });

  test('`...` is neither compared nor learned', () => {
    expect(run(`${LISTEN}+0 < S 7:7(0) win 3\n+0 > S. ...(0) ack 8 <...>`)).toBe('ok x');
  });

  test('timestamps: any first value stands, its echo is the real one', () => {
    const text = (val: number, echo: number): string => `--tcp_ts_tick_usecs=1000
${LISTEN}+0 < S 0:0(0) win 9 <mss 1460,TS val 5 ecr 0>
+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,TS val 900 ecr 1>
+.1 < . 1:1(0) ack 1 win 9 <nop,nop,TS val 6 ecr 900>
+0 < P. 1:11(10) ack 1 win 9 <nop,nop,TS val 7 ecr ${echo}>
+.04 > . 1:1(0) ack 11 <nop,nop,TS val ${val} ecr 1>`;
    expect(run(text(1040, 900))).toBe('ok x');
    expect(run(text(1070, 900))).toMatch(/^not ok/);
  });
});

describe('segments', () => {
  test('segments are joined to the length that is expected', () => {
    const text = `${OPEN}+0 write(4, ..., 4000) = 4000\n`;
    expect(run(`${text}+0 > P. 1:4001(4000) ack 1`)).toBe('ok x');
    expect(run(`${text}+0 > . 1:2921(2920) ack 1\n+0 > P. 2921:4001(1080) ack 1`)).toBe('ok x');
    expect(run(`${text}+0 > P. 1:2001(2000) ack 1`)).toMatch(/^not ok/);
  });

  test.each([
    ['> F. 1:1(0) ack 1', 'flags'],
    ['> S. 1:1(0) ack 101 <mss 1460>', 'seq'],
    ['> S. 0:0(0) ack 102 <mss 1460>', 'ack'],
    ['> S. 0:0(0) ack 101 win 65534 <mss 1460>', 'win'],
    ['> S. 0:0(0) ack 101', 'options'],
    ['> S. 0:0(0) ack 101 <mss 1460,nop,nop>', 'options'],
  ])('%s differs in %s', (expected) => {
    const text = `${LISTEN}+0 < S 100:100(0) win 65535 <mss 1460>\n`;
    if (expected.includes('1:1(0) ack 101')) {
      // The first `> S.` is learned from: the second has to be the same.
      expect(run(`${HALF}+1 ${expected}`)).toMatch(/^not ok x:6/);
    } else expect(run(`${text}+0 ${expected}`)).toMatch(/^not ok x:5/);
  });

  test('one that was not expected fails the next `>`; at the end nobody looks', () => {
    const text = `${OPEN}+0 < . 1:1(0) ack 900 win 9\n`;
    expect(run(text)).toBe('ok x');
    expect(run(`${text}+5 close(4) = 0\n+0 > F. 1:1(0) ack 1`)).toMatch(
      /^not ok x:10: expected > F\. .* got > \. 1:1\(0\) ack 1 /,
    );
  });

  test('a socket made later is met from another port', () => {
    const text = `${OPEN}+0 close(4) = 0
+0 > F. 1:1(0) ack 1
+0 < . 1:1(0) ack 2 win 9
+0 close(3) = 0
+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 5
+0 bind(5, ..., ...) = 0
+0 listen(5, 1) = 0
+0 < S 7:7(0) win 9 <mss 1460>
+0 > S. 3:3(0) ack 8 <mss 1460>`;
    expect(run(text)).toBe('ok x');
  });
});

describe('calls', () => {
  test('results and errors are compared', () => {
    expect(run(`${OPEN}+0 write(4, ..., 10) = 11`)).toMatch(/ got 10$/);
    expect(run(`${OPEN}+0 write(4, ..., 10) = -1 EPIPE (x)`)).toMatch(/ got 10$/);
    expect(run('0 close(9) = -1 EBADF (Bad file descriptor)')).toBe('ok x');
    expect(run('0 close(9) = -1 EPIPE (x)')).toMatch(/ got -1 EBADF$/);
  });

  test('SO_ERROR by name or number, once', () => {
    const text = `${OPEN}+0 < R 1:1(0) win 0\n`;
    const error = (value: string): string =>
      `+0 getsockopt(4, SOL_SOCKET, SO_ERROR, [${value}], [4]) = 0\n`;
    expect(run(`${text}${error('ECONNRESET')}${error('0')}`)).toBe('ok x');
    expect(run(`${text}${error('54')}`)).toBe('ok x');
    expect(run(`${text}${error('104')}`, 'linux')).toBe('ok x');
    expect(run(`${text}${error('0')}`)).toMatch(/expected SO_ERROR \[0\] got \[ECONNRESET\]$/);
  });

  test('options can be set before there is a connection, and read back', () => {
    const text = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 setsockopt(3, SOL_SOCKET, SO_RCVBUF, [16384], 4) = 0
+0 getsockopt(3, SOL_SOCKET, SO_RCVBUF, [16384], [4]) = 0
+0 setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5}, 8) = 0
+0 getsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5}, [8]) = 0
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS (x)
+0 > S 0:0(0) win 16384 <...>
+0 connect(3, ..., ...) = -1 EALREADY (x)`;
    expect(run(text)).toBe('ok x');
  });

  test('sysctl: buffers hold for sockets made afterwards', () => {
    const text = `0 socket(..., SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP) = 3
+0 \`sysctl -w net.inet.tcp.recvspace=8192; sysctl -q net.inet.tcp.sack.enable=0\`
+0 connect(3, ..., ...) = -1 EINPROGRESS (x)
+0 > S 0:0(0) win 65535 <mss 1460,nop,wscale 6,nop,nop,TS val 1 ecr 0>
+0 close(3) = 0
+0 socket(..., SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP) = 3
+0 connect(3, ..., ...) = -1 EINPROGRESS (x)
+0 > S 9:9(0) win 8192 <...>`;
    expect(run(text)).toBe('ok x');
  });
});

describe('commands', () => {
  test('sockstat counts states; grep decides', () => {
    const count = (state: string, n: number): string =>
      `+0 \`sockstat -4 -P tcp -p 8080 -s | grep -c ${state} | grep ${n}\`\n`;
    expect(run(`${OPEN}${count('ESTABLISHED', 1)}${count('LISTEN', 1)}${count('CLOSED', 0)}`)).toBe(
      'ok x',
    );
    expect(run(`${OPEN}${count('ESTABLISHED', 2)}`)).toMatch(/got LISTEN, ESTABLISHED$/);
    expect(run(`${HALF}${count('SYN_RCVD', 1)}`)).toBe('ok x');
    const owned = '`sockstat -s -p 8080 -4 | grep packetdril | grep -c SYN_RCVD | grep 0`';
    expect(run(`${HALF}+0 ${owned}`)).toBe('ok x');
    expect(run(`${OPEN}+0 < R 1:1(0) win 0\n${count('CLOSED', 1)}`)).toBe('ok x');
  });

  test('an unknown sysctl is reported once, an unknown command cannot be run', () => {
    const text = '0 `sysctl -w a.b=1; sysctl a.b=2`';
    const { verdict, warnings } = drill(text, { name: 'x', profile: 'freebsd', defines: [] });
    expect(verdict.kind).toBe('passed');
    expect(warnings).toEqual(['sysctl a.b is not known here and was ignored']);
    expect(run('0 `nstat`')).toBe('skip x:1: the command nstat');
    expect(run('0 sendmsg(3, ...) = 0')).toBe('skip x:1: sendmsg()');
  });

  test('commands of Linux scripts: values of several numbers, defaults, restoring', () => {
    const text = `\`../common/defaults.sh
../common/set_sysctls.py /proc/sys/net/ipv4/tcp_timestamps=0 \\
  /proc/sys/net/ipv4/tcp_rmem="4096 131072 6291456"\`
0 socket(..., SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP) = 3
+0 connect(3, ..., ...) = -1 EINPROGRESS (x)
+0 > S 0:0(0) <mss 1460,nop,nop,sackOK,nop,wscale 7>
\`/tmp/sysctl_restore_\${PPID}.sh\``;
    expect(run(text, 'linux')).toBe('ok x');
  });

  test('assertions tell what they found', () => {
    expect(run(`${OPEN}+0 %{ assert tcpi_state == TCPI_CLOSED, "gone" }%`)).toBe(
      'not ok x:8: expected assert tcpi_state == TCPI_CLOSED (gone) got tcpi_state 4',
    );
  });
});

test('a run is a log, which folds to the same end', () => {
  const text = `${OPEN}+0 < F. 1:1(0) ack 1 win 9\n+0 > . 1:1(0) ack 2\n+0 close(4) = 0`;
  const { run: ran } = drill(text, { name: 'x', profile: 'freebsd', defines: [] });
  if (ran === null) throw new Error('it was not run');
  let snapshot = initialState(ran.header);
  for (const event of ran.events) snapshot = evolve(ran.header, snapshot, event).snapshot;
  const [local] = snapshot.hosts;
  expect([...(local?.conns.entries() ?? [])].map(([, t]) => t.state)).toEqual([
    'LISTEN',
    'LAST-ACK',
  ]);
});
