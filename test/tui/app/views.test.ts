// Every pane gives exactly the lines and cells it is asked for, at any size and any moment.

import { stripVTControlCharacters as strip } from 'node:util';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { lifeOf, STATES } from '../../../engine/index.ts';
import { layout } from '../../../tui/app/layout.ts';
import { ends } from '../../../tui/app/panes/bars.ts';
import { chart } from '../../../tui/app/panes/chart.ts';
import { connections } from '../../../tui/app/panes/connections.ts';
import { diagram } from '../../../tui/app/panes/diagram.ts';
import { events } from '../../../tui/app/panes/events.ts';
import { explanation } from '../../../tui/app/panes/explanation.ts';
import { header } from '../../../tui/app/panes/header.ts';
import { help } from '../../../tui/app/panes/help.ts';
import { ladder } from '../../../tui/app/panes/ladder.ts';
import type { Scene, View } from '../../../tui/app/panes/pane.ts';
import { ports } from '../../../tui/app/panes/ports.ts';
import { scrubber } from '../../../tui/app/panes/scrubber.ts';
import { states } from '../../../tui/app/panes/states.ts';
import { variables } from '../../../tui/app/panes/variables.ts';
import { screenLines } from '../../../tui/app/screen.ts';
import { PANES, type Ui } from '../../../tui/app/ui.ts';
import { churn, clientFirst, crashed, simultaneousClose } from '../../engine/projections/logs.ts';
import { COLOURS, dataOf, NO_COLOURS, sceneOf } from './scenes.ts';

const logs = [simultaneousClose(), clientFirst(), churn(60)].map(dataOf);
const close = logs[0] as (typeof logs)[number];

const VIEWS: Readonly<Record<string, View>> = {
  header,
  scrubber,
  states,
  chart,
  connections,
  diagram,
  variables,
  ladder,
  events,
  explanation,
  ports,
  help,
};

const look = fc.record({
  log: fc.constantFrom(...logs),
  part: fc.double({ min: 0, max: 1, noNaN: true }),
  view: fc.constantFrom('overview', 'connection' as const),
  pane: fc.nat(5),
  zoomed: fc.boolean(),
  help: fc.boolean(),
  absolute: fc.boolean(),
  chosen: fc.option(fc.record({ host: fc.nat(1), conn: fc.integer({ min: 1, max: 60 }) })),
  filter: fc.constantFrom('', 'state:time-wait', 'nothing'),
  colours: fc.boolean(),
});
type Look = typeof look extends fc.Arbitrary<infer T> ? T : never;

function sceneFor(one: Look): Scene {
  const view = one.view as Ui['view'];
  const pane = PANES[view][one.pane % PANES[view].length];
  const scene = sceneOf(one.log, [{ type: 'goto', n: Math.round(one.part * one.log.length) }]);
  const ui: Ui = {
    ...scene.ui,
    view,
    zoomed: one.zoomed,
    help: one.help,
    absolute: one.absolute,
    selected: one.chosen,
    filter: one.filter,
    focus: { ...scene.ui.focus, ...(pane === undefined ? {} : { [view]: pane }) },
  };
  return { ...scene, ui, theme: one.colours ? COLOURS : NO_COLOURS };
}

function expectSize(lines: readonly string[], width: number, height: number): void {
  expect(lines.length).toBe(height);
  expect(lines.map((one) => stringWidth(one)).filter((w) => w !== width)).toEqual([]);
}

