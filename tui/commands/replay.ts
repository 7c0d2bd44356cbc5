/** `twomsl replay`: folds a log to a moment and tells the state there. */

import { Failure } from '../files/failure.ts';
import { digestOf, type Events, formatTime, type LogEvent, type Snapshot } from './engine.ts';
import { foldTo } from './fold.ts';
import { INTERRUPTED, type Io, json, OK, warn } from './io.ts';
import { type LoadedLog, loadLog } from './load.ts';
import { timeNamed } from './settings.ts';
import { reportHosts, statesTable } from './states.ts';
import { oneLine } from './terminal.ts';

/** A moment of a log, by `--at` or `--time`; neither: its end. */
export type Moment = { at?: number; time?: string };

export type ReplayArgs = Moment & { log: string; json?: true };

export async function replay(args: ReplayArgs, io: Io): Promise<number> {
  const log = await loadLog(args.log, io);
  if (log === undefined) return INTERRUPTED;
  const at = positionOf(args, log.events);
  const snapshot = await foldTo(log, at, io);
  if (snapshot === undefined) return INTERRUPTED;
  warn(io, log.warnings);
  await io.out(args.json ? json(report(log, snapshot)) : text(log, snapshot));
  return OK;
}

/** How many events are to be folded. */
export function positionOf({ at, time }: Moment, events: Events): number {
  if (time !== undefined) return positionAt(time, events);
  if (at === undefined) return events.length;
  const position = at < 0 ? events.length + at : at;
  if (position >= 0 && position <= events.length) return position;
  const range = `a number from 0 to ${events.length}, or from -${events.length} to -1`;
  throw new Failure(`--at ${at}: expected ${range}, the events of this log`);
}

/** After the last event that is not later than the time. */
function positionAt(text: string, events: Events): number {
  const time = timeNamed('--time', text);
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((events.at(middle) as LogEvent).t <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The clock stands at the last event folded. Documented in README.md. */
function report(log: LoadedLog, snapshot: Snapshot): object {
  return {
    log: log.name,
    title: log.header.title,
    seed: log.header.seed,
    events: log.events.length,
    at: snapshot.events,
    time_us: snapshot.time,
    clock: formatTime(snapshot.time),
    hosts: reportHosts(snapshot),
    inFlight: snapshot.flights.size,
    digest: digestOf(snapshot),
    warnings: log.warnings,
  };
}

function text(log: LoadedLog, snapshot: Snapshot): string {
  const { header, events } = log;
  const timeWait = snapshot.hosts.map((host) => host.states.at(-1) ?? 0);
  const total = timeWait.reduce((sum, count) => sum + count, 0);
  return [
    oneLine(header.title),
    `after event ${snapshot.events} of ${events.length}, clock ${formatTime(snapshot.time)}`,
    '',
    ...statesTable(snapshot, true),
    '',
    `in TIME-WAIT   ${total}`,
    `in flight      ${snapshot.flights.size}`,
    `digest         ${digestOf(snapshot)}`,
    '',
  ].join('\n');
}
