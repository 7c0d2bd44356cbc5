import { describe, expect, test } from 'vitest';
import { createLogDecoder, decodeLog, problemText } from '../../../engine/log/codec.ts';

const HEADER =
  '{"format":"twomsl","version":1,"semantics":1,"id":"x","title":"T","about":"","seed":1,' +
  '"source":{"kind":"simulation","scenario":"basic"},' +
  '"hosts":[{"name":"client","addresses":["10.0.0.1"],"profile":"linux"},' +
  '{"name":"server","addresses":["10.0.0.2"],"profile":"rfc9293"}],' +
  '"defaultLink":{"delay":5000}}';
const OPEN = '{"t":0,"ev":"call","host":"client","call":"OPEN","mode":"active","to":"10.0.0.2:80"}';
const SYN =
  '{"t":5000,"ev":"arrive","host":"server","n":1,"seg":{"src":"10.0.0.1:40000",' +
  '"dst":"10.0.0.2:80","flags":"S","seq":1000,"wnd":65535,"opt":{"mss":1460,"ts":[5,0]}}}';
const LAST = '{"ev":"end","events":2,"digest":"00"}';

const log = (...lines: string[]): string => `${lines.join('\n')}\n`;

/** The message for a log that is refused. */
function refusal(text: string): string {
  const decoded = decodeLog(text);
  return decoded.ok ? 'accepted' : problemText(decoded.error, 'a.jsonl');
}

/** The message for an event line with one field replaced. */
const changed = (line: string, from: string, to: string): string =>
  refusal(log(HEADER, line.replace(from, to), OPEN));

describe('a log that is whole', () => {
  test('is read with what was left out put back', () => {
    const decoded = decodeLog(log(HEADER, OPEN, SYN, LAST));
    if (!decoded.ok) throw new Error(decoded.error.expected);
    expect(decoded.warnings).toEqual([]);
    expect(decoded.trailer).toEqual({ events: 2, digest: '00' });
    expect(decoded.header.defaultLink.reorderDelay).toBe(0);
    expect(decoded.events[0]).toEqual({
      t: 0,
      ev: 'call',
      host: 0,
      conn: 0,
      process: -1,
      call: {
        call: 'OPEN',
        mode: 'active',
        to: '10.0.0.2',
        toPort: 80,
        from: '',
        fromPort: 0,
        backlog: -1,
        iss: -1,
        nowait: false,
      },
    });
    expect(decoded.events[1]).toMatchObject({ host: 1, seg: { mss: 1460, wscale: -1, tsVal: 5 } });
  });

  test('may come with a byte order mark, other ends of line and empty lines', () => {
    const text = `\uFEFF${log(HEADER, '', OPEN, SYN, LAST, '')}`.replaceAll('\n', '\r\n');
    expect(decodeLog(text)).toEqual(decodeLog(log(HEADER, OPEN, SYN, LAST)));
  });

  test('addresses become canonical', () => {
    const decoded = decodeLog(log(HEADER, OPEN.replace('10.0.0.2:80', '[FD00:0::1]:80')));
    expect(decoded).toMatchObject({ events: [{ call: { to: 'fd00::1', toPort: 80 } }] });
  });
});

describe('a log that was cut', () => {
  test('in the middle of a line: all before it is used', () => {
    const decoded = decodeLog(log(HEADER, OPEN) + SYN.slice(0, 40));
    expect(decoded).toMatchObject({ ok: true, events: [{ t: 0 }] });
    expect(decoded.ok && decoded.warnings).toEqual([
      'the log is cut in the middle of line 3: 1 events up to 0.000 s are used',
    ]);
  });

  test('between two lines: the missing end line is noticed', () => {
    const decoded = decodeLog(log(HEADER, OPEN, SYN));
    expect(decoded.ok && decoded.warnings).toEqual([
      'the log has no end line: it stops after line 3; 2 events up to 0.005 s are used',
    ]);
  });

  test('within its header: nothing can be used', () => {
    expect(refusal(HEADER.slice(0, 100))).toBe(
      'a.jsonl:1: expected the header of a log, found a line cut after 100 characters. ' +
        'The header did not arrive whole; nothing of the log can be used',
    );
    expect(refusal('')).toContain('a.jsonl:1: expected the header of a log, found an empty file');
  });
});

