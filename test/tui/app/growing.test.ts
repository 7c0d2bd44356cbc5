// A dashboard opened on the beginning of a log, while the rest of it is read.

import { describe, expect, test } from 'vitest';
import { buildTimeline } from '../../../engine/index.ts';
import { createData } from '../../../tui/app/data.ts';
import { orderOf } from '../../../tui/app/order.ts';
import { createStore } from '../../../tui/app/store.ts';
import { rowOf } from '../../../tui/app/table.ts';
import { type Action, orderSpec } from '../../../tui/app/ui.ts';
import { churn, simultaneousClose } from '../../engine/projections/logs.ts';

const long = churn(300);
const short = simultaneousClose();

/** A log of which only the beginning is read. */
function begin(of: typeof long, length: number) {
  const builder = buildTimeline(of.header, {});
  const readTo = (n: number): void => {
    while (builder.length < n) builder.add(of.event(builder.length));
  };
  readTo(length);
  const data = createData(builder.timeline, true);
  const store = createStore(data, 0);
  return {
    data,
    ui: store.get,
    press(...actions: Action[]) {
      for (const action of actions) store.dispatch(action);
      return store.get();
    },
    grow(n: number, done = false) {
      readTo(n);
      // As when a second has passed.
      data.refresh(done);
      store.grew(done);
    },
    end() {
      this.grow(of.length, true);
    },
  };
}

const typed = (kind: 'goto' | 'filter', text: string): Action[] => [
  { type: 'ask', kind },
  ...[...text].map((char): Action => ({ type: 'type', text: char })),
  { type: 'accept' },
];

describe('how a log opens', () => {
  const way = ({ ui }: ReturnType<typeof begin>) => {
    const { pace, speed, all, selected } = ui();
    return { pace, speed, all, selected };
  };

  test.each([0, 5, 500, 2_500])('does not depend on how much was read: %i events', (first) => {
    const log = begin(long, first);
    log.end();
    expect(way(log)).toEqual(way(begin(long, long.length)));
    expect(way(log)).toMatchObject({ pace: 'time', all: false, selected: null });
  });

  test('a short one is a story, also if its end came late', () => {
    const log = begin(short, 0);
    log.end();
    expect(way(log)).toEqual(way(begin(short, short.length)));
    const selected = { host: 0, conn: 1 };
    expect(way(log)).toMatchObject({ pace: 'events', all: true, selected });
  });

  test('follows the log also after a step, but not against what was chosen', () => {
    const moved = begin(long, 5);
    moved.press({ type: 'step', by: 1 });
    moved.end();
    expect(moved.ui()).toMatchObject({ n: 1, pace: 'time', all: false });
    const chosen = begin(long, 5);
    chosen.press({ type: 'speed', by: 1 }, { type: 'all' }, { type: 'all' });
    chosen.end();
    expect(chosen.ui()).toMatchObject({ all: true, pace: 'time', speed: { events: 2 } });
    const paced = begin(long, 5);
    paced.press({ type: 'pace' }, { type: 'pace' });
    paced.end();
    expect(paced.ui()).toMatchObject({ pace: 'events', all: false });
  });
});

test('the table with past and future grows with the log, filtered or not', () => {
  const log = begin(long, 500);
  log.press({ type: 'all' });
  if (!log.ui().all) log.press({ type: 'all' });
  const count = () => orderOf(log.data, orderSpec(log.ui())).ids.length;
  const before = count();
  log.press(...typed('filter', 'host:client'));
  const clients = count();
  log.end();
  // 300 clients, 300 that serve them, and the listener.
  expect(count()).toBe(300);
  log.press({ type: 'back' });
  expect(count()).toBe(601);
  expect(before).toBeLessThan(601);
  expect(clients).toBeLessThan(300);
});

describe('what is not read yet', () => {
  test('is named as such where it is asked for', () => {
    const log = begin(long, 500);
    const end = log.data.end / 1e6;
    const says = (text: string) => {
      const { n, prompt } = log.press(...typed('goto', text));
      log.press({ type: 'cancel' });
      expect(n).toBe(0);
      return prompt?.error;
    };
    expect(says('3600s')).toMatch(/^times read so far go from 0 s to \d+\.\d+ s$/);
    expect(says('501')).toBe('events read so far go from 0 to 500');
    expect(says('time-wait > 30000')).toBe('nowhere from here on so far: time-wait > 30000');
    expect(says('loss')).toBe('no segment is lost from here on so far');
    expect(log.press(...typed('goto', `${end}s`)).n).toBe(500);
    log.end();
    log.press({ type: 'edge', by: -1 });
    expect(says('time-wait > 30000')).toBe('nowhere from here on: time-wait > 30000');
  });

  test('a time beyond the end of a whole log is refused as an event is', () => {
    const log = begin(short, short.length);
    log.end();
    const { n, prompt } = log.press(...typed('goto', '61s'));
    expect(n).toBe(0);
    expect(prompt?.error).toBe('times go from 0 s to 60.520 s');
    expect(log.press({ type: 'cancel' }, ...typed('goto', '60.52s')).n).toBe(short.length);
  });

  test('is what playing waits for', () => {
    const log = begin(short, 10);
    log.press({ type: 'play' }, { type: 'tick', ms: 250_000 }, { type: 'tick', ms: 33 });
    expect(log.ui()).toMatchObject({ n: 10, playing: true });
    log.grow(15);
    log.press({ type: 'tick', ms: 250_000 });
    expect(log.ui()).toMatchObject({ n: 15, playing: true });
    log.end();
    log.press({ type: 'tick', ms: 250_000 });
    expect(log.ui()).toMatchObject({ n: short.length, playing: false });
  });

  test('is waited for by the clock too, which then goes on where it stood', () => {
    const log = begin(short, 10);
    log.press({ type: 'pace' }, { type: 'play' });
    for (let i = 0; i < 100; i += 1) log.press({ type: 'tick', ms: 250 });
    expect(log.ui()).toMatchObject({ n: 10, now: short.timeOf(9), playing: true });
    log.grow(15);
    log.press({ type: 'tick', ms: 1 });
    expect(log.ui().now - short.timeOf(9)).toBeLessThanOrEqual(2_000);
  });
});

test('what was sought in vain is sought backwards all the same', () => {
  const log = begin(long, long.length);
  log.end();
  log.press({ type: 'edge', by: 1 }, ...typed('goto', 'flag F'));
  expect(log.ui().prompt?.error).toContain('nowhere from here on');
  log.press({ type: 'cancel' }, { type: 'again', by: -1 });
  const event = long.event(log.ui().n - 1);
  expect(event.ev === 'arrive' && event.seg.flags & 1).toBe(1);
  log.press({ type: 'edge', by: 1 }, ...typed('goto', 'syn-sent'), { type: 'cancel' });
  log.press({ type: 'again', by: -1 });
  const { transitions } = log.data.explained(log.ui().n - 1).effects;
  expect(transitions.map((one) => one.after)).toContain('SYN-SENT');
});

test('a row of the table says what the log says by now', () => {
  const log = begin(short, 3);
  log.end();
  expect(rowOf(log.data, 0, { host: 1, conn: 2 }).absent).toBe('to come');
});
