/** What each action makes of the state of the dashboard. */

import { STATES, type State } from '../../engine/index.ts';
import type { Data } from './data.ts';
import { orderOf, standsAt } from './order.ts';
import { again, ask, reducePrompt } from './prompt.ts';
import { COLUMNS, type ConnId, indexOf } from './table.ts';
import {
  moveTo,
  peerOf,
  placeOf,
  play,
  seek,
  step,
  stepConn,
  stepTransition,
  tick,
  withSelection,
} from './travel.ts';
import {
  type Action,
  choose,
  type Direction,
  EVENT_SPEEDS,
  focusOf,
  openerOf,
  opening,
  orderSpec,
  PANES,
  type Pane,
  type Scrolling,
  TIME_SPEEDS,
  type Ui,
} from './ui.ts';

export function reduce(before: Ui, action: Action, data: Data): Ui {
  if (action.type === 'grown') return grown(before, data);
  const terminal = reduceTerminal(before, action);
  if (terminal !== undefined) return terminal;
  if (before.prompt !== null) return reducePrompt(before, before.prompt, action, data);
  const quiet = action.type === 'tick' || action.type === 'past' || before.message === '';
  const ui = quiet ? before : { ...before, message: '' };
  const after = ui.help ? reduceHelp(ui, action, data) : reduceMove(ui, action, data);
  return withSelection(after, data);
}

/** What is about the terminal is the same whatever the screen shows. */
function reduceTerminal(ui: Ui, action: Action): Ui | undefined {
  switch (action.type) {
    case 'redraw':
      return { ...ui, redraws: ui.redraws + 1 };
    case 'suspend':
      return { ...ui, playing: false, suspended: true };
    case 'resume':
      return { ...ui, suspended: false, redraws: ui.redraws + 1 };
    case 'quit':
      return { ...ui, quit: true };
    default:
      return undefined;
  }
}

/** While the keys are shown, they do nothing to the screen beneath. */
function reduceHelp(ui: Ui, action: Action, data: Data): Ui {
  switch (action.type) {
    case 'row':
      return scroll(ui, action.by, 'help');
    case 'edge':
      return scroll(ui, action.by * 999, 'help');
    case 'help':
    case 'open':
    case 'back':
    case 'leave':
      return { ...ui, help: false };
    case 'seek':
    case 'tick':
      return reduceMove(ui, action, data);
    case 'past':
      return reduceLook(ui, action, data);
    default:
      return ui;
  }
}

function reduceMove(ui: Ui, action: Action, data: Data): Ui {
  switch (action.type) {
    case 'step':
      return step(ui, data, action.by);
    case 'stepConn':
      return stepConn(ui, data, action.by);
    case 'stepTransition':
      return stepTransition(ui, data, action.by);
    case 'again':
      return again(ui, data, action.by);
    case 'edge':
      return seek(ui, data, action.by < 0 ? 0 : 1);
    case 'seek':
      return seek(ui, data, action.fraction);
    case 'goto':
      return moveTo(ui, data, action.n, true);
    case 'tick':
      return tick(ui, data, action.ms);
    case 'play':
      return play(ui, data);
    case 'undo':
      return backInHistory(ui, data);
    case 'redo':
      return forwardInHistory(ui, data);
    case 'row':
      return moveRow(ui, data, action.by, action.pane ?? focusOf(ui));
    default:
      return reduceLook(ui, action, data);
  }
}

/** More of the log is there: what nobody chose is what it would be had all been there at once. */
function grown(ui: Ui, data: Data): Ui {
  const now: Ui = { ...ui, ...opening(data), ...ui.chosen };
  const opens = ui.n === 0 && (ui.selected === null || now.all !== ui.all);
  return opens ? { ...now, selected: openerOf(data) } : now;
}

/** Actions that change what is shown, not where in the log we are. */
function reduceLook(ui: Ui, action: Action, data: Data): Ui {
  switch (action.type) {
    case 'speed':
      return changeSpeed(ui, action.by);
    case 'pace':
      return { ...choose(ui, { pace: ui.pace === 'events' ? 'time' : 'events' }), carry: 0 };
    case 'cycle':
      return cycleFocus(ui, action.by);
    case 'pane':
      return focusOn(ui, PANES[ui.view][action.index - 1]);
    case 'focus':
      return focusOn(ui, action.pane);
    case 'ask':
      return ask(ui, action.kind);
    case 'open':
      return open(ui, data);
    case 'back':
      return back(ui);
    case 'sort':
      return { ...ui, column: next(COLUMNS, ui.column), reversed: false };
    case 'reverse':
      return { ...ui, reversed: !ui.reversed };
    case 'all':
      return choose(ui, { all: !ui.all });
    case 'chartState':
      return choose(ui, { chartState: next(STATES, ui.chartState) });
    case 'chartHost':
      return {
        ...ui,
        chartHost: ui.chartHost + 1 >= data.hosts.length ? -1 : ui.chartHost + 1,
      };
    case 'zoom':
      return { ...ui, zoomed: !ui.zoomed };
    case 'diff':
      return { ...ui, diff: !ui.diff };
    case 'absolute':
      return { ...ui, absolute: !ui.absolute };
    case 'peer':
      return followPeer(ui, data);
    case 'follow':
      return { ...ui, follow: !ui.follow };
    case 'help':
      return { ...ui, help: true, scroll: { ...ui.scroll, help: 0 } };
    case 'past':
      return { ...ui, scroll: { ...ui.scroll, [action.pane]: action.last } };
    case 'leave':
      return { ...ui, quit: true };
    default:
      return ui;
  }
}

