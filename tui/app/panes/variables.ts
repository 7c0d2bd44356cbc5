/**
 * The variables of one connection under the RFC's names, with their values before the current event
 * where it changed them, and the timers with what is left of them.
 */
import {
  type Bases,
  type Found,
  findConn,
  formatTime,
  type Micros,
  relative,
  type Tcb,
  timersOf,
} from '../../../engine/index.ts';
import { exactly, line, pad, type Span } from '../term/line.ts';
import { GLYPHS } from '../theme.ts';
import { about } from './connections.ts';
import { type Scene, scrolled, type View } from './pane.ts';

type Entry = {
  readonly name: string;
  /** A number of ours, of the peer's, or no sequence number. */
  readonly counts: 'ours' | 'theirs' | 'plain' | 'time';
  readonly of: (found: Found) => number | string | undefined;
};
type Section = { readonly title: string; readonly entries: readonly Entry[] };

const full =
  (of: (tcb: Tcb) => number | string | undefined) =>
  (found: Found): number | string | undefined =>
    found.kind === 'tcb' ? of(found.tcb) : undefined;

/** What the peer tells: while it has said nothing, the record holds no number of it. */
const heard =
  (of: Entry['of']): Entry['of'] =>
  (found) =>
    found.kind === 'tcb' && found.tcb.rcvNxt === found.tcb.irs && found.tcb.rcvText === 0
      ? 'not known yet'
      : of(found);

/** What begins with our SYN, which a listener sends none of. */
const begun =
  (of: Entry['of']): Entry['of'] =>
  (found) =>
    found.kind === 'tcb' && found.tcb.sndNxt === found.tcb.iss && found.tcb.textEnd === 0
      ? 'not chosen yet'
      : of(found);

const entry = (name: string, counts: Entry['counts'], of: Entry['of']): Entry => ({
  name,
  counts,
  of,
});

const SECTIONS: readonly Section[] = [
  {
    title: 'Send sequence variables',
    entries: [
      entry('SND.UNA', 'ours', begun(full((t) => t.sndUna))),
      entry(
        'SND.NXT',
        'ours',
        begun((f) => f.tcb.sndNxt),
      ),
      entry('SND.WND', 'plain', heard(full((t) => t.sndWnd))),
      entry(
        'SND.UP',
        'ours',
        full((t) => (t.urgentEnd > 0 ? t.sndUp : undefined)),
      ),
      entry('SND.WL1', 'theirs', heard(full((t) => t.sndWl1))),
      entry('SND.WL2', 'ours', heard(full((t) => t.sndWl2))),
      entry('ISS', 'ours', begun(full((t) => t.iss))),
    ],
  },
  {
    title: 'Receive sequence variables',
    entries: [
      entry(
        'RCV.NXT',
        'theirs',
        heard((f) => f.tcb.rcvNxt),
      ),
      entry('RCV.WND', 'plain', (f) => f.tcb.rcvWnd),
      entry(
        'RCV.UP',
        'theirs',
        full((t) => (t.urgent ? t.rcvUp : undefined)),
      ),
      entry('IRS', 'theirs', heard(full((t) => t.irs))),
    ],
  },
  {
    title: 'Text and FIN',
    entries: [
      entry(
        'written',
        'plain',
        full((t) => t.textEnd),
      ),
      entry(
        'acknowledged',
        'plain',
        full((t) => t.textUna),
      ),
      entry(
        'received',
        'plain',
        full((t) => t.rcvText),
      ),
      entry(
        'read',
        'plain',
        full((t) => t.rcvRead),
      ),
      entry(
        'beyond a gap',
        'plain',
        full((t) => t.blocks.length || undefined),
      ),
      entry('our FIN', 'plain', full(finText)),
      entry(
        "peer's FIN",
        'plain',
        full((t) => (t.finRcvd ? 'received' : 'not yet')),
      ),
      entry(
        'held by',
        'plain',
        full((t) => (t.held ? 'an application' : 'nobody (orphan)')),
      ),
    ],
  },
  {
    title: 'Round trip and congestion',
    entries: [
      entry(
        'SRTT',
        'time',
        full((t) => t.srtt || undefined),
      ),
      entry(
        'RTTVAR',
        'time',
        full((t) => t.rttvar || undefined),
      ),
      entry(
        'RTO',
        'time',
        full((t) => t.rto),
      ),
      entry(
        'retransmitted',
        'plain',
        full((t) => t.rtxCount || undefined),
      ),
      entry(
        'cwnd',
        'plain',
        full((t) => t.cwnd || undefined),
      ),
      entry(
        'ssthresh',
        'plain',
        full((t) => finite(t.ssthresh)),
      ),
      entry(
        'MSS',
        'plain',
        full((t) => t.mss),
      ),
      entry('options', 'plain', (f) => optionsText(f)),
    ],
  },
];

const finite = (value: number): number | undefined =>
  value > 0 && value < 0x4000_0000 ? value : undefined;

