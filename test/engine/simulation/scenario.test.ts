// The builder: what it makes of steps, what options change, and what it says to mistakes.

import { describe, expect, test } from 'vitest';
import { decodeLog, encodeHeader } from '../../../engine/log/codec.ts';
import { scenario } from '../../../engine/simulation/scenario.ts';
import { SCENARIOS } from '../../../engine/simulation/scenarios/index.ts';
import { steps } from '../../../engine/simulation/steps.ts';
import { eventsOf } from './run.ts';

const { close, connect, listen, receive, receiveEnd, repeat, send, serve, spawn, wait } = steps;

const empty = scenario({ title: 'T', about: 'A' });
const pair = empty.host('client').host('server');

describe('programs', () => {
  const codeOf = (built: ReturnType<typeof pair.build>, name: string) =>
    built.programs.find((program) => program.name === name)?.code;

  test('a loop becomes a jump back, a loop in a loop is written out', () => {
    const header = pair
      .app('client', [send(1), repeat(3, [wait('20ms'), repeat(2, [send(5)])]), close()])
      .build();
    expect(codeOf(header, 'client')).toEqual([
      { op: 'send', bytes: 1 },
      { op: 'wait', us: 20_000 },
      { op: 'send', bytes: 5 },
      { op: 'send', bytes: 5 },
      { op: 'repeat', to: 1, times: 3 },
      { op: 'close' },
    ]);
  });

  test('bodies of serve and spawn become programs of their own', () => {
    const header = pair
      .app('server', [listen(80), serve([receiveEnd(), close()])])
      .program('one', [connect('server', 80), close()])
      .app('client', [spawn(2, '5ms', 'one'), spawn(1, 0, [connect('server', 80)])])
      .app('client', [wait('1s')], { at: '10ms' })
      .build();
    expect(header.programs.map(({ name }) => name)).toEqual([
      'server',
      'server.each',
      'one',
      'client',
      'client.each',
      'client.2',
    ]);
    expect(codeOf(header, 'client')?.[0]).toEqual({
      op: 'spawn',
      program: 'one',
      times: 2,
      every: 5_000,
    });
    expect(header.apps).toEqual([
      { host: 'server', program: 'server', at: 0 },
      { host: 'client', program: 'client', at: 0 },
      { host: 'client', program: 'client.2', at: 10_000 },
    ]);
  });

  test('loops run as often as they say', () => {
    const header = pair
      .app('server', [listen(80), serve([receive(600), close()])])
      .app('client', [connect('server', 80), repeat(3, [repeat(2, [send(100)])]), close()])
      .build();
    const sends = eventsOf(header).filter((e) => e.ev === 'call' && e.call.call === 'SEND');
    expect(sends.length).toBe(6);
  });
});

