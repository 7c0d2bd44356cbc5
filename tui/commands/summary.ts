/**
 * A log on one page: what it is, how it ended, how TIME-WAIT went, and what to do next. Shown where
 * the dashboard cannot be, for want of a terminal.
 */
import {
  digestOf,
  type Effects,
  formatTime,
  initialState,
  type LogEvent,
  type Look,
  type Snapshot,
  type State,
  stateNumber,
} from './engine.ts';
import { type Foldable, foldEach } from './fold.ts';
import type { Io } from './io.ts';
import { statesTable } from './states.ts';
import { oneLine } from './terminal.ts';

/** A command line, and what it gives. */
export type Step = readonly [command: string, says: string];

/** Undefined: interrupted. `next`: what may come after it. */
export async function summarize(
  log: Foldable,
  next: readonly Step[],
  io: Io,
): Promise<string | undefined> {
  const story = createStory(log);
  const last = await foldEach(log, io, (look, effects, event) => {
    note(story, look, effects, event);
  });
  if (last === undefined) return undefined;
  story.last = last;
  return `${page(log, story)}\n${nextLines(next).join('\n')}\n`;
}

type Story = {
  last: Snapshot;
  /** Greatest number in TIME-WAIT, and when it was first reached. */
  peak: number;
  peakAt: number;
  /** In TIME-WAIT now. */
  waiting: number;
  /** Most in TIME-WAIT within each slice of time; -1: no event fell into it. */
  readonly slices: number[];
  /** How many there were at the end of a slice, if an event fell into it. */
  readonly ends: number[];
  readonly end: number;
  connections: number;
  /** Paths into TIME-WAIT and how many connections took them. */
  readonly ways: Map<string, number>;
  /** The states that each open connection has passed through. */
  readonly paths: Map<string, State[]>;
  readonly closers: Closers;
  readonly divergences: number[];
};

/** Connections by how they came to their end, from the end that tells it. */
type Closers = { active: Map<number, number>; both: number; reset: number };

const SLICES = 60;

function createStory(log: Foldable): Story {
  return {
    last: initialState(log.header),
    peak: 0,
    peakAt: 0,
    waiting: 0,
    slices: new Array<number>(SLICES).fill(-1),
    ends: [],
    end: log.events.at(-1)?.t ?? 0,
    connections: 0,
    ways: new Map(),
    paths: new Map(),
    closers: { active: new Map(), both: 0, reset: 0 },
    divergences: [],
  };
}

function note(story: Story, look: Look, effects: Effects, event: LogEvent): void {
  const waiting = timeWaits(look, story.last.hosts.length);
  if (waiting > story.peak) {
    story.peak = waiting;
    story.peakAt = event.t;
  }
  const slice = story.end === 0 ? 0 : Math.floor((event.t * (SLICES - 1)) / story.end);
  // A slice begins with as many as there were before its first event.
  story.slices[slice] = Math.max(story.slices[slice] ?? -1, story.waiting, waiting);
  story.waiting = waiting;
  story.ends[slice] = waiting;
  story.divergences.push(...effects.divergences.map((divergence) => divergence.host));
  for (const move of effects.transitions) {
    const key = `${move.host}#${move.conn}`;
    const path = story.paths.get(key) ?? [move.before];
    path.push(...move.via, move.after);
    story.paths.set(key, path);
    noteEnd(story, move.host, path);
    // TIME-WAIT is followed by CLOSED alone, which tells nothing more.
    if (move.after === 'CLOSED' || move.after === 'TIME-WAIT') story.paths.delete(key);
  }
}

function timeWaits(look: Look, hosts: number): number {
  const at = stateNumber('TIME-WAIT');
  let sum = 0;
  for (let host = 0; host < hosts; host += 1) sum += look.states(host)[at] ?? 0;
  return sum;
}

/** States from which a connection goes its last way, shown from there. */
const LAST_WAYS: readonly State[] = ['ESTABLISHED', 'SYN-RECEIVED', 'CLOSE-WAIT'];

function noteEnd({ closers, ways }: Story, host: number, path: readonly State[]): void {
  const state = path.at(-1);
  if (state === 'TIME-WAIT') {
    const start = path.findLastIndex((passed) => LAST_WAYS.includes(passed));
    const way = path.slice(Math.max(start, 0)).join(' → ');
    ways.set(way, (ways.get(way) ?? 0) + 1);
    if (path.includes('CLOSING')) closers.both += 1;
    else closers.active.set(host, (closers.active.get(host) ?? 0) + 1);
  }
  const before = path.at(-2);
  const broken = before === 'ESTABLISHED' || before === 'CLOSE-WAIT' || before === 'FIN-WAIT-1';
  if (state === 'CLOSED' && broken) closers.reset += 1;
}

