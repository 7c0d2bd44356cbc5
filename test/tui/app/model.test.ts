import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTimeline } from '../../../engine/index.ts';
import { decodeLog } from '../../../engine/log/codec.ts';
import { parseFilter } from '../../../tui/app/filter.ts';
import { BINDINGS, PROMPT_BINDINGS } from '../../../tui/app/keys.ts';
import { reduce } from '../../../tui/app/model.ts';
import { orderOf } from '../../../tui/app/order.ts';
import { rowOf } from '../../../tui/app/table.ts';
import { type Action, initial, orderSpec, type Ui } from '../../../tui/app/ui.ts';
import { churn, clientFirst, simultaneousClose } from '../../engine/projections/logs.ts';
import { dataOf } from './scenes.ts';

const close = dataOf(simultaneousClose());
const lossy = dataOf(clientFirst());
const many = dataOf(churn(150));

function run(ui: Ui, actions: readonly Action[], data = close): Ui {
  return actions.reduce((now, action) => reduce(now, action, data), ui);
}

function typed(kind: 'filter' | 'goto' | 'mark' | 'jump', text: string): Action[] {
  return [
    { type: 'ask', kind },
    ...(kind === 'filter' ? [{ type: 'clear' } as const] : []),
    ...[...text].map((char): Action => ({ type: 'type', text: char })),
    ...(kind === 'filter' || kind === 'goto' ? [{ type: 'accept' } as const] : []),
  ];
}

describe('travel', () => {
  test('steps stay within the log', () => {
    const start = initial(close);
    expect(run(start, [{ type: 'step', by: -1 }]).n).toBe(0);
    expect(run(start, [{ type: 'step', by: 3 }]).n).toBe(3);
    expect(
      run(start, [
        { type: 'edge', by: 1 },
        { type: 'step', by: 1 },
      ]).n,
    ).toBe(close.length);
  });

  test('the clock on screen is that of the current event', () => {
    const ui = run(initial(close), [{ type: 'step', by: 16 }]);
    expect(ui.now).toBe(close.timeline.timeOf(15));
  });

  test('changes of state forward and back meet the same positions', () => {
    const forward: number[] = [];
    let ui = initial(close);
    for (;;) {
      const next = run(ui, [{ type: 'stepTransition', by: 1 }]);
      const arrived = next.n === ui.n;
      ui = next;
      if (arrived) break;
      forward.push(next.n);
    }
    expect(ui.message).toContain('no later change of state');
    const back = [ui.n];
    for (let i = 1; i < forward.length; i += 1) {
      ui = run(ui, [{ type: 'stepTransition', by: -1 }]);
      back.push(ui.n);
    }
    expect(back.reverse()).toEqual(forward);
  });

  test('the record of a CLOSED connection that goes is no change of state', () => {
    const text = readFileSync(
      new URL('../../../logs/half-open-syn.jsonl', import.meta.url),
      'utf8',
    );
    const decoded = decodeLog(text);
    if (!decoded.ok) throw new Error(decoded.error.expected);
    const log = dataOf(createTimeline(decoded.header, decoded.events));
    let ui = run({ ...initial(log), view: 'overview' }, [{ type: 'stepTransition', by: 1 }], log);
    while (ui.message === '') {
      const { event, effects } = log.explained(ui.n - 1);
      // A host that crashes forgets its connections without a transition of theirs.
      const moves = effects.transitions.length > 0 || event.ev === 'crash';
      expect(moves, `event ${ui.n}`).toBe(true);
      ui = run(ui, [{ type: 'stepTransition', by: 1 }], log);
    }
  });

  test('what the list does not show is not opened from it', () => {
    const start: Ui = { ...initial(many), selected: { host: 0, conn: 140 }, all: false };
    const ui = run(start, [{ type: 'goto', n: 60 }, { type: 'open' }], many);
    expect(ui).toMatchObject({
      view: 'overview',
      message: expect.stringContaining('not in the list'),
    });
    const asked = run(ui, [...typed('goto', 'client#140'), { type: 'open' }], many);
    expect(asked).toMatchObject({ view: 'connection', selected: { host: 0, conn: 140 } });
  });

  test('in the view of a connection they are those of its two ends', () => {
    const start: Ui = { ...initial(many), view: 'connection', selected: { host: 0, conn: 40 } };
    const ui = run(start, [{ type: 'stepTransition', by: 1 }], many);
    const { transitions } = many.explained(ui.n - 1).effects;
    expect(transitions).toMatchObject([{ host: 0, conn: 40, after: 'SYN-SENT' }]);
  });

  test('events of the selected connection', () => {
    const start: Ui = { ...initial(many), selected: { host: 0, conn: 7 } };
    const events = many.timeline.eventsOf(0, 7);
    const ui = run(
      start,
      [
        { type: 'stepConn', by: 1 },
        { type: 'stepConn', by: 1 },
      ],
      many,
    );
    expect(ui.n).toBe((events[1] ?? 0) + 1);
    expect(run(ui, [{ type: 'stepConn', by: -1 }], many).n).toBe((events[0] ?? 0) + 1);
  });

  test('jumps can be taken back and again, and marks be set', () => {
    const ui = run(initial(close), [
      { type: 'goto', n: 5 },
      ...typed('mark', 'a'),
      { type: 'goto', n: 12 },
      ...typed('jump', 'a'),
    ]);
    expect(ui.n).toBe(5);
    expect(ui.marks).toMatchObject({ a: { n: 5 } });
    const back = run(ui, [{ type: 'undo' }]);
    expect(back.n).toBe(12);
    expect(run(back, [{ type: 'redo' }]).n).toBe(5);
    expect(run(ui, typed('jump', 'b')).message).toContain('no mark b');
  });
});

