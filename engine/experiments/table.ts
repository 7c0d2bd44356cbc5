/** Results as text: a row per point for a spreadsheet, a row per sample for a plot, or JSON. */
import type { Row, Value } from './experiment.ts';

/** One line per point: what was varied, then what was measured. */
export function toCsv(rows: readonly Row[]): string {
  const names = columns(rows.map(({ point, values }) => ({ ...point, ...values })));
  const lines = rows.map(({ point, values }) => {
    const cells: Record<string, Value> = { ...point, ...values };
    return names.map((name) => cell(cells[name])).join(',');
  });
  return text([names.map(cell).join(','), ...lines]);
}

/** One line per sample and point: what was varied, the time in seconds, each series. */
export function seriesToCsv(rows: readonly Row[]): string {
  const axes = columns(rows.map(({ point }) => point));
  const names = columns(rows.map(({ series }) => series));
  const lines = rows.flatMap(({ point, series, every }) => {
    const lengths = Object.values(series).map((values) => values.length);
    return Array.from({ length: Math.max(0, ...lengths) }, (_, i) => {
      const values = names.map((name) => cell(series[name]?.[i]));
      const at = cell((i * every) / 1_000_000);
      return [...axes.map((axis) => cell(point[axis])), at, ...values].join(',');
    });
  });
  return text([[...axes, 'time_s', ...names].map(cell).join(','), ...lines]);
}

export function toJson(rows: readonly Row[]): string {
  const plain = rows.map(({ point, values, every, series }) => ({
    point,
    values,
    every_us: every,
    series,
  }));
  return `${JSON.stringify(plain, null, 2)}\n`;
}

function columns(records: readonly Readonly<Record<string, unknown>>[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}

/** Quoted where a comma, a quote or an end of line is in it (RFC 4180 §2). */
function cell(value: Value | undefined): string {
  const written = value === undefined ? '' : String(value);
  return /[",\r\n]/.test(written) ? `"${written.replaceAll('"', '""')}"` : written;
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
