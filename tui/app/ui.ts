/**
 * The whole state of the dashboard as one value, and the actions there are.
 *
 * The log itself is no part of it: `data` answers what it holds at a position. So a state is a
 * small record that a test can write down, and the same actions give the same screen.
 */

import { type Micros, STATES, type State } from '../../engine/index.ts';
import type { Data } from './data.ts';
import type { OrderSpec } from './order.ts';
import type { Column, ConnId } from './table.ts';

export const OVERVIEW = [
  'connections',
  'states',
  'chart',
  'events',
  'explanation',
  'ports',
] as const;
export const CONNECTION = ['diagram', 'ladder', 'variables', 'events', 'explanation'] as const;
export type Pane = (typeof OVERVIEW)[number] | (typeof CONNECTION)[number];
export type Scrolling = Pane | 'help';
export type View = 'overview' | 'connection';
export const PANES: Readonly<Record<View, readonly Pane[]>> = {
  overview: OVERVIEW,
  connection: CONNECTION,
};

export type Prompt = {
  readonly kind: 'filter' | 'goto' | 'mark' | 'jump';
  readonly text: string;
  /** Why the text so far is not accepted; '' where it is. */
  readonly error: string;
  /** The filter before, to go back to. */
  readonly before: string;
  /** How many answers back the text is from; 0: it is typed. */
  readonly back: number;
  /** What was typed before an earlier answer was taken up. */
  readonly typed: string;
};

export type Ui = {
  /** Events applied; the current event is the one before. */
  readonly n: number;
  /** Virtual time on screen: that of the current event, or later while time plays. */
  readonly now: Micros;
  readonly playing: boolean;
  readonly pace: 'events' | 'time';
  readonly speed: Readonly<Record<'events' | 'time', number>>;
  /** What of the way the log opens was chosen by hand: the rest follows the length of the log. */
  readonly chosen: Partial<Opening>;
  /** A part of an event that playing has not yet come to. */
  readonly carry: number;
  readonly view: View;
  readonly focus: Readonly<Record<View, Pane>>;
  readonly zoomed: boolean;
  readonly help: boolean;
  readonly selected: ConnId | null;
  readonly follow: boolean;
  readonly column: Column;
  readonly reversed: boolean;
  readonly filter: string;
  readonly all: boolean;
  /** Position for which the table was last put in order, and the ports counted. */
  readonly tableAt: number;
  /** For how long it has played since then, ms. */
  readonly stale: number;
  readonly prompt: Prompt | null;
  readonly chartState: State;
  /** -1: all hosts. */
  readonly chartHost: number;
  readonly absolute: boolean;
  readonly diff: boolean;
  readonly scroll: Readonly<Partial<Record<Scrolling, number>>>;
  readonly marks: Readonly<Record<string, Place>>;
  /** What was asked for before, the newest last. */
  readonly asked: Readonly<Record<'filter' | 'goto', readonly string[]>>;
  /** The condition that was sought last, as text; '': none. */
  readonly sought: string;
  readonly past: readonly Place[];
  readonly future: readonly Place[];
  readonly message: string;
  /** How often all was asked to be drawn again. */
  readonly redraws: number;
  /** The shell has the terminal. */
  readonly suspended: boolean;
  readonly quit: boolean;
};

/** A moment to come back to, which may lie between two events. */
export type Place = Pick<Ui, 'n' | 'now'>;

/** How a log opens, as its length wants it. */
export type Opening = Pick<Ui, 'pace' | 'speed' | 'all' | 'chartState'>;

export type Direction = 1 | -1;

export type Action =
  | { readonly type: 'step'; readonly by: number }
  | {
      readonly type: 'stepConn' | 'stepTransition' | 'edge' | 'cycle' | 'again';
      readonly by: Direction;
    }
  /** In the focused pane, or in another. */
  | { readonly type: 'row'; readonly by: number; readonly pane?: Pane }
  /** An earlier (-1) answer in a prompt, or a later one. */
  | { readonly type: 'recall'; readonly by: Direction }
  | { readonly type: 'speed'; readonly by: Direction }
  | { readonly type: 'tick'; readonly ms: number }
  | { readonly type: 'pane'; readonly index: number }
  | { readonly type: 'focus'; readonly pane: Pane }
  | { readonly type: 'seek'; readonly fraction: number }
  | { readonly type: 'goto'; readonly n: number }
  /** A pane is scrolled further than to its last line. */
  | { readonly type: 'past'; readonly pane: Scrolling; readonly last: number }
  | { readonly type: 'ask'; readonly kind: Prompt['kind'] }
  | { readonly type: 'type'; readonly text: string }
  | { readonly type: Plain };

