// Where the log of a simulation goes while it runs: a file in a folder for temporary ones.

import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createEventEncoder,
  encodeHeader,
  type LogEvent,
  type LogHeader,
} from '../../engine/index.ts';
import { createArrowLogWriter } from '../../tui/files/arrow.ts';
import type { LogWriter } from '../../tui/files/log-file.ts';

export type Sink = {
  add(event: LogEvent): void;
  /** Writes the rest; gives the size of the file. */
  end(): number;
};

export type OpenSink = (header: LogHeader) => Sink;

export const nowhere: OpenSink = () => ({ add() {}, end: () => 0 });

/** A file that is gone when the process ends. */
function scratchFile(): { readonly fd: number; close(): number } {
  const folder = mkdtempSync(join(tmpdir(), 'twomsl-bench-'));
  const path = join(folder, 'log');
  const fd = openSync(path, 'w');
  return {
    fd,
    close() {
      closeSync(fd);
      const { size } = statSync(path);
      rmSync(folder, { recursive: true, force: true });
      return size;
    },
  };
}

const LINES = 256;

export const text: OpenSink = (header) => {
  const file = scratchFile();
  const encode = createEventEncoder(header);
  let lines = [encodeHeader(header)];
  const write = (): void => {
    writeSync(file.fd, `${lines.join('\n')}\n`);
    lines = [];
  };
  return {
    add(event) {
      if (lines.push(encode(event)) >= LINES) write();
    },
    end() {
      if (lines.length > 0) write();
      return file.close();
    },
  };
};

/** The files that the program writes: Arrow, each buffer compressed by zstd, or none. */
export async function arrow(header: LogHeader, compress: boolean): Promise<OpenSink> {
  // Made beforehand, as it loads a library; it serves once.
  let made: LogWriter | undefined = await createArrowLogWriter(header, 'bench', { compress });
  return () => {
    if (made === undefined) throw new Error('such a sink serves one log');
    const writer = made;
    made = undefined;
    const file = scratchFile();
    const write = (bytes: string | Uint8Array | undefined): void => {
      if (bytes !== undefined) writeSync(file.fd, bytes as Uint8Array);
    };
    write(writer.begin());
    return {
      add: (event) => write(writer.add(event)),
      end() {
        write(writer.end(undefined));
        return file.close();
      },
    };
  };
}