describe('playing', () => {
  test('by events, as many as the speed says, to the end', () => {
    const start: Ui = { ...initial(close), pace: 'events', speed: { events: 2, time: 5 } };
    const ui = run(start, [{ type: 'play' }, { type: 'tick', ms: 1_000 }]);
    expect(ui.n).toBe(5);
    expect(ui.playing).toBe(true);
    const end = run(ui, [{ type: 'tick', ms: 100_000 }]);
    expect(end).toMatchObject({ n: close.length, playing: false });
    expect(run(end, [{ type: 'play' }])).toMatchObject({ n: 0, playing: true });
  });

  test('by time, and a minute of silence is passed over', () => {
    const start: Ui = { ...initial(close, 20), pace: 'time', speed: { events: 2, time: 5 } };
    const ui = run(start, [{ type: 'play' }, { type: 'tick', ms: 100 }]);
    expect(ui.n).toBe(20);
    const next = close.timeline.timeOf(20);
    expect(next - ui.now).toBe(1_400_000);
    expect(run(ui, [{ type: 'tick', ms: 1_500 }]).n).toBeGreaterThan(20);
  });

  test('a step or a question stops it', () => {
    const playing: Ui = { ...initial(close), playing: true };
    expect(run(playing, [{ type: 'step', by: 1 }]).playing).toBe(false);
    expect(run(playing, [{ type: 'ask', kind: 'goto' }]).playing).toBe(false);
  });
});

