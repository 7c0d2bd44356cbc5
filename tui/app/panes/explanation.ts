/** The current event in words: cause, rules with their sections, what followed. */
import {
  closingText,
  connName,
  findConn,
  formatTime,
  type Item,
  peerName,
  waitReason,
} from '../../../engine/index.ts';
import { exactly, line, type Span, widthOf, wrapWords } from '../term/line.ts';
import type { Style } from '../term/style.ts';
import type { Theme } from '../theme.ts';
import { focusOf, PANES } from '../ui.ts';
import { type Scene, scrolled, type View } from './pane.ts';

const MARKS: Readonly<Record<Item['kind'], string>> = {
  stimulus: '▸',
  rule: '§',
  state: '⇒',
  sent: '→',
  lost: '✗',
  timer: '◷',
  result: '=',
  close: '·',
  wait: '·',
  divergence: '!',
  corruption: '!',
  nothing: '·',
};

export const explanation: View = (scene, width, height) => {
  const { ui, data, theme } = scene;
  const lines =
    ui.n === 0
      ? introduction(scene, width)
      : [
          ...data
            .items(ui.n - 1, ui.absolute)
            .flatMap((item) => itemLines(scene.theme, item, width)),
          ...standing(scene, width),
        ];
  const shown = scrolled(scene, 'explanation', lines, height);
  if (shown.length <= height || height < 2) return exactly(shown, width, height);
  const pane = PANES[ui.view].indexOf('explanation') + 1;
  const key = focusOf(ui) === 'explanation' ? '↓' : String(pane);
  const more = line(width, [
    ['   … ', theme.faint],
    [key, theme.key],
    [': more', theme.faint],
  ]);
  return exactly([...shown.slice(0, height - 1), more], width, height);
};

function styleOf(theme: Theme, { kind }: Item): Style {
  switch (kind) {
    case 'stimulus':
      return theme.strong;
    case 'state':
      return theme.taken;
    case 'sent':
      return theme.sent;
    case 'lost':
    case 'divergence':
    case 'corruption':
      return theme.warn;
    case 'wait':
      return theme.state['TIME-WAIT'];
    case 'nothing':
      return theme.faint;
    default:
      return theme.plain;
  }
}

function itemLines(theme: Theme, item: Item, width: number): string[] {
  return wrapped(width, MARKS[item.kind], item.text, styleOf(theme, item), item.source, theme);
}

/** A text behind a mark; its source follows where it has room, else in the next line. */
function wrapped(
  width: number,
  mark: string,
  text: string,
  style: Style,
  source: string,
  theme: Theme,
): string[] {
  const words = wrapWords(text, Math.max(1, width - 4));
  const last = words.at(-1) ?? '';
  const fits = widthOf(last) + widthOf(source) + 6 <= width;
  const lines = words.map((part, i): Span[] => [
    [i === 0 ? ` ${mark} ` : '   ', style],
    [part, style],
  ]);
  if (source !== '' && fits) lines.at(-1)?.push(['  ', theme.plain], [source, theme.source]);
  else if (source !== '') lines.push(['   ', [source, theme.source]]);
  return lines.map((spans) => line(width, spans));
}

/** What holds of the selected connection at this moment, whatever the event was. */
function standing(scene: Scene, width: number): string[] {
  const { ui, data, theme } = scene;
  if (ui.selected === null) return [];
  const { host, conn } = ui.selected;
  const snapshot = data.snapshot(ui.n);
  const found = findConn(snapshot, host, conn);
  if (found?.state !== 'TIME-WAIT' && found?.state !== 'CLOSE-WAIT') return [];
  // What the event has done to it is told already.
  const { transitions } = data.explained(ui.n - 1).effects;
  if (transitions.some((taken) => taken.host === host && taken.conn === conn)) return [];
  const name = connName(snapshot, host, conn);
  const look = theme.state[found.state];
  if (found.kind === 'tcb' && found.state === 'CLOSE-WAIT') {
    const since = formatTime(Math.max(0, ui.now - found.tcb.changedAt));
    const unread = found.tcb.rcvText - found.tcb.rcvRead;
    const text =
      `${name} has been in CLOSE-WAIT for ${since}, ${unread} octets unread. The other end has ` +
      'closed; it waits for its own application to call CLOSE.';
    return wrapped(width, '◷', text, look, 'RFC 9293 §3.3.2', theme);
  }
  const closing = data.closing(host, conn);
  const reason = waitReason(snapshot, closing.peer);
  const left = formatTime(Math.max(0, found.tcb.timeWaitAt - ui.now));
  const text =
    `${name} is in TIME-WAIT for ${left} more. ` +
    `${closingText(closing, name, peerName(snapshot, closing.peer))}. ` +
    `It waits because ${reason.says}.`;
  return wrapped(width, '◷', text, look, reason.source, theme);
}

/** Before the first event: what is open and how to begin. */
function introduction({ data, theme, title }: Scene, width: number): string[] {
  const { header, warnings } = data.timeline;
  const plain = (text: string, style = theme.plain): string[] =>
    wrapWords(text, Math.max(1, width - 2)).map((part) => line(width, [' ', [part, style]]));
  const hosts = header.hosts
    .map((host) => `${host.name} (${host.profile}${host.observed === true ? ', recorded' : ''})`)
    .join(', ');
  return [
    ...plain(header.title === '' ? title : header.title, theme.strong),
    // Before all else: a low pane has no room for more.
    ...warnings.flatMap((text) => plain(text, theme.warn)),
    ...(header.about === '' ? [] : plain(header.about)),
    ...plain(`${data.length} events in ${formatTime(data.end)} between ${hosts}.`),
    ...plain('→ steps, } goes to the next change of state, Space plays, Enter opens, ? helps.'),
    ...(header.source.kind === 'import'
      ? header.source.assumptions.flatMap((text) => plain(`Assumed: ${text}`, theme.faint))
      : []),
  ];
}
