/**
 * What a packet capture file holds, in either of its two formats, and how reading one can end.
 *
 * A file that stops in the middle (copied in part, or still growing) is not an error: what was read
 * stays good and `truncated` says where and in what it ended. A file that contradicts itself is an
 * error.
 */

export type CaptureInterface = {
  /** As the file names it; empty where it does not. */
  name: string;
  /** LINKTYPE_ value, such as 1 for Ethernet: what each packet's bytes begin with. */
  linkType: number;
  /** Most bytes kept of a packet; 0: no limit. */
  snapLen: number;
};

export type CapturedPacket = {
  /** The frame number, from 1, as Wireshark counts. */
  index: number;
  /** Where the packet's record or block begins in the file. */
  offset: number;
  /** Index into the capture's interfaces, across all sections of the file. */
  interface: number;
  /** Whole microseconds since 1970, rounded down, … */
  time_us: number;
  /** … and the nanoseconds, 0 to 999, on top of them. */
  rest_ns: number;
  /** The bytes kept: a view into the file's bytes, not a copy. */
  data: Uint8Array;
  /** How long the packet was before it was cut to the interface's limit. */
  originalLength: number;
};

/** Where the usable part of an incomplete file ends, and what was missing there. */
export type Truncation = { offset: number; message: string };

export type CaptureError = { offset: number; expected: string; found: string };

export type Capture = {
  format: 'pcap' | 'pcapng';
  interfaces: readonly CaptureInterface[];
  packets: readonly CapturedPacket[];
  /** Packets the file has no time for; they carry the time of the packet before. */
  untimed: number;
  truncated?: Truncation;
};

export type ReadResult = { ok: true; capture: Capture } | { ok: false; error: CaptureError };

/** A file that ends within the thing at `offset`. */
export function cut(offset: number, thing: string, needed: number, left: number): Truncation {
  const message = `the file ends within a ${thing} at byte ${offset}: ${left} of ${needed} bytes`;
  return { offset, message };
}

/** The error in one line of text. */
export function captureErrorText(error: CaptureError): string {
  return `at byte ${error.offset}: expected ${error.expected}, found ${error.found}`;
}