function page(log: Foldable, story: Story): string {
  const { header, events } = log;
  const { last } = story;
  const opened = last.hosts.reduce((sum, host) => sum + host.totals.opened, 0);
  const lines = [
    oneLine(header.title === '' ? log.name : header.title),
    ...(header.about === '' ? [] : wrap(header.about, 78)),
    '',
    `source       ${sourceText(log)}`,
    `hosts        ${hostsText(log)}`,
    `duration     ${formatTime(last.time)}, ${events.length} events, ${opened} connection ends`,
    `segments     ${segmentsText(last)}`,
    `digest       ${digestOf(last)}`,
    '',
    'At the end',
    ...statesTable(last),
    '',
    ...timeWaitLines(log, story),
  ];
  if (story.divergences.length > 0) {
    lines.push(
      `divergences  ${story.divergences.length}: the recording did what our TCP would not`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function sourceText({ header }: Foldable): string {
  const { source, seed } = header;
  if (source.kind === 'simulation') return `scenario ${oneLine(source.scenario)}, seed ${seed}`;
  return `recording ${oneLine(source.file)}; 0 s is ${dateText(source.epoch)}`;
}

/** µs since 1970 as `2026-01-31 12:00:00.000000 UTC`. */
function dateText(epoch_us: number): string {
  const ms = Math.floor(epoch_us / 1_000);
  // A capture may claim any time; beyond the year 275,760 there are no dates.
  if (Math.abs(ms) > 8.64e15) return `${epoch_us} µs`;
  const rest = String(epoch_us - ms * 1_000).padStart(3, '0');
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', `${rest} UTC`);
}

function segmentsText({ hosts }: Snapshot): string {
  const sum = (of: 'segmentsSent' | 'retransmissions' | 'resetsSent') =>
    hosts.reduce((total, { totals }) => total + totals[of], 0);
  const again = sum('retransmissions');
  return `${sum('segmentsSent')} sent, ${again} of them again, ${sum('resetsSent')} with RST`;
}

const HOSTS_NAMED = 4;

function hostsText({ header }: Foldable): string {
  const names = header.hosts
    .slice(0, HOSTS_NAMED)
    .map(({ name, addresses, profile }) => `${name} (${addresses[0] ?? 'no address'}, ${profile})`);
  const rest = header.hosts.length - names.length;
  return [...names, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}

function timeWaitLines(log: Foldable, story: Story): string[] {
  const { peak, peakAt, closers, ways } = story;
  if (peak === 0) return ['TIME-WAIT    no connection was ever in it', ...resetLine(closers)];
  const first = [...closers.active].map(
    ([host, count]) => `${log.header.hosts[host]?.name ?? host} ${count}`,
  );
  if (closers.both > 0) first.push(`both at once ${Math.ceil(closers.both / 2)}`);
  return [
    `TIME-WAIT    at most ${peak}, first at ${formatTime(peakAt)}`,
    `             ${sparkline(story)}`,
    `closed first ${first.join(', ') || 'nobody'}`,
    ...resetLine(closers),
    ...[...ways]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 5)
      .map(([way, count], i) => `${(i === 0 ? 'ways in' : '').padEnd(13)}${count} × ${way}`),
  ];
}

function resetLine({ reset }: Closers): string[] {
  return reset > 0 ? [`cut off      ${reset} ends by a reset or a timeout`] : [];
}

const BARS = '▁▂▃▄▅▆▇█';

/** A slice without an event goes on as the one before it ended. */
function sparkline({ slices, ends, peak }: Story): string {
  let level = 0;
  return slices
    .map((count, i) => {
      const most = count >= 0 ? count : level;
      level = ends[i] ?? level;
      return most === 0 ? ' ' : BARS[Math.ceil((most * BARS.length) / peak) - 1];
    })
    .join('')
    .trimEnd();
}

function nextLines(steps: readonly Step[]): string[] {
  const width = Math.max(...steps.map(([command]) => command.length));
  return ['Next', ...steps.map(([command, says]) => `  ${command.padEnd(width)}  ${says}`)];
}

/** What one may do with a log that is in a file. */
export function stepsWith(file: string): Step[] {
  return [
    [`twomsl ${file}`, 'the dashboard, in a terminal'],
    [`twomsl replay ${file} --time 1s`, 'the state at a moment'],
    [`twomsl check ${file}`, 'integrity, invariants, digest'],
  ];
}

export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}