describe('a scenario', () => {
  test('is a value: adding to it leaves it as it was', () => {
    const more = pair.host('third');
    expect(pair.build().hosts.length).toBe(2);
    expect(more.build().hosts.map(({ addresses }) => addresses)).toEqual([
      ['10.0.0.1'],
      ['10.0.0.2'],
      ['10.0.0.3'],
    ]);
  });

  test('options override what it says, except what it is about', () => {
    const made = scenario({ title: 'T', about: '', knobs: { msl_ms: 1 }, fixed: { sack: false } })
      .host('a', { profile: 'linux', knobs: { nagle: false } })
      .host('b');
    expect(made.build().hosts.map(({ profile, knobs }) => [profile, knobs])).toEqual([
      ['linux', { msl_ms: 1, nagle: false, sack: false }],
      ['rfc9293', { msl_ms: 1, sack: false }],
    ]);
    const options = { seed: 9, profile: 'macos', knobs: { msl_ms: 5 } } as const;
    const header = made.build(options);
    expect(header.seed).toBe(9);
    expect(header.hosts.map(({ profile, knobs }) => [profile, knobs])).toEqual([
      ['macos', { msl_ms: 5, nagle: false, sack: false }],
      ['macos', { msl_ms: 5, sack: false }],
    ]);
    expect(() => made.build({ knobs: { sack: true } })).toThrow(
      'sack: the scenario is about what it does at false, so it cannot be set',
    );
  });

  test('what happens to the network is planned in order of time', () => {
    const header = pair
      .restart('2s', 'server')
      .crash('1s', 'server')
      .relink('1.5s', 'client', 'server', { loss: 1 })
      .change('3s', 'client', { nagle: false })
      .inject('4s', 'server', { from: 'client', fromPort: 1, toPort: 80, flags: 'S', seq: 7 })
      .build();
    expect(header.planned).toMatchObject([
      { t: 1_000_000, ev: 'crash', host: 1 },
      { t: 1_500_000, ev: 'link', a: 0, b: 1, rules: { loss: 1 } },
      { t: 2_000_000, ev: 'restart', host: 1 },
      { t: 3_000_000, ev: 'knob', host: 0, knobs: { nagle: false } },
      { t: 4_000_000, ev: 'inject', host: 1, seg: { src: '10.0.0.1', dstPort: 80, flags: 2 } },
    ]);
    expect(eventsOf(header).map(({ ev }) => ev)).toEqual([
      'crash',
      'link',
      'restart',
      'knob',
      'inject',
      // The RST that answers it, on a link that loses all.
      'lose',
    ]);
  });

  test('a program may start itself after a wait, and ports may move in two steps', () => {
    const made = pair
      .program('p', [wait('1s'), spawn(1, 0, 'p')])
      .change('1s', 'client', { ephemeral_low: 20_000 })
      .change('2s', 'client', { ephemeral_high: 30_000 })
      .app('client', [spawn(1, 0, 'p')]);
    expect(made.build().programs).toHaveLength(2);
  });

  test('every scenario that ships comes back from its line as it was', () => {
    for (const shipped of Object.values(SCENARIOS)) {
      const header = shipped.build({ seed: 3 });
      expect(decodeLog(`${encodeHeader(header)}\n`)).toMatchObject({ ok: true, header });
    }
  });
});

