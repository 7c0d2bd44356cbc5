/** What every form of a log's file offers: writing event by event, reading chunk by chunk. */
import type { Columns, LogEvent, LogHeader, LogTrailer } from '../../engine/index.ts';

export type LogWriter = {
  /** The beginning, to be written at once: what follows can be used only with it. */
  begin(): string | Uint8Array;
  /** Takes an event; gives what is to be written by now, if anything. */
  add(event: LogEvent): string | Uint8Array | undefined;
  /** The rest; without a trailer the log says that it was cut. */
  end(trailer: LogTrailer | undefined): string | Uint8Array;
};

export type DecodedFile =
  | {
      readonly ok: true;
      readonly header: LogHeader;
      readonly events: readonly LogEvent[];
      readonly trailer: LogTrailer | undefined;
      readonly warnings: readonly string[];
    }
  /** The whole message. */
  | { readonly ok: false; readonly message: string };

export type FileDecoder = {
  /** Known once the beginning was read. */
  readonly header: LogHeader | undefined;
  /** Nothing of what may follow is used. */
  readonly stopped: boolean;
  feed(chunk: Uint8Array): void;
  /**
   * Takes out the next of the events read so far, some hundreds, so that they need not all be in
   * memory at once; none: more is to be fed.
   */
  drain(): readonly LogEvent[];
  /** The chunk that begins with this event, if the log came in chunks that the engine keeps so. */
  columnsFrom(event: LogEvent): Columns | undefined;
  /** What came of it, with the events that were not taken out. */
  end(): DecodedFile;
};

export type WriterOptions = {
  /** Of Arrow: whether buffers are compressed; they are unless it says no. */
  readonly compress?: boolean;
  /** Of Arrow: events in a batch. */
  readonly capacity?: number;
};
