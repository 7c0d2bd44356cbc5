/**
 * The state diagram of RFC 9293 (Figure 5), drawn for one connection: where it is, where its peer
 * is, the edge just taken, and the states it has been in.
 *
 * Six rows of states; the lines between them stretch with the height of the pane. Edges that every
 * synchronized state has (ABORT, RST, timeouts) are left out as in the figure, and named below when
 * they are taken. CLOSED stands twice: where a connection begins and where it ends.
 */
import {
  findEdge,
  type Life,
  type LifeStep,
  path,
  RULES,
  type State,
  stateOf,
} from '../../../engine/index.ts';
import { Canvas, type Point } from '../term/canvas.ts';
import { exactly, line, type Span } from '../term/line.ts';
import { restyle, type Style } from '../term/style.ts';
import { GLYPHS, type Theme } from '../theme.ts';
import { peerOf } from '../travel.ts';
import type { Scene, View } from './pane.ts';

type Node = { readonly state: State; readonly x: number; readonly row: number; end?: true };
/** `side`: along a row; `down`: along a column; `bend`: down, then along the row of the target. */
type Drawn = {
  readonly from: State;
  readonly to: State;
  readonly shape: 'side' | 'down' | 'bend';
  /** Column of the part that goes down. */
  readonly x: number;
};

const NODES: readonly Node[] = [
  { state: 'LISTEN', x: 3, row: 0 },
  { state: 'CLOSED', x: 33, row: 0 },
  { state: 'SYN-SENT', x: 63, row: 0 },
  { state: 'SYN-RECEIVED', x: 3, row: 1 },
  { state: 'ESTABLISHED', x: 31, row: 2 },
  { state: 'FIN-WAIT-1', x: 3, row: 3 },
  { state: 'CLOSE-WAIT', x: 62, row: 3 },
  { state: 'CLOSING', x: 33, row: 4 },
  { state: 'LAST-ACK', x: 63, row: 4 },
  { state: 'FIN-WAIT-2', x: 3, row: 5 },
  { state: 'TIME-WAIT', x: 32, row: 5 },
  { state: 'CLOSED', x: 64, row: 5, end: true },
];

const drawn = (from: State, to: State, shape: Drawn['shape'], x = 0): Drawn => ({
  from,
  to,
  shape,
  x,
});

const DRAWN: readonly Drawn[] = [
  drawn('CLOSED', 'LISTEN', 'side'),
  drawn('CLOSED', 'SYN-SENT', 'side'),
  drawn('LISTEN', 'SYN-RECEIVED', 'down', 5),
  drawn('SYN-SENT', 'SYN-RECEIVED', 'bend', 65),
  drawn('SYN-SENT', 'ESTABLISHED', 'bend', 68),
  drawn('SYN-RECEIVED', 'FIN-WAIT-1', 'down', 5),
  drawn('SYN-RECEIVED', 'ESTABLISHED', 'bend', 10),
  drawn('ESTABLISHED', 'FIN-WAIT-1', 'bend', 33),
  drawn('ESTABLISHED', 'CLOSE-WAIT', 'bend', 39),
  drawn('FIN-WAIT-1', 'FIN-WAIT-2', 'down', 5),
  drawn('FIN-WAIT-1', 'CLOSING', 'bend', 10),
  drawn('CLOSE-WAIT', 'LAST-ACK', 'down', 66),
  drawn('CLOSING', 'TIME-WAIT', 'down', 36),
  drawn('LAST-ACK', 'CLOSED', 'down', 66),
  drawn('FIN-WAIT-2', 'TIME-WAIT', 'side'),
  drawn('TIME-WAIT', 'CLOSED', 'side'),
];

const WIDTH = 76;
const ROWS = 6;
/** Below this the words on the lines have no room, and a list says more. */
const DIAGRAM_HEIGHT = 2 * ROWS - 1;

