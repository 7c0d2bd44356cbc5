// IPv4 and IPv6: lengths, options, extension headers, fragments and what is above them.

import { describe, expect, test } from 'vitest';
import { encodeSegment } from '../../../../engine/formats/capture/index.ts';
import { half, hex, join } from './files.ts';
import { frameOf, sample, sampleIpv6, skipOf } from './segments.ts';

const ipv4 = encodeSegment(sample);
const ipv6 = encodeSegment(sampleIpv6);

/** An IPv6 packet with headers between the fixed one and TCP; each begins with 00 for the next. */
function extended(...headers: [number, string][]): Uint8Array {
  const bytes = headers.map(([, text]) => hex(text));
  const packet = join(ipv6.subarray(0, 40), ...bytes, ipv6.subarray(40));
  packet.set(half(packet.length - 40, false), 4);
  let at = 6;
  let next = 40;
  for (const [index, [protocol]] of headers.entries()) {
    packet[at] = protocol;
    at = next;
    next += bytes[index]?.length ?? 0;
  }
  packet[at] = 6;
  return packet;
}

const hopByHop: [number, string] = [0, '00 00 010400000000'];
const routing: [number, string] = [43, '00 02 04 00 00000000 fd000000000000000000000000000009'];
const destination: [number, string] = [60, '00 01 010c 000000000000000000000000'];
const authentication: [number, string] = [
  51,
  '00 04 0000 00000001 00000001 000000000000000000000000',
];
const fragment = (field: string): [number, string] => [44, `00 00 ${field} 00000001`];

describe('IPv4', () => {
  test('the length of the header counts, not padding behind it', () => {
    const short = encodeSegment({ ...sample, len: 0 });
    expect(short.length).toBe(40);
    expect(frameOf(join(short, new Uint8Array(6))).segment.len).toBe(0);
  });

  test('nor what the capture kept', () => {
    const whole = encodeSegment({ ...sample, len: 1400 });
    expect(frameOf(whole.subarray(0, 96), 101, whole.length).segment.len).toBe(1400);
  });

  test('a length of zero is that of the frame (segmentation offload)', () => {
    const whole = encodeSegment({ ...sample, len: 20_000 });
    whole.set([0, 0], 2);
    const header = hex('020000000002 020000000001 0800');
    const frame = frameOf(join(header, whole.subarray(0, 82)), 1, 14 + whole.length);
    expect(frame.segment.len).toBe(20_000);
  });

  test('options of the header are passed over', () => {
    const packet = join(ipv4.subarray(0, 20), hex('94040000'), ipv4.subarray(20));
    packet[0] = 0x46;
    packet.set(half(packet.length, false), 2);
    expect(frameOf(packet).segment).toEqual(sample);
  });

  test('an authentication header is passed over', () => {
    const packet = join(ipv4.subarray(0, 20), hex(authentication[1]), ipv4.subarray(20));
    packet[9] = 51;
    packet[20] = 6;
    packet.set(half(packet.length, false), 2);
    expect(frameOf(packet).segment).toEqual(sample);
  });

  test.each([
    ['first', '2000', 'fragment: first fragment of TCP'],
    ['middle', '2010', 'fragment: later fragment of TCP'],
    ['last', '0010', 'fragment: later fragment of TCP'],
  ])('a %s fragment is reported', (_, field, found) => {
    const packet = Uint8Array.from(ipv4);
    packet.set(hex(field), 6);
    expect(skipOf(packet)).toBe(found);
  });

  test.each([
    ['a header shorter than itself', 0, '44', 'malformed header: IPv4 header'],
    ['a length shorter than the header', 2, '0013', 'malformed header: IPv4 header'],
    ['no room for TCP', 2, '0020', 'malformed header: TCP header'],
    ['UDP', 9, '11', 'not TCP: UDP'],
    ['an unnamed protocol', 9, 'fd', 'not TCP: IP protocol 253'],
  ])('%s', (_, at, bytes, found) => {
    const packet = Uint8Array.from(ipv4);
    packet.set(hex(bytes), at);
    expect(skipOf(packet)).toBe(found);
  });

  test.each([
    [19, 'cut header: IPv4 header'],
    [20, 'cut header: TCP header'],
    [39, 'cut header: TCP header'],
  ])('kept to %i bytes', (kept, found) => {
    expect(skipOf(ipv4.subarray(0, kept))).toBe(found);
  });
});

describe('IPv6', () => {
  test.each([
    ['hop-by-hop', [hopByHop]],
    ['routing', [routing]],
    ['destination', [destination]],
    ['authentication', [authentication]],
    ['the only fragment', [fragment('0000')]],
    ['all of them', [hopByHop, destination, routing, fragment('0000'), authentication]],
  ])('%s is passed over', (_, headers) => {
    expect(frameOf(extended(...headers)).segment).toEqual(sampleIpv6);
  });

  test('a length of zero is that of the frame', () => {
    const whole = encodeSegment({ ...sampleIpv6, len: 100_000 }, 0);
    expect(whole.subarray(4, 6)).toEqual(hex('0000'));
    expect(frameOf(whole, 101, 60 + 100_000).segment.len).toBe(100_000);
  });

  test.each([
    ['the first fragment', [fragment('0001')], 'fragment: first fragment of TCP'],
    ['a later fragment', [hopByHop, fragment('00b9')], 'fragment: later fragment of TCP'],
  ])('%s is reported', (_, headers, found) => {
    expect(skipOf(extended(...headers))).toBe(found);
  });

  test('extension headers longer than the packet', () => {
    const packet = extended(hopByHop);
    packet[41] = 200;
    expect(skipOf(packet)).toBe('malformed header: IP extension header');
  });

  test.each([
    [39, 'cut header: IPv6 header'],
    [44, 'cut header: IP extension header'],
    [50, 'cut header: TCP header'],
  ])('kept to %i bytes', (kept, found) => {
    expect(skipOf(extended(hopByHop).subarray(0, kept))).toBe(found);
  });

  test('a chain without end stops at the end of the bytes', () => {
    const packet = join(ipv6.subarray(0, 40), new Uint8Array(80));
    packet[6] = 0;
    packet.set(half(80, false), 4);
    expect(skipOf(packet)).toBe('cut header: IP extension header');
  });

  test('no next header', () => {
    const packet = Uint8Array.from(ipv6);
    packet[6] = 59;
    expect(skipOf(packet)).toBe('not TCP: IP protocol 59');
  });
});
