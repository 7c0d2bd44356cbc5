/** The port space of connect() per (source, destination, port): how much is left, what holds it. */
import { formatEndpoint, type PortSpace } from '../../../engine/index.ts';
import {
  cutMiddle,
  cutStart,
  exactly,
  line,
  pad,
  type Span,
  widthOf,
  wrapWords,
} from '../term/line.ts';
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
    const text = 'no local port is in use towards a foreign socket';
    lines.push(
      ...wrapWords(text, width - 2).map((part) => line(width, [[` ${part}`, theme.faint]])),
    );
  }
  const failed = data.snapshot(ui.n).hosts.reduce((sum, host) => sum + host.totals.addrNotAvail, 0);
  if (failed > 0) {
    lines.unshift(line(width, [[` ${failed} connect() failed: EADDRNOTAVAIL`, theme.warn]]));
  }
  return exactly(scrolled(scene, 'ports', lines, height), width, height);
};

/** Cells of the name of a host that are always seen. */
const HOST_LEAST = 8;

/** From a host to a socket in so much room: the end of the socket tells more than the host. */
function shortened(host: string, remote: string, room: number): string {
  const from = cutMiddle(host, Math.max(HOST_LEAST, room - 4 - widthOf(remote)));
  return ` ${from} → ${cutStart(remote, room - 4 - widthOf(from))}`;
}

function spaceLines(space: PortSpace, host: string, theme: Theme, width: number): string[] {
  const { used, free, size, inTimeWait } = space;
  const bar = Math.max(4, width - 32);
  const waiting = barOf(inTimeWait / size, bar);
  const others = barOf(Math.max(0, used - inTimeWait) / size, Math.max(0, bar - waiting.length));
  const rest = Math.max(0, bar - waiting.length - others.length);
  const tight = free < size / 10;
  const remote = formatEndpoint(space.remote, space.remotePort);
  const long = `  ${free} of ${size} ports free`;
  const short = `  ${free} free`;
  // The source gives way before the destination: it is that for which ports run out.
  const heads = [
    [` ${host} ${space.local} → ${remote}`, long],
    [` ${host} ${space.local} → ${remote}`, short],
    [` ${host} → ${remote}`, short],
  ] as const;
  const fits = heads.find(([where, said]) => widthOf(where) + widthOf(said) <= width);
  const [where, said] = fits ?? [shortened(host, remote, width - widthOf(short)), short];
  const head: Span[] = [where, [said, tight ? theme.warn : theme.plain]];
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