type Moment = {
  readonly name: string;
  readonly state: State;
  readonly peer: State | undefined;
  /** The step that the current event took, if it took one. */
  readonly taken: LifeStep | undefined;
  readonly peerName: string;
  readonly peerTaken: LifeStep | undefined;
  readonly visited: ReadonlySet<State>;
};

export const diagram: View = (scene, width, height) => {
  const { selected } = scene.ui;
  if (selected === null) {
    return exactly([line(width, [' no connection is selected'])], width, height);
  }
  const moment = momentOf(scene, selected.host, selected.conn);
  const notes = noteLines(scene, moment, width);
  const room = height - notes.length;
  if (width < WIDTH || room < DIAGRAM_HEIGHT) {
    return exactly([...listLines(scene, moment, width, room), ...notes], width, height);
  }
  const canvas = draw(scene, moment, width, room);
  return exactly([...canvas.lines(), ...notes], width, height);
};

function momentOf({ ui, data }: Scene, host: number, conn: number): Moment {
  const snapshot = data.snapshot(ui.n);
  const peer = peerOf(data, { host, conn });
  const life: Life = data.life(host, conn).filter((one) => one.n < ui.n);
  const takenBy = (of: Life) => of.find((one) => one.n === ui.n - 1);
  const known = data.timeline.biography(host, conn);
  const born = known === undefined || known.born < ui.n;
  return {
    name: data.hosts[host] === undefined ? '' : `${data.hosts[host]}#${conn}`,
    state: stateOf(snapshot, host, conn),
    peer: peer === null ? undefined : stateOf(snapshot, peer.host, peer.conn),
    taken: takenBy(life),
    peerName: peer === null ? '' : `${data.hosts[peer.host]}#${peer.conn}`,
    peerTaken: peer === null ? undefined : takenBy(data.life(peer.host, peer.conn)),
    visited: new Set(born ? life.flatMap(path) : []),
  };
}

/** Which end took the edge with the current event. */
function takenBy(moment: Moment, { from, to }: Drawn): 'self' | 'peer' | undefined {
  const has = (step: LifeStep | undefined): boolean => {
    const way = step === undefined ? [] : path(step);
    const at = way.indexOf(from);
    return at >= 0 && way[at + 1] === to;
  };
  if (has(moment.taken)) return 'self';
  return has(moment.peerTaken) ? 'peer' : undefined;
}

type Grid = {
  readonly y: (row: number) => number;
  readonly left: number;
  /** States in boxes take a row above and below. */
  readonly boxed: boolean;
};

function gridFor(width: number, height: number): Grid {
  const boxed = height >= 5 * ROWS - 2;
  const rest = height - 1 - (boxed ? 2 : 0);
  const pitch = Math.min(boxed ? 6 : 4, Math.floor(rest / (ROWS - 1)));
  const top = boxed ? 1 : 0;
  return { y: (row) => top + row * pitch, left: Math.floor((width - WIDTH) / 2), boxed };
}

function draw(scene: Scene, moment: Moment, width: number, height: number): Canvas {
  const { theme } = scene;
  const canvas = new Canvas(width, height);
  const grid = gridFor(width, height);
  const order = [...DRAWN].sort(
    (a, b) => Number(takenBy(moment, a) !== undefined) - Number(takenBy(moment, b) !== undefined),
  );
  const labels: Label[] = [];
  for (const edge of order) {
    const by = takenBy(moment, edge);
    const gone = moment.visited.has(edge.from) && moment.visited.has(edge.to);
    const rest = gone ? theme.plain : theme.faint;
    const look = by === 'self' ? theme.taken : by === 'peer' ? theme.focus : rest;
    labels.push(drawEdge(canvas, grid, edge, look));
  }
  for (const node of NODES) drawNode(canvas, grid, node, scene, moment);
  // Words along a row have their place on the line itself; those beside a column look for room.
  for (const label of labels) if (label.down === undefined) acrossLabel(canvas, label);
  for (const label of labels) if (label.down !== undefined) downLabel(canvas, label);
  return canvas;
}

