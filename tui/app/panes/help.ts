/** All keys, made of the keymap; in as many columns as fit. */
import { BINDINGS, GROUPS, keyText, PROMPT_BINDINGS } from '../keys.ts';
import { bothEnds, exactly, line, pad, type Span } from '../term/line.ts';
import type { Theme } from '../theme.ts';
import { scrolled, type View } from './pane.ts';

const COLUMN = 58;
const KEYS = 14;

type HelpLine = readonly Span[];

export const help: View = (scene, width, height) => {
  const { ui, theme } = scene;
  const columns = Math.max(1, Math.floor(width / COLUMN));
  const each = Math.floor(width / columns);
  const all = helpLines(theme);
  const perColumn = Math.max(Math.ceil(all.length / columns), Math.min(all.length, height - 1));
  const rows: string[] = [];
  for (let row = 0; row < perColumn; row += 1) {
    let text = '';
    for (let column = 0; column < columns; column += 1) {
      const last = column === columns - 1;
      const cell = all[column * perColumn + row] ?? [];
      text += line(last ? width - each * column : each, cell);
    }
    rows.push(text);
  }
  const room = Math.max(0, height - 1);
  const below = rows.length - room - (ui.scroll.help ?? 0);
  const title = bothEnds(
    width,
    [
      [' Keys', theme.title],
      ['   Esc or ? closes. A click seeks or focuses.', theme.faint],
    ],
    [[below > 0 ? `↓ ${below} more lines ` : '', theme.key]],
  );
  return exactly([title, ...scrolled(scene, 'help', rows, room)], width, height);
};

function helpLines(theme: Theme): readonly HelpLine[] {
  const entry = (keys: readonly string[], text: string): HelpLine => [
    [`  ${pad(keys.map(keyText).join(' '), KEYS)}`, theme.key],
    ` ${text}`,
  ];
  return [
    ...GROUPS.flatMap((group) => [
      [[` ${group}`, theme.title]] as HelpLine,
      ...BINDINGS.filter((one) => one.group === group).map((one) => entry(one.keys, one.help)),
    ]),
    [[' While typing', theme.title]] as HelpLine,
    ...PROMPT_BINDINGS.map((one) => entry(one.keys, one.help)),
  ];
}