type Plain =
  | 'play'
  | 'pace'
  | 'open'
  | 'back'
  | 'sort'
  | 'reverse'
  | 'all'
  | 'chartState'
  | 'chartHost'
  | 'zoom'
  | 'diff'
  | 'absolute'
  | 'peer'
  | 'follow'
  | 'undo'
  | 'redo'
  | 'help'
  | 'redraw'
  | 'grown'
  | 'leave'
  | 'suspend'
  | 'resume'
  | 'erase'
  | 'clear'
  | 'accept'
  | 'cancel'
  | 'quit';

export const EVENT_SPEEDS = [1, 2, 5, 10, 25, 100, 500, 2_500, 10_000, 50_000];
export const TIME_SPEEDS = [0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 100, 500];
/** Logs up to this length are read as stories, event by event. */
const STORY_EVENTS_MAX = 2_000;
const ALL_CONNS_MAX = 40;

export function initial(data: Data, start = 0): Ui {
  const n = Math.max(0, Math.min(start, data.length));
  return {
    ...opening(data),
    chosen: {},
    n,
    now: n > 0 ? data.timeline.timeOf(n - 1) : 0,
    playing: false,
    carry: 0,
    view: 'overview',
    focus: { overview: 'connections', connection: 'diagram' },
    zoomed: false,
    help: false,
    selected: openerOf(data),
    follow: false,
    column: 'id',
    reversed: false,
    filter: '',
    tableAt: n,
    stale: 0,
    prompt: null,
    chartHost: -1,
    absolute: false,
    diff: true,
    scroll: {},
    marks: {},
    asked: { filter: [], goto: [] },
    sought: '',
    past: [],
    future: [],
    message: '',
    redraws: 0,
    suspended: false,
    quit: false,
  };
}

export function opening(data: Data): Opening {
  const story = data.length <= STORY_EVENTS_MAX;
  return {
    pace: story ? 'events' : 'time',
    speed: { events: 1, time: timeSpeedFor(data.end) },
    all: story && data.timeline.biographies().length <= ALL_CONNS_MAX,
    chartState: chartStateFor(data),
  };
}

/** Slices of the log that are looked at for what it is about. */
const SLICES = 64;

/** TIME-WAIT, or where none is ever seen in it, the state in which connections are longest. */
function chartStateFor(data: Data): State {
  const weight = (state: State): number =>
    data.series(-1, state, SLICES).reduce((sum, count) => sum + count, 0);
  if (weight('TIME-WAIT') > 0) return 'TIME-WAIT';
  const open = STATES.filter((state) => state !== 'CLOSED' && state !== 'LISTEN');
  const weights = open.map(weight);
  const most = Math.max(...weights);
  return most > 0 ? (open[weights.indexOf(most)] as State) : 'TIME-WAIT';
}

/** The connection that a story is about, where all that take part are listed. */
export function openerOf(data: Data): ConnId | null {
  const known = opening(data).all ? data.timeline.biographies() : [];
  const opener = known.find((one) => one.remotePort > 0) ?? known[0];
  return opener === undefined ? null : { host: opener.host, conn: opener.conn };
}

/** Takes what was chosen by hand: a log that grows does not change it. */
export function choose(ui: Ui, chosen: Partial<Opening>): Ui {
  return { ...ui, ...chosen, chosen: { ...ui.chosen, ...chosen } };
}

/** As the clock runs; slower for a log that would be over at once. */
function timeSpeedFor(end: Micros): number {
  const found = TIME_SPEEDS.findIndex((speed) => end / 1e6 / speed <= 40);
  const real = TIME_SPEEDS.indexOf(1);
  return found < 0 ? real : Math.min(found, real);
}

export function focusOf(ui: Ui): Pane {
  return ui.focus[ui.view];
}

export function orderSpec(ui: Ui): OrderSpec {
  const { tableAt: n, filter, column, reversed, all } = ui;
  return { n, filter, column, reversed, all };
}

export function speedOf(ui: Ui): number {
  const speeds = ui.pace === 'events' ? EVENT_SPEEDS : TIME_SPEEDS;
  return speeds[ui.speed[ui.pace]] ?? 1;
}
