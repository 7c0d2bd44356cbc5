/**
 * Where the panes stand. A large screen shows them side by side in frames; a small one shows the
 * focused pane under a line of tabs, with a strip above it and the explanation below.
 */
import { focusOf, type Pane, type Ui } from './ui.ts';

export type Rect = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

/** Parts of the screen that are no panes. */
export type Bar =
  | 'header'
  | 'scrubber'
  | 'tabs'
  | 'stateStrip'
  | 'ends'
  | 'rule'
  | 'hints'
  | 'help';

export type Placed = Rect & {
  readonly part: Pane | Bar;
  readonly framed: boolean;
};

export const LEAST = { width: 40, height: 12 };
/** From here on panes stand side by side. */
const LARGE = { width: 110, height: 30 };
const THREE_COLUMNS = 170;

const HEAD = 3;

/** All parts, from top to bottom and from left to right; they cover the screen exactly. */
export function layout(ui: Ui, width: number, height: number): readonly Placed[] | undefined {
  if (width < LEAST.width || height < LEAST.height) return undefined;
  const body: Rect = { x: 0, y: HEAD, width, height: height - HEAD - 1 };
  return [
    bar('header', 0, width, 1),
    bar('scrubber', 1, width, 2),
    ...(ui.help ? [place('help', body)] : bodyOf(ui, body)),
    bar('hints', height - 1, width, 1),
  ];
}

/** The part that a cell of the screen belongs to; undefined: none. */
export function partAt(
  ui: Ui,
  width: number,
  height: number,
  x: number,
  y: number,
): Placed | undefined {
  const holds = (one: Rect): boolean =>
    x >= one.x && x < one.x + one.width && y >= one.y && y < one.y + one.height;
  return layout(ui, width, height)?.find(holds);
}

function bodyOf(ui: Ui, body: Rect): readonly Placed[] {
  const large = body.width >= LARGE.width && body.height + HEAD + 1 >= LARGE.height;
  if (!large) return small(ui, body);
  if (ui.zoomed) return [place(focusOf(ui), body, true)];
  return ui.view === 'overview' ? largeOverview(body) : largeConnection(body);
}

function bar(part: Bar, y: number, width: number, height: number): Placed {
  return { part, x: 0, y, width, height, framed: false };
}

function place(part: Pane | Bar, rect: Rect, framed = false): Placed {
  return { part, ...rect, framed };
}

function small(ui: Ui, { y, width, height }: Rect): readonly Placed[] {
  const pane = focusOf(ui);
  const out = [bar('tabs', y, width, 1)];
  let top = y + 1;
  let room = height - 1;
  const strip = ui.zoomed ? undefined : stripOf(ui);
  if (strip !== undefined && room >= 12) {
    out.push(bar(strip, top, width, 2));
    top += 2;
    room -= 2;
  }
  const below = belowOf(ui, pane, room);
  out.push(place(pane, { x: 0, y: top, width, height: room - below }));
  if (below > 0) {
    out.push(bar('rule', top + room - below, width, 1));
    const rest = { x: 0, y: top + room - below + 1, width, height: below - 1 };
    out.push(place('explanation', rest));
  }
  return out;
}

function stripOf(ui: Ui): Bar | undefined {
  if (ui.view === 'connection') return focusOf(ui) === 'diagram' ? undefined : 'ends';
  return focusOf(ui) === 'states' ? undefined : 'stateStrip';
}

/** Lines for the explanation below, its rule included: the diagram and the states need theirs. */
function belowOf(ui: Ui, pane: Pane, room: number): number {
  if (ui.zoomed || pane === 'explanation' || room < 12) return 0;
  const least = pane === 'diagram' ? 13 : pane === 'states' ? 12 : 6;
  return Math.max(0, Math.min(Math.floor(room * 0.4), room - least));
}

/** Cuts a rectangle into rows or columns of the given sizes; the last takes what is left. */
function cutUp(rect: Rect, along: 'rows' | 'columns', sizes: readonly number[]): readonly Rect[] {
  const out: Rect[] = [];
  let at = 0;
  const length = along === 'rows' ? rect.height : rect.width;
  for (const size of [...sizes, length]) {
    const taken = Math.min(size, length - at);
    out.push(
      along === 'rows'
        ? { ...rect, y: rect.y + at, height: taken }
        : { ...rect, x: rect.x + at, width: taken },
    );
    at += taken;
  }
  return out;
}

const framed = (part: Pane, rect: Rect | undefined): Placed =>
  place(part, rect ?? { x: 0, y: 0, width: 0, height: 0 }, true);

function largeOverview(body: Rect): readonly Placed[] {
  const leftWidth = Math.max(44, Math.min(70, Math.round(body.width * 0.32)));
  const [left, right] = cutUp(body, 'columns', [leftWidth]) as [Rect, Rect];
  const chartHeight = Math.floor((body.height - 14) * 0.62);
  const [states, chart, ports] = cutUp(left, 'rows', [14, chartHeight]);
  const [top, bottom] = cutUp(right, 'rows', [Math.floor(body.height * 0.5)]) as [Rect, Rect];
  const beside = right.width >= 110;
  const [events, explanation] = beside
    ? cutUp(bottom, 'columns', [Math.floor(right.width / 2)])
    : cutUp(bottom, 'rows', [Math.floor(bottom.height * 0.45)]);
  return [
    framed('states', states),
    framed('connections', top),
    framed('chart', chart),
    framed('events', events),
    framed('explanation', explanation),
    framed('ports', ports),
  ];
}

function largeConnection(body: Rect): readonly Placed[] {
  if (body.width >= THREE_COLUMNS) {
    const rest = body.width - 80;
    const [left, middle, right] = cutUp(body, 'columns', [80, Math.floor(rest * 0.56)]) as Rect[];
    const [diagram, events] = cutUp(left as Rect, 'rows', [Math.max(15, body.height - 14)]);
    const [variables, explanation] = cutUp(right as Rect, 'rows', [Math.floor(body.height * 0.56)]);
    return [
      framed('diagram', diagram),
      framed('ladder', middle),
      framed('variables', variables),
      framed('events', events),
      framed('explanation', explanation),
    ];
  }
  // The drawing of the diagram takes its least size; the ladder gets the width.
  const [top, bottom] = cutUp(body, 'rows', [15]) as [Rect, Rect];
  const [diagram, variables] = cutUp(top, 'columns', [78]);
  const [ladder, explanation] = cutUp(bottom, 'columns', [Math.round(body.width * 0.6)]);
  return [
    framed('diagram', diagram),
    framed('variables', variables),
    framed('ladder', ladder),
    framed('explanation', explanation),
  ];
}
