// What stands in single cells: numbers that keep their distance, and marks that are none.

import { stripVTControlCharacters as strip } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createTimeline, type Timeline } from '../../../engine/index.ts';
import { events } from '../../../tui/app/panes/events.ts';
import { explanation } from '../../../tui/app/panes/explanation.ts';
import { ladder } from '../../../tui/app/panes/ladder.ts';
import { variables } from '../../../tui/app/panes/variables.ts';
import { screenLines } from '../../../tui/app/screen.ts';
import { churn, simultaneousClose } from '../../engine/projections/logs.ts';
import { dataOf, NO_COLOURS, sceneOf } from './scenes.ts';

const close = dataOf(simultaneousClose());

/** The same log, but its last event comes so much later. */
function late(of: Timeline, by: number): Timeline {
  const all = Array.from({ length: of.length }, (_, n) => of.event(n));
  const shifted = all.map((event) => ({ ...event, t: event.t + by }));
  return createTimeline(of.header, shifted);
}

describe('times', () => {
  test.each([
    [100_000_000, 100],
    [1_234_000_000, 1234],
    [99_999_000_000, 99_999],
  ])('from %i µs on stand apart from what is before them, and whole', (by, seconds) => {
    const data = dataOf(late(churn(20), by));
    const scene = sceneOf(data, [{ type: 'goto', n: 30 }], { selected: { host: 0, conn: 1 } });
    const rows = events(scene, 100, 20).map(strip);
    const time = `${seconds}\\.\\d{3,6} s`;
    for (const row of rows) expect(row).toMatch(new RegExp(`^[ ►] *\\d+ +${time}  `));
    const steps = ladder(scene, 100, 20).slice(1).map(strip);
    const timed = steps.filter((row) => /\d s /.test(row));
    expect(timed.length).toBeGreaterThan(3);
    for (const row of timed) expect(row).toMatch(new RegExp(`^[ ►]!? *${time} `));
  });
});

describe('numbers of the peer', () => {
  const says = (n: number, host: number, conn: number): string =>
    variables(sceneOf(close, [{ type: 'goto', n }], { selected: { host, conn } }), 60, 60)
      .map(strip)
      .join('\n');
  const entersAt = (state: string): number =>
    close.life(0, 1).find((one) => one.after === state)!.n + 1;

  test('are not known before it has said something', () => {
    const text = says(entersAt('SYN-SENT'), 0, 1);
    for (const name of ['RCV.NXT', 'IRS', 'SND.WL1', 'SND.WL2', 'SND.WND']) {
      expect(text).toMatch(new RegExp(`${name} +not known yet *\n`));
    }
    expect(text).toMatch(/SND.NXT +ISS\+1 /);
    const later = says(entersAt('ESTABLISHED'), 0, 1);
    expect(later).not.toMatch(/ {3}not known yet/);
    expect(later).toMatch(/\*RCV.NXT +IRS\+1 +was not known yet/);
  });

  test('are none of a listener, nor are its own', () => {
    const text = says(entersAt('SYN-SENT'), 1, 1);
    expect(text).toMatch(/RCV.NXT +not known yet *\n/);
    expect(text).toMatch(/ISS +not chosen yet *\n/);
    expect(text).toMatch(/SND.NXT +not chosen yet *\n/);
  });
});

test('absolute numbers are those of the segment, in every pane', () => {
  const n = [...Array(close.length).keys()].find(
    (one) => close.timeline.event(one).ev === 'arrive',
  );
  const event = close.timeline.event(n ?? -1);
  if (event.ev !== 'arrive') throw new Error('nothing arrives');
  const from = { absolute: true } as const;
  for (const view of [events, explanation]) {
    const absolute = sceneOf(close, [{ type: 'goto', n: (n ?? 0) + 1 }], from);
    const text = (of: typeof absolute) => view(of, 120, 20).map(strip).join('\n');
    expect(text(absolute)).toContain(`SYN seq ${event.seg.seq}`);
    expect(text({ ...absolute, ui: { ...absolute.ui, absolute: false } })).toContain('SYN seq 0');
  }
});

test('without colours no blank is inverse where no mark stands, nor a frame', () => {
  const panes = ['events', 'ladder', 'diagram', 'states', 'connections'] as const;
  for (const view of ['overview', 'connection'] as const) {
    for (const pane of panes) {
      const scene = sceneOf(close, [{ type: 'goto', n: 17 }], { view });
      const ui = { ...scene.ui, focus: { ...scene.ui.focus, [view]: pane } };
      for (const [width, height] of [
        [80, 24],
        [120, 40],
      ] as const) {
        for (const row of screenLines({ ...scene, ui, theme: NO_COLOURS }, width, height)) {
          // biome-ignore lint/complexity/useRegexLiterals: the escape reads better in a string
          expect(row).not.toMatch(new RegExp('\u001B\\[7m +\u001B\\[27m|^\u001B\\[7m[│╭╰]'));
        }
      }
    }
  }
});
