/**
 * Reading a log from its text, all at once or in chunks of any size.
 *
 * A log that was cut — its writer was killed, a disk ran full, a download broke off — is used up to
 * the cut, and a warning says where it ends. A fault in a line that others follow is corruption:
 * nothing after it can be trusted to follow from what is before it, so the log is refused.
 */

import { formatTime } from '../base/time.ts';
import { eventAt } from './decode-event.ts';
import type { LogEvent } from './event.ts';
import { type Json, objectAt, onlyFields, textAt, wholeAt } from './fields.ts';
import type { LogHeader, LogTrailer } from './header.ts';
import { headerAt } from './header-text.ts';
import { type HostNames, hostNames } from './names.ts';
import { type LogProblem, Malformed, showText } from './problem.ts';

export type DecodedLog =
  | {
      readonly ok: true;
      readonly header: LogHeader;
      readonly events: readonly LogEvent[];
      /** Absent where the log was cut. */
      readonly trailer?: LogTrailer;
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly error: LogProblem };

/** A decoder that is fed a log's text piece by piece. */
export type LogDecoder = {
  /** Takes more text. Once it gives an error the rest need not be read. */
  feed(chunk: string): LogProblem | undefined;
  /** Events read so far; it grows, and is the very list that `end` gives. */
  readonly events: readonly LogEvent[];
  readonly header: LogHeader | undefined;
  /** Takes out the events read so far, so that they need not all be in memory at once. */
  drain(): LogEvent[];
  /** Gives the events that were not taken out. */
  end(): DecodedLog;
};

/** A line longer than this is no line of a log but a file of another kind. */
const LINE_MAX = 64 * 1024 * 1024;
const NOT_A_LOG = 'Is it a log of twomsl? A capture is read by "twomsl import"';

export function decodeLog(text: string): DecodedLog {
  const decoder = createLogDecoder();
  decoder.feed(text);
  return decoder.end();
}

type Progress = {
  line: number;
  header: LogHeader | undefined;
  names: HostNames | undefined;
  readonly events: LogEvent[];
  /** Events read, those taken out included. */
  count: number;
  trailer: LogTrailer | undefined;
  time: number;
  error: LogProblem | undefined;
};

export function createLogDecoder(): LogDecoder {
  const progress: Progress = {
    line: 0,
    header: undefined,
    names: undefined,
    events: [],
    count: 0,
    trailer: undefined,
    time: 0,
    error: undefined,
  };
  let rest = '';
  return {
    feed(chunk) {
      let start = 0;
      for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', start)) {
        if (progress.error !== undefined) break;
        const line = chunk.slice(start, end);
        takeLine(progress, rest === '' ? line : rest + line);
        rest = '';
        start = end + 1;
      }
      rest += chunk.slice(start);
      checkBeginning(progress, rest);
      return progress.error;
    },
    events: progress.events,
    get header() {
      return progress.header;
    },
    drain: () => progress.events.splice(0),
    end: () => finish(progress, rest),
  };
}

/** Finds out early that a file is something else, before all of it is taken for one long line. */
function checkBeginning(progress: Progress, rest: string): void {
  if (progress.error !== undefined) return;
  const strange =
    progress.line === 0 && rest !== '' && !/^\uFEFF?\s*(\{|$)/.test(rest.slice(0, 64));
  if (!strange && rest.length <= LINE_MAX) return;
  const expected = progress.line === 0 ? 'a log, which begins with {' : 'a line of a log';
  const line = progress.line + 1;
  progress.error = { line, field: '', expected, found: showText(rest), todo: NOT_A_LOG };
}

function takeLine(progress: Progress, text: string): void {
  progress.line += 1;
  if (text === '' || text === '\r') return;
  try {
    takeJson(progress, parse(text, progress.header === undefined));
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    const { field, expected, found, todo } = error;
    progress.error = { line: progress.line, field, expected, found, todo };
  }
}

function parse(text: string, first: boolean): Json {
  let value: unknown;
  try {
    value = JSON.parse(first && text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch {
    const todo = first ? NOT_A_LOG : 'The log is damaged here; what follows cannot be trusted';
    throw new Malformed('', 'a line of JSON', showText(text), todo);
  }
  return objectAt(value, '');
}

function takeJson(progress: Progress, json: Json): void {
  if (progress.header === undefined || progress.names === undefined) {
    progress.header = headerAt(json);
    progress.names = hostNames(progress.header);
    return;
  }
  if (progress.trailer !== undefined) {
    const todo = 'Two logs may have been joined: keep one of them';
    throw new Malformed('', 'nothing after the end line', showText(JSON.stringify(json)), todo);
  }
  if (json['ev'] === 'end') {
    progress.trailer = trailerAt(json, progress.count);
    return;
  }
  const event = eventAt(json, progress.names, progress.time);
  progress.time = event.t;
  progress.events.push(event);
  progress.count += 1;
}

const TRAILER_FIELDS = new Set(['ev', 'events', 'digest']);

function trailerAt(json: Json, count: number): LogTrailer {
  onlyFields(json, TRAILER_FIELDS, '');
  const events = wholeAt(json['events'], 'events');
  if (events !== count) {
    const todo = 'Lines of the log were lost or added';
    throw new Malformed('events', `${count}, the number of events above`, String(events), todo);
  }
  return { events, digest: textAt(json['digest'], 'digest') };
}

/** The end of the text. A last line without its end of line may be cut: then it is not used. */
function finish(progress: Progress, rest: string): DecodedLog {
  const warnings: string[] = [];
  if (progress.error === undefined && rest.trim() !== '') {
    if (isWhole(rest.replace(/^\uFEFF/, ''))) takeLine(progress, rest);
    else if (progress.header === undefined) progress.error = cutHeader(progress, rest);
    else warnings.push(cutWarning(progress));
  }
  if (progress.error !== undefined) return { ok: false, error: progress.error };
  const { header, events, trailer } = progress;
  if (header === undefined) return { ok: false, error: empty(progress.line) };
  if (trailer !== undefined) return { ok: true, header, events, trailer, warnings };
  if (warnings.length === 0) warnings.push(unfinishedWarning(progress));
  return { ok: true, header, events, warnings };
}

function isWhole(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function cutWarning({ line, count, time, trailer }: Progress): string {
  if (trailer !== undefined) return `line ${line + 1}, after the end line, is cut; not used`;
  const used = extent(count, time);
  return `the log is cut in the middle of line ${line + 1}: ${used} are used`;
}

function unfinishedWarning({ line, count, time }: Progress): string {
  const used = extent(count, time);
  return `the log has no end line: it stops after line ${line}; ${used} are used`;
}

function extent(events: number, time: number): string {
  return `${events} events up to ${formatTime(time)}`;
}

/** A header that is cut leaves nothing to use. */
function cutHeader({ line }: Progress, rest: string): LogProblem {
  const found = `a line cut after ${rest.length} characters`;
  const todo = 'The header did not arrive whole; nothing of the log can be used';
  return { line: line + 1, field: '', expected: 'the header of a log', found, todo };
}

function empty(line: number): LogProblem {
  const found = line === 0 ? 'an empty file' : 'empty lines alone';
  return { line: 1, field: '', expected: 'the header of a log', found, todo: NOT_A_LOG };
}
