// Captures written by hand, a line a packet: what a capture at the client, or on the way, shows.

import type { DecodedCapture, TcpFrame } from '../../../../engine/formats/capture/index.ts';
import {
  ACK,
  blankSegment,
  FIN,
  PSH,
  RST,
  type Segment,
  SYN,
} from '../../../../engine/tcp/segment.ts';

const FLAGS: Readonly<Record<string, number>> = { S: SYN, F: FIN, R: RST, P: PSH, '.': ACK };
const CLIENT = ['10.0.0.1', 40_000] as const;
const SERVER = ['10.0.0.2', 80] as const;

/**
 * A packet: its time in ms, who sends it, its flags as packetdrill and tcpdump write them, SEG.SEQ,
 * octets of text, SEG.ACK, and what else differs from a window of 500 without options.
 */
export type Line = readonly [
  time_ms: number,
  from: 'client' | 'server',
  flags: string,
  seq: number,
  len: number,
  ack: number,
  rest?: Partial<Segment>,
];

export function handmade(lines: readonly Line[]): DecodedCapture {
  const frames = lines.map(([time_ms, from, flags, seq, len, ack, rest], i): TcpFrame => {
    const [src, dst] = from === 'client' ? [CLIENT, SERVER] : [SERVER, CLIENT];
    const set = [...flags].reduce((sum, flag) => sum | (FLAGS[flag] ?? 0), 0);
    const blank = blankSegment(src[0], src[1], dst[0], dst[1]);
    const segment = {
      ...blank,
      seq: seq >>> 0,
      ack: ack >>> 0,
      flags: set,
      len,
      wnd: 500,
      ...rest,
    };
    return { time: time_ms * 1_000, frame: i + 1, interface: 0, segment, fastOpen: -1, ipIdent: 0 };
  });
  return {
    format: 'pcap',
    interfaces: [{ name: '', linkType: 101, snapLen: 65_535 }],
    epoch_us: 0,
    packetCount: frames.length,
    frames,
    icmp: [],
    skipped: [],
    notes: [],
    untimed: 0,
  };
}

/** The options of a SYN, with a window of 65,535 that is shifted by 7 later on. */
export const SYN_OPTIONS = { mss: 1_460, sackOk: true, wscale: 7, wnd: 65_535 } as const;
