// Whatever a file holds, decoding it ends in a value: a capture or an error, and never loses what
// stands before the damage.

import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  captureErrorText,
  decodeCapture,
  describeContents,
  encodeSegment,
} from '../../../../engine/formats/capture/index.ts';
import {
  enhancedPacket,
  hex,
  interfaceBlock,
  join,
  pcapFile,
  sectionHeader,
  simplePacket,
} from './files.ts';
import { sample, sampleIpv6 } from './segments.ts';

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`../../../fixtures/captures/${name}`, import.meta.url));

const ipv4 = encodeSegment({ ...sample, ts: true, sack: [1, 2, 3, 4] });
const ipv6 = encodeSegment({ ...sampleIpv6, mss: 1440, sackOk: true, wscale: 7 });
const tagged = join(hex('020000000002 020000000001 8100 0064 86dd'), ipv6);

const files: [string, Uint8Array][] = [
  ['pcapng with ICMP', fixture('d_icmp_port_unreachable.pcapng')],
  ['pcapng with SACK', fixture('g_data_reordered.pcapng').subarray(0, 4000)],
  ['pcap', fixture('d_close_in_syn_sent.pcap')],
  [
    'big-endian pcap',
    pcapFile([{ data: tagged }, { data: tagged }], { little: false, nanos: true, linkType: 1 }),
  ],
  [
    'pcapng of two sections',
    join(
      sectionHeader(false),
      interfaceBlock({ linkType: 1 }, false),
      enhancedPacket({ data: tagged }, false),
      sectionHeader(true),
      interfaceBlock({ linkType: 101, snapLen: 60 }, true),
      simplePacket(ipv4.subarray(0, 60), ipv4.length, true),
      enhancedPacket({ data: ipv6 }, true),
    ),
  ],
];

/** The text of the outcome, whatever it is, with every field checked to be in range. */
function outcome(bytes: Uint8Array): string {
  const result = decodeCapture(bytes);
  if (!result.ok) {
    expect(result.error.offset).toBeLessThanOrEqual(bytes.length);
    return captureErrorText(result.error);
  }
  const { decoded } = result;
  for (const { time, segment } of decoded.frames) {
    expect(Number.isSafeInteger(time) && time >= 0).toBe(true);
    const { seq, ack, srcPort, dstPort, flags, wnd, up, len, tsVal, tsEcr } = segment;
    for (const number of [seq, ack, srcPort, dstPort, flags, wnd, up, len, tsVal, tsEcr]) {
      expect(Number.isInteger(number) && number >= 0 && number < 2 ** 32).toBe(true);
    }
  }
  const accounted = decoded.skipped.reduce((sum, { count }) => sum + count, 0);
  expect(decoded.frames.length + decoded.icmp.length + accounted).toBe(decoded.packetCount);
  return describeContents(decoded);
}

describe.each(files)('%s', (_, file) => {
  test('cut at any byte keeps every segment before the cut', () => {
    const whole = decodeCapture(file);
    if (!whole.ok) throw new Error(captureErrorText(whole.error));
    let segments = 0;
    for (let length = 4; length < file.length; length += 1) {
      const part = decodeCapture(file.subarray(0, length));
      if (!part.ok) throw new Error(captureErrorText(part.error));
      const { frames, notes, truncated } = part.decoded;
      expect(frames.length).toBeGreaterThanOrEqual(segments);
      segments = frames.length;
      if (segments > 0) expect(frames.at(-1)).toEqual(whole.decoded.frames[segments - 1]);
      expect(notes).toEqual(whole.decoded.notes.slice(0, notes.length));
      expect(truncated === undefined || truncated.offset < length).toBe(true);
    }
    expect(segments).toBeGreaterThan(0);
  });

  test('cut within its magic number is an error', () => {
    for (let length = 0; length < 4; length += 1) {
      expect(outcome(file.subarray(0, length))).toContain('at byte 0: expected the magic number');
    }
  });

  test('with flipped bytes', () => {
    const flip = fc.tuple(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(fc.array(flip, { minLength: 1, maxLength: 8 }), (flips) => {
        const bytes = Uint8Array.from(file);
        for (const [at, bits] of flips) bytes[at] = (bytes[at] ?? 0) ^ bits;
        outcome(bytes);
      }),
      { numRuns: 500 },
    );
  });

  test('with a part taken out or put in', () => {
    const place = fc.nat(file.length);
    const part = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(place, place, part, (from, to, inserted) => {
        outcome(join(file.subarray(0, from), inserted, file.subarray(to)));
      }),
      { numRuns: 200 },
    );
  });
});

test('random bytes after a magic number', () => {
  const magics = ['d4c3b2a1', 'a1b2c3d4', '4d3cb2a1', 'a1b23c4d', '0a0d0d0a'].map(hex);
  const garbage = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(fc.constantFrom(...magics), garbage, (magic, rest) => {
      outcome(join(magic, rest));
    }),
    { numRuns: 1000 },
  );
});

test('random bytes as a packet of any link', () => {
  const linkType = fc.constantFrom(0, 1, 12, 101, 108, 113, 228, 229, 276);
  const start = fc.constantFrom(
    hex(''),
    hex('45'),
    hex('60'),
    hex('02000000'),
    hex('020000000002 020000000001 0800 45'),
    hex('600000000000 06'),
    hex('600000000020 2c'),
    hex('4500 0000 0000 0000 40 01'),
  );
  fc.assert(
    fc.property(linkType, start, fc.uint8Array({ maxLength: 120 }), (type, header, rest) => {
      outcome(pcapFile([{ data: join(header, rest) }], { linkType: type }));
    }),
    { numRuns: 2000 },
  );
});
