/**
 * Where a log goes that a command made: to a file, to stdout, or, on a terminal, nowhere but into a
 * summary. The result on stdout is one of: the log, a line about the file, JSON about the file.
 */

import { formatFor, writerOptions } from '../files/log-format.ts';
import { userPath } from '../files/paths.ts';
import { checkPlace, openSink, type Sink, type SinkOptions } from '../files/write.ts';
import { formatTime, type LogEvent } from './engine.ts';
import { type Io, json, warn } from './io.ts';
import { type Recorded, type Recording, record } from './record.ts';
import { type Step, stepsWith, summarize } from './summary.ts';

export type KeepOptions = {
  readonly out?: string;
  readonly force?: true;
  readonly json?: true;
  readonly compression?: 'none' | 'zstd';
  readonly warnings: readonly string[];
};

export type Kept = Recorded;

type Target = Pick<KeepOptions, 'out' | 'force' | 'compression'>;

/** Refuses a target that cannot be, before the work whose result it is to hold. */
export async function checkTarget(options: Target, io: Io): Promise<void> {
  const { out, compression } = options;
  if (out === undefined) return;
  formatFor(out);
  writerOptions(out, compression);
  await checkPlace(placeOf(out, options, io));
}

function placeOf(target: string, { force }: Target, io: Io): SinkOptions {
  const path = userPath(target, io.cwd);
  return { path, name: target, force: force === true, stdout: io.out };
}

export async function keep(recording: Recording, options: KeepOptions, io: Io): Promise<Kept> {
  const { out } = options;
  if (out === undefined && (io.tty.stdout || options.json)) {
    return showOnly(recording, options, io);
  }
  const target = out ?? '-';
  formatFor(target);
  const writing = writerOptions(target, options.compression);
  const sink = await openSink(placeOf(target, options, io));
  const kept = await record(recording, sink, target, io, writing);
  warn(io, options.warnings);
  if (kept.interrupted) {
    const { holder } = kept;
    const old = holder === target || target === '-' ? '' : `, ${target} is what it was`;
    io.err(`interrupted after ${kept.events} events; ${holder} holds them${old}\n`);
  } else if (target !== '-') {
    await io.out(options.json ? json(report(recording, options, kept)) : line(target, kept));
  }
  return kept;
}

function line(target: string, { events, time, digest }: Kept): string {
  return `${target}: ${events} events, ${formatTime(time)}, digest ${digest}\n`;
}

/** Documented in README.md. */
function report({ header }: Recording, { out, warnings }: KeepOptions, kept: Kept): object {
  return {
    log: out ?? null,
    title: header.title,
    seed: header.seed,
    hosts: header.hosts.map(({ name, profile }) => ({ name, profile })),
    events: kept.events,
    time_us: kept.time,
    digest: kept.digest,
    warnings,
  };
}

/** Nothing is written: the events are kept in memory for the summary. */
async function showOnly(recording: Recording, options: KeepOptions, io: Io): Promise<Kept> {
  const events: LogEvent[] = [];
  const nowhere: Sink = {
    write: () => Promise.resolve(),
    close: () => Promise.resolve(),
    closePart: () => Promise.resolve(''),
    discard: () => Promise.resolve(),
  };
  const noted = {
    *[Symbol.iterator]() {
      for (const event of recording.events) {
        events.push(event);
        yield event;
      }
    },
  };
  const kept = await record({ ...recording, events: noted }, nowhere, '-', io);
  warn(io, options.warnings);
  if (options.json) {
    await io.out(json(report(recording, options, kept)));
  } else {
    const { header } = recording;
    const next: Step[] = [['… --out FILE', 'the same, and the log is kept'], ...stepsWith('FILE')];
    const summary = await summarize({ name: header.title, header, events }, next, io);
    if (summary !== undefined) await io.out(summary);
  }
  return kept;
}