type Label = {
  readonly on: string;
  readonly look: Style;
  /** Columns between which the line runs. */
  readonly from: number;
  readonly to: number;
  readonly y: number;
  /** First row of a line that goes down to `y`; undefined: it runs along `y`. */
  readonly down: number | undefined;
};

function nodeOf(state: State, end: boolean): Node {
  const found = NODES.filter((node) => node.state === state);
  return ((end ? found.at(-1) : found[0]) ?? NODES[0]) as Node;
}

function drawEdge(canvas: Canvas, grid: Grid, edge: Drawn, look: Style): Label {
  const from = nodeOf(edge.from, false);
  const to = nodeOf(edge.to, edge.from !== 'CLOSED');
  const gap = grid.boxed ? 2 : 1;
  const side = grid.boxed ? 3 : 2;
  const y1 = grid.y(from.row);
  const y2 = grid.y(to.row);
  const x = grid.left + edge.x;
  const start = grid.left + from.x;
  const goal = grid.left + to.x;
  const on = findEdge(edge.from, edge.to)?.on ?? '';
  if (edge.shape === 'down') {
    canvas.stroke(
      [
        [x, y1 + gap - 1],
        [x, y2 - gap],
      ],
      look,
    );
    canvas.text(x, y2 - gap, GLYPHS.down, look);
    return { on, look, from: x, to: x, y: y2 - gap, down: y1 + gap };
  }
  const rightward = edge.shape === 'side' ? goal > start : goal > x;
  const end = rightward ? goal - side : goal + to.state.length + side - 1;
  const run: Point[] =
    edge.shape === 'side'
      ? [[rightward ? start + from.state.length + side - 1 : start - side, y2]]
      : [
          [x, y1 + gap - 1],
          [x, y2],
        ];
  canvas.stroke([...run, [end, y2]], look);
  canvas.text(end, y2, rightward ? GLYPHS.right : GLYPHS.left, look);
  const first = (run.at(-1) as Point)[0];
  if (edge.shape === 'side') canvas.text(first, y2, '─', look);
  return { on, look, from: Math.min(first, end), to: Math.max(first, end), y: y2, down: undefined };
}

/** The words of an edge, as many as have room: `rcv FIN / snd ACK`, else `rcv FIN`. */
function fitting(on: string, room: number): string {
  const [short = ''] = on.split(' / ');
  if (on.length <= room) return on;
  return short.length <= room ? short : '';
}

function acrossLabel(canvas: Canvas, { on, look, from, to, y }: Label): void {
  const text = fitting(on, to - from - 4);
  if (text === '') return;
  canvas.text(from + 1 + Math.floor((to - from - text.length - 2) / 2), y, ` ${text} `, look);
}

/** Beside the line, in the lowest row where there is room; in two rows if it has two parts. */
function downLabel(canvas: Canvas, { on, look, from: x, y, down = y }: Label): void {
  const parts = on.split(' / ');
  const height = y - down >= parts.length ? parts.length : 1;
  const shown = parts.slice(0, height);
  const fits = (top: number): boolean =>
    shown.every((part, i) => isFree(canvas, x + 1, top + i, part.length + 2));
  let top = y - height + 1;
  while (top > down && !fits(top)) top -= 1;
  if (!fits(top)) return;
  for (const [i, part] of shown.entries()) canvas.text(x + 2, top + i, part, look);
}

function isFree(canvas: Canvas, x: number, y: number, length: number): boolean {
  for (let i = 0; i < length; i += 1) if (!canvas.isFree(x + i, y)) return false;
  return true;
}

