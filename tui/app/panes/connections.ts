/** The table of connections. Only the rows that are seen are filled. */
import type { Micros } from '../../../engine/index.ts';
import { stateText } from '../filter.ts';
import { fitName, localText, remoteText } from '../names.ts';
import { orderOf, standsAt } from '../order.ts';
import { COLUMNS, type Column, type Row, rowOf, sameId } from '../table.ts';
import { cutStart, exactly, line, pad, type Span } from '../term/line.ts';
import { onSelected } from '../theme.ts';
import { orderSpec } from '../ui.ts';
import type { Scene, View } from './pane.ts';

type Shown = {
  readonly column: Column;
  readonly width: number;
  readonly right: boolean;
  readonly text: (row: Row, width: number, now: Micros) => string;
};

const TIMER_WORDS: Readonly<Record<string, string>> = {
  // The state beside it says so already.
  'TIME-WAIT': '',
  RETRANSMISSION: 'RTX',
  'DELAYED-ACK': 'DELACK',
  'KEEP-ALIVE': 'KEEPALIVE',
};

/** Shorter than `formatTime`: a table shows how long about. */
export function about(us: Micros): string {
  if (us < 0) return '';
  if (us < 1_000) return `${us} µs`;
  // Each unit as far as its last value does not round up to the next one.
  if (us < 999_500) return `${(us / 1_000).toFixed(us < 9_950 ? 1 : 0)} ms`;
  return us < 99_950_000 ? `${(us / 1e6).toFixed(1)} s` : `${Math.round(us / 1e6)} s`;
}

/** Nearly all times have room in it: they stand below each other, whatever is said behind them. */
const TIME_CELLS = 6;

/** The time, and where there is room which timer it is. */
function timerText(row: Row, width: number, now: Micros): string {
  if (row.timer === '') return '';
  const left = about(Math.max(0, row.expiresAt - now)).padStart(TIME_CELLS);
  const full = `${left} ${TIMER_WORDS[row.timer] ?? row.timer}`.trimEnd();
  return full.length <= width ? full : left;
}

/** What is shown where there is room after what tells connections apart, in this order. */
const EXTRAS: readonly Shown[] = [
  {
    column: 'age',
    width: 8,
    right: true,
    text: (row, _, now) => (row.live ? about(Math.max(0, now - row.changedAt)) : ''),
  },
  { column: 'recv-q', width: 7, right: true, text: (row) => count(row, row.receiveQueue) },
  { column: 'send-q', width: 7, right: true, text: (row) => count(row, row.sendQueue) },
  { column: 'rto', width: 8, right: true, text: (row) => (row.rto ? about(row.rto) : '') },
  { column: 'cwnd', width: 7, right: true, text: (row) => (row.cwnd ? `${row.cwnd}` : '') },
];

/** The local socket: where there is little room its port alone, for the id names the host. */
function localColumn(width: number): Shown {
  const room = addressWidth(width);
  if (room === 0) {
    return { column: 'local', width: 6, right: false, text: (row) => `:${row.localPort}` };
  }
  return {
    column: 'local',
    width: room,
    right: false,
    // Of an address that is cut, the end tells more: the port, and what hosts of a net differ in.
    text: (row, w) => cutStart(localText(row), w),
  };
}

function addressWidth(width: number): number {
  if (width >= 118) return width >= 140 ? 24 : 22;
  if (width >= 76) return 17;
  return width >= 70 ? 15 : 0;
}

/** As many as have room, the most important first; that which is sorted by is always among them. */
function columnsFor(width: number, sorted: Column): readonly Shown[] {
  const wide = width >= 118;
  const timer = width >= 80 ? 14 : width >= 64 ? 12 : 10;
  const remote = addressWidth(width) || (width < 58 ? 14 : 16);
  const all: readonly Shown[] = [
    {
      column: 'id',
      width: wide ? 14 : width >= 64 ? 11 : 10,
      right: false,
      text: (row, w) => fitName(row.name, w),
    },
    {
      column: 'state',
      width: 12,
      right: false,
      text: stateText,
    },
    {
      column: 'remote',
      width: remote,
      right: false,
      text: (row, w) => cutStart(remoteText(row), w),
    },
    { column: 'timer', width: timer, right: false, text: timerText },
    localColumn(width),
    ...EXTRAS,
  ];
  const first = (one: Shown): boolean => one.column === 'id' || one.column === sorted;
  const shown: Shown[] = [];
  let room = width - 1;
  for (const one of [...all.filter(first), ...all.filter((other) => !first(other))]) {
    if (one.width + 1 > room) break;
    room -= one.width + 1;
    shown.push(one);
  }
  return shown.sort((a, b) => COLUMNS.indexOf(a.column) - COLUMNS.indexOf(b.column));
}

const count = (row: Row, value: number): string => (row.live ? String(value) : '');

export const connections: View = (scene, width, height) => {
  const { ui, data, theme } = scene;
  const shown = columnsFor(width, ui.column);
  const order = orderOf(data, orderSpec(ui));
  const rows = Math.max(0, height - 1);
  // The selected row stands in the middle where there are rows enough on both sides.
  const { at } = standsAt(data, orderSpec(ui), ui.selected);
  const top = Math.max(0, Math.min(at - Math.floor(rows / 2), order.ids.length - rows));
  const lines = [titles(scene, shown, width)];
  for (const id of order.ids.slice(top, top + rows)) {
    const row = rowOf(data, ui.n, id);
    lines.push(rowLine(row, shown, width, scene, sameId(id, ui.selected)));
  }
  if (order.ids.length === 0) lines.push(line(width, [[` ${nothing(scene)}`, theme.faint]]));
  return exactly(lines, width, height);
};

function nothing({ ui, data }: Scene): string {
  if (data.length === 0) return `the log has no event${data.growing ? ' so far' : ''}`;
  if (ui.filter !== '') return 'no connection passes the filter';
  return ui.n === 0 ? 'no connection yet: → steps, Space plays' : 'no connection at this moment';
}

function titles({ ui, theme }: Scene, shown: readonly Shown[], width: number): string {
  const spans = shown.flatMap(({ column, width: w, right }): Span[] => {
    const arrow = column === ui.column ? (ui.reversed ? '▴' : '▾') : '';
    const text = pad(`${column}${arrow}`, w, right ? 'right' : 'left');
    return [[text, column === ui.column ? theme.focus : theme.faint], ' '];
  });
  return line(width, [' ', ...spans]);
}

function rowLine(
  row: Row,
  shown: readonly Shown[],
  width: number,
  { ui, theme }: Scene,
  selected: boolean,
): string {
  const base = onSelected(row.live ? theme.plain : theme.faint, selected);
  const spans = shown.flatMap(({ column, width: w, right, text }): Span[] => {
    const style =
      row.live && (column === 'state' || (column === 'timer' && row.timer === 'TIME-WAIT'))
        ? onSelected(theme.state[row.state], selected)
        : base;
    return [
      [pad(text(row, w, ui.now), w, right ? 'right' : 'left'), style],
      [' ', base],
    ];
  });
  return line(width, [[selected ? '›' : ' ', base], ...spans], base);
}

/** For the frame: how many there are, and by what they are chosen. */
export function connectionsTitle({ ui, data }: Scene): string {
  const { ids, total } = orderOf(data, orderSpec(ui));
  const filter = ui.filter.trim() === '' ? '' : ` of ${total}, filter ${ui.filter}`;
  return `connections ${ids.length}${filter}${ui.all ? ', past and future too' : ''}`;
}
