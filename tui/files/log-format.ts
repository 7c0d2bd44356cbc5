/**
 * The two forms of a log: text, for what people read and write, and Arrow, for bulk. A file is read
 * by its first bytes, and written by its name.
 */
import {
  createEventEncoder,
  createLogDecoder,
  encodeHeader,
  encodeTrailer,
  type LogHeader,
  problemText,
} from '../../engine/index.ts';
import { isArrowFile, isArrowStream } from './arrow-frames.ts';
import { Failure } from './failure.ts';
import type { FileDecoder, LogWriter, WriterOptions } from './log-file.ts';

export type LogFormat = 'jsonl' | 'arrows';

/** The form of a log that is to be written under this name. */
export function formatFor(name: string): LogFormat {
  // Stdout and devices have no ending; that there is no name at all is told where it is opened.
  if (name === '-' || name.trim() === '' || name.startsWith('/dev/')) return 'jsonl';
  const bare = name.toLowerCase().replace(/\.(gz|zst|zstd)$/, '');
  if (bare.endsWith('.jsonl')) return 'jsonl';
  if (bare.endsWith('.arrows')) return 'arrows';
  if (/\.(arrow|feather|ipc)$/.test(bare)) {
    throw new Failure(
      `${name}: this is the name of Arrow's file format, which cannot be read after a cut. ` +
        'Expected .arrows, its stream format',
    );
  }
  throw new Failure(
    `${name}: expected a name that tells the form of the log: in .jsonl or .arrows, ` +
      'and with .gz or .zst behind it if it is to be compressed',
  );
}

/** How a log is to be written under this name, if the user asks for a compression. */
export function writerOptions(name: string, compression: 'none' | 'zstd' | undefined) {
  if (compression === undefined) return {};
  if (formatFor(name) === 'arrows') return { compress: compression !== 'none' };
  throw new Failure(
    `--compression ${compression}: expected a log in bulk to write, with a name in .arrows, ` +
      `found ${name}. Text is compressed where its name ends in .gz or .zst`,
  );
}

/** Lines handed over at once: joining them is twice as fast as growing one text. */
const LINES = 256;

export async function createLogWriter(
  header: LogHeader,
  format: LogFormat,
  name: string,
  options: WriterOptions = {},
): Promise<LogWriter> {
  if (format === 'arrows') {
    return (await import('./arrow.ts')).createArrowLogWriter(header, name, options);
  }
  const encode = createEventEncoder(header);
  let lines: string[] = [];
  const take = (): string => {
    const text = `${lines.join('\n')}\n`;
    lines = [];
    return text;
  };
  return {
    begin: () => `${encodeHeader(header)}\n`,
    add(event) {
      lines.push(encode(event));
      return lines.length >= LINES ? take() : undefined;
    },
    end(trailer) {
      if (trailer !== undefined) lines.push(encodeTrailer(trailer));
      return lines.length > 0 ? take() : '';
    },
  };
}

/** The first four bytes of pcap, in either order and unit of time, and of pcapng. */
const CAPTURES = ['a1b2c3d4', 'd4c3b2a1', 'a1b23c4d', '4d3cb2a1', '0a0d0d0a'];

function isCapture(head: Uint8Array): boolean {
  return CAPTURES.includes(Buffer.from(head.subarray(0, 4)).toString('hex'));
}

/** What reads a log that begins with these bytes. `name`: as it stands in messages. */
export async function createFileDecoder(head: Uint8Array, name: string): Promise<FileDecoder> {
  if (isArrowStream(head)) return (await import('./arrow.ts')).createArrowLogDecoder(name);
  if (isArrowFile(head)) {
    throw new Failure(
      `${name}: it is in Arrow's file format. Expected a log as JSON Lines or as a stream of Arrow`,
    );
  }
  if (isCapture(head)) {
    const file = name === 'stdin' ? '-' : name;
    throw new Failure(
      `${name}: this is a capture, not a log. To make a log of it: twomsl import ${file}`,
    );
  }
  const decoder = createLogDecoder();
  const text = new TextDecoder('utf-8', { ignoreBOM: true });
  let stopped = false;
  return {
    get header() {
      return decoder.header;
    },
    get stopped() {
      return stopped;
    },
    drain: decoder.drain,
    columnsFrom: () => undefined,
    feed(chunk) {
      stopped = decoder.feed(text.decode(chunk, { stream: true })) !== undefined;
    },
    end() {
      decoder.feed(text.decode());
      const decoded = decoder.end();
      if (!decoded.ok) return { ok: false, message: problemText(decoded.error, name) };
      const { header, events, trailer } = decoded;
      return { ok: true, header, events, trailer, warnings: decoded.warnings };
    },
  };
}