describe('a log that is refused', () => {
  test.each([
    ['version', '"version":1', '"version":2', 'version: expected a version up to 1, found 2. The'],
    ['meaning', '"semantics":1', '"semantics":9', 'semantics: expected a version up to 1, found 9'],
    ['format', '"twomsl"', '"pcap"', 'format: expected "twomsl", found "pcap"'],
    ['a host twice', '"name":"server"', '"name":"client"', 'hosts: expected a name for one host'],
    ['a name', '"name":"server"', '"name":"a b"', 'hosts[1].name: expected one word'],
    ['a profile', 'rfc9293', 'rfc793', 'hosts[1].profile: expected a profile, one of rfc9293, '],
    ['an address', '10.0.0.2', '10.0.0.256', 'hosts[1].addresses[0]: expected an IPv4 or IPv6'],
    ['a rule', '"delay":5000', '"delay":-1', 'defaultLink.delay: expected a whole number of at'],
    ['a field', '"seed":1', '"sead":1', 'sead: expected no field of this name, but one of seed'],
    [
      'too large',
      '"seed":1,',
      '"seed":9007199254740993,',
      'seed: expected a whole number from 0 to 2^53 - 1, found a',
    ],
    ['no field', '"seed":1,', '', 'seed: expected a whole number of at least 0, found nothing'],
  ])('header: %s', (_, from, to, message) => {
    const wrong = HEADER.replace(from, to);
    expect(refusal(log(wrong, OPEN))).toContain(`a.jsonl:1: ${message}`);
    // As well where more lines follow in pieces, and where the file ends without an end of line.
    expect(refusal(`${log(wrong, OPEN)}{"ev":"arr`)).toContain(`a.jsonl:1: ${message}`);
    expect(refusal(wrong)).toContain(`a.jsonl:1: ${message}`);
  });

  test.each([
    ['kind', SYN, '"arrive"', '"arived"', 'ev: expected one of call, arrive, '],
    ['host', SYN, '"host":"server"', '"host":"srv"', 'host: expected a host of this log, one of'],
    ['no segment', SYN, '"seg"', '"sgm"', 'sgm: expected no field of this name, but one of t, ev'],
    ['flags', SYN, '"S"', '"SX"', 'seg.flags: expected letters of SFRPUEW. or a single -, found'],
    ['seq', SYN, '1000', '4294967296', 'seg.seq: expected a whole number from 0 to 4294967295'],
    ['a fraction', SYN, '65535', '1.5', 'seg.wnd: expected a whole number from 0 to 65535'],
    ['an option', SYN, '"mss"', '"msss"', 'seg.opt.msss: expected no field of this name'],
    ['stamps', SYN, '[5,0]', '[5]', 'seg.opt.ts: expected [TSval, TSecr], found [5]'],
    ['a port', SYN, '40000', '70000', 'seg.src: expected an endpoint with a port from 0 to 65535'],
    ['a bare IPv6', SYN, '10.0.0.1:40000', 'fd00::1:80', 'seg.src: expected an endpoint as'],
    ['no port', SYN, '10.0.0.1:40000', '10.0.0.1', 'seg.src: expected an endpoint as'],
    ['a call', OPEN, '"OPEN"', '"OPNE"', 'call: expected one of OPEN, ACCEPT, '],
    ['no mode', OPEN, '"mode":"active",', '', 'mode: expected one of active, passive, found noth'],
    ['who', OPEN, '"host"', '"conn":"client#1","host"', 'host: expected either host or conn'],
    ['a reference', OPEN, '"host":"client"', '"conn":"client"', 'conn: expected a connection as'],
    ['an object', OPEN, OPEN, '[1]', 'expected an object, found [1]'],
    ['no JSON', OPEN, '"ev"', 'ev', 'expected a line of JSON, found "{'],
  ])('event: %s', (_, line, from, to, message) => {
    expect(changed(line, from, to)).toContain(`a.jsonl:2: ${message}`);
  });

  test('knobs by their nearest names', () => {
    const line = '{"t":0,"ev":"knob","host":"client","knobs":{"time_wait":1}}';
    expect(refusal(log(HEADER, line))).toContain(
      'knobs.time_wait: expected no field of this name, but one of time_wait_ms',
    );
    expect(refusal(log(HEADER, line.replace('time_wait"', 'port_choice"')))).toContain(
      'knobs.port_choice: expected one of hash, hash_parity, sequential, found 1',
    );
  });

  test('time that goes back', () => {
    expect(refusal(log(HEADER, SYN, OPEN))).toContain(
      'a.jsonl:3: t: expected a time not before 5000, that of the event before, found 0',
    );
  });

  test('events after the end line, or a count that is wrong', () => {
    expect(refusal(log(HEADER, OPEN, SYN, LAST, SYN))).toContain(
      'a.jsonl:5: expected nothing after the end line',
    );
    expect(refusal(log(HEADER, OPEN, LAST))).toContain(
      'a.jsonl:3: events: expected 1, the number of events above, found 2',
    );
  });

  test('a file of another kind, at its first bytes', () => {
    const decoder = createLogDecoder();
    expect(decoder.feed('\u{d4}\u{c3}binary')).toMatchObject({ line: 1 });
    expect(refusal('hello\n')).toContain('Is it a log of twomsl?');
  });

  test('programs that lead nowhere', () => {
    const programs = '"programs":[{"name":"p","code":[{"op":"spawn","program":"q",';
    const header = `${HEADER.slice(0, -1)},${programs}"times":1,"every":0}]}]}`;
    expect(refusal(log(header))).toContain(
      'programs[0].code[0].program: expected a program of this log, one of p, found "q"',
    );
    const ahead = '"programs":[{"name":"p","code":[{"op":"repeat","to":1,"times":2}]}]}';
    expect(refusal(log(`${HEADER.slice(0, -1)},${ahead}`))).toContain('code[0].to: expected a who');
  });
});

describe('planned events', () => {
  const header = (planned: string): string =>
    log(
      HEADER.replace('"defaultLink"', `"planned":${planned},"defaultLink"`),
      LAST.replace('2', '0'),
    );

  test('are read as events are', () => {
    const decoded = decodeLog(
      header('[{"t":5,"ev":"crash","host":"server"},{"t":9,"ev":"restart","host":"server"}]'),
    );
    expect(decoded.ok && decoded.header.planned).toEqual([
      { t: 5, ev: 'crash', host: 1 },
      { t: 9, ev: 'restart', host: 1 },
    ]);
  });

  test('say which of them is wrong', () => {
    expect(refusal(header('[{"t":5,"ev":"crash","host":"nobody"}]'))).toContain(
      'planned[0].host: expected a host of this log',
    );
    expect(refusal(header('[{"t":5,"ev":"wake","process":1}]'))).toContain('planned[0].ev');
    const back = '[{"t":5,"ev":"crash","host":"server"},{"t":4,"ev":"restart","host":"server"}]';
    expect(refusal(header(back))).toContain('planned[1].t');
  });
});
