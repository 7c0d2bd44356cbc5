/** Lines at the edges of the screen: tabs, the two ends of a connection, hints, the prompt. */
import { closingText, connName, peerName, stateOf } from '../../../engine/index.ts';
import { BINDINGS, keyText, PROMPT_BINDINGS } from '../keys.ts';
import { fitName, localText, remoteText } from '../names.ts';
import { orderOf } from '../order.ts';
import {
  bothEnds,
  cut,
  cutStart,
  exactly,
  line,
  type Span,
  spansWidth,
  widthOf,
} from '../term/line.ts';
import { focusOf, orderSpec, PANES, type Pane, type Prompt, type Ui } from '../ui.ts';
import type { Scene, View } from './pane.ts';

type Tab = { readonly pane: Pane; readonly key: string; readonly name: string };

/** Where not all names have room those of the other panes are cut, at last to their keys. */
function tabsOf(ui: Ui, width: number): readonly Tab[] {
  const cutTo = (most: number): Tab[] =>
    PANES[ui.view].map((pane, i) => {
      const name = pane === focusOf(ui) ? pane : cut(pane, most);
      return { pane, key: ` ${i + 1} `, name: name === '' ? '' : `${name} ` };
    });
  const fits = (all: Tab[]): boolean =>
    all.reduce((sum, { key, name }) => sum + widthOf(key + name), 0) <= width;
  return [11, 8, 7, 6, 5, 4, 3].map(cutTo).find(fits) ?? cutTo(0);
}

/** The pane whose tab stands at `x`. */
export function tabAt(ui: Ui, width: number, x: number): Pane | undefined {
  let end = 0;
  return tabsOf(ui, width).find(({ key, name }) => {
    end += widthOf(key + name);
    return x < end;
  })?.pane;
}

export const tabs: View = ({ ui, theme }, width, height) => {
  const focus = focusOf(ui);
  const spans = tabsOf(ui, width).flatMap(({ pane, key, name }): Span[] => [
    [key, pane === focus ? theme.selected : theme.key],
    [name, pane === focus ? theme.selected : theme.faint],
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
  const room = Math.floor((width - 2 * 'ESTABLISHED'.length - 8) / 2);
  const name = connName(snapshot, host, conn);
  const { closedAt, peerClosedAt, ended } = closing;
  const closes = [closedAt, peerClosedAt, ended?.at ?? -1].filter((time) => time >= 0);
  const coming = closes.length > 0 && Math.min(...closes) > ui.now;
  const other = peerName(snapshot, peer);
  const first: Span[] = [
    ' ',
    [fitName(name, room), theme.strong],
    ' ',
    [state, theme.state[state]],
    '  –  ',
    [fitName(other, room), theme.strong],
    ' ',
    ...(there === undefined ? [] : [[there, theme.state[there]] as const]),
  ];
  const second: Span[] = [
    [` ${coming ? 'to come: ' : ''}${closingText(closing, name, other)}`, theme.faint],
  ];
  const sockets: Span[] =
    known === undefined ? [] : [[`  ${localText(known)} – ${remoteText(known)} `, theme.faint]];
  // They stand where they take no room from what is more important, if anywhere.
  const at = [first, second].find((spans) => spansWidth([...spans, ...sockets]) <= width);
  const lines = [first, second].map((spans) =>
    spans === at ? bothEnds(width, spans, sockets) : line(width, spans),
  );
  return exactly(lines, width, height);
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

/** Cells of a typed text that are always seen. */
const TYPED_LEAST = 12;

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
  const marks = Object.keys(ui.marks).sort().join(' ');
  const example = prompt.kind === 'jump' ? marks : EXAMPLES[prompt.kind];
  const said: Span[] = [];
  if (bad) said.push([`  ${prompt.error}`, theme.warn]);
  else if (prompt.text === '') said.push([`  ${example}`, theme.faint]);
  // Of a long text the end is seen, where it is typed on, and beside it why it is wrong.
  const asks = PROMPTS[prompt.kind];
  const room = width - widthOf(asks) - 1 - spansWidth(said);
  const left: Span[] = [
    [asks, theme.key],
    [cutStart(prompt.text, Math.max(TYPED_LEAST, room)), bad ? theme.warn : theme.strong],
    ['█', theme.cursor],
    ...said,
  ];
  const right = PROMPT_BINDINGS.filter(({ hint }) => hint !== undefined).flatMap(
    ({ keys, hint }): Span[] => [
      [` ${keyText(keys[0] ?? '')}`, theme.key],
      [` ${hint}`, theme.faint],
    ],
  );
  return bothEnds(width, left, width >= 90 && room > spansWidth(right) ? right : []);
}
