// Segments to packets and files, and back.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encodedLength,
  encodeSegment,
  LINK_ETHERNET,
  LINK_RAW,
  type PacketToWrite,
  readCapture,
  writePcapng,
} from '../../../../engine/formats/capture/index.ts';
import { blankSegment, SYN } from '../../../../engine/tcp/segment.ts';
import { hex, join } from './files.ts';
import { frameOf, sample, sampleIpv6, segments } from './segments.ts';

/** The ones' complement sum of the 16-bit words: 0xffff where the checksum among them is right. */
function wordSum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
    sum = (sum % 65_536) + Math.floor(sum / 65_536);
  }
  return sum;
}

describe('a segment', () => {
  test('comes back from its packet', () => {
    fc.assert(
      fc.property(segments, (drawn) => {
        // Up to a little more than an IP packet can say; the next test has the very long ones.
        const segment = { ...drawn, len: drawn.len % 67_000 };
        const packet = encodeSegment(segment);
        const frame = frameOf(packet);
        expect(frame).toEqual({
          time: 0,
          frame: 1,
          interface: 0,
          segment,
          fastOpen: -1,
          ipIdent: 0,
        });
      }),
    );
  });

  test('comes back from the headers alone', () => {
    fc.assert(
      fc.property(segments, (segment) => {
        const headers = encodeSegment(segment, 0);
        const length = encodedLength(segment);
        expect(headers.length).toBe(length - segment.len);
        expect(frameOf(headers, LINK_RAW, length).segment).toEqual(segment);
      }),
    );
  });

  test('has right checksums, with its text or without', () => {
    fc.assert(
      fc.property(segments, fc.nat(100), (segment, text_max) => {
        const packet = encodeSegment(segment, text_max);
        const isIpv4 = packet[0] === 0x45;
        const ipBytes = isIpv4 ? 20 : 40;
        if (isIpv4) expect(wordSum(packet.subarray(0, 20))).toBe(0xffff);
        const tcp = packet.subarray(ipBytes);
        const addresses = packet.subarray(isIpv4 ? 12 : 8, ipBytes);
        const tcpLength = encodedLength(segment) - ipBytes;
        const length = [tcpLength >>> 24, tcpLength >>> 16, tcpLength >>> 8, tcpLength];
        const pseudo = join(addresses, length, hex('00000006'));
        expect(wordSum(join(pseudo, tcp))).toBe(0xffff);
      }),
    );
  });

  test('is written as Linux writes it', () => {
    const syn = {
      ...blankSegment('10.77.0.1', 49_214, '10.77.0.2', 8080),
      ...{ seq: 4_056_541_329, flags: SYN, wnd: 64_240 },
      ...{ mss: 1460, sackOk: true, ts: true, tsVal: 641_561_972, tsEcr: 0, wscale: 10 },
    };
    // The SYN of a recording, its identification field set to zero.
    const recorded = hex(`
      4500003c 00004000 40062620 0a4d0001 0a4d0002
      c03e1f90 f1c9e891 00000000 a002faf0 e2930000 020405b4 0402080a 263d7574 00000000 0103030a`);
    expect(encodeSegment(syn)).toEqual(recorded);
  });

  test.each([
    ['between two IP versions', { ...sample, dst: 'fd00::1' }, 'two IP versions'],
    ['from no address', { ...sample, src: 'client' }, 'not an IP address'],
    [
      'of too many options',
      { ...sample, ts: true, sack: [1, 2, 3, 4, 5, 6, 7, 8] },
      '48 bytes of TCP options',
    ],
  ])('%s is a broken invariant', (_, segment, message) => {
    expect(() => encodeSegment(segment)).toThrow(message);
  });
});

describe('a written pcapng file', () => {
  const interfaces = [
    { name: 'client', linkType: LINK_RAW, snapLen: 0 },
    { name: 'überall', linkType: LINK_ETHERNET, snapLen: 96 },
    { name: '', linkType: LINK_RAW, snapLen: 65_535 },
  ];
  const packets: fc.Arbitrary<PacketToWrite> = fc
    .record({
      interface: fc.nat(2),
      time_us: fc.nat(Number.MAX_SAFE_INTEGER),
      rest_ns: fc.nat(999),
      data: fc.uint8Array({ maxLength: 9 }),
      originalLength: fc.nat(0xffff_ffff),
    })
    // Nanoseconds since 1970 fill 64 bits in the year 2554, after our own limit of 2255.
    .filter(({ time_us }) => time_us < 2 ** 53);

  test('holds what was put into it', () => {
    fc.assert(
      fc.property(fc.array(packets, { maxLength: 5 }), (written) => {
        const result = readCapture(writePcapng(written, interfaces));
        if (!result.ok) throw new Error(JSON.stringify(result.error));
        expect(result.capture.interfaces).toEqual(interfaces);
        expect(result.capture).not.toHaveProperty('truncated');
        const read = result.capture.packets.map(({ index: _, offset: __, ...packet }) => packet);
        expect(read).toEqual(written);
      }),
    );
  });

  test('is one section with one block for each thing', () => {
    const data = encodeSegment(sampleIpv6, 0);
    const packet = { interface: 0, time_us: 1, rest_ns: 5, data, originalLength: 70 };
    const bytes = writePcapng([packet], [{ name: 'eth0', linkType: LINK_RAW, snapLen: 0 }]);
    const head = hex(`
      0a0d0d0a 1c000000 4d3c2b1a 01000000 ffffffff ffffffff 1c000000
      01000000 28000000 65000000 00000000 02000400 65746830 09000100 09000000 00000000 28000000
      06000000 5c000000 00000000 00000000 ed030000 3c000000 46000000`);
    expect(bytes).toEqual(join(head, data, hex('5c000000')));
  });

  test.each([
    ['before 1970', { time_us: -1, rest_ns: 0 }, 'no time stamp'],
    [
      'of an interface that is not there',
      { time_us: 0, rest_ns: 0, interface: 3 },
      'no interface 3',
    ],
  ])('a packet %s is a broken invariant', (_, odd, message) => {
    const packet = { interface: 0, data: new Uint8Array(0), originalLength: 0, ...odd };
    expect(() => writePcapng([packet], interfaces)).toThrow(message);
  });
});