describe('go to', () => {
  test.each<[string, Partial<Ui>]>([
    ['12', { n: 12 }],
    ['+3', { n: 3 }],
    ['0.5s', { n: 16, now: 500_000 }],
    ['20s', { n: 20, now: 20_000_000 }],
    ['server#2', { selected: { host: 1, conn: 2 } }],
    ['time-wait', { n: 19 }],
    ['TIMEWAIT', { n: 19 }],
    ['closing', { n: 17 }],
  ])('%s', (text, expected) => {
    expect(run(initial(close), typed('goto', text))).toMatchObject({ prompt: null, ...expected });
  });

  test.each([
    ['999999', 'events go from 0'],
    ['nobody#1', 'no host is called nobody'],
    ['server#99', 'no connection 99'],
    ['nonsense', 'an event'],
    ['fin', 'FIN-WAIT-1 or FIN-WAIT-2'],
    ['loss', 'no segment is lost'],
    ['divergence', 'no divergence'],
  ])('%s is refused with a reason', (text, reason) => {
    const ui = run(initial(close), typed('goto', text));
    expect(ui.prompt?.error).toContain(reason);
    expect(ui.n).toBe(0);
  });

  test('a condition, and then its next and previous moments', () => {
    const start = initial(many);
    const ui = run(start, typed('goto', 'client time-wait > 10'), many);
    expect(many.snapshot(ui.n).hosts[0]?.states[10]).toBe(11);
    expect(many.snapshot(ui.n - 1).hosts[0]?.states[10]).toBe(10);
    expect(run(ui, [{ type: 'again', by: -1 }], many).message).toContain('nowhere before');
    const fin = run(start, typed('goto', 'flag F'), many);
    const next = run(fin, [{ type: 'again', by: 1 }], many);
    expect(next.n).toBeGreaterThan(fin.n);
    expect(run(next, [{ type: 'again', by: -1 }], many).n).toBe(fin.n);
    const one = run(start, typed('goto', 'client#5 = time-wait'), many);
    expect(one).toMatchObject({ selected: { host: 0, conn: 5 }, sought: 'client#5 = time-wait' });
    expect(run(start, [{ type: 'again', by: 1 }], many).message).toContain('nothing was sought');
  });

  test('the next loss and retransmission', () => {
    const lost = run(initial(lossy), typed('goto', 'loss'), lossy);
    expect(lossy.timeline.event(lost.n - 1).ev).toBe('lose');
    const again = run(lost, typed('goto', 'retr'), lossy);
    expect(again.n).toBeGreaterThan(lost.n);
    expect(lossy.timeline.event(again.n - 1)).toMatchObject({ ev: 'timer' });
  });
});

describe('the table', () => {
  const at: Ui = { ...initial(many, 1_200), all: false, tableAt: 1_200 };

  test('filters by words that must all hold', () => {
    const names = (filter: string): string[] =>
      orderOf(many, orderSpec({ ...at, filter })).ids.map((id) => rowOf(many, 1_200, id).name);
    expect(names('state:listen')).toEqual(['server#1']);
    expect(names('host:serv state:LISTEN port:80')).toEqual(['server#1']);
    expect(names('id:client#3')).toEqual(['client#3']);
    expect(names('!host:client').every((name) => name.startsWith('server'))).toBe(true);
    expect(names('time-wait').length).toBe(names('state:time').length);
    expect(names('addr:10.0.0.1 host:nobody')).toEqual(names(''));
  });

  test('a wrong filter says why, and the one before stays in force', () => {
    const ui = run(
      { ...at, filter: 'client' },
      [
        { type: 'ask', kind: 'filter' },
        { type: 'clear' },
        ...[...'state:list'].map((text): Action => ({ type: 'type', text })),
      ],
      many,
    );
    expect(ui.filter).toBe('state:list');
    const wrong = run(ui, [{ type: 'type', text: 'x' }], many);
    expect(wrong.prompt?.error).toBe('no state begins with listx');
    expect(wrong.filter).toBe('client');
    expect(run(wrong, [{ type: 'accept' }], many).prompt).not.toBeNull();
    expect(run(wrong, [{ type: 'cancel' }], many)).toMatchObject({
      filter: 'client',
      prompt: null,
    });
  });

  test.each(['port:x', 'port:70000', 'host:zz', 'foo:bar', 'state:', '!'])(
    '%s is refused',
    (text) => {
      expect(parseFilter(text, many.hosts)).toHaveProperty('error');
    },
  );

  test('sorts by any column, both ways, without losing a row', () => {
    const plain = orderOf(many, orderSpec(at)).ids;
    for (const column of ['state', 'remote', 'local', 'timer', 'age', 'send-q'] as const) {
      const there = orderOf(many, orderSpec({ ...at, column })).ids;
      const back = orderOf(many, orderSpec({ ...at, column, reversed: true })).ids;
      expect(back).toEqual(there.toReversed());
      expect(new Set(there.map(({ host, conn }) => `${host}#${conn}`)).size).toBe(plain.length);
    }
    const timers = orderOf(many, orderSpec({ ...at, column: 'timer' })).ids.map(
      (id) => rowOf(many, 1_200, id).expiresAt,
    );
    const running = timers.filter((left) => left >= 0);
    expect(running).toEqual(running.toSorted((a, b) => a - b));
  });

  test('a row is selected wherever there is one, so that Enter opens it', () => {
    const none: Ui = { ...initial(many), selected: null, all: false };
    // Whatever the last event touched has ended with it.
    for (const n of [700, 1_200, many.length]) {
      const ui = run(none, [{ type: 'goto', n }], many);
      expect(orderOf(many, orderSpec(ui)).ids).toContainEqual(ui.selected);
      expect(run(ui, [{ type: 'open' }], many).view).toBe('connection');
    }
    // A filter that passes nothing leaves nothing to select; without it there is again.
    const filtered = run({ ...none, filter: 'port:9' }, [{ type: 'goto', n: 700 }], many);
    expect(filtered.selected).toBeNull();
    expect(run(filtered, [{ type: 'back' }], many).selected).not.toBeNull();
  });

  test('rows are selected within the table', () => {
    const up = run({ ...at, selected: null }, [{ type: 'row', by: 1 }], many);
    expect(up.selected).toEqual({ host: 0, conn: expect.any(Number) });
    const last = run(up, [{ type: 'row', by: 99_999 }], many);
    expect(last.selected).toEqual(orderOf(many, orderSpec(at)).ids.at(-1));
  });

  test('with those to come and ended, each says which it is', () => {
    const all = orderOf(many, orderSpec({ ...at, all: true }));
    expect(all.total).toBe(many.timeline.biographies().length);
    const absent = all.ids.map((id) => rowOf(many, 1_200, id).absent);
    expect(new Set(absent)).toEqual(new Set(['', 'to come', 'ended']));
  });
});

