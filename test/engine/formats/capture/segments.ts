// Segments at random, within what a header can say, and one packet through the whole decoder.

import * as fc from 'fast-check';
import { formatAddress } from '../../../../engine/base/address.ts';
import {
  type DecodedCapture,
  decodeCapture,
  LINK_RAW,
  type TcpFrame,
} from '../../../../engine/formats/capture/index.ts';
import { ACK, blankSegment, PSH, type Segment } from '../../../../engine/tcp/segment.ts';
import { pcapFile } from './files.ts';

const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffff_ffff);
const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map(formatAddress);
const ipv6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(formatAddress);

const timestamps = fc.oneof(
  fc.constant({ ts: false, tsVal: 0, tsEcr: 0 }),
  fc.record({ ts: fc.constant(true), tsVal: u32, tsEcr: u32 }),
);
const openOptions = fc.record({
  mss: u16,
  wscale: fc.integer({ min: -1, max: 255 }),
  sackOk: fc.boolean(),
  sack: fc.constant(null),
});
const laterOptions = fc.record({
  mss: fc.constant(0),
  wscale: fc.constant(-1),
  sackOk: fc.constant(false),
  sack: fc.option(
    fc
      .array(fc.tuple(u32, u32), { minLength: 1, maxLength: 3 })
      .map((blocks): readonly number[] => blocks.flat()),
  ),
});

/** Lengths that fit an IP packet, and those of segmentation offload that do not. */
const len = fc.oneof(fc.constant(0), fc.nat(1460), fc.nat(65_400), fc.nat(1_000_000));

export const segments: fc.Arbitrary<Segment> = fc
  .tuple(
    fc.oneof(fc.tuple(ipv4, ipv4), fc.tuple(ipv6, ipv6)),
    fc.record({ srcPort: u16, dstPort: u16, seq: u32, ack: u32, flags: fc.nat(255) }),
    fc.record({ wnd: u16, up: u16, len }),
    timestamps,
    fc.oneof(openOptions, laterOptions),
  )
  .map(([[src, dst], header, sizes, ts, options]) => ({
    ...blankSegment(src, 0, dst, 0),
    ...header,
    ...sizes,
    ...ts,
    ...options,
  }));

export const sample: Segment = {
  ...blankSegment('10.0.0.1', 40_000, '10.0.0.2', 80),
  seq: 1000,
  ack: 2000,
  flags: ACK | PSH,
  wnd: 501,
  len: 10,
};

export const sampleIpv6: Segment = { ...sample, src: 'fd00::1', dst: 'fd00::2' };

/** One packet through the decoder. */
export function decodeOne(
  data: Uint8Array,
  linkType = LINK_RAW,
  originalLength = data.length,
): DecodedCapture {
  const result = decodeCapture(pcapFile([{ data, originalLength }], { linkType }));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.decoded;
}

/** The segment of a packet that is known to hold one. */
export function frameOf(
  data: Uint8Array,
  linkType = LINK_RAW,
  originalLength = data.length,
): TcpFrame {
  const decoded = decodeOne(data, linkType, originalLength);
  const frame = decoded.frames[0];
  if (frame === undefined) throw new Error(JSON.stringify(decoded.skipped));
  return frame;
}

/** Why a packet gives no segment. */
export function skipOf(
  data: Uint8Array,
  linkType = LINK_RAW,
  originalLength = data.length,
): string {
  const { skipped } = decodeOne(data, linkType, originalLength);
  return skipped.map(({ reason, what }) => `${reason}: ${what}`).join('; ');
}
