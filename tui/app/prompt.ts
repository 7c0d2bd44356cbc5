/** What is asked for in the last line, and what becomes of the answer. */

import type { Data } from './data.ts';
import { parseFilter } from './filter.ts';
import { resolveCondition, resolveGoto, type Target } from './goto.ts';
import { orderOf } from './order.ts';
import { type ConnId, indexOf } from './table.ts';
import { widthOf } from './term/line.ts';
import { moveTo, placeOf } from './travel.ts';
import { type Action, choose, type Direction, orderSpec, type Prompt, type Ui } from './ui.ts';

/** Answers of each kind that are remembered. */
const ASKED_MAX = 50;

/** Selects the first row if the list does not hold the selected connection. */
function withRow(ui: Ui, data: Data): Ui {
  const { ids } = orderOf(data, orderSpec(ui));
  const first = ids[0];
  if (first === undefined || indexOf(ids, ui.selected) >= 0) return ui;
  return { ...ui, selected: first };
}

/** Selects one that was asked for; what hides it from the list is taken away. */
function withListed(ui: Ui, data: Data, id: ConnId): Ui {
  const hidden = (one: Ui): boolean => indexOf(orderOf(data, orderSpec(one)).ids, id) < 0;
  const selected = { ...ui, selected: id };
  if (!hidden(selected)) return selected;
  const unfiltered = { ...selected, filter: '' };
  return hidden(unfiltered) ? choose(unfiltered, { all: true }) : unfiltered;
}

export function ask(ui: Ui, kind: Prompt['kind']): Ui {
  const text = kind === 'filter' ? ui.filter : '';
  return {
    ...ui,
    playing: false,
    prompt: { kind, text, error: '', before: ui.filter, back: 0, typed: '' },
  };
}

export function reducePrompt(ui: Ui, prompt: Prompt, action: Action, data: Data): Ui {
  const edited: Prompt = { ...prompt, back: 0 };
  switch (action.type) {
    case 'type':
      return edit(ui, edited, prompt.text + action.text, data);
    case 'recall':
      return recall(ui, prompt, action.by, data);
    case 'erase':
      if (prompt.text === '' && prompt.kind !== 'filter') return { ...ui, prompt: null };
      return edit(ui, edited, [...prompt.text].slice(0, -1).join(''), data);
    case 'clear':
      return edit(ui, edited, '', data);
    case 'accept':
      return accept(ui, prompt, data);
    case 'cancel':
      return { ...ui, prompt: null, filter: prompt.before };
    default:
      return ui;
  }
}

/** Takes up an earlier answer, or goes back towards what was typed. */
function recall(ui: Ui, prompt: Prompt, by: Direction, data: Data): Ui {
  if (prompt.kind !== 'filter' && prompt.kind !== 'goto') return ui;
  const asked = ui.asked[prompt.kind];
  const back = Math.max(0, Math.min(asked.length, prompt.back - by));
  if (back === prompt.back) return ui;
  const typed = prompt.back === 0 ? prompt.text : prompt.typed;
  const text = back === 0 ? typed : (asked.at(-back) ?? '');
  return edit(ui, { ...prompt, back, typed }, text, data);
}

function remembered(ui: Ui, kind: 'filter' | 'goto', text: string): Ui {
  if (text.trim() === '') return ui;
  const others = ui.asked[kind].filter((one) => one !== text);
  return { ...ui, asked: { ...ui.asked, [kind]: [...others, text].slice(-ASKED_MAX) } };
}

function edit(ui: Ui, prompt: Prompt, text: string, data: Data): Ui {
  if (prompt.kind === 'mark' || prompt.kind === 'jump') {
    return accept(ui, { ...prompt, text: [...text][0] ?? '' }, data);
  }
  if (prompt.kind === 'goto') return { ...ui, prompt: { ...prompt, text, error: '' } };
  const parsed = parseFilter(text, data.hosts);
  // What a word was before it went wrong nobody meant: the filter is that which was taken last.
  if ('error' in parsed) {
    return { ...ui, filter: prompt.before, prompt: { ...prompt, text, error: parsed.error } };
  }
  return { ...ui, filter: text, tableAt: ui.n, prompt: { ...prompt, text, error: '' } };
}

function accept(ui: Ui, prompt: Prompt, data: Data): Ui {
  const { text, error } = prompt;
  if (prompt.kind === 'filter') {
    if (error !== '') return ui;
    const taken = remembered({ ...ui, prompt: null }, 'filter', text);
    // Beside the table a filter is no choice of what else is shown.
    return ui.view === 'overview' ? withRow(taken, data) : taken;
  }
  const closed: Ui = { ...ui, prompt: null };
  if (text.trim() === '') return closed;
  if (prompt.kind === 'mark') {
    if (widthOf(text) !== 1) return { ...closed, message: 'a mark is a letter, one cell wide' };
    const marks = { ...ui.marks, [text]: placeOf(ui) };
    return { ...closed, marks, message: `mark ${text} is at event ${ui.n}` };
  }
  if (prompt.kind === 'jump') {
    const to = ui.marks[text];
    if (to === undefined) return { ...closed, message: `there is no mark ${text}` };
    return moveTo(closed, data, to.n, true, to.now);
  }
  const target = resolveGoto(text, ui, data);
  if ('error' in target) {
    const sought = target.found ?? ui.sought;
    return { ...ui, sought, prompt: { ...prompt, error: target.error } };
  }
  return goTo(remembered(closed, 'goto', text), data, target);
}

function goTo(ui: Ui, data: Data, target: Exclude<Target, { readonly error: string }>): Ui {
  if ('id' in target) return withListed(ui, data, target.id);
  const moved = moveTo(
    { ...ui, sought: target.found ?? ui.sought },
    data,
    target.n,
    true,
    target.now,
  );
  if (target.selects === undefined) return moved;
  const { host, conn } = target.selects;
  return withListed(moved, data, { host, conn });
}

/** The next or previous moment of what was sought last. */
export function again(ui: Ui, data: Data, by: Direction): Ui {
  if (ui.sought === '') return { ...ui, message: 'nothing was sought: type : and a condition' };
  const target = resolveCondition(ui.sought, ui, data, by);
  if ('error' in target) return { ...ui, message: target.error };
  return goTo({ ...ui, playing: false }, data, target);
}
