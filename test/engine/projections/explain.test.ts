// What an explanation says is true at its event: of the close, of the rules, of a crash.

import { describe, expect, test } from 'vitest';
import {
  closingOf,
  closingText,
  explainEvent,
  type Item,
  lifeOf,
  type State,
  type Timeline,
} from '../../../engine/index.ts';
import {
  clientFirst,
  close,
  connect,
  crashed,
  lastAckLost,
  orphan,
  simultaneousClose,
  timelineOf,
} from './logs.ts';

const CLIENT = 0;
const SERVER = 1;

function itemsAt(timeline: Timeline, host: number, conn: number, state: State): readonly Item[] {
  const entered = lifeOf(timeline, host, conn).find((step) => step.after === state);
  if (entered === undefined) throw new Error(`never ${state}`);
  return explainEvent(timeline, entered.n);
}

function texts(items: readonly Item[], ...kinds: readonly Item['kind'][]): readonly string[] {
  return items.filter(({ kind }) => kinds.includes(kind)).map(({ text }) => text);
}

function stimuli(timeline: Timeline, ev: string): readonly string[] {
  return Array.from({ length: timeline.length }, (_, n) => n)
    .filter((n) => timeline.event(n).ev === ev)
    .map((n) => explainEvent(timeline, n)[0]?.text ?? '');
}

describe('a close is told as far as it has come', () => {
  test('TIME-WAIT is to come, and never came', () => {
    const timeline = orphan();
    const served = timeline.biography(CLIENT, 1)?.peerConn ?? 0;
    expect(texts(itemsAt(timeline, CLIENT, 1, 'FIN-WAIT-1'), 'close', 'wait')).toEqual([
      'client#1 closed first: TIME-WAIT is to come here, if the peer’s FIN comes',
    ]);
    expect(texts(itemsAt(timeline, SERVER, served, 'CLOSE-WAIT'), 'close', 'wait')).toEqual([
      'client#1 closed first: TIME-WAIT is to come there, if our FIN gets there',
    ]);
    for (let n = 0; n < timeline.length; n += 1) {
      const said = explainEvent(timeline, n).map(({ text }) => text);
      expect(said.join('\n')).not.toMatch(/TIME-WAIT is (here|there)/);
    }
    const closing = closingOf(timeline, CLIENT, 1);
    expect(closingText(closing, 'a', 'b')).toBe('a closed first: no TIME-WAIT in this log');
  });

  test('TIME-WAIT is here once it is entered', () => {
    const items = itemsAt(clientFirst(), CLIENT, 1, 'TIME-WAIT');
    expect(texts(items, 'close')).toEqual([
      'client#1 closed first: TIME-WAIT is here, at the active closer',
    ]);
    expect(texts(items, 'wait')[0]).toContain('should that ACK be lost');
  });

  test('a close is simultaneous from the second FIN on', () => {
    const timeline = simultaneousClose();
    const served = timeline.biography(CLIENT, 1)?.peerConn ?? 0;
    const said = [
      ...texts(itemsAt(timeline, CLIENT, 1, 'FIN-WAIT-1'), 'close'),
      ...texts(itemsAt(timeline, SERVER, served, 'FIN-WAIT-1'), 'close'),
    ];
    expect(said.filter((text) => text.includes('closed first'))).toHaveLength(1);
    expect(said.filter((text) => text.includes('both sent FIN'))).toHaveLength(1);
  });

  test('an ACK that is lost is not one that may be lost', () => {
    const said = texts(itemsAt(lastAckLost(), CLIENT, 1, 'TIME-WAIT'), 'wait');
    expect(said[0]).toContain('LAST-ACK');
    expect(said[0]).toContain('that ACK is lost, and this end must be here');
    expect(said[0]).not.toContain('should');
  });
});

describe('a change of state names what took it', () => {
  test('by its rule, once', () => {
    const items = itemsAt(orphan(), CLIENT, 1, 'FIN-WAIT-2');
    expect(items[1]).toEqual({
      kind: 'state',
      text: 'client#1 FIN-WAIT-1 → FIN-WAIT-2: our FIN is acknowledged',
      source: 'RFC 9293 §3.10.7.4, fifth',
    });
    expect(texts(items, 'rule').filter((text) => text.includes('our FIN'))).toEqual([]);
  });

  test('no rule is told twice', () => {
    for (const timeline of [clientFirst(), simultaneousClose(), orphan(), crashed()]) {
      for (let n = 0; n < timeline.length; n += 1) {
        const said = texts(explainEvent(timeline, n), 'rule');
        expect(new Set(said).size).toBe(said.length);
        for (const one of said) {
          expect(said.some((other) => other !== one && other.startsWith(`${one}:`))).toBe(false);
        }
      }
    }
  });
});

