// The classic capture file: four kinds, records, and how it can end.

import { describe, expect, test } from 'vitest';
import {
  type Capture,
  captureErrorText,
  readCapture,
} from '../../../../engine/formats/capture/index.ts';
import { half, hex, join, pcapFile, pcapHeader, word } from './files.ts';

const first = { seconds: 1_700_000_000, fraction: 999_999, data: hex('45 00 01') };
const second = { seconds: 1_700_000_001, fraction: 5, data: hex('60'), originalLength: 1500 };

function read(bytes: Uint8Array): Capture {
  const result = readCapture(bytes);
  if (!result.ok) throw new Error(captureErrorText(result.error));
  return result.capture;
}

function errorOf(bytes: Uint8Array): string {
  const result = readCapture(bytes);
  return result.ok ? 'no error' : captureErrorText(result.error);
}

describe('a pcap file', () => {
  test.each([true, false])('of microseconds, little-endian %s', (little) => {
    const capture = read(pcapFile([first, second], { little, linkType: 1, snapLen: 96 }));
    expect(capture).toEqual({
      format: 'pcap',
      interfaces: [{ name: '', linkType: 1, snapLen: 96 }],
      packets: [
        {
          index: 1,
          offset: 24,
          interface: 0,
          time_us: 1_700_000_000_999_999,
          rest_ns: 0,
          data: first.data,
          originalLength: 3,
        },
        {
          index: 2,
          offset: 43,
          interface: 0,
          time_us: 1_700_000_001_000_005,
          rest_ns: 0,
          data: second.data,
          originalLength: 1500,
        },
      ],
      untimed: 0,
    });
  });

  test.each([true, false])('of nanoseconds, little-endian %s', (little) => {
    const stamp = { seconds: 4_294_967_295, fraction: 999_999_999, data: hex('45') };
    const { packets } = read(pcapFile([stamp], { little, nanos: true }));
    expect(packets[0]).toMatchObject({ time_us: 4_294_967_295_999_999, rest_ns: 999 });
  });

  test('keeps views of the bytes, not copies', () => {
    const bytes = pcapFile([first]);
    expect(read(bytes).packets[0]?.data.buffer).toBe(bytes.buffer);
  });

  test('can lie within a larger buffer', () => {
    const bytes = join([1, 2, 3], pcapFile([first])).subarray(3);
    expect(read(bytes).packets[0]?.data).toEqual(first.data);
  });

  test('may say the length of a frame check sequence beside its link type', () => {
    const { interfaces } = read(pcapFile([], { linkType: 0x5000_0001 }));
    expect(interfaces[0]?.linkType).toBe(1);
  });

  test('without packets is fine', () => {
    const capture = read(pcapHeader());
    expect(capture.packets).toEqual([]);
    expect(capture).not.toHaveProperty('truncated');
  });
});

describe('a pcap file cut at any byte', () => {
  const bytes = pcapFile([first, second, first]);
  const ends = read(bytes).packets.map(({ offset, data }) => offset + 16 + data.length);

  test('keeps every packet before the cut and says where it ends', () => {
    for (let length = 4; length < bytes.length; length += 1) {
      const capture = read(bytes.subarray(0, length));
      const whole = ends.filter((end) => end <= length);
      expect(capture.packets.length).toBe(whole.length);
      const end = length < 24 ? 0 : (whole.at(-1) ?? 24);
      expect(capture.truncated?.offset).toBe(end === length ? undefined : end);
    }
  });

  test('says what is missing', () => {
    const { truncated } = read(bytes.subarray(0, 50));
    expect(truncated).toEqual({
      offset: 43,
      message: 'the file ends within a packet record at byte 43: 7 of 16 bytes',
    });
    expect(read(bytes.subarray(0, 59)).truncated?.message).toContain('16 of 17 bytes');
    expect(read(bytes.subarray(0, 20)).truncated?.message).toContain('file header');
  });
});

describe('what is no pcap file', () => {
  test.each([
    ['', 'an empty file'],
    ['d4c3', 'only 2 bytes (d4 c3)'],
    ['1f8b0800', 'gzip-compressed data (1f 8b 08 00)'],
    ['28b52ffd', 'zstd-compressed data (28 b5 2f fd)'],
    ['7b226865', '7b 22 68 65'],
  ])('%s', (bytes, found) => {
    const expected = 'the magic number of a pcap or pcapng file';
    expect(errorOf(hex(bytes))).toBe(`at byte 0: expected ${expected}, found ${found}`);
  });

  test('another version', () => {
    const bytes = pcapHeader();
    bytes.set(half(543, true), 4);
    expect(errorOf(bytes)).toBe('at byte 4: expected format version 2.4, found 543.4');
  });

  test('a packet longer than any', () => {
    const bytes = join(pcapFile([first]), word(0, true), word(0, true), word(0x7fff_ffff, true));
    expect(errorOf(join(bytes, word(0, true)))).toBe(
      'at byte 51: expected a packet of at most 262144 bytes, found 2147483647 bytes',
    );
  });
});
