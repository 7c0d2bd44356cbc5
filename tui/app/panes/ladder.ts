/**
 * The segments between the two ends as a sequence diagram: time runs down, each departure and each
 * arrival has its row. A segment that arrives in the next row at the same time is one arrow; any
 * other goes down the lane until it arrives.
 */
import {
  formatTime,
  type Ladder,
  type LadderRow,
  relative,
  type State,
} from '../../../engine/index.ts';
import { fitName } from '../names.ts';
import { Canvas } from '../term/canvas.ts';
import { cut, exactly, line, pad, widthOf } from '../term/line.ts';
import { restyle, type Style } from '../term/style.ts';
import { GLYPHS, type Theme } from '../theme.ts';
import { type Scene, timeWidth, type View } from './pane.ts';

const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [2, 'SYN'],
  [1, 'FIN'],
  [4, 'RST'],
  [32, 'URG'],
  [16, 'ACK'],
];

/** A row on screen: a row of the ladder, with the arrival it leads to if that is the next. */
type Shown = {
  readonly row: LadderRow;
  /** The arrival shown in the same row. */
  readonly arrival: LadderRow | undefined;
};

/** The lines of the two ends; `start`: what stands left of it is the time. */
type Lane = { readonly start: number; readonly left: number; readonly right: number };

/** A segment on its way between the rows of its departure and its arrival. */
type Passing = { readonly column: number; readonly end: number };

export const ladder: View = (scene, width, height) => {
  const { ui, data, theme } = scene;
  if (ui.selected === null) {
    return exactly([line(width, [' no connection is selected'])], width, height);
  }
  const { host, conn } = ui.selected;
  // More than are seen: an arrow may begin above or end below the window.
  const all = data.ladder(host, conn, Math.max(0, ui.n - 1), Math.max(8, height * 2));
  if (all.rows.length === 0) {
    return exactly([line(width, [[' no event of this connection', theme.faint]])], width, height);
  }
  const shown = joined(all.rows);
  const rows = Math.max(0, height - 1);
  const top = topRow(shown, ui.n, rows);
  const start = timeWidth(data) + 2;
  const side = Math.max(12, Math.min(18, Math.floor((width - start) * 0.18)));
  const lane = { start, left: start + side, right: width - side - 1 };
  const canvas = new Canvas(width, rows);
  drawLives(canvas, scene, all, shown, top, lane);
  drawSegments(canvas, scene, all, shown, top, lane);
  drawMargins(canvas, scene, shown, top, lane);
  return exactly([titles(scene, all, lane, width), ...canvas.lines()], width, height);
};

function joined(rows: readonly LadderRow[]): readonly Shown[] {
  const out: Shown[] = [];
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i] as LadderRow;
    const next = rows[i + 1];
    const meets =
      row.kind === 'depart' &&
      row.emission > 0 &&
      next?.kind === 'arrive' &&
      next.time === row.time &&
      next.emission === row.emission;
    out.push({ row, arrival: meets ? next : undefined });
    if (meets) i += 1;
  }
  return out;
}

/** Whether a row shows the event that led to position `n`. */
function isCurrent({ row, arrival }: Shown, n: number): boolean {
  return row.n === n - 1 || arrival?.n === n - 1;
}

function isPast({ row }: Shown, n: number): boolean {
  return row.n < n;
}

function topRow(shown: readonly Shown[], n: number, rows: number): number {
  let at = shown.findIndex((one) => isCurrent(one, n));
  if (at < 0) at = shown.filter((one) => isPast(one, n)).length;
  return Math.max(0, Math.min(at - Math.floor(rows / 2), shown.length - rows));
}

function titles({ data, theme }: Scene, all: Ladder, lane: Lane, width: number): string {
  const name = (end: Ladder['left']): string =>
    end.conn > 0 ? `${data.hosts[end.host] ?? ''}#${end.conn}` : (data.hosts[end.host] ?? '?');
  return line(width, [
    [pad('time', lane.start - 2, 'right'), theme.faint],
    [
      pad(fitName(name(all.left), lane.left - lane.start + 1), lane.left - lane.start + 2, 'right'),
      theme.strong,
    ],
    [pad(all.more.before ? '  ⋮ earlier' : '', lane.right - lane.left + 1), theme.faint],
    [fitName(name(all.right), width - lane.right - 1), theme.strong],
  ]);
}

/** The line of each end, in the colour of its state. */
function drawLives(
  canvas: Canvas,
  { theme }: Scene,
  all: Ladder,
  shown: readonly Shown[],
  top: number,
  lane: Lane,
): void {
  let left: State | '' = all.states.left;
  let right: State | '' = all.states.right;
  for (const [i, one] of shown.entries()) {
    for (const row of [one.row, one.arrival]) {
      const entered = row?.entered.at(-1);
      if (entered === undefined) continue;
      if (row?.side === 'left') left = entered;
      else right = entered;
    }
    const y = i - top;
    if (y < 0 || y >= canvas.height) continue;
    canvas.text(lane.left, y, '│', lifeStyle(theme, left));
    canvas.text(lane.right, y, '│', lifeStyle(theme, right));
  }
}

