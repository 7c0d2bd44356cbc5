/**
 * Styles of text and the codes that lead from one to the next.
 *
 * A change of style is written as the shortest change: colours are not switched off between two
 * colours, and a line switches off at its end what is still on. Ink keeps every cell's style as a
 * list of codes, so that what is not written need not be compared again on each frame.
 */

export type Style = {
  readonly id: number;
  /** 0 to 255, or -1 for the terminal's own. */
  readonly fg: number;
  readonly bg: number;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
};

export type StyleSpec = Partial<Omit<Style, 'id'>>;

const known = new Map<string, Style>();
const changes = new Map<number, string>();
/** More styles than a screen ever uses; makes a pair of ids one key. */
const STYLES_MAX = 4096;

export function style(spec: StyleSpec = {}): Style {
  const { fg = -1, bg = -1, bold = false, dim = false } = spec;
  const { underline = false, inverse = false } = spec;
  const key = [fg, bg, bold, dim, underline, inverse].join();
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = { id: known.size, fg, bg, bold, dim, underline, inverse };
  known.set(key, made);
  return made;
}

export const PLAIN = style();

/** A style with some of its properties changed. */
export function restyle(base: Style, spec: StyleSpec): Style {
  const { id: _, ...rest } = base;
  return style({ ...rest, ...spec });
}

/** The codes that lead from one style to another. */
export function change(from: Style, to: Style): string {
  if (from === to) return '';
  const key = from.id * STYLES_MAX + to.id;
  const found = changes.get(key);
  if (found !== undefined) return found;
  const codes = codesOf(from, to);
  const made = codes.length === 0 ? '' : codes.map((code) => `\u001B[${code}m`).join('');
  changes.set(key, made);
  return made;
}

function codesOf(from: Style, to: Style): string[] {
  const codes: string[] = [];
  const weightOff = (from.bold && !to.bold) || (from.dim && !to.dim);
  if (weightOff) codes.push('22');
  if (to.bold && (weightOff || !from.bold)) codes.push('1');
  if (to.dim && (weightOff || !from.dim)) codes.push('2');
  if (from.underline !== to.underline) codes.push(to.underline ? '4' : '24');
  if (from.inverse !== to.inverse) codes.push(to.inverse ? '7' : '27');
  if (from.fg !== to.fg) codes.push(colour(to.fg, 30, 90, 38));
  if (from.bg !== to.bg) codes.push(colour(to.bg, 40, 100, 48));
  return codes;
}

function colour(value: number, low: number, high: number, extended: number): string {
  if (value < 0) return String(extended + 1);
  if (value < 8) return String(low + value);
  if (value < 16) return String(high + value - 8);
  return `${extended};5;${value}`;
}
