/** Lines at the edges of the screen: tabs, the two ends of a connection, hints, the prompt. */
import { closingText, connName, formatEndpoint, peerName, stateOf } from '../../../engine/index.ts';
import { BINDINGS, keyText, PROMPT_BINDINGS } from '../keys.ts';
import { orderOf } from '../table.ts';
import { bothEnds, cut, exactly, line, type Span, spansWidth } from '../term/line.ts';
import { focusOf, orderSpec, PANES, type Prompt } from '../ui.ts';
import type { Scene, View } from './pane.ts';

export const tabs: View = ({ ui, theme }, width, height) => {
  const focus = focusOf(ui);
  const spans = PANES[ui.view].flatMap((pane, i): Span[] => [
    [` ${i + 1} `, pane === focus ? theme.selected : theme.key],
    [`${pane} `, pane === focus ? theme.selected : theme.faint],
  ]);
  return exactly([line(width, spans)], width, height);
};

/** The two ends of the selected connection, and who closed first. */
export const ends: View = ({ ui, data, theme }, width, height) => {
  if (ui.selected === null) return exactly([], width, height);
  const { host, conn } = ui.selected;
  const snapshot = data.snapshot(ui.n);
  const known = data.timeline.biography(host, conn);
  const closing = data.closing(host, conn);
  const state = stateOf(snapshot, host, conn);
  const peer = closing.peer;
  const there = peer.conn > 0 ? stateOf(snapshot, peer.host, peer.conn) : undefined;
  const name = connName(snapshot, host, conn);
  const closes = [closing.closedAt, closing.peerClosedAt].filter((time) => time >= 0);
  const coming = closes.length > 0 && Math.min(...closes) > ui.now;
  const other = peerName(snapshot, peer);
  const first: Span[] = [
    ' ',
    [name, theme.strong],
    ' ',
    [state, theme.state[state]],
    '  –  ',
    [other, theme.strong],
    ' ',
    ...(there === undefined ? [] : [[there, theme.state[there]] as const]),
  ];
  const sockets =
    known === undefined
      ? ''
      : `${formatEndpoint(known.local, known.localPort)} – ` +
        formatEndpoint(known.remote, known.remotePort);
  return exactly(
    [
      bothEnds(width, first, width > 72 ? [[`${sockets} `, theme.faint]] : []),
      line(width, [
        [` ${coming ? 'to come: ' : ''}${closingText(closing, name, other)}`, theme.faint],
      ]),
    ],
    width,
    height,
  );
};

const PROMPTS: Readonly<Record<Prompt['kind'], string>> = {
  filter: '/',
  goto: ':',
  mark: 'mark, a letter: ',
  jump: 'to mark: ',
};
const EXAMPLES: Readonly<Record<Prompt['kind'], string>> = {
  filter: 'state:time-wait host:client port:80 addr:10.0 !word',
  goto: '123 +10 1.5s time-wait client#1 loss TIME-WAIT>500 flag:R port:80',
  mark: '',
  jump: '',
};

/** The last line: what is asked for, or a message, or the keys of most use. */
export const hints: View = (scene, width, height) => {
  const { ui, theme } = scene;
  if (ui.prompt !== null) return exactly([promptLine(scene, ui.prompt, width)], width, height);
  if (ui.message !== '')
    return exactly([line(width, [[` ${ui.message}`, theme.warn]])], width, height);
  const all = BINDINGS.filter(({ hint }) => hint !== undefined).map(({ keys, hint }): Span[] => [
    [` ${keyText(keys[0] ?? '')}`, theme.key],
    [` ${hint} `, theme.faint],
  ]);
  const filter = filterText(scene);
  // How to get help and how to leave are always there; of the rest, as many as fit.
  const right = [
    ...(filter === '' ? [] : [[` ${cut(filter, Math.floor(width * 0.6))} `, theme.warn] as const]),
    ...(ui.follow ? [[' following ', theme.selected] as const] : []),
    ...all.slice(-2).flat(),
  ];
  let room = width - spansWidth(right);
  const left = all.slice(0, -2).flatMap((spans) => {
    room -= spansWidth(spans);
    return room < 0 ? [] : spans;
  });
  return exactly([bothEnds(width, left, right)], width, height);
};

/** What is left out, for a list that looks complete. */
function filterText({ ui, data }: Scene): string {
  if (ui.view !== 'overview' || ui.filter.trim() === '') return '';
  const { ids, total } = orderOf(data, orderSpec(ui));
  return `filter ${ui.filter.trim()} — ${ids.length} of ${total}`;
}

function promptLine({ ui, theme }: Scene, prompt: Prompt, width: number): string {
  const bad = prompt.error !== '';
  const left: Span[] = [
    [PROMPTS[prompt.kind], theme.key],
    [prompt.text, bad ? theme.warn : theme.strong],
    ['█', theme.cursor],
  ];
  const marks = Object.keys(ui.marks).sort().join(' ');
  const example = prompt.kind === 'jump' ? marks : EXAMPLES[prompt.kind];
  if (bad) left.push([`  ${prompt.error}`, theme.warn]);
  else if (prompt.text === '') left.push([`  ${example}`, theme.faint]);
  const right = PROMPT_BINDINGS.filter(({ hint }) => hint !== undefined).flatMap(
    ({ keys, hint }): Span[] => [
      [` ${keyText(keys[0] ?? '')}`, theme.key],
      [` ${hint}`, theme.faint],
    ],
  );
  return bothEnds(width, left, width >= 90 ? right : []);
}
