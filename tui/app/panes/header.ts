/** The first line: what is open, where in it we are, and whether it plays. */
import { formatTime } from '../../../engine/index.ts';
import { bothEnds, exactly, pad, type Span } from '../term/line.ts';
import { GLYPHS } from '../theme.ts';
import { speedOf } from '../ui.ts';
import { timeWidth, type View } from './pane.ts';

export const header: View = ({ ui, data, theme, title, file, status = '' }, width, height) => {
  const name = file === null ? title : `${file}${title === '' ? '' : `  ${title}`}`;
  const left: Span[] = [[' twomsl ', theme.selected], ' ', [name, theme.strong]];
  if (status !== '') left.splice(1, 0, [` ${status} `, theme.warn]);
  // What is said of the log's end needs the room more.
  const wordy = width >= (status === '' ? 70 : 100);
  const roomy = width >= 100;
  const speed =
    ui.pace === 'events'
      ? `${speedOf(ui)} events/s`
      : `${speedOf(ui)}× time${wordy ? ', quiet skipped' : ''}`;
  const playing: Span = ui.playing
    ? [` ${GLYPHS.play} ${speed} `, theme.taken]
    : [` ${GLYPHS.pause} ${speed} `, theme.faint];
  const end = formatTime(data.end);
  // Where there is room, nothing moves to and fro while numbers run.
  const steady = (text: string, cells: number) => (roomy ? pad(text, cells, 'right') : text);
  const right: Span[] = [
    '  ',
    [steady(`${ui.n}`, `${data.length}`.length), theme.cursor],
    `/${data.length} `,
    [steady(formatTime(ui.now), timeWidth(data)), theme.cursor],
    ...(wordy ? [` of ${end}`] : []),
    playing,
  ];
  return exactly([bothEnds(width, left, right)], width, height);
};