function drawNode(canvas: Canvas, grid: Grid, node: Node, scene: Scene, moment: Moment): void {
  const { theme } = scene;
  const x = grid.left + node.x;
  const y = grid.y(node.row);
  const here = isHere(node, moment.state, moment);
  const peer = moment.peer !== undefined && isHere(node, moment.peer, moment);
  const been = moment.visited.has(node.state) && (node.state !== 'CLOSED' || !node.end || here);
  const look = theme.state[node.state];
  const base = been ? look : restyle(theme.faint, { fg: look.fg });
  const name = here ? restyle(look, { inverse: true, bold: true, dim: false }) : base;
  if (grid.boxed) {
    const frame = here ? restyle(look, { dim: false }) : been ? look : theme.faint;
    const right = x + node.state.length + 1;
    canvas.text(x - 2, y - 1, ' '.repeat(node.state.length + 4));
    canvas.text(x - 2, y, ' '.repeat(node.state.length + 4));
    canvas.text(x - 2, y + 1, ' '.repeat(node.state.length + 4));
    canvas.text(x - 2, y - 1, `╭${'─'.repeat(right - x + 1)}╮`, frame);
    canvas.text(x - 2, y + 1, `╰${'─'.repeat(right - x + 1)}╯`, frame);
    canvas.text(x - 2, y, '│', frame);
    canvas.text(right, y, '│', frame);
  }
  canvas.text(x, y, node.state, name);
  if (here) canvas.text(x - 1, y, GLYPHS.self, theme.cursor);
  if (peer) canvas.text(x + node.state.length, y, GLYPHS.peer, theme.focus);
}

/** CLOSED is the upper one before a connection lived, the lower one after. */
function isHere(node: Node, state: State, moment: Moment): boolean {
  if (node.state !== state) return false;
  if (state !== 'CLOSED') return true;
  return (node.end === true) === moment.visited.size > 0;
}

function noteLines({ theme }: Scene, moment: Moment, width: number): string[] {
  const key: Span[] = [
    ' ',
    [GLYPHS.self, theme.cursor],
    [` ${moment.name} `, theme.plain],
    [moment.state, theme.state[moment.state]],
  ];
  if (moment.peer !== undefined) {
    key.push([`   ${GLYPHS.peer}`, theme.focus], ` ${moment.peerName} `, [
      moment.peer,
      theme.state[moment.peer],
    ]);
  }
  return [line(width, key), takenLine(theme, moment, width)];
}

function takenLine(theme: Theme, moment: Moment, width: number): string {
  const own = moment.taken !== undefined;
  const step = moment.taken ?? moment.peerTaken;
  if (step === undefined) {
    const who = moment.peer === undefined ? `${moment.name} takes no` : 'neither end takes an';
    return line(width, [[` ${who} edge of the diagram by this event`, theme.faint]]);
  }
  const { says, source } = RULES[step.rule];
  const way = path(step);
  // An edge to CLOSED has several reasons: the rule tells which.
  const edge = findEdge(way.at(-2) as State, step.after);
  const why = step.after === 'CLOSED' ? says : (edge?.on ?? says);
  const who = own ? moment.name : moment.peerName;
  return line(width, [
    [` ${who}: ${way.join(' → ')}`, own ? theme.taken : theme.focus],
    `  ${why}  `,
    [source, theme.source],
  ]);
}

/** For a pane too small for the drawing. */
function listLines({ theme }: Scene, moment: Moment, width: number, height: number): string[] {
  const states = [...new Set(NODES.map((node) => node.state))];
  const lines = states.map((state) =>
    line(width, [
      ' ',
      state === moment.state ? [GLYPHS.self, theme.cursor] : ' ',
      state === moment.peer ? [GLYPHS.peer, theme.focus] : ' ',
      ' ',
      [
        state.padEnd(14),
        moment.visited.has(state) || state === moment.state ? theme.state[state] : theme.faint,
      ],
      [
        DRAWN.filter((edge) => edge.from === state)
          .map((edge) => `→ ${edge.to}`)
          .join('  '),
        theme.faint,
      ],
    ]),
  );
  return exactly(lines, width, Math.max(0, height));
}
