// The pcapng file: blocks in both byte orders, clocks of interfaces, sections, and its errors.

import { describe, expect, test } from 'vitest';
import {
  type Capture,
  captureErrorText,
  readCapture,
} from '../../../../engine/formats/capture/index.ts';
import {
  block,
  enhancedPacket,
  hex,
  interfaceBlock,
  join,
  long,
  obsoletePacket,
  option,
  sectionHeader,
  simplePacket,
  word,
} from './files.ts';

const data = hex('45 00 00 28 ff');

function read(...parts: Uint8Array[]): Capture {
  const result = readCapture(join(...parts));
  if (!result.ok) throw new Error(captureErrorText(result.error));
  return result.capture;
}

function errorOf(...parts: Uint8Array[]): string {
  const result = readCapture(join(...parts));
  return result.ok ? 'no error' : captureErrorText(result.error);
}

describe.each([true, false])('a pcapng file, little-endian %s', (little) => {
  const start = sectionHeader(little);

  test('names its interfaces', () => {
    const options = join(
      option(1, hex('41 42'), little),
      option(2, new TextEncoder().encode('wlan→0'), little),
      option(0, [], little),
      option(2, new TextEncoder().encode('no'), little),
    );
    const capture = read(start, interfaceBlock({ linkType: 1, snapLen: 96, options }, little));
    expect(capture.format).toBe('pcapng');
    expect(capture.interfaces).toEqual([{ name: 'wlan→0', linkType: 1, snapLen: 96 }]);
  });

  test('holds enhanced packets', () => {
    const options = join(option(2, word(1, little), little), option(0, [], little));
    const packet = { id: 1, stamp: 1_700_000_000_123_456n, data, originalLength: 1500, options };
    const face = interfaceBlock({}, little);
    const { packets } = read(start, face, face, enhancedPacket(packet, little));
    expect(packets).toEqual([
      {
        index: 1,
        offset: 68,
        interface: 1,
        time_us: 1_700_000_000_123_456,
        rest_ns: 0,
        data,
        originalLength: 1500,
      },
    ]);
  });

  test('holds obsolete packets', () => {
    const packet = obsoletePacket({ id: 0, stamp: 77n, data }, little);
    const { packets } = read(start, interfaceBlock({}, little), packet);
    expect(packets[0]).toMatchObject({ interface: 0, time_us: 77, data, originalLength: 5 });
  });

  test('holds simple packets, cut to the limit of interface 0, with the time before', () => {
    const { packets, untimed } = read(
      start,
      interfaceBlock({ snapLen: 3 }, little),
      enhancedPacket({ stamp: 5n, data: hex('45') }, little),
      simplePacket(data.subarray(0, 3), 9, little),
      simplePacket(data.subarray(0, 2), 2, little),
    );
    expect(untimed).toBe(2);
    expect(packets.map((packet) => [packet.time_us, packet.data, packet.originalLength])).toEqual([
      [5, hex('45'), 1],
      [5, hex('45 00 00'), 9],
      [5, hex('45 00'), 2],
    ]);
  });

  test('holds blocks of other kinds, which are passed over', () => {
    const names = block(4, hex('00 00 00 00'), little);
    const custom = block(0x0bad, new Uint8Array(0), little);
    const packet = enhancedPacket({ data }, little);
    const { packets } = read(start, names, interfaceBlock({}, little), custom, packet, names);
    expect(packets.map(({ index, offset }) => [index, offset])).toEqual([[1, 76]]);
  });

  test.each([
    ['microseconds unless said', undefined, 0n, 1_500_000n, 1_500_000, 0],
    ['seconds', 0, 0n, 3n, 3_000_000, 0],
    ['milliseconds', 3, 0n, 1500n, 1_500_000, 0],
    ['nanoseconds', 9, 0n, 1_790_000_000_123_456_789n, 1_790_000_000_123_456, 789],
    ['picoseconds, rounded down', 12, 0n, 1_999n, 0, 1],
    ['halves', 0x81, 0n, 3n, 1_500_000, 0],
    ['2^-30 s', 0x9e, 0n, 1n << 29n, 500_000, 0],
    ['2^-64 s, finer than anything', 0xc0, 0n, (1n << 63n) + 1n, 500_000, 0],
    ['shifted forward', 6, 1_700_000_000n, 1n, 1_700_000_000_000_001, 0],
    ['shifted before 1970', 9, -1n, 1n, -1_000_000, 1],
    ['shifted before 1970, rounded down', 12, -1n, 999n, -1_000_000, 0],
  ])('counts time in %s', (_, tsresol, tsoffset, stamp, time_us, rest_ns) => {
    const options = join(
      tsresol === undefined ? [] : option(9, [tsresol], little),
      tsoffset === 0n ? [] : option(14, long(tsoffset, little), little),
    );
    const { packets } = read(
      start,
      interfaceBlock({ options }, little),
      enhancedPacket({ stamp, data }, little),
    );
    expect(packets[0]).toMatchObject({ time_us, rest_ns });
  });
});