function lifeStyle(theme: Theme, state: State | ''): Style {
  return state === '' || state === 'CLOSED' ? theme.faint : theme.state[state];
}

function drawSegments(
  canvas: Canvas,
  scene: Scene,
  all: Ladder,
  shown: readonly Shown[],
  top: number,
  lane: Lane,
): void {
  const passing = new Map<number, Passing>();
  for (const [i, one] of shown.entries()) {
    const { row } = one;
    const y = i - top;
    const style = segmentStyle(scene, one);
    if (row.kind === 'depart') {
      const text = label(scene, all, row, lane.right - lane.left - 6);
      const end = shown.findIndex(
        (other, j) => j > i && other.row.kind === 'arrive' && other.row.emission === row.emission,
      );
      if (one.arrival !== undefined) straight(canvas, lane, row.side, y, text, style);
      else if (row.lost) lostArrow(canvas, scene.theme, lane, row.side, y, text, style);
      else {
        const column = columnFor(lane, row.side, text, passing, i);
        passing.set(row.emission, { column, end: end < 0 ? i : end });
        departure(canvas, lane, row.side, y, text, style, column);
        if (end > 0)
          canvas.stroke(
            [
              [column, y],
              [column, end - top],
            ],
            style,
          );
        else canvas.text(column, y, '…', style);
      }
    } else if (row.kind === 'arrive') {
      const from = passing.get(row.emission);
      arrival(canvas, lane, row.side, y, from?.column, style);
      if (from === undefined) loneLabel(canvas, scene, all, row, lane, y, style);
    } else {
      sideText(canvas, lane, row.side, y, row.text, style);
    }
  }
}

function segmentStyle({ ui, theme }: Scene, one: Shown): Style {
  if (isCurrent(one, ui.n)) return theme.taken;
  if (!isPast(one, ui.n)) return theme.faint;
  const flags = one.row.seg?.flags ?? 0;
  if ((flags & 4) !== 0) return theme.lost;
  return one.row.kind === 'depart' || one.row.kind === 'arrive' ? theme.sent : theme.plain;
}

function straight(
  canvas: Canvas,
  lane: Lane,
  from: 'left' | 'right',
  y: number,
  text: string,
  style: Style,
): void {
  canvas.text(lane.left + 1, y, '─'.repeat(Math.max(0, lane.right - lane.left - 1)), style);
  const at = lane.left + Math.floor((lane.right - lane.left - widthOf(text)) / 2);
  canvas.text(at, y, text, style);
  head(canvas, lane, from === 'left' ? 'right' : 'left', y, style);
}

function head(canvas: Canvas, lane: Lane, at: 'left' | 'right', y: number, style: Style): void {
  if (at === 'right') canvas.text(lane.right - 1, y, GLYPHS.right, style);
  else canvas.text(lane.left + 1, y, GLYPHS.left, style);
}

function lostArrow(
  canvas: Canvas,
  theme: Theme,
  lane: Lane,
  from: 'left' | 'right',
  y: number,
  text: string,
  style: Style,
): void {
  const reach = Math.min(
    lane.right - lane.left - 2,
    Math.max(widthOf(text) + 3, Math.floor((lane.right - lane.left) * 0.6)),
  );
  const end = from === 'left' ? lane.left + reach : lane.right - reach;
  departure(canvas, lane, from, y, text, style, end);
  canvas.text(end, y, GLYPHS.lost, theme.lost);
}

/** Where a segment goes down: beyond its label, and not where another does. */
function columnFor(
  lane: Lane,
  from: 'left' | 'right',
  text: string,
  passing: ReadonlyMap<number, Passing>,
  row: number,
): number {
  const room = lane.right - lane.left;
  const taken = [...passing.values()].filter(({ end }) => end >= row).map(({ column }) => column);
  let reach = Math.min(room - 3, Math.max(widthOf(text) + 4, Math.floor(room * 0.5)));
  const at = (): number => (from === 'left' ? lane.left + reach : lane.right - reach);
  while (taken.includes(at()) && reach < room - 3) reach += 2;
  while (taken.includes(at()) && reach > 3) reach -= 1;
  return at();
}

function departure(
  canvas: Canvas,
  lane: Lane,
  from: 'left' | 'right',
  y: number,
  text: string,
  style: Style,
  column: number,
): void {
  const start = from === 'left' ? lane.left + 1 : lane.right - 1;
  canvas.stroke(
    [
      [start, y],
      [column, y],
    ],
    style,
  );
  canvas.text(start, y, '─', style);
  const room = Math.abs(column - start) - 2;
  const shown = cut(text, room);
  canvas.text(from === 'left' ? start + 1 : start - widthOf(shown), y, shown, style);
}

