/**
 * Colours and glyphs. The colours are the terminal's own sixteen, so that they suit its background;
 * without colours (NO_COLOR, a dumb terminal) weight, underline and inverse carry the meaning.
 */
import type { State } from '../../engine/index.ts';
import { PLAIN, restyle, type Style, style } from './term/style.ts';

export type Theme = {
  readonly colour: boolean;
  readonly state: Readonly<Record<State, Style>>;
  readonly plain: Style;
  readonly strong: Style;
  readonly faint: Style;
  readonly title: Style;
  readonly focus: Style;
  readonly frame: Style;
  /** Of the focused pane: strokes, which inverse would turn into blocks. */
  readonly focusFrame: Style;
  readonly key: Style;
  readonly selected: Style;
  readonly cursor: Style;
  readonly taken: Style;
  readonly changed: Style;
  readonly lost: Style;
  readonly warn: Style;
  readonly source: Style;
  readonly sent: Style;
  readonly bar: Style;
};

const RED = 1;
const GREEN = 2;
const YELLOW = 3;
const BLUE = 4;
const MAGENTA = 5;
const CYAN = 6;
const BRIGHT = 8;

const colours: Theme = {
  colour: true,
  state: {
    CLOSED: style({ dim: true }),
    LISTEN: style({ fg: BLUE + BRIGHT }),
    'SYN-SENT': style({ fg: CYAN }),
    'SYN-RECEIVED': style({ fg: CYAN + BRIGHT }),
    ESTABLISHED: style({ fg: GREEN, bold: true }),
    'FIN-WAIT-1': style({ fg: YELLOW }),
    'FIN-WAIT-2': style({ fg: YELLOW + BRIGHT }),
    'CLOSE-WAIT': style({ fg: MAGENTA + BRIGHT }),
    CLOSING: style({ fg: YELLOW + BRIGHT, bold: true }),
    'LAST-ACK': style({ fg: MAGENTA }),
    'TIME-WAIT': style({ fg: RED + BRIGHT, bold: true }),
  },
  plain: PLAIN,
  strong: style({ bold: true }),
  faint: style({ dim: true }),
  title: style({ bold: true }),
  focus: style({ fg: CYAN + BRIGHT, bold: true }),
  frame: style({ dim: true }),
  focusFrame: style({ fg: CYAN + BRIGHT, bold: true }),
  key: style({ fg: CYAN + BRIGHT }),
  selected: style({ inverse: true }),
  cursor: style({ fg: YELLOW + BRIGHT, bold: true }),
  taken: style({ fg: YELLOW + BRIGHT, bold: true }),
  changed: style({ fg: YELLOW + BRIGHT, bold: true }),
  lost: style({ fg: RED, bold: true }),
  warn: style({ fg: RED + BRIGHT, bold: true }),
  source: style({ fg: BLUE + BRIGHT }),
  sent: style({ fg: GREEN }),
  bar: style({ fg: CYAN }),
};

const bare = style();
const bold = style({ bold: true });
const inverse = style({ inverse: true });

const noColours: Theme = {
  colour: false,
  state: {
    CLOSED: bare,
    LISTEN: bare,
    'SYN-SENT': bare,
    'SYN-RECEIVED': bare,
    ESTABLISHED: bold,
    'FIN-WAIT-1': bare,
    'FIN-WAIT-2': bare,
    'CLOSE-WAIT': bare,
    CLOSING: bold,
    'LAST-ACK': bare,
    'TIME-WAIT': style({ bold: true, underline: true }),
  },
  plain: PLAIN,
  strong: bold,
  faint: bare,
  title: bold,
  focus: inverse,
  frame: bare,
  focusFrame: bold,
  key: bold,
  selected: inverse,
  cursor: inverse,
  taken: inverse,
  changed: style({ bold: true, underline: true }),
  lost: bold,
  warn: inverse,
  source: style({ underline: true }),
  sent: bare,
  bar: bare,
};

export function themeFor(env: Readonly<Record<string, string | undefined>>): Theme {
  const wanted = env['FORCE_COLOR'];
  if (wanted !== undefined && wanted !== '' && wanted !== '0') return colours;
  // https://no-color.org: any value that is not empty.
  const refused = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb' || wanted === '0';
  return refused ? noColours : colours;
}

/** A style on a row that is selected. */
export function onSelected(base: Style, selected: boolean): Style {
  return selected ? restyle(base, { inverse: true }) : base;
}

/** One cell each in every terminal: no emoji, nothing of ambiguous width but arrows and strokes. */
export const GLYPHS = {
  play: '►',
  pause: '‖',
  right: '►',
  left: '◄',
  down: '▼',
  up: '▲',
  lost: '✗',
  self: '●',
  peer: '○',
  changed: '*',
} as const;