test('the end of a connection tells the error that its user hears', () => {
  const timeline = timelineOf({
    title: 'nobody answers',
    client: [connect, close],
    server: [],
    planned: [{ ev: 'link', t: 0, a: CLIENT, b: SERVER, rules: { loss: 1 } }],
  });
  const items = itemsAt(timeline, CLIENT, 1, 'CLOSED');
  expect(texts(items, 'result')).toEqual(['client#1: the user hears ETIMEDOUT']);
});

describe('a crash', () => {
  const timeline = crashed();
  const n = Array.from({ length: timeline.length }, (_, i) => i).find(
    (i) => timeline.event(i).ev === 'crash',
  ) as number;

  test('names the connections that it ended, those in TIME-WAIT too', () => {
    const items = explainEvent(timeline, n);
    expect(items[0]?.text).toBe('client crash');
    const why = 'the host crashed: all its connections are forgotten';
    expect([...texts(items, 'state')].sort()).toEqual([
      `client#1 TIME-WAIT → gone: ${why}`,
      `client#2 ESTABLISHED → gone: ${why}`,
    ]);
    expect(texts(items, 'rule', 'nothing')).toEqual([]);
  });

  test('is the end of a life', () => {
    const last = lifeOf(timeline, CLIENT, 2).at(-1);
    expect(last).toMatchObject({ n, before: 'ESTABLISHED', after: 'CLOSED', rule: 'crashed' });
  });
});

describe('a line names what it is about', () => {
  test('a lost segment, by its ends and flags', () => {
    expect(stimuli(clientFirst(), 'lose')).toEqual([
      'server#2 → client: FIN,ACK seq 1 ack 5002 is lost',
    ]);
  });

  test('a program that goes on, by its name', () => {
    expect(stimuli(orphan(), 'wake').at(-1)).toBe('program server goes on (server#2)');
  });

  test('what meets nobody, in the numbers of its sender, as the RST that answers it', () => {
    // RFC 9293 Figure 10: text of the end that still holds the connection; SEG.SEQ of the RST is
    // the SEG.ACK that it answers.
    const timeline = timelineOf({
      title: 'half-open',
      client: [connect, { op: 'send', bytes: 100 }, { op: 'until', at: 60_000_000 }],
      server: [
        { op: 'listen', port: 80, backlog: 8 },
        { op: 'accept' },
        { op: 'until', at: 2_000_000 },
        { op: 'send', bytes: 10 },
      ],
      planned: [
        { ev: 'crash', t: 1_000_000, host: CLIENT },
        { ev: 'restart', t: 1_100_000, host: CLIENT },
      ],
    });
    const said = Array.from({ length: timeline.length }, (_, n) => explainEvent(timeline, n));
    const met = said.find((items) => items.some(({ text }) => text.includes('matches nothing')));
    expect(met?.[0]?.text).toBe('client < PSH,ACK seq 1 ack 101 len 10');
    expect(texts(met ?? [], 'sent')[0]).toContain('client > RST seq 101, arrives');
  });

  test('a call on a listener, whose half-open connection it ends too', () => {
    const timeline = timelineOf({
      title: 'the listener closes',
      client: [connect],
      server: [{ op: 'listen', port: 80, backlog: 8 }, { op: 'until', at: 15_000 }, close],
    });
    const closed = Array.from({ length: timeline.length }, (_, n) => n).find((n) => {
      const { event, effects } = timeline.explain(n);
      return event.ev === 'call' && event.host === SERVER && effects.transitions.length === 2;
    }) as number;
    expect(explainEvent(timeline, closed)[0]?.text).toBe('server#1 CLOSE');
  });

  test('what a call gives', () => {
    const timeline = orphan();
    const said = Array.from({ length: timeline.length }, (_, n) =>
      texts(explainEvent(timeline, n), 'result'),
    ).flat();
    expect(said).toEqual(
      expect.arrayContaining([
        'client: OPEN gives client#1',
        'client#1: 1000 octets taken',
        'server#1: ACCEPT gives server#2',
        'server#2: 1000 octets handed over',
      ]),
    );
    expect(said.join('\n')).not.toContain('the call gives');
  });
});
