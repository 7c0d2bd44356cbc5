import { describe, expect, test } from 'vitest';
import type { ScriptEvent } from '../../../../engine/formats/packetdrill/ast.ts';
import { parseScript } from '../../../../engine/formats/packetdrill/parse.ts';

function eventsOf(text: string, defines: readonly string[] = []): readonly ScriptEvent[] {
  const parsed = parseScript(text, defines);
  if (parsed.kind !== 'script') throw new Error(JSON.stringify(parsed));
  return parsed.script.events;
}

function eventOf(text: string): ScriptEvent {
  const [event] = eventsOf(text);
  if (event === undefined) throw new Error('no event');
  return event;
}

describe('text', () => {
  test('comments hold anything, and keep their place', () => {
    const text = "// ``quotes'', ` one\n/* two `\n ticks ` ` ` */ 0 close(3) = 0 // ` end";
    expect(eventOf(text)).toMatchObject({ kind: 'call', place: { line: 3, column: 17 } });
  });

  test('a path with two slashes in a command is no comment', () => {
    expect(eventOf('0 `a//b c` // d')).toMatchObject({ kind: 'command', text: 'a//b c' });
  });

  test('blanks and ends of lines only separate', () => {
    const [a, b] = eventsOf('+ 0.1\n> S  0:0(0)\n+.2 < . 1:1(0)\nack 7 win 3');
    expect(a).toMatchObject({ kind: 'expects', when: { relative: true, at: 100_000 } });
    expect(b).toMatchObject({ kind: 'arrives', segment: { ack: 7, win: 3, flags: 16 } });
  });

  test('one branch of #ifdef is read', () => {
    const text =
      '#ifdef STANDARD\n0 close(1) = 0\n#endif\n#ifdef FreeBSD\n0 close(2) = 0\n#endif\n';
    expect(eventsOf(text)).toHaveLength(0);
    expect(eventsOf(text, ['FreeBSD'])[0]).toMatchObject({ place: { line: 5, column: 1 } });
    expect(eventsOf(text, ['STANDARD', 'FreeBSD'])).toHaveLength(2);
  });

  test('options, a command before and one after', () => {
    const text = `--ip_version=ipv6
--tolerance_usecs=20000 --tolerance_percent=1.5 --mtu=1000 --tcp_ts_tick_usecs=1000
--bind_port=80 --connect_port=81 --mss=1
\`first\` 0 close(3) = 0 \`last\``;
    const parsed = parseScript(text);
    expect(parsed).toMatchObject({
      kind: 'script',
      script: {
        options: {
          ip: 'ipv6',
          tolerance_usecs: 20_000,
          tolerance_percent: 1.5,
          mtu: 1000,
          ts_tick_usecs: 1000,
          bindPort: 80,
          connectPort: 81,
        },
        before: { text: 'first' },
        after: { text: 'last' },
      },
    });
  });
});

describe('time', () => {
  test.each([
    ['1.5 close(3) = 0', { kind: 'at', relative: false, at: 1_500_000 }],
    ['2 close(3) = 0', { kind: 'at', relative: false, at: 2_000_000 }],
    ['.01 close(3) = 0', { kind: 'at', relative: false, at: 10_000 }],
    ['+.01 close(3) = 0', { kind: 'at', relative: true, at: 10_000 }],
    ['* > . 1:1(0)', { kind: 'any' }],
    ['1~2.5 > . 1:1(0)', { kind: 'range', relative: false, at: 1_000_000, until: 2_500_000 }],
    ['+0~+.1 > . 1:1(0)', { kind: 'range', relative: true, at: 0, until: 100_000 }],
    ['+0...0.3 read(3, ..., 9) = 9', { kind: 'blocks', relative: true, at: 0, until: 300_000 }],
    ['0....3 read(3, ..., 9) = 9', { kind: 'blocks', relative: false, at: 0, until: 300_000 }],
  ])('%s', (text, when) => {
    expect(eventOf(text).when).toEqual(when);
  });
});

describe('segments', () => {
  test('all of its parts', () => {
    const event = eventOf(
      '0 < FPU. 5:15(10) ack 4294967290 win 4000 urg 3 ' +
        '<mss 900,nop,wscale 7,sackOK,TS val 7 ecr 8,sack 1:2 3:4,FO abcd,eol>',
    );
    expect(event).toMatchObject({
      kind: 'arrives',
      segment: {
        flags: 1 | 8 | 16 | 32,
        seq: 5,
        len: 10,
        ack: 4_294_967_290,
        win: 4000,
        urg: 3,
        options: [
          { kind: 'mss', value: 900 },
          { kind: 'nop' },
          { kind: 'wscale', value: 7 },
          { kind: 'sackOK' },
          { kind: 'TS', val: 7, ecr: 8 },
          { kind: 'sack', edges: [1, 2, 3, 4] },
          { kind: 'FO', cookie: 'abcd' },
          { kind: 'eol' },
        ],
      },
    });
  });

  test('flags in any order, none, and the ninth', () => {
    expect(eventOf('0 < .S 1:1(0)')).toMatchObject({ segment: { flags: 18 } });
    expect(eventOf('0 < - 1:1(0)')).toMatchObject({ segment: { flags: 0 } });
    expect(eventOf('0 < SEWA 1:1(0)')).toMatchObject({ segment: { flags: 2 | 64 | 128 | 256 } });
  });

  test('what is not looked at', () => {
    expect(eventOf('0 > S. ...(0) ack 1 <...>')).toMatchObject({
      segment: { seq: null, len: 0, ack: 1, win: null, options: null },
    });
    expect(eventOf('0 > . 1:1(0)')).toMatchObject({ segment: { ack: null, options: [] } });
  });

  test('numbers go round', () => {
    expect(eventOf('0 < . 4294967295:9(10)')).toMatchObject({
      segment: { seq: 4_294_967_295, len: 10 },
    });
  });
});

