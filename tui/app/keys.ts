/**
 * The keys, as data: what each does, and what the help and the hints say of it. Nothing else
 * decides what a key means, so that the help cannot be wrong.
 *
 * A key is written as `keyName` (term/keyname.ts) gives it: a character, or a name as `left`, with
 * `S-` for shift and `C-` for control.
 */
import type { Action } from './ui.ts';

export const GROUPS = ['Time', 'Connections', 'Panes', 'Find', 'Show', 'Program'] as const;
export type Group = (typeof GROUPS)[number];

export type Binding = {
  readonly keys: readonly string[];
  readonly action: Action;
  readonly help: string;
  readonly group: Group;
  /** Short text for the line of hints; absent: not shown there. */
  readonly hint?: string;
};

const bind = (
  group: Group,
  keys: string,
  action: Action,
  help: string,
  hint?: string,
): Binding => ({
  keys: keys.split(' ').map((key) => (key === 'SPACE' ? ' ' : key)),
  action,
  help,
  group,
  ...(hint === undefined ? {} : { hint }),
});

export const BINDINGS: readonly Binding[] = [
  bind('Time', 'right l', { type: 'step', by: 1 }, 'one event on', 'step'),
  bind('Time', 'left h', { type: 'step', by: -1 }, 'one event back'),
  bind('Time', 'S-right ]', { type: 'stepConn', by: 1 }, 'next event of the connection'),
  bind('Time', 'S-left [', { type: 'stepConn', by: -1 }, 'previous event of the connection'),
  bind('Time', '}', { type: 'stepTransition', by: 1 }, 'next change of state', 'state'),
  bind('Time', '{', { type: 'stepTransition', by: -1 }, 'previous change of state'),
  bind('Time', 'SPACE', { type: 'play' }, 'play, pause', 'play'),
  bind('Time', '+ =', { type: 'speed', by: 1 }, 'play faster'),
  bind('Time', '- _', { type: 'speed', by: -1 }, 'play slower'),
  bind('Time', 'v', { type: 'pace' }, 'play events, or time (quiet time skipped)'),
  bind('Time', 'home g', { type: 'edge', by: -1 }, 'start of the log'),
  bind('Time', 'end G', { type: 'edge', by: 1 }, 'end of the log'),
  bind('Time', 'u', { type: 'undo' }, 'back to where the last jump came from'),
  bind('Time', 'U', { type: 'redo' }, 'forward again'),
  bind('Connections', 'up k', { type: 'row', by: -1 }, 'up: row, event, state, text'),
  bind('Connections', 'down j', { type: 'row', by: 1 }, 'down'),
  bind('Connections', 'pageup C-b', { type: 'row', by: -10 }, 'ten up'),
  bind('Connections', 'pagedown C-f', { type: 'row', by: 10 }, 'ten down'),
  bind('Connections', 'enter', { type: 'open' }, 'open the selected connection', 'open'),
  bind('Connections', 'esc backspace', { type: 'back' }, 'back'),
  bind('Connections', 'p', { type: 'peer' }, 'go to the other end', 'peer'),
  bind('Connections', 'f', { type: 'follow' }, 'follow: select what each event touches'),
  bind('Connections', 's', { type: 'sort' }, 'sort by the next column', 'sort'),
  bind('Connections', 'S', { type: 'reverse' }, 'reverse the order'),
  bind('Connections', 'a', { type: 'all' }, 'with those ended or still to come'),
  bind('Panes', 'tab', { type: 'cycle', by: 1 }, 'next pane', 'pane'),
  bind('Panes', 'S-tab', { type: 'cycle', by: -1 }, 'previous pane'),
  ...[1, 2, 3, 4, 5, 6].map((index) =>
    bind('Panes', `${index}`, { type: 'pane', index }, `pane ${index}`),
  ),
  bind('Panes', 'z', { type: 'zoom' }, 'the focused pane alone', 'zoom'),
  bind('Find', '/', { type: 'ask', kind: 'filter' }, 'filter the connections', 'filter'),
  bind('Find', ':', { type: 'ask', kind: 'goto' }, 'go to an event, time, condition', 'go to'),
  bind('Find', ';', { type: 'again', by: 1 }, 'next moment of what was sought by :'),
  bind('Find', ',', { type: 'again', by: -1 }, 'previous moment of it'),
  bind('Find', 'm', { type: 'ask', kind: 'mark' }, 'set a mark: m and a letter'),
  bind('Find', "'", { type: 'ask', kind: 'jump' }, "to a mark: ' and its letter"),
  bind('Show', 't', { type: 'chartState' }, 'chart another state'),
  bind('Show', 'T', { type: 'chartHost' }, 'chart another host, or all'),
  bind('Show', 'd', { type: 'diff' }, 'old values beside those just changed'),
  bind('Show', 'n', { type: 'absolute' }, 'sequence numbers relative or absolute'),
  bind('Program', '?', { type: 'help' }, 'this help', 'help'),
  bind('Program', 'C-l', { type: 'redraw' }, 'draw the screen again'),
  bind('Program', 'C-z', { type: 'suspend' }, 'to the shell; fg comes back'),
  bind('Program', 'q', { type: 'leave' }, 'quit; close this help', 'quit'),
  bind('Program', 'C-c', { type: 'quit' }, 'quit'),
];

/** While text is asked for. Any other character is text. */
export const PROMPT_BINDINGS: readonly Binding[] = [
  bind('Find', 'enter', { type: 'accept' }, 'take it', 'take'),
  bind('Find', 'esc', { type: 'cancel' }, 'leave it', 'leave'),
  bind('Find', 'backspace', { type: 'erase' }, 'erase a character'),
  bind('Find', 'C-u', { type: 'clear' }, 'erase all', 'clear'),
  bind('Find', 'up', { type: 'recall', by: -1 }, 'what was asked for before'),
  bind('Find', 'down', { type: 'recall', by: 1 }, 'what was asked for after it'),
  bind('Program', 'C-l', { type: 'redraw' }, 'draw the screen again'),
  bind('Program', 'C-z', { type: 'suspend' }, 'to the shell; fg comes back'),
  bind('Program', 'C-c', { type: 'quit' }, 'quit'),
];

const index = (bindings: readonly Binding[]): ReadonlyMap<string, Action> =>
  new Map(bindings.flatMap(({ keys, action }) => keys.map((key) => [key, action] as const)));

const normal = index(BINDINGS);
const prompting = index(PROMPT_BINDINGS);

export function actionOf(key: string, prompt: boolean): Action | undefined {
  if (!prompt) return normal.get(key);
  const found = prompting.get(key);
  if (found !== undefined) return found;
  return [...key].length === 1 ? { type: 'type', text: key } : undefined;
}

const NAMES: Readonly<Record<string, string>> = {
  left: '←',
  right: '→',
  up: '↑',
  down: '↓',
  'S-left': 'Shift-←',
  'S-right': 'Shift-→',
  'S-tab': 'Shift-Tab',
  ' ': 'Space',
  home: 'Home',
  end: 'End',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  enter: 'Enter',
  esc: 'Esc',
  tab: 'Tab',
  backspace: 'Backspace',
  'C-b': 'Ctrl-B',
  'C-f': 'Ctrl-F',
  'C-c': 'Ctrl-C',
  'C-l': 'Ctrl-L',
  'C-u': 'Ctrl-U',
  'C-z': 'Ctrl-Z',
};

/** A key as it is written for people. */
export function keyText(key: string): string {
  return NAMES[key] ?? key;
}
