/** The eleven states: how many connections are in each, on each host. */
import { countStates, type State } from '../../../engine/index.ts';
import { cutMiddle, exactly, line, pad, type Span } from '../term/line.ts';
import { restyle } from '../term/style.ts';
import { focusOf } from '../ui.ts';
import type { Scene, View } from './pane.ts';

const EIGHTHS = ' ▏▎▍▌▋▊▉█';
const HOST_WIDTH = 9;
const HOST_LEAST = 6;
/** Before the bar: the name of the state and how many there are in all. */
const NAMED = 22;

export const states: View = (scene, width, height) => {
  const { ui, data, theme } = scene;
  const counts = countStates(data.snapshot(ui.n));
  const most = Math.max(1, ...counts.map(({ total }) => total));
  const { shown, others, each } = hostsShown(data.hosts, width);
  const columns = shown.length + Number(others > 0);
  const bar = Math.max(0, Math.min(40, width - NAMED - columns * each));
  const rows = counts.map(({ state, total, byHost }) => {
    const chosen = state === ui.chartState && focusOf(ui) === 'states';
    const look = theme.state[state];
    const quiet = total === 0 ? theme.faint : look;
    return line(width, [
      chosen ? ['›', theme.cursor] : ' ',
      [pad(state, 12), total === 0 ? restyle(look, { bold: false }) : look],
      [pad(String(total), 8, 'right'), quiet],
      ' ',
      [pad(barOf(total / most, bar), bar), look],
      ...perHost(byHost, shown.length, others).map(
        (count): Span => [pad(dash(count), each, 'right'), quiet],
      ),
    ]);
  });
  const names = [...shown, ...(others > 0 ? [`+${others}`] : [])];
  if (height > rows.length) rows.unshift(titles(scene, width, bar, names, each));
  return exactly(rows, width, height);
};

/** The bar gives way to the hosts, then their columns get narrower, then the last share one. */
function hostsShown(names: readonly string[], width: number) {
  const room = Math.max(0, width - NAMED);
  const fair = Math.floor(room / Math.max(1, names.length));
  const each = Math.max(HOST_LEAST, Math.min(HOST_WIDTH, fair));
  const fit = Math.floor(room / each);
  const shown = fit >= names.length ? names : names.slice(0, Math.max(0, fit - 1));
  return { shown, others: fit > 0 ? names.length - shown.length : 0, each };
}

/** The counts of those with a column of their own, and of the others together. */
function perHost(byHost: readonly number[], shown: number, others: number): readonly number[] {
  if (others === 0) return byHost.slice(0, shown);
  const rest = byHost.slice(shown).reduce((sum, count) => sum + count, 0);
  return [...byHost.slice(0, shown), rest];
}

function titles(
  { theme }: Scene,
  width: number,
  bar: number,
  hosts: readonly string[],
  each: number,
): string {
  const names = hosts.map(
    (name): Span => [pad(cutMiddle(name, each - 1), each, 'right'), theme.faint],
  );
  const total: Span = [pad('all', 8, 'right'), theme.faint];
  return line(width, [' ', [pad('state', 12), theme.faint], total, pad('', bar + 1), ...names]);
}

const dash = (count: number | undefined): string => (count ? String(count) : '·');

export function barOf(share: number, width: number): string {
  const eighths = Math.round(Math.max(0, Math.min(1, share)) * width * 8);
  // What is there at all is seen.
  const shown = share > 0 ? Math.max(1, eighths) : 0;
  return '█'.repeat(Math.floor(shown / 8)) + (shown % 8 === 0 ? '' : (EIGHTHS[shown % 8] ?? ''));
}

const STRIP_WIDTH = 78;

/** All eleven in two lines, for small screens. */
export const stateStrip: View = ({ ui, data, theme }, width, height) => {
  const counts = countStates(data.snapshot(ui.n));
  const spans = ({ state, total }: { state: State; total: number }): Span[] => [
    [state, total === 0 ? theme.faint : theme.state[state]],
    [` ${total}  `, total === 0 ? theme.faint : theme.strong],
  ];
  // Where not all have room, those that are empty give way.
  const shown = width >= STRIP_WIDTH ? counts : counts.filter(({ total }) => total > 0);
  const split = width >= STRIP_WIDTH ? 6 : Math.ceil(shown.length / 2);
  return exactly(
    [
      line(width, [' ', ...shown.slice(0, split).flatMap(spans)]),
      line(width, [' ', ...shown.slice(split).flatMap(spans)]),
    ],
    width,
    height,
  );
};