function arrival(
  canvas: Canvas,
  lane: Lane,
  at: 'left' | 'right',
  y: number,
  column: number | undefined,
  style: Style,
): void {
  const end = at === 'right' ? lane.right - 1 : lane.left + 1;
  const start = column ?? (at === 'right' ? lane.right - 6 : lane.left + 6);
  canvas.stroke(
    [
      [start, y],
      [end, y],
    ],
    style,
  );
  head(canvas, lane, at, y, style);
}

/** What an arrival brings whose departure is not on the ladder: a forged segment, a copy. */
function loneLabel(
  canvas: Canvas,
  scene: Scene,
  all: Ladder,
  row: LadderRow,
  lane: Lane,
  y: number,
  style: Style,
): void {
  const room = lane.right - lane.left - 10;
  const text = `${row.text === '' ? '' : `${row.text} `}${label(scene, all, row, room)}`.trim();
  const shown = cut(text, room);
  const x = row.side === 'right' ? lane.right - 7 - widthOf(shown) : lane.left + 8;
  canvas.text(x, y, shown, style);
}

function sideText(
  canvas: Canvas,
  lane: Lane,
  side: 'left' | 'right',
  y: number,
  text: string,
  style: Style,
): void {
  const shown = cut(text, lane.right - lane.left - 4);
  const x = side === 'left' ? lane.left + 2 : lane.right - 1 - widthOf(shown);
  canvas.text(x, y, shown, style);
}

/** The times on the left, and the states entered beside the line of their end. */
function drawMargins(
  canvas: Canvas,
  { ui, theme }: Scene,
  shown: readonly Shown[],
  top: number,
  lane: Lane,
): void {
  for (let y = 0; y < canvas.height; y += 1) {
    const one = shown[top + y];
    if (one === undefined) break;
    const past = isPast(one, ui.n);
    const now = isCurrent(one, ui.n);
    const look = now ? theme.taken : past ? theme.plain : theme.faint;
    const previous = shown[top + y - 1];
    const same = previous !== undefined && previous.row.time === one.row.time && y > 0;
    // One event may have several rows, as an arrival and its answer: the first bears the mark.
    const first = now && !(previous !== undefined && isCurrent(previous, ui.n));
    if (first) canvas.text(0, y, GLYPHS.right, theme.cursor);
    if (one.row.diverged || one.arrival?.diverged) canvas.text(1, y, '!', theme.warn);
    if (!same || first) {
      canvas.text(1, y, pad(formatTime(one.row.time), lane.start - 2, 'right'), look);
    }
    for (const row of [one.row, one.arrival]) {
      if (row !== undefined) stateText(canvas, theme, row, y, lane, row.n < ui.n);
    }
  }
}

function stateText(
  canvas: Canvas,
  theme: Theme,
  row: LadderRow,
  y: number,
  lane: Lane,
  reached: boolean,
): void {
  const entered = row.entered.at(-1);
  if (entered === undefined) return;
  const look = theme.state[entered];
  const style = reached ? look : restyle(theme.faint, { fg: look.fg });
  const text = cut(
    entered,
    row.side === 'left' ? lane.left - lane.start : canvas.width - lane.right - 1,
  );
  const x = row.side === 'left' ? lane.left - widthOf(text) : lane.right + 1;
  canvas.text(x, y, text, style);
}

/** As much as has room: `FIN,ACK 1001 ack 2001 len 5`, then without the rest, then the flags. */
function label(scene: Scene, all: Ladder, row: LadderRow, room: number): string {
  const { seg } = row;
  if (seg === undefined) return '';
  const { ui, data } = scene;
  const own = row.kind === 'depart' ? row.side : row.side === 'left' ? 'right' : 'left';
  const end = own === 'left' ? all.left : all.right;
  const other = own === 'left' ? all.right : all.left;
  const iss = end.conn > 0 ? data.bases(end.host, end.conn).iss : basesIrs(data, other);
  const irs = other.conn > 0 ? data.bases(other.host, other.conn).iss : basesIrs(data, end);
  const flags = FLAG_NAMES.filter(([bit]) => (seg.flags & bit) !== 0)
    .map(([, name]) => name)
    .join(',');
  const seq = ui.absolute ? seg.seq : relative(seg.seq, iss);
  const ack = ui.absolute ? seg.ack : relative(seg.ack, irs);
  const acks = (seg.flags & 16) !== 0 ? ` ack ${ack}` : '';
  const len = seg.len > 0 ? ` len ${seg.len}` : '';
  const name = flags === '' ? 'none' : flags;
  const forms = [
    ` ${name} seq ${seq}${acks}${len}${row.copy ? ' copy' : ''} `,
    ` ${name} ${seq}${acks}${len} `,
    ` ${name} ${seq}${len} `,
  ];
  return forms.find((form) => form.length <= room) ?? ` ${name} `;
}

function basesIrs(data: Scene['data'], end: Ladder['left']): number | undefined {
  return end.conn > 0 ? data.bases(end.host, end.conn).irs : undefined;
}
