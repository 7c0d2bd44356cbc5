/**
 * `twomsl fork`: the log up to a moment, one thing changed there, and what follows from it.
 *
 * All chance is drawn as in the origin, so what differs after the fork differs by the change alone.
 */

import { Failure } from '../files/failure.ts';
import {
  type ForkChange,
  forkTimeline,
  type LogHeader,
  type Micros,
  parseTime,
  type Timeline,
} from './engine.ts';
import { timelineOf } from './fold.ts';
import { INTERRUPTED, type Io, OK } from './io.ts';
import { checkTarget, keep } from './keep.ts';
import { loadLog } from './load.ts';
import { checkKnobs } from './made.ts';
import { type Moment, positionOf } from './replay.ts';
import type { KnobSettings } from './settings.ts';

export type ForkArgs = Moment & {
  log: string;
  host?: string;
  set: KnobSettings;
  crash?: string;
  out?: string;
  force?: true;
  compression?: 'none' | 'zstd';
  json?: true;
};

export async function fork(args: ForkArgs, io: Io): Promise<number> {
  await checkTarget(args, io);
  const log = await loadLog(args.log, io);
  if (log === undefined) return INTERRUPTED;
  const at = positionOf(momentOf(args), log.events);
  const changes = changesOf(args, log.header);
  const timeline = await timelineOf(log, [], io);
  if (timeline === undefined) return INTERRUPTED;
  const time = args.time === undefined ? undefined : parseTime(args.time);
  const recording = forked(args.log, timeline, at, changes, time);
  const kept = await keep(recording, { ...args, warnings: log.warnings }, io);
  return kept.interrupted ? INTERRUPTED : OK;
}

/** A fork at the end of a log would change nothing that can be seen: the moment must be said. */
function momentOf(args: ForkArgs): Moment {
  if (args.at !== undefined || args.time !== undefined) return args;
  throw new Failure(
    'fork: expected the moment of the fork: --at N, after the first N events, ' +
      'or --time T, such as 1.5s',
  );
}

function forked(
  name: string,
  timeline: Timeline,
  at: number,
  changes: readonly ForkChange[],
  time: Micros | undefined,
) {
  try {
    return forkTimeline(timeline, at, changes, time === undefined ? {} : { time });
  } catch (error) {
    throw new Failure(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The events that the options stand for, at the moment of the fork. */
function changesOf(args: ForkArgs, header: LogHeader): ForkChange[] {
  const changes: ForkChange[] = [];
  const changed = header.hosts.map((host) =>
    args.host === undefined || host.name === args.host
      ? { ...host, knobs: { ...host.knobs, ...args.set } }
      : host,
  );
  checkKnobs(changed, args.log);
  if (Object.keys(args.set).length > 0) {
    const hosts = args.host === undefined ? header.hosts.map((h) => h.name) : [args.host];
    for (const name of hosts) {
      changes.push({ ev: 'knob', host: hostNamed(name, header), knobs: args.set });
    }
  } else if (args.host !== undefined) {
    throw new Failure(`--host ${args.host}: expected --set knob=value beside it`);
  }
  if (args.crash !== undefined) changes.push({ ev: 'crash', host: hostNamed(args.crash, header) });
  return changes;
}

function hostNamed(name: string, header: LogHeader): number {
  const names = header.hosts.map((host) => host.name);
  const number = names.indexOf(name);
  if (number < 0) throw new Failure(`no host "${name}": the log has ${names.join(', ')}`);
  return number;
}
