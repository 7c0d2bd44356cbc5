/** The port space of connect() per (source, destination, port): how much is left, what holds it. */
import { formatEndpoint, type PortSpace } from '../../../engine/index.ts';
import { cut, exactly, line, pad, type Span, widthOf } from '../term/line.ts';
import type { Theme } from '../theme.ts';
import { scrolled, type View } from './pane.ts';
import { barOf } from './states.ts';

export const ports: View = (scene, width, height) => {
  const { ui, data, theme } = scene;
  const spaces = data.ports(ui.tableAt);
  const lines = spaces
    .slice(0, 200)
    .flatMap((space) => spaceLines(space, data.hosts[space.host] ?? '', theme, width));
  if (lines.length === 0) {
    lines.push(line(width, [[' no local port is in use towards a foreign socket', theme.faint]]));
  }
  const failed = data.snapshot(ui.n).hosts.reduce((sum, host) => sum + host.totals.addrNotAvail, 0);
  if (failed > 0) {
    lines.unshift(line(width, [[` ${failed} connect() failed: EADDRNOTAVAIL`, theme.warn]]));
  }
  return exactly(scrolled(scene, 'ports', lines, height), width, height);
};

function spaceLines(space: PortSpace, host: string, theme: Theme, width: number): string[] {
  const { used, free, size, inTimeWait } = space;
  const bar = Math.max(4, width - 32);
  const waiting = barOf(inTimeWait / size, bar);
  const others = barOf(Math.max(0, used - inTimeWait) / size, Math.max(0, bar - waiting.length));
  const rest = Math.max(0, bar - waiting.length - others.length);
  const tight = free < size / 10;
  const where = ` ${host} ${space.local} → ${formatEndpoint(space.remote, space.remotePort)}`;
  const room = width - widthOf(where);
  const long = `  ${free} of ${size} ports free`;
  const said = widthOf(long) <= room ? long : `  ${free} free`;
  const head: Span[] = [
    cut(where, width - widthOf(said)),
    [said, tight ? theme.warn : theme.plain],
  ];
  return [
    line(width, head),
    line(width, [
      '  ',
      [waiting, theme.state['TIME-WAIT']],
      [others, theme.bar],
      ['·'.repeat(rest), theme.faint],
      [pad(`${used} used, ${inTimeWait} TIME-WAIT`, 28, 'right'), theme.faint],
    ]),
  ];
}
