/** The table of connections. Only the rows that are seen are filled. */
import type { Micros } from '../../../engine/index.ts';
import {
  type Column,
  type ConnId,
  indexOf,
  localText,
  orderOf,
  type Row,
  remoteText,
  rowOf,
  sameId,
} from '../table.ts';
import { exactly, line, pad, type Span } from '../term/line.ts';
import { onSelected, type Theme } from '../theme.ts';
import { orderSpec } from '../ui.ts';
import type { Scene, View } from './pane.ts';

type Shown = {
  readonly column: Column;
  readonly width: number;
  readonly right: boolean;
  readonly text: (row: Row) => string;
};

const TIMER_WORDS: Readonly<Record<string, string>> = {
  RETRANSMISSION: 'RETRANS',
  'DELAYED-ACK': 'DELACK',
  'KEEP-ALIVE': 'KEEPALIVE',
};

/** Shorter than `formatTime`: a table shows how long about. */
export function about(us: Micros): string {
  if (us < 0) return '';
  if (us < 1_000) return `${us} µs`;
  if (us < 1_000_000) return `${(us / 1_000).toFixed(us < 10_000 ? 1 : 0)} ms`;
  return us < 1_000_000_000 ? `${(us / 1e6).toFixed(1)} s` : `${Math.round(us / 1e6)} s`;
}

function timerText(row: Row): string {
  return row.timer === '' ? '' : `${TIMER_WORDS[row.timer] ?? row.timer} ${about(row.left)}`;
}

function columnsFor(width: number): readonly Shown[] {
  const wide = width >= 118;
  const address = width >= 140 ? 24 : wide ? 22 : width >= 76 ? 17 : 0;
  const all: (Shown | undefined)[] = [
    { column: 'id', width: wide ? 14 : 11, right: false, text: (row) => row.name },
    {
      column: 'state',
      width: 12,
      right: false,
      text: (row) => (row.live ? row.state : row.absent),
    },
    address > 0 ? { column: 'local', width: address, right: false, text: localText } : undefined,
    { column: 'remote', width: Math.max(17, address), right: false, text: remoteText },
    wide
      ? { column: 'recv-q', width: 7, right: true, text: (row) => count(row, row.receiveQueue) }
      : undefined,
    wide
      ? { column: 'send-q', width: 7, right: true, text: (row) => count(row, row.sendQueue) }
      : undefined,
    { column: 'timer', width: 16, right: false, text: timerText },
    wide
      ? { column: 'age', width: 8, right: true, text: (row) => (row.live ? about(row.age) : '') }
      : undefined,
    wide
      ? { column: 'rto', width: 8, right: true, text: (row) => (row.rto ? about(row.rto) : '') }
      : undefined,
    wide && width >= 130
      ? { column: 'cwnd', width: 7, right: true, text: (row) => (row.cwnd ? `${row.cwnd}` : '') }
      : undefined,
  ];
  return all.filter((one) => one !== undefined);
}

const count = (row: Row, value: number): string => (row.live ? String(value) : '');

export const connections: View = (scene, width, height) => {
  const { ui, data, theme } = scene;
  const shown = columnsFor(width);
  const order = orderOf(data, orderSpec(ui));
  const rows = Math.max(0, height - 1);
  const top = firstRow(order.ids, ui.selected, rows);
  const lines = [titles(scene, shown, width)];
  for (const id of order.ids.slice(top, top + rows)) {
    const row = rowOf(data, ui.n, id, ui.now);
    lines.push(rowLine(row, shown, width, theme, sameId(id, ui.selected)));
  }
  if (order.ids.length === 0) lines.push(line(width, [[` ${nothing(scene)}`, theme.faint]]));
  return exactly(lines, width, height);
};

function nothing({ ui }: Scene): string {
  if (ui.filter !== '') return 'no connection passes the filter';
  return ui.n === 0 ? 'no connection yet: → steps, Space plays' : 'no connection at this moment';
}

/** The selected row stands in the middle where there are rows enough on both sides. */
function firstRow(ids: readonly ConnId[], selected: ConnId | null, rows: number): number {
  const at = indexOf(ids, selected);
  return Math.max(0, Math.min(at - Math.floor(rows / 2), ids.length - rows));
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
  theme: Theme,
  selected: boolean,
): string {
  const base = onSelected(row.live ? theme.plain : theme.faint, selected);
  const spans = shown.flatMap(({ column, width: w, right, text }): Span[] => {
    const style =
      row.live && (column === 'state' || (column === 'timer' && row.timer === 'TIME-WAIT'))
        ? onSelected(theme.state[row.state], selected)
        : base;
    return [
      [pad(text(row), w, right ? 'right' : 'left'), style],
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