describe('sizes', () => {
  test.each(Object.entries(VIEWS))('%s', (_, view) => {
    fc.assert(
      fc.property(
        look,
        fc.integer({ min: 1, max: 220 }),
        fc.integer({ min: 0, max: 60 }),
        (one, width, height) => {
          expectSize(view(sceneFor(one), width, height), width, height);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('the whole screen from 1×1 to 220×60', () => {
    fc.assert(
      fc.property(
        look,
        fc.integer({ min: 1, max: 220 }),
        fc.integer({ min: 1, max: 60 }),
        (one, width, height) => {
          expectSize(screenLines(sceneFor(one), width, height), width, height);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('the parts of a layout cover the screen once', () => {
    fc.assert(
      fc.property(
        look,
        fc.integer({ min: 40, max: 220 }),
        fc.integer({ min: 12, max: 60 }),
        (one, width, height) => {
          const parts = layout(sceneFor(one).ui, width, height) ?? [];
          const cells = parts.reduce((sum, part) => sum + part.width * part.height, 0);
          expect(cells).toBe(width * height);
        },
      ),
    );
  });
});

function textOf(view: View, scene: Scene, width: number, height: number): string {
  return strip(view(scene, width, height).join('\n'));
}

describe('what is on the screen', () => {
  const at = (n: number, from: Partial<Ui> = {}): Scene =>
    sceneOf(close, [{ type: 'goto', n }], from);

  test('all eleven states, also on the smallest screen', () => {
    const small = strip(screenLines(at(16), 80, 24).join('\n'));
    for (const state of STATES) expect(small).toContain(state);
    expect(small).toContain('FIN-WAIT-1 2');
  });

  test('a simultaneous close: two FINs cross, both ends go to CLOSING', () => {
    const text = textOf(ladder, at(18), 80, 30);
    expect(text).toMatch(/FIN-WAIT-1│ CLOSE/);
    expect(text).toMatch(/│─ FIN,ACK seq 1001 ack 1 ─+╮/);
    expect(text).toMatch(/╭─+ FIN,ACK seq 1 ack 1001 ─│/);
    expect(text).toMatch(/►│CLOSING/);
    expect(text).toMatch(/CLOSING│◄/);
  });

  test('the diagram marks both ends and the edge just taken', () => {
    const text = textOf(diagram, at(17), 80, 16);
    expect(text).toContain('●CLOSING');
    expect(text).toContain('FIN-WAIT-1○');
    expect(text).toContain('client#1: FIN-WAIT-1 → CLOSING  rcv FIN / snd ACK  RFC 9293');
    for (const state of STATES) expect(text).toContain(state);
  });

  test('the diagram tells which of its reasons an edge to CLOSED was taken for', () => {
    const timeline = crashed();
    const n = lifeOf(timeline, 0, 1).find((step) => step.rule === 'crashed')?.n as number;
    const scene = sceneOf(dataOf(timeline), [{ type: 'goto', n: n + 1 }], {
      selected: { host: 0, conn: 1 },
    });
    const text = textOf(diagram, scene, 120, 16);
    expect(text).toContain('client#1: TIME-WAIT → CLOSED  the host crashed');
    expect(text).toContain('RFC 9293 §3.5.1');
  });

  test('an end without a FIN is to come until it has', () => {
    const timeline = crashed();
    const n = lifeOf(timeline, 0, 2).find((step) => step.rule === 'crashed')?.n as number;
    const data = dataOf(timeline);
    const said = (at: number): string =>
      textOf(
        ends,
        sceneOf(data, [{ type: 'goto', n: at }], { selected: { host: 0, conn: 2 } }),
        150,
        2,
      );
    expect(said(n)).toContain('to come: ended without a FIN, first at client#2 (the host crashed');
    expect(said(n + 1)).not.toContain('to come');
  });

  test('a diagram without room for the drawing is a list', () => {
    const text = textOf(diagram, at(17), 60, 14);
    for (const state of STATES) expect(text).toContain(state);
    expect(text).toContain('●  CLOSING');
  });

  test('variables show what the event changed, and the timer’s rest', () => {
    const text = textOf(variables, at(16), 60, 40);
    expect(text).toContain('*SND.NXT      ISS+1002  was ISS+1001');
    const later = textOf(variables, at(20), 60, 40);
    expect(later).toMatch(/TIME-WAIT +60\.0 s left +at 60\.520 s/);
  });

  test('the explanation says who closed first and why it waits', () => {
    const text = textOf(explanation, at(20), 180, 20);
    expect(text).toContain('client#1 CLOSING → TIME-WAIT: our FIN is acknowledged');
    expect(text).toContain('simultaneous close');
    expect(text).toContain('old duplicates must die out');
  });

  test('before the first event there is an introduction', () => {
    const text = textOf(explanation, at(0), 80, 10);
    expect(text).toContain('simultaneous close');
    expect(text).toContain('22 events in 60.520 s between client (linux), server (linux).');
  });

  test('without colours no colour is sent, and TIME-WAIT still stands out', () => {
    const lines = screenLines({ ...at(20), theme: NO_COLOURS }, 120, 40).join('');
    // biome-ignore lint/complexity/useRegexLiterals: the escape reads better in a string
    expect(lines).not.toMatch(new RegExp('\u001B\\[(3[0-8]|4[0-8]|9\\d|10\\d)'));
    expect(lines).toContain('\u001B[1m\u001B[4mTIME-WAIT');
  });

  test('a screen too small says so within it', () => {
    expect(screenLines(at(3), 10, 3).map((one) => one.trim())).toEqual(['needs', '40×12', '']);
    expect(screenLines(at(3), 39, 12).join(' ')).toContain('twomsl needs a screen of 40×12');
  });

  test('names from a log cannot write to the terminal', () => {
    const scene = at(5);
    const evil = { ...scene, file: '\u001B]0;x\u0007.jsonl', title: '\u001B[2J' };
    const out = screenLines(evil, 80, 24).join('');
    expect(strip(out)).not.toContain('\u001B');
    expect(out).not.toContain('\u001B[2J');
  });
});
