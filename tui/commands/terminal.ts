/**
 * Text on its way to a terminal. What comes from a file, a title or an excerpt of a line, must not
 * move the cursor nor change colours there; what goes to a pipe or a file is what it is.
 */
import { safe } from '../app/term/line.ts';
import type { Io } from './io.ts';

/** The same, with streams on which nothing but our own ends of lines acts on a terminal. */
export function guardTerminal(io: Io): Io {
  const { tty, out, err } = io;
  return {
    ...io,
    out: tty.stdout ? (text) => out(lines(text)) : out,
    err: tty.stderr ? (text) => err(lines(text)) : err,
  };
}

function lines(text: string): string {
  // A line of progress begins with a carriage return, and is wiped out by one at its end.
  const [, begin = '', body = '', end = ''] = /^(\r?)(.*?)(\r?)$/s.exec(text) ?? [];
  return begin + body.split('\n').map(safe).join('\n') + end;
}

/** Text of a file that is shown within a line of ours. */
export function oneLine(text: string): string {
  return text.replace(/[\r\n\u0085\u2028\u2029]/g, '·');
}
