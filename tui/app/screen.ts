/**
 * The whole screen: the panes of the layout, each in its frame.
 */
import { LEAST, layout, type Placed } from './layout.ts';
import { fitName } from './names.ts';
import { ends, hints, tabs } from './panes/bars.ts';
import { chart } from './panes/chart.ts';
import { connections, connectionsTitle } from './panes/connections.ts';
import { diagram } from './panes/diagram.ts';
import { events } from './panes/events.ts';
import { explanation } from './panes/explanation.ts';
import { header } from './panes/header.ts';
import { help } from './panes/help.ts';
import { ladder } from './panes/ladder.ts';
import type { Scene, View } from './panes/pane.ts';
import { ports } from './panes/ports.ts';
import { scrubber } from './panes/scrubber.ts';
import { stateStrip, states } from './panes/states.ts';
import { variables } from './panes/variables.ts';
import { exactly, line, safe, widthOf, wrapWords } from './term/line.ts';
import type { Part } from './term/paint.ts';
import { focusOf, PANES, type Pane } from './ui.ts';

const rule: View = ({ ui, theme }, width, height) => {
  const title = ui.n === 0 ? 'before the first event' : `event ${ui.n}`;
  const rest = Math.max(0, width - title.length - 4);
  return exactly(
    [
      line(width, [
        ['─ ', theme.frame],
        [title, theme.title],
        [` ${'─'.repeat(rest)}─`, theme.frame],
      ]),
    ],
    width,
    height,
  );
};

const VIEWS: Readonly<Record<Placed['part'], View>> = {
  header,
  scrubber,
  tabs,
  stateStrip,
  ends,
  rule,
  hints,
  help,
  states,
  chart,
  connections,
  diagram,
  variables,
  ladder,
  events,
  explanation,
  ports,
};

/** Parts that cover the screen exactly, whatever its size. */
export function screenParts(scene: Scene, width: number, height: number): readonly Part[] {
  const placed = layout(scene.ui, width, height);
  if (placed === undefined) return [{ x: 0, y: 0, lines: tooSmall(width, height) }];
  return placed.map((part) => ({
    x: part.x,
    y: part.y,
    lines: part.framed ? inFrame(scene, part) : VIEWS[part.part](scene, part.width, part.height),
  }));
}

/** The same as lines from edge to edge. */
export function screenLines(scene: Scene, width: number, height: number): string[] {
  const rows: string[] = new Array(height).fill('');
  // From left to right, each part continues the lines that it stands in.
  for (const { y, lines } of screenParts(scene, width, height).toSorted((a, b) => a.x - b.x)) {
    for (const [i, text] of lines.entries()) rows[y + i] += text;
  }
  return rows;
}

/** What fits of: this screen is too small. */
function tooSmall(width: number, height: number): string[] {
  const least = `${LEAST.width}×${LEAST.height}`;
  const text = `twomsl needs a screen of ${least}, this is ${width}×${height}`;
  const wrapped = wrapWords(text, width);
  const short = wrapWords(`needs ${least}`, width);
  const lines = wrapped.length <= height ? wrapped : short;
  return exactly(
    lines.map((one) => line(width, [one])),
    width,
    height,
  );
}

function titleOf(scene: Scene, pane: Pane, room: number): string {
  const { ui, data } = scene;
  const name = ui.selected === null ? '' : `${data.hosts[ui.selected.host]}#${ui.selected.conn}`;
  switch (pane) {
    case 'connections':
      return connectionsTitle(scene);
    case 'chart':
      return `${ui.chartState} over time`;
    case 'events':
      return `events ${ui.n}/${data.length}`;
    case 'explanation':
      return ui.n === 0 ? 'before the first event' : `event ${ui.n} explained`;
    case 'diagram':
    case 'variables':
    case 'ladder':
      return `${pane} of ${fitName(name, room - pane.length - 4)}`;
    default:
      return pane;
  }
}

function inFrame(scene: Scene, { part, width, height }: Placed): string[] {
  const { ui, theme } = scene;
  if (width < 4 || height < 3) return exactly([], width, height);
  const pane = part as Pane;
  const focused = focusOf(ui) === pane;
  const look = focused ? theme.focusFrame : theme.frame;
  const number = PANES[ui.view].indexOf(pane) + 1;
  const title = safe(` ${number} ${titleOf(scene, pane, width - 7)} `);
  const rest = Math.max(0, width - 3 - widthOf(title));
  const edge = line(1, [['│', look]]);
  return [
    line(width - 1, [
      ['╭─', look],
      [title, focused ? theme.focus : theme.title],
      ['─'.repeat(rest), look],
    ]) + line(1, [['╮', look]]),
    ...VIEWS[part](scene, width - 2, height - 2).map((text) => edge + text + edge),
    line(width, [[`╰${'─'.repeat(width - 2)}╯`, look]]),
  ];
}
