/** Connections in one state over the whole time of the log, with the current moment in it. */
import { countState, formatTime } from '../../../engine/index.ts';
import { exactly, line, pad, type Span } from '../term/line.ts';
import { restyle } from '../term/style.ts';
import type { Scene, View } from './pane.ts';

const BLOCKS = ' ▁▂▃▄▅▆▇█';
const AXIS = 7;

export const chart: View = (scene, width, height) => {
  const { ui, data, theme } = scene;
  const rows = height - 2;
  const columns = width - AXIS - 1;
  const title = titleLine(scene, width);
  if (rows < 1 || columns < 4) return exactly([title], width, height);
  const values = data.series(ui.chartHost, ui.chartState, columns);
  const most = Math.max(1, ...values);
  const at = data.end === 0 ? 0 : Math.min(columns - 1, Math.floor((ui.now / data.end) * columns));
  const look = theme.state[ui.chartState];
  const coming = restyle(look, { bold: false, dim: true });
  const lines = [title];
  for (let row = 0; row < rows; row += 1) {
    const spans: Span[] = [[axisLabel(row, rows, most), theme.faint]];
    let run = '';
    let style = look;
    for (let x = 0; x < columns; x += 1) {
      const cursor = x === at;
      const glyph = glyphOf(values[x] ?? 0, most, row, rows);
      const char = cursor && glyph === ' ' ? '│' : glyph;
      const now = cursor ? theme.cursor : x < at ? look : coming;
      if (now !== style && run !== '') {
        spans.push([run, style]);
        run = '';
      }
      style = now;
      run += char;
    }
    spans.push([run, style]);
    lines.push(line(width, spans));
  }
  lines.push(timeAxis(scene, width, columns));
  return exactly(lines, width, height);
};

function titleLine({ ui, data, theme }: Scene, width: number): string {
  const where = ui.chartHost < 0 ? 'all hosts' : (data.hosts[ui.chartHost] ?? '');
  const now = countState(data.snapshot(ui.n), ui.chartState, ui.chartHost);
  return line(width, [
    ' ',
    [ui.chartState, theme.state[ui.chartState]],
    ` on ${where}: `,
    [String(now), theme.strong],
    ' now',
  ]);
}

/** Labels at the top, the middle and the bottom, each on a tick of the axis. */
function axisLabel(row: number, rows: number, most: number): string {
  const shown = row === 0 || row === rows - 1 || (rows >= 7 && row === Math.floor(rows / 2));
  if (!shown) return `${' '.repeat(AXIS - 1)}│`;
  const value = row === rows - 1 && rows > 1 ? 0 : Math.round(most * (1 - row / rows));
  // Of few connections the middle may be none: a whole number that the top bears already.
  if (row > 0 && value === most) return `${' '.repeat(AXIS - 1)}│`;
  return `${pad(short(value), AXIS - 2, 'right')} ┤`;
}

function short(value: number): string {
  if (value >= 1_000_000) return `${(value / 1_000_000).toFixed(1)}M`;
  return value >= 100_000 ? `${Math.round(value / 1_000)}k` : String(value);
}

function glyphOf(value: number, most: number, row: number, rows: number): string {
  const filled = (value / most) * rows - (rows - 1 - row);
  if (filled >= 1) return '█';
  // What is there at all is seen in the lowest row.
  const least = value > 0 && row === rows - 1 ? 1 : 0;
  if (filled <= 0 && least === 0) return ' ';
  return BLOCKS[Math.max(least, Math.round(filled * 8))] ?? ' ';
}

function timeAxis({ data, theme }: Scene, width: number, columns: number): string {
  const end = formatTime(data.end);
  const middle = columns >= 48 ? formatTime(Math.round(data.end / 2000) * 1000) : '';
  const half = Math.floor(columns / 2);
  const left = pad('0 s', half - Math.floor(middle.length / 2));
  const text = left + middle + pad(end, columns - left.length - middle.length, 'right');
  return line(width, [pad('', AXIS), [text, theme.faint]]);
}