describe('the terminal', () => {
  const screens: Action[][] = [[], [{ type: 'help' }], [{ type: 'ask', kind: 'goto' }]];

  test.each(screens)('is given to the shell and taken back on every screen', (...open) => {
    const asleep = run(initial(close), [...open, { type: 'suspend' }]);
    expect(asleep.suspended).toBe(true);
    const back = run(asleep, [{ type: 'resume' }]);
    expect(back).toMatchObject({ suspended: false, help: asleep.help, prompt: asleep.prompt });
    expect(run(back, [{ type: 'redraw' }]).redraws).toBe(back.redraws + 1);
    expect(run(back, [{ type: 'quit' }]).quit).toBe(true);
  });
});

describe('panes', () => {
  test('Enter opens, Esc goes back step by step', () => {
    const ui = run(initial(close), [{ type: 'open' }, { type: 'zoom' }, { type: 'help' }]);
    expect(ui).toMatchObject({ view: 'connection', zoomed: true, help: true });
    const back = run(ui, [{ type: 'back' }]);
    expect(back).toMatchObject({ help: false, zoomed: true });
    expect(run(back, [{ type: 'back' }, { type: 'back' }])).toMatchObject({
      view: 'overview',
      zoomed: false,
    });
  });

  test('the other end and back', () => {
    const ui = run(initial(close), [{ type: 'peer' }]);
    expect(ui.selected).toEqual({ host: 1, conn: 2 });
    expect(run(ui, [{ type: 'peer' }]).selected).toEqual({ host: 0, conn: 1 });
  });

  test('following selects what an event touched', () => {
    const ui = run({ ...initial(close), follow: true }, [{ type: 'goto', n: 17 }]);
    const back = run(ui, [{ type: 'goto', n: 18 }]);
    expect([ui.selected?.host, back.selected?.host]).toEqual([0, 1]);
  });
});

test('any keys in any order leave a state that can be drawn and moved', () => {
  const actions = [...BINDINGS, ...PROMPT_BINDINGS].map((one) => one.action);
  const action = fc.oneof(
    fc.constantFrom(...actions),
    fc.record({ type: fc.constant('type' as const), text: fc.constantFrom('a', '1', ':', ' ') }),
    fc.record({ type: fc.constant('tick' as const), ms: fc.integer({ min: 0, max: 500 }) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (sequence) => {
      const ui = run(initial(close), sequence);
      expect(ui.n).toBeGreaterThanOrEqual(0);
      expect(ui.n).toBeLessThanOrEqual(close.length);
      expect(ui.now).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 200 },
  );
});