function finText(tcb: Tcb): string {
  if (tcb.finAcked) return 'acknowledged';
  if (tcb.finSent) return 'sent';
  return tcb.finQueued ? 'follows the text' : 'not yet';
}

function optionsText(found: Found): string {
  const parts: string[] = [];
  if (found.tcb.tsOn) parts.push('timestamps');
  if (found.kind === 'tcb' && found.tcb.sackOn) parts.push('SACK');
  if (found.tcb.rcvScale >= 0) parts.push(`window scale ${found.tcb.rcvScale}`);
  return parts.join(', ') || 'none';
}

export const variables: View = (scene, width, height) => {
  const { ui, data, theme } = scene;
  if (ui.selected === null) {
    return exactly([line(width, [' no connection is selected'])], width, height);
  }
  const { host, conn } = ui.selected;
  const now = findConn(data.snapshot(ui.n), host, conn);
  if (now === undefined) {
    return exactly([line(width, [[absent(scene, host, conn), theme.faint]])], width, height);
  }
  const before = ui.n > 0 ? findConn(data.snapshot(ui.n - 1), host, conn) : undefined;
  const bases = data.bases(host, conn);
  const lines = [...timerLines(scene, now, before, width)];
  if (now.kind === 'time-wait') {
    lines.push(line(width, [[' a small TIME-WAIT record: the rest is given up', theme.faint]]));
  }
  for (const { title, entries } of SECTIONS) {
    const rows = entries.flatMap((one) => entryLine(scene, one, now, before, bases, width));
    if (rows.length > 0) lines.push(line(width, [[` ${title}`, theme.title]]), ...rows);
  }
  return exactly(scrolled(scene, 'variables', lines, height), width, height);
};

function absent({ ui, data }: Scene, host: number, conn: number): string {
  const known = data.timeline.biography(host, conn);
  return known !== undefined && known.born >= ui.n
    ? ` does not exist yet: it is opened by event ${known.born + 1}`
    : ' is CLOSED: its TCB is deleted';
}

function entryLine(
  { ui, theme }: Scene,
  { name, counts, of }: Entry,
  now: Found,
  before: Found | undefined,
  bases: Bases,
  width: number,
): string[] {
  const value = of(now);
  if (value === undefined) return [];
  const old = before === undefined ? undefined : of(before);
  const changed = before !== undefined && old !== value;
  const text = (v: number | string): string => valueText(v, counts, bases, ui.absolute);
  const style = changed ? theme.changed : theme.plain;
  const spans: Span[] = [
    [` ${changed ? GLYPHS.changed : ' '}${pad(name, 13)}`, changed ? theme.changed : theme.faint],
    [text(value), style],
  ];
  const sequence = typeof value === 'number' && (counts === 'ours' || counts === 'theirs');
  if (changed && ui.diff && old !== undefined) spans.push([`  was ${text(old)}`, theme.faint]);
  else if (sequence && !ui.absolute && width >= 46) spans.push([`  ${value}`, theme.faint]);
  return [line(width, spans)];
}

function valueText(
  value: number | string,
  counts: Entry['counts'],
  bases: Bases,
  absolute: boolean,
): string {
  if (typeof value === 'string') return value;
  if (counts === 'time') return about(value);
  if (counts === 'plain' || absolute) return String(value);
  const base = counts === 'ours' ? bases.iss : bases.irs;
  const name = counts === 'ours' ? 'ISS' : 'IRS';
  return base === undefined ? String(value) : `${name}+${relative(value, base)}`;
}

function timerLines(
  { ui, theme }: Scene,
  now: Found,
  before: Found | undefined,
  width: number,
): string[] {
  const was = new Map(timersOf(before).map(({ timer, at }) => [timer, at]));
  const lines = timersOf(now).map(({ timer, at }) => {
    const changed = was.get(timer) !== at && before !== undefined;
    const style = changed
      ? theme.changed
      : timer === 'TIME-WAIT'
        ? theme.state['TIME-WAIT']
        : theme.plain;
    return line(width, [
      [` ${changed ? GLYPHS.changed : ' '}${pad(timer, 15)}`, style],
      [leftText(at - ui.now), style],
      [`  at ${formatTime(at)}`, theme.faint],
    ]);
  });
  const running = new Set(timersOf(now).map(({ timer }) => timer));
  const off = [...was.keys()].filter((timer) => !running.has(timer));
  for (const timer of off) {
    lines.push(line(width, [[` ${GLYPHS.changed}${pad(timer, 15)}off`, theme.changed]]));
  }
  const since = `in this state for ${about(Math.max(0, ui.now - now.tcb.changedAt))}`;
  const head = line(width, [
    [' Timers', theme.title],
    [`  ${since}`, theme.faint],
  ]);
  if (lines.length === 0) lines.push(line(width, [['  none runs', theme.faint]]));
  return [head, ...lines];
}

function leftText(left: Micros): string {
  return left < 0 ? 'due' : `${about(left)} left`;
}
