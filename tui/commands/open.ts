/**
 * `twomsl [LOG]`: the dashboard, or the summary where stdout is no terminal. Ink and React are
 * loaded here and nowhere else.
 */

import { existsSync } from 'node:fs';
import { LEAST } from '../app/layout.ts';
import { Failure } from '../files/failure.ts';
import { userPath } from '../files/paths.ts';
import { type LogEvent, SCENARIOS, simulate } from './engine.ts';
import { timelineOf } from './fold.ts';
import { type Growing, growLog } from './grow.ts';
import { INTERRUPTED, type Io, OK, warn } from './io.ts';
import { extentOf, type LoadedLog, loadLog } from './load.ts';
import { createPace } from './progress.ts';
import { roomFor } from './room.ts';
import { type Step, stepsWith, summarize } from './summary.ts';

export type OpenArgs = {
  log?: string | undefined;
  budget?: number;
  until?: string;
  events?: number;
};

/** So much of a log is read before its first frame; most are then there as a whole. */
const FIRST_MS = 100;

/** The scenario that is shown when no log is named. */
const TOUR = 'tour';
const TOUR_FILE = 'tour.jsonl';

export async function open(args: OpenArgs, io: Io): Promise<number> {
  if (args.log !== undefined) checkName(args.log, io);
  const room = roomFor(args.budget);
  const extent = extentOf(args);
  const keyboard = io.tty.stdout ? io.keyboard() : undefined;
  if (args.log !== undefined && keyboard !== undefined) {
    const growing = await growLog(args.log, io, room, extent);
    return growing === undefined ? INTERRUPTED : showGrowing(growing, keyboard, io);
  }
  const log = args.log === undefined ? await tour(io) : await loadLog(args.log, io, extent);
  if (log === undefined) return INTERRUPTED;
  if (keyboard === undefined) return showSummary(log, io);
  checkScreen(io);
  const timeline = await timelineOf(log, log.warnings, io, room.keyframes);
  if (timeline === undefined) return INTERRUPTED;
  const { openDashboard } = await import('../app/open.tsx');
  const { title } = log.header;
  const file = log.name;
  // The dashboard knows keys, not signals; on the way out Ink gives the terminal back.
  return Promise.race([openDashboard({ timeline, title, file, stdin: keyboard }), signalled(io)]);
}

/** Simulated on the spot: as quick as reading it, and it needs no file beside the program. */
async function tour(io: Io): Promise<LoadedLog | undefined> {
  const scenario = SCENARIOS[TOUR];
  if (scenario === undefined) throw new Failure('there is no tour: name a log');
  const header = scenario.build();
  const events: LogEvent[] = [];
  const pace = createPace(io, () => `preparing the tour: ${events.length} events`);
  try {
    for (const event of simulate(header)) {
      events.push(event);
      const stop = pace.step();
      if (typeof stop === 'boolean' ? stop : await stop) return undefined;
    }
  } finally {
    pace.done();
  }
  return { name: TOUR_FILE, header, events, trailer: undefined, warnings: [] };
}

/** The dashboard with the beginning of a log, which is read on while it is shown. */
async function showGrowing(growing: Growing, keyboard: NodeJS.ReadStream, io: Io): Promise<number> {
  checkScreen(io);
  const { timeline, loading, name: file } = growing;
  const more = await loading.more(FIRST_MS);
  const broken = growing.failure();
  // Of a log that is damaged further on, what comes before can be looked at.
  if (broken !== undefined && timeline.length === 0) throw broken;
  const { openDashboard } = await import('../app/open.tsx');
  const { title } = timeline.header;
  // Why it stopped short is told on screen, also if that was known before the first frame.
  const told = more || loading.status() !== '' ? { loading } : {};
  const shown = { timeline, title, file, stdin: keyboard, ...told };
  const code = await Promise.race([openDashboard(shown), signalled(io)]);
  const failure = growing.failure();
  if (failure !== undefined) throw failure;
  // On screen they are told before the first event alone.
  warn(io, timeline.warnings);
  return code;
}

async function showSummary(log: LoadedLog, io: Io): Promise<number> {
  const steps: Step[] =
    log.name === TOUR_FILE ? [[`twomsl run ${TOUR} --out ${TOUR_FILE}`, 'the tour as a log']] : [];
  const file = log.name === 'stdin' ? 'LOG' : log.name;
  const summary = await summarize(log, [...steps, ...stepsWith(file)], io);
  if (summary === undefined) return INTERRUPTED;
  warn(io, log.warnings);
  await io.out(summary);
  return OK;
}

function signalled({ interrupted }: Io): Promise<number> {
  return new Promise((resolve) => {
    interrupted.addEventListener('abort', () => resolve(INTERRUPTED));
  });
}

const COMMANDS =
  'run, replay, fork, experiment, import, export, convert, packetdrill, explore, fuzz, check, ' +
  'list, profiles, help';

/** A word that is no file is perhaps a command that was misspelt. */
function checkName(name: string, io: Io): void {
  if (name === '-' || !/^[a-z]+$/.test(name) || existsSync(userPath(name, io.cwd))) return;
  throw new Failure(`${name}: there is no such file, and no such command: ${COMMANDS}`);
}

function checkScreen({ columns, rows }: Io): void {
  const { width, height } = LEAST;
  if (columns >= width && rows >= height) return;
  throw new Failure(
    `the screen is too small: expected at least ${width}×${height}, ` +
      `found ${columns}×${rows}. Enlarge it, or pipe the output for a summary: twomsl LOG | cat`,
  );
}
