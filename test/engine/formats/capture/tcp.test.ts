// TCP headers: fields, options in any order, and option lists that are wrong.

import { describe, expect, test } from 'vitest';
import { encodeSegment } from '../../../../engine/formats/capture/index.ts';
import { half, hex, join } from './files.ts';
import { decodeOne, frameOf, sample, skipOf } from './segments.ts';

const bare = encodeSegment({ ...sample, len: 0 });

/** A packet with these option bytes, a multiple of four, and ten octets of text. */
function withOptions(text: string): Uint8Array {
  const options = hex(text);
  const packet = join(bare, options, new Uint8Array(10));
  packet.set(half(packet.length, false), 2);
  packet[32] = ((20 + options.length) / 4) << 4;
  return packet;
}

test('the fields of the header', () => {
  const tcp = hex('9c40 0050 fffffffe 80000001 5 0 ff faf0 0000 0102');
  const packet = join(bare.subarray(0, 20), tcp);
  expect(frameOf(packet).segment).toEqual({
    src: '10.0.0.1',
    dst: '10.0.0.2',
    srcPort: 40_000,
    dstPort: 80,
    seq: 0xffff_fffe,
    ack: 0x8000_0001,
    flags: 255,
    wnd: 64_240,
    up: 0x0102,
    len: 0,
    stream: -1,
    from: 0,
    mss: 0,
    wscale: -1,
    sackOk: false,
    ts: false,
    tsVal: 0,
    tsEcr: 0,
    sack: null,
  });
});

describe('options', () => {
  test.each([
    ['a Linux SYN', '020405b4 0402 080a 00000001 fffffffe 01 03030a', 'mss wscale sackOk ts'],
    ['a Windows SYN', '020405b4 01 030308 01 01 0402', 'mss wscale sackOk'],
    ['a macOS SYN', '020405b4 01 030306 01 01 080a 00000001 00000000 0402 0000', 'all four'],
  ])('of %s', (_, options) => {
    const { segment } = frameOf(withOptions(options));
    expect(segment.mss).toBe(1460);
    expect(segment.sackOk).toBe(true);
    expect(segment.wscale).toBeGreaterThan(5);
    expect(segment.ts).toBe(options.includes('080a'));
    expect(segment.len).toBe(10);
    expect(decodeOne(withOptions(options)).notes).toEqual([]);
  });

  test('timestamps and three SACK blocks', () => {
    const blocks = '00000001 00000002 fffffff0 00000010 80000000 80000001';
    const { segment } = frameOf(withOptions(`0101 080a ffffffff 00000007 0101 051a ${blocks}`));
    expect(segment).toMatchObject({ ts: true, tsVal: 0xffff_ffff, tsEcr: 7 });
    expect(segment.sack).toEqual([1, 2, 0xffff_fff0, 16, 0x8000_0000, 0x8000_0001]);
  });

  test.each([
    ['a request', '2202 0101', 0],
    ['a cookie of eight', '220a 1122334455667788 0101', 8],
    ['its older form', 'fe0c f989 1122334455667788', 8],
    ['another experiment', 'fe04 0001', -1],
    ['none', '01010101', -1],
  ])('Fast Open: %s', (_, options, length) => {
    const frame = frameOf(withOptions(options));
    expect(frame.fastOpen).toBe(length);
    expect(frame.segment.len).toBe(10);
  });

  test('what follows the end of the list is not read', () => {
    expect(frameOf(withOptions('00 020405b4 000000')).segment.mss).toBe(0);
  });

  test('unknown ones are passed over', () => {
    const packet = withOptions('1d06 00000000 020405b4 0101');
    expect(frameOf(packet).segment.mss).toBe(1460);
    expect(decodeOne(packet).notes).toEqual([]);
  });

  test.each([
    ['of length zero', '020405b4 08000000', 'option 8 of length 0 does not fit the header'],
    ['of length one', '020405b4 08010000', 'option 8 of length 1 does not fit the header'],
    ['beyond the header', '020405b4 080a0000', 'option 8 of length 10 does not fit the header'],
    ['without its length', '020405b4 010101 08', 'option 8 of length 2 does not fit the header'],
    ['window scale of four bytes', '020405b4 03040302', 'option 3 ignored: wrong length 4'],
    ['timestamps of six bytes', '020405b4 0806 00000001 0101', 'option 8 ignored: wrong length 6'],
    ['MSS of three bytes', '020405b4 020301 00', 'option 2 ignored: wrong length 3'],
    ['SACK without a block', '020405b4 05020101', 'option 5 ignored: wrong length 2'],
    ['SACK of half a block', '020405b4 0506 00000001 0101', 'option 5 ignored: wrong length 6'],
  ])('one %s leaves a note and the segment', (_, options, note) => {
    const decoded = decodeOne(withOptions(options));
    expect(decoded.frames[0]?.segment).toMatchObject({ mss: 1460, len: 10, sack: null, ts: false });
    expect(decoded.notes.map(({ frame }) => frame)).toEqual([1]);
    expect(decoded.notes[0]?.message).toContain(note);
  });

  test('cut off by the capture leave a note; the length is still right', () => {
    const packet = withOptions('020405b4 0402 080a 00000001 00000002 01 03030a');
    for (let kept = 40; kept < 60; kept += 1) {
      const decoded = decodeOne(packet.subarray(0, kept), 101, packet.length);
      expect(decoded.frames[0]?.segment.len).toBe(10);
      expect(decoded.frames[0]?.segment.ts).toBe(kept >= 56);
      const message = 'the capture holds only a part of the options';
      expect(decoded.notes).toEqual([{ frame: 1, message }]);
    }
    expect(decodeOne(packet.subarray(0, 60), 101, packet.length).notes).toEqual([]);
  });
});

test.each([
  ['below five words', 0x40],
  ['beyond the packet', 0xf0],
])('a data offset %s is malformed', (_, offset) => {
  const packet = Uint8Array.from(bare);
  packet[32] = offset;
  expect(skipOf(packet)).toBe('malformed header: TCP header');
});
