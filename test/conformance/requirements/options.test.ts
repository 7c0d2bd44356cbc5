// Options as bytes: RFC 9293 §3.1, §3.2, §3.9.2. Within the engine a segment holds values; as bytes
// its options are read from captures and written to them.
import { describe, expect, it } from 'vitest';
import { encodeSegment } from '../../../engine/formats/capture/index.ts';
import { hex, join } from '../../engine/formats/capture/files.ts';
import { decodeOne, frameOf, sample } from '../../engine/formats/capture/segments.ts';

const bare = encodeSegment({ ...sample, len: 0 });

/** The segment of a packet with these octets of options, a multiple of four. */
function read(text: string) {
  const options = hex(text);
  const packet = join(bare, options);
  packet[3] = packet.length;
  packet[32] = ((20 + options.length) / 4) << 4;
  return { segment: frameOf(packet).segment, notes: decodeOne(packet).notes };
}

/** Kind and length of each option in the bytes of a segment, and what follows the last. */
function listed(packet: Uint8Array): { kinds: number[]; lengths: number[]; rest: number[] } {
  const end = 20 + ((packet[32] as number) >> 4) * 4;
  const kinds: number[] = [];
  const lengths: number[] = [];
  let at = 40;
  while (at < end && packet[at] !== 0) {
    const kind = packet[at] as number;
    const length = kind === 1 ? 1 : (packet[at + 1] as number);
    kinds.push(kind);
    if (kind !== 1) lengths.push(length);
    at += length;
  }
  return { kinds, lengths, rest: [...packet.subarray(at, end)] };
}

describe('TCP options', () => {
  it('MUST-4: End of Option List, No-Operation and Maximum Segment Size are known', () => {
    expect(read('01 01 020405b4 00 00').segment.mss).toBe(1460);
    // Nothing after the end counts.
    expect(read('00 01 020405b4 0000').segment.mss).toBe(0);
  });

  it('MUST-6: an option that is not known is passed over', () => {
    const { segment, notes } = read('fd04abcd 020405b4');
    expect(segment.mss).toBe(1460);
    expect(notes).toEqual([]);
  });

  it.each(['02000000', '02010000', '02090000', '020405'.padEnd(8, '0')])(
    'MUST-7: a length that cannot be (%s) does no harm',
    (text) => {
      const { segment } = read(text);
      expect(segment).toMatchObject({ srcPort: sample.srcPort, seq: sample.seq });
    },
  );

  it('MUST-64: options begin at any octet', () => {
    expect(read('01 020405b4 01 01 01').segment.mss).toBe(1460);
    expect(read('01 01 01 020405b4 00').segment.mss).toBe(1460);
  });

  it('MUST-68: all but End and No-Operation are written with their length', () => {
    const packet = encodeSegment({
      ...sample,
      ...{ mss: 1460, wscale: 7, sackOk: true, ts: true, tsVal: 1, tsEcr: 2 },
    });
    const { kinds, lengths } = listed(packet);
    expect(kinds.filter((kind) => kind !== 1)).toEqual([2, 4, 8, 3]);
    expect(lengths).toEqual([4, 2, 10, 3]);
  });

  it('MUST-69: what follows the end of the list is zero', () => {
    for (const options of [{ mss: 1460 }, { wscale: 2 }, { sackOk: true }, { sack: [1, 2] }]) {
      const packet = encodeSegment({ ...sample, ...options });
      expect(listed(packet).rest.every((octet) => octet === 0)).toBe(true);
    }
  });

  it('MUST-50: options of IP are passed over', () => {
    const options = hex('94040000 01010100');
    const tcp = bare.subarray(20);
    const packet = join(bare.subarray(0, 20), options, tcp);
    packet[0] = 0x47;
    packet[3] = packet.length;
    expect(frameOf(packet).segment).toMatchObject({ seq: sample.seq, srcPort: sample.srcPort });
  });
});