describe('a mistake is told', () => {
  const cases: [string, () => unknown, string][] = [
    ['host', () => pair.app('cleint', []), "there is no host 'cleint'; hosts: client, server"],
    ['twice', () => pair.host('client'), "host 'client' is there already"],
    ['name', () => pair.host('a b'), "host 'a b': expected one word"],
    ['address', () => pair.host('c', { address: '10.0.0' }), "'10.0.0' is no address"],
    ['taken', () => pair.host('c', { address: '10.0.0.1' }), 'client has the address 10.0.0.1'],
    ['port', () => connect('server', 70_000), 'port: expected a whole number from 1 to 65535'],
    ['time', () => wait('20 sec'), "wait: expected a time such as '20ms' or '1.5s'"],
    ['bytes', () => send(0), 'send: expected a whole number of at least 1, found 0'],
    ['knob', () => pair.host('c', { knobs: { mls_ms: 1 } as object }), 'unknown knob mls_ms'],
    ['profile', () => pair.host('c', { profile: 'bsd' }), "there is no profile 'bsd'"],
    ['rule', () => pair.link('client', 'server', { lose: 1 } as object), 'no rule lose'],
    ['itself', () => pair.link('client', 'client'), 'expected two hosts, found client twice'],
    ['field', () => pair.host('c', { knob: {} } as object), 'host c: there is no field knob'],
    ['app', () => pair.app('client', [], { when: 1 } as object), 'app of client: there is no'],
    ['which', () => pair.lose('client', 'server', { n: 1 } as object), 'there is no field n'],
    ['info', () => scenario({ title: 'x', sed: 1 } as never), 'scenario: there is no field sed'],
    ['share', () => pair.link('client', 'server', { loss: 2 }), 'a share from 0 to 1, found 2'],
    ['flags', () => pair.lose('client', 'server', { flags: 'X' }), "flags 'X'"],
    ['option', () => steps.set({ lingre: 1 } as object), 'there is no option lingre'],
    ['title', () => scenario({ about: '' } as never), 'expected a title'],
    ['nothing', () => empty.build(), 'the scenario has no host'],
    [
      'target',
      () => pair.app('client', [connect('servre', 80)]).build(),
      "program client, step 1 (connect): there is no host 'servre'",
    ],
    [
      'program',
      () => pair.app('server', [listen(80), serve('echo')]).build(),
      "program server, step 2 (serve): there is no program 'echo'",
    ],
    [
      'size',
      () => pair.app('client', [repeat(2, [repeat(20_000, [send(1)])])]),
      'over 10000 instructions',
    ],
    ['no time', () => wait(undefined as never), "a time such as '20ms' or '1.5s', found nothing"],
    ['time in a list', () => wait([5] as never), "such as '20ms' or '1.5s', found a list"],
    ['text', () => connect('server', '80' as never), "from 1 to 65535, found '80'"],
    ['nobody', () => connect(undefined as never, 80), 'connect: expected the name of a host'],
    [
      'option of connect',
      () => connect('server', 80, { form: 1 } as object),
      'connect to server: there is no field form; there are from, iss, nowait',
    ],
    ['option of listen', () => listen(80, { backlgo: 1 } as object), 'listen: there is no field'],
    ['option of send', () => send(1, { ugrent: true } as object), 'send: there is no field ugrent'],
    [
      'option',
      () => steps.set({ keepaliveIdle_ms: -5 }),
      'set, keepaliveIdle_ms: expected a whole',
    ],
    [
      'switch',
      () => steps.set({ noDelay: 1 } as never),
      'noDelay: expected true or false, found 1',
    ],
    ['no options', () => steps.set(undefined as never), 'set: expected options, found nothing'],
    [
      'not called',
      () => pair.app('client', [connect('server', 80), close] as never),
      'program client, step 2: expected a step, found a function; () may be missing behind it',
    ],
    [
      'not called in a loop',
      () => pair.app('client', [repeat(2, [wait('1s'), close] as never)]),
      'program client, step 1, step 2: expected a step, found a function',
    ],
    [
      'one step',
      () => pair.app('client', connect('server', 80) as never),
      'program client: expected a list of steps, found a value of type object',
    ],
    [
      'no body',
      () => pair.app('server', [listen(80), serve(undefined as never)]),
      'program server.each: expected a list of steps, found nothing',
    ],
    ['a crowd', () => spawn(1e9, 0, []), 'spawn, all at once: expected a whole number from 1 to'],
    ['null', () => pair.link('client', 'server', { loss: null as never }), 'found null'],
    ['no rules', () => pair.link('client', 'server', null as never), 'link: expected rules'],
    ['seed', () => scenario({ title: 'T', about: '', seed: 2 ** 32 }), 'from 0 to 4294967295'],
    ['about', () => scenario({ title: 'T' } as never), 'scenario: expected a text about'],
    ['app name', () => pair.app('client', [], { name: 5 as never }), 'name: expected a text'],
    [
      'knob as text',
      () => pair.host('c', { knobs: { tw_reuse: '1' as never } }),
      "host c: tw_reuse: expected a whole number from 0 to 2, found the text '1'",
    ],
    [
      'switch as text',
      () => pair.change('1s', 'client', { sack: 'false' as never }),
      "change: sack: expected true or false, found the text 'false'",
    ],
    [
      'switch as number',
      () => scenario({ title: 'T', about: '', knobs: { nagle: 0 as never } }),
      'scenario: nagle: expected true or false, found 0',
    ],
    [
      'itself at once',
      () =>
        pair
          .program('p', [spawn(2, '1s', 'q')])
          .program('q', [spawn(1, 0, 'p')])
          .app('client', [spawn(1, 0, 'p')])
          .build(),
      'program p: it starts itself at once, and so for ever: p, q, p; a wait must come before',
    ],
    ['nothing again', () => repeat(2, []), 'repeat: expected steps to repeat, found none'],
    [
      'a segment too long',
      () =>
        pair.inject('1s', 'server', {
          ...{ from: 'client', fromPort: 1, toPort: 80, flags: '.', seq: 7 },
          len: 65_536,
        }),
      'inject, len: expected a whole number from 0 to 65535, found 65536',
    ],
    [
      'knobs together later',
      () => pair.change('1s', 'client', { ephemeral_high: 40_000 }).build(),
      'change of client at 1.000 s: ephemeral_low: expected at most ephemeral_high, which is 40000',
    ],
    [
      'knobs together',
      () => pair.host('c', { knobs: { ephemeral_low: 50_000, ephemeral_high: 40_000 } }).build(),
      'host c: ephemeral_low: expected at most ephemeral_high, which is 40000, found 50000',
    ],
  ];
  test.each(cases)('%s', (_, wrong, message) => {
    expect(wrong).toThrow(message);
  });
});
