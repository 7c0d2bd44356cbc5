/** A whole log as text: the header, its events, and the end line. */
import { createEventEncoder } from './encode-event.ts';
import type { LogEvent } from './event.ts';
import type { LogHeader, LogTrailer } from './header.ts';
import { encodeHeader } from './header-text.ts';

export function encodeTrailer(trailer: LogTrailer): string {
  return `{"ev":"end","events":${trailer.events},"digest":${JSON.stringify(trailer.digest)}}`;
}

/** A whole log, line by line, each with its end of line. */
export function* encodeLog(
  header: LogHeader,
  events: Iterable<LogEvent>,
  trailer?: LogTrailer,
): Generator<string, void> {
  yield `${encodeHeader(header)}\n`;
  const encode = createEventEncoder(header);
  for (const event of events) yield `${encode(event)}\n`;
  if (trailer !== undefined) yield `${encodeTrailer(trailer)}\n`;
}