function next<T>(values: readonly T[], now: T): T {
  return values[(values.indexOf(now) + 1) % values.length] as T;
}

function changeSpeed(ui: Ui, by: Direction): Ui {
  const speeds = ui.pace === 'events' ? EVENT_SPEEDS : TIME_SPEEDS;
  const changed = Math.max(0, Math.min(speeds.length - 1, ui.speed[ui.pace] + by));
  return choose(ui, { speed: { ...ui.speed, [ui.pace]: changed } });
}

function focusOn(ui: Ui, pane: Pane | undefined): Ui {
  if (pane === undefined || !PANES[ui.view].includes(pane)) return ui;
  return { ...ui, focus: { ...ui.focus, [ui.view]: pane } };
}

function cycleFocus(ui: Ui, by: Direction): Ui {
  const panes = PANES[ui.view];
  const at = panes.indexOf(focusOf(ui));
  return focusOn(ui, panes[(at + by + panes.length) % panes.length]);
}

/** Opens the selected connection; from the list, only what is seen there. */
function open(ui: Ui, data: Data): Ui {
  if (ui.view === 'connection') return ui;
  const { ids } = orderOf(data, orderSpec(ui));
  if (focusOf(ui) !== 'connections' || indexOf(ids, ui.selected) >= 0) {
    if (ui.selected === null) return { ...ui, message: 'no connection is selected' };
    return { ...ui, view: 'connection' };
  }
  const [only, second] = ids;
  if (only === undefined)
    return { ...ui, message: 'the list is empty: a lists all, Esc unfilters' };
  if (second === undefined) return { ...ui, view: 'connection', selected: only };
  if (ui.selected === null) return { ...ui, message: 'no connection is selected' };
  const name = `${data.hosts[ui.selected.host]}#${ui.selected.conn}`;
  return { ...ui, message: `${name} is not in the list: ↓ selects a row, a lists all` };
}

/** Closes what was opened last. */
function back(ui: Ui): Ui {
  if (ui.zoomed) return { ...ui, zoomed: false };
  if (ui.view === 'connection') return { ...ui, view: 'overview' };
  if (ui.filter !== '') return { ...ui, filter: '' };
  return ui;
}

function followPeer(ui: Ui, data: Data): Ui {
  const peer = peerOf(data, ui.selected);
  if (peer === null) return { ...ui, message: 'the other end is not in the log' };
  return { ...ui, selected: peer };
}

function backInHistory(ui: Ui, data: Data): Ui {
  const to = ui.past.at(-1);
  if (to === undefined) return { ...ui, message: 'no jump to go back to' };
  const moved = moveTo(ui, data, to.n, false, to.now);
  return { ...moved, past: ui.past.slice(0, -1), future: [...ui.future, placeOf(ui)] };
}

function forwardInHistory(ui: Ui, data: Data): Ui {
  const to = ui.future.at(-1);
  if (to === undefined) return { ...ui, message: 'no jump to go forward to' };
  const moved = moveTo(ui, data, to.n, false, to.now);
  return { ...moved, past: [...ui.past, placeOf(ui)], future: ui.future.slice(0, -1) };
}

/** Up and down mean what a pane is about. */
function moveRow(ui: Ui, data: Data, by: number, pane: Pane): Ui {
  const direction = by < 0 ? -1 : 1;
  switch (pane) {
    case 'connections':
      return selectRow(ui, data, by);
    case 'events':
      return step(ui, data, by);
    case 'ladder':
      return stepConn(ui, data, direction, Math.abs(by), true);
    case 'diagram':
      return stepTransition(ui, data, direction, Math.abs(by));
    case 'states':
    case 'chart': {
      const at = Math.max(0, Math.min(STATES.length - 1, STATES.indexOf(ui.chartState) + by));
      return choose(ui, { chartState: STATES[at] as State });
    }
    default:
      return scroll(ui, by, pane);
  }
}

function scroll(ui: Ui, by: number, what: Scrolling): Ui {
  const now = ui.scroll[what] ?? 0;
  return { ...ui, scroll: { ...ui.scroll, [what]: Math.max(0, now + by) } };
}

function selectRow(ui: Ui, data: Data, by: number): Ui {
  const { ids } = orderOf(data, orderSpec(ui));
  if (ids.length === 0) return ui;
  const { at, listed } = standsAt(data, orderSpec(ui), ui.selected);
  // From between two rows the next one down is that which stands there now.
  const to = at + (listed || by < 0 ? by : by - 1);
  return { ...ui, selected: ids[Math.max(0, Math.min(ids.length - 1, to))] as ConnId };
}