describe('calls', () => {
  test('values of every form', () => {
    const event = eventOf(
      '0 poll([{fd=4, events=POLLIN|POLLOUT, revents=0x4}], 1, -1) = 1 (a (nested) note)',
    );
    if (event.kind !== 'call') throw new Error(event.kind);
    const fields = new Map<string, unknown>([
      ['fd', { kind: 'set', parts: [4] }],
      ['events', { kind: 'set', parts: ['POLLIN', 'POLLOUT'] }],
      ['revents', { kind: 'set', parts: [4] }],
    ]);
    expect(event.call).toEqual({
      name: 'poll',
      args: [
        { kind: 'list', items: [{ kind: 'struct', fields }] },
        { kind: 'set', parts: [1] },
        { kind: 'set', parts: [-1] },
      ],
      result: 1,
      errno: '',
    });
  });

  test('errors, and flags without blanks', () => {
    expect(eventOf('0 read(3, ..., 9) = -1 EWOULDBLOCK (Try again)')).toMatchObject({
      call: { result: -1, errno: 'EWOULDBLOCK' },
    });
    expect(eventOf('0 fcntl(7, F_SETFL, O_RDWR|O_NONBLOCK) = 0')).toMatchObject({
      call: { args: [{}, {}, { parts: ['O_RDWR', 'O_NONBLOCK'] }] },
    });
  });

  test('assertions, joined, continued and with messages', () => {
    const event = eventOf(`0 %{ assert tcpi_state == TCPI_CLOSED, "no; \\
 more"; assert (tcpi_options & 4) != 0 and \\
   not tcpi_rto < 5 }%`);
    if (event.kind !== 'assert') throw new Error(event.kind);
    expect(event.assertions.map(({ text }) => text)).toEqual([
      'assert tcpi_state == TCPI_CLOSED',
      'assert (tcpi_options & 4) != 0 and not tcpi_rto < 5',
    ]);
    expect(event.assertions[0]?.message).toContain('no; ');
  });
});

describe('what is wrong is told with its place', () => {
  test.each([
    ['--ip_version=ipv5', 1, 14, 'one of ipv4, ipv6, ipv4_mapped_ipv6'],
    ['--foo=1', 1, 1, 'an option of packetdrill, such as --ip_version or --tolerance_usecs'],
    ['--mtu=x', 1, 7, 'a number for --mtu'],
    ['hello', 1, 1, 'the time of an event, or the end of the script'],
    ['0 hello', 1, 3, "an event: '<', '>', a call, a `command` or %{ code }%"],
    ['0 < X 1:1(0)', 1, 5, "flags: letters of 'SFRPUEWA.' or '-'"],
    ['0 < . 1:5(0)', 1, 9, '1, which is 1 + 0'],
    ['0 < . 1(0)', 1, 8, "':'"],
    ['0 < . 1:1(0) win 5 ack 7', 1, 20, 'ack, win and urg in this order, each once'],
    ['0 < . 1:1(0) win 70000', 1, 18, 'the number of win up to 65535'],
    ['0 > . 1:1(0) <mess 5>', 1, 15, 'a TCP option: mss, nop, eol, wscale, sackOK, sack, TS or FO'],
    ['0 > . 1:1(0) <nop', 1, 18, "',' or '>' after a TCP option"],
    ['\n 0 close(3 = 0', 2, 12, "',' or ')' after an argument"],
    ['0 close(3)', 1, 11, "'='"],
    ['0~1 close(3) = 0', 1, 5, "'>' after a time that is a range"],
    ['* < . 1:1(0)', 1, 3, "'>' after a time that is a range"],
    ['2~1 > . 1:1(0)', 1, 1, 'a range of time that does not end before it begins'],
    ['0 `oops', 1, 8, "'`', the end of the command"],
    ['/* oops', 1, 8, "'*/', the end of the comment"],
    ['#ifdef A\n0 close(3) = 0', 2, 15, '#endif'],
    ['#ifdef A\n#else\n#endif', 2, 1, '#endif: there is no #else, and no nesting'],
    ['#endif', 1, 1, '#ifdef, the only directive here'],
    ['`a` 0 close(3) = 0 `b` 0 close(3) = 0', 1, 24, 'the end of the script'],
    ['0 %{ assert tcpi_state == }%', 1, 27, 'a number, a field of TCP_INFO or TCPI_…'],
  ])('%s', (text, line, column, expected) => {
    expect(parseScript(text)).toMatchObject({ kind: 'error', place: { line, column }, expected });
  });
});

describe('what is packetdrill, but not here', () => {
  test.each([
    ['0 < icmp unreachable host_unreachable [0:0(0)]', 'icmp in a segment'],
    ['0 > udp (100)', 'udp in a segment'],
    ['0 < [ect0] . 1:1(0)', '[ect0] in a segment'],
    ['0 > . 1:1(0) <md5>', 'the TCP option md5'],
    ['--init_scripts=a', 'the option --init_scripts'],
    ['0 %{ print(tcpi_state) }%', 'print in %{ … }%, where only assert is known'],
  ])('%s', (text, what) => {
    expect(parseScript(text)).toMatchObject({ kind: 'missing', what });
  });
});
