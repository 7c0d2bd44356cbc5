/** Rows of an experiment as a table for the eye. */
import type { Row } from './engine.ts';
import { oneLine } from './terminal.ts';

type Cell = number | string | boolean;

/** What was varied, then what was measured. */
function columnsOf(rows: readonly Row[]): string[] {
  const { point = {}, values = {} } = rows[0] ?? {};
  return [...Object.keys(point), ...Object.keys(values)].map(oneLine);
}

function cellsOf({ point, values }: Row): Cell[] {
  return [...Object.values(point), ...Object.values(values)];
}

/** Numbers to the right, at most three decimals. */
export function tableOf(rows: readonly Row[]): string {
  const heads = columnsOf(rows);
  const body = rows.map(cellsOf);
  const texts = body.map((cells) => cells.map(shown));
  const widths = heads.map((head, i) =>
    Math.max(head.length, ...texts.map((cells) => cells[i]?.length ?? 0)),
  );
  const right = heads.map((_, i) => body.every((cells) => typeof cells[i] === 'number'));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (right[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width));
  return `${[heads, rule, ...texts].map(line).join('\n')}\n`;
}

function shown(cell: Cell): string {
  if (typeof cell !== 'number' || Number.isInteger(cell)) return oneLine(String(cell));
  return String(Number(cell.toFixed(3)));
}