describe('sections', () => {
  test('each have their byte order, interfaces and clocks', () => {
    const seconds = option(9, [0], false);
    const { interfaces, packets } = read(
      sectionHeader(true),
      interfaceBlock({ linkType: 1 }, true),
      enhancedPacket({ stamp: 2n, data }, true),
      sectionHeader(false),
      interfaceBlock({ linkType: 113, options: seconds }, false),
      interfaceBlock({ linkType: 101 }, false),
      enhancedPacket({ id: 0, stamp: 2n, data }, false),
      enhancedPacket({ id: 1, stamp: 2n, data }, false),
    );
    expect(interfaces.map(({ linkType }) => linkType)).toEqual([1, 113, 101]);
    expect(packets.map((packet) => [packet.interface, packet.time_us])).toEqual([
      [0, 2],
      [1, 2_000_000],
      [2, 2],
    ]);
  });

  test('do not know the interfaces of the one before', () => {
    const parts = [sectionHeader(), interfaceBlock(), sectionHeader(), enhancedPacket()];
    expect(errorOf(...parts)).toBe(
      'at byte 84: expected one of the 0 interfaces described so far in this section, ' +
        'found interface 0',
    );
  });
});

describe('a pcapng file cut at any byte', () => {
  const parts = [
    sectionHeader(false),
    interfaceBlock({ options: option(2, hex('65 74 68 30'), false) }, false),
    enhancedPacket({ data }, false),
    simplePacket(data, 5, false),
    sectionHeader(true),
    interfaceBlock({}, true),
    enhancedPacket({ data, options: option(1, hex('41'), true) }, true),
  ];
  const bytes = join(...parts);
  const ends = parts.map((_, index) => join(...parts.slice(0, index + 1)).length);

  test('keeps every packet before the cut and says where it ends', () => {
    const whole = read(bytes);
    for (let length = 4; length < bytes.length; length += 1) {
      const capture = read(bytes.subarray(0, length));
      const end = ends.filter((at) => at <= length).at(-1) ?? 0;
      expect(capture.packets).toEqual(whole.packets.filter(({ offset }) => offset < end));
      expect(capture.truncated?.offset).toBe(end === length ? undefined : end);
    }
  });

  test('right after its header holds no packet and is fine', () => {
    const capture = read(sectionHeader());
    expect(capture).toEqual({ format: 'pcapng', interfaces: [], packets: [], untimed: 0 });
  });

  test('says what is missing', () => {
    const { truncated } = read(sectionHeader(), interfaceBlock().subarray(0, 15));
    expect(truncated?.message).toBe('the file ends within a block at byte 28: 15 of 20 bytes');
  });
});

describe('a pcapng file that contradicts itself', () => {
  const start = join(sectionHeader(), interfaceBlock());
  const end = (length: number) => word(length, true);

  test.each([
    [
      'a byte order that is none',
      join(hex('0a0d0d0a 1c000000 11223344'), new Uint8Array(16)),
      'at byte 8: expected a byte-order magic, found 0x11223344',
    ],
    [
      'another version',
      sectionHeader(true, 2),
      'at byte 12: expected format version 1.0, found 2.0',
    ],
    [
      'a length below the fields',
      join(start, word(6, true), end(16), word(0, true), end(16)),
      'at byte 52: expected a length of at least 32 and a multiple of 4 for a packet block, ' +
        'found 16',
    ],
    [
      'a length of zero',
      join(start, new Uint8Array(12)),
      'at byte 52: expected a length of at least 12 and a multiple of 4 for a block of type ' +
        '0x00000000, found 0',
    ],
    [
      'a length that is no multiple of four',
      join(start, word(99, true), end(13), word(0, true), [0], end(13)),
      'at byte 52: expected a length of at least 12 and a multiple of 4 for a block of type ' +
        '0x00000063, found 13',
    ],
    [
      'a length beyond any file',
      join(start, word(6, true), word(0x7fff_fff0, true), new Uint8Array(40)),
      'at byte 52: expected a block of at most the 48 bytes left, found 2147483632',
    ],
    [
      'two lengths that differ',
      join(start, word(99, true), end(16), word(0, true), end(20)),
      "at byte 60: expected the block's length 16 again, found 20",
    ],
    [
      'a packet longer than its block',
      join(
        start,
        block(6, join(new Uint8Array(12), word(9, true), word(9, true), hex('00000000'))),
      ),
      'at byte 68: expected at most 4 bytes of packet in its block, found 9',
    ],
    [
      'a simple packet longer than its block',
      join(start, simplePacket(data, 9)),
      'at byte 56: expected at most 8 bytes of packet, found 9',
    ],
    [
      'a time beyond all clocks',
      join(start, enhancedPacket({ stamp: 1n << 62n })),
      'at byte 60: expected a time before the year 2255, found a later one',
    ],
    [
      'a simple packet without an interface',
      join(sectionHeader(), simplePacket(data, 5)),
      'at byte 36: expected one of the 0 interfaces described so far in this section, ' +
        'found interface 0',
    ],
  ])('%s', (_, bytes, message) => {
    expect(errorOf(bytes)).toBe(message);
  });

  test('options that do not fit their block are no error', () => {
    const options = join(option(2, hex('61')), hex('0200ff00'));
    expect(read(sectionHeader(), interfaceBlock({ options })).interfaces[0]?.name).toBe('a');
  });
});
