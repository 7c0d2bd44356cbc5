// ICMP and ICMPv6 errors that quote a segment, and other messages.

import { describe, expect, test } from 'vitest';
import { encodeSegment, type IcmpError } from '../../../../engine/formats/capture/index.ts';
import { half, hex, join } from './files.ts';
import { decodeOne, sample, sampleIpv6, skipOf } from './segments.ts';

const ipv4 = encodeSegment(sample);
const ipv6 = encodeSegment(sampleIpv6);

/** A message from a router 10.0.0.254 or fd00::fe to 10.0.0.1 or fd00::1. */
function message(version: 4 | 6, header: string, quoted: Uint8Array): Uint8Array {
  const body = join(hex(header), quoted);
  if (version === 6) {
    const ip = join(hex('60000000 0000 3a 40'), ipv6.subarray(8, 24), ipv6.subarray(8, 24));
    ip[23] = 0xfe;
    ip.set(half(body.length, false), 4);
    return join(ip, body);
  }
  const ip = hex('45000000 00000000 40010000 0a0000fe 0a000001');
  ip.set(half(20 + body.length, false), 2);
  return join(ip, body);
}

function errorOf(packet: Uint8Array): IcmpError | undefined {
  const decoded = decodeOne(packet);
  expect(decoded.frames).toEqual([]);
  return decoded.icmp[0]?.error;
}

const quotedIpv4 = { src: '10.0.0.1', dst: '10.0.0.2', srcPort: 40_000, dstPort: 80, seq: 1000 };
const quotedIpv6 = { ...quotedIpv4, src: 'fd00::1', dst: 'fd00::2' };

describe('ICMP', () => {
  test.each([
    ['port unreachable', '0303 0000 00000000', 3, 3, 0],
    ['fragmentation needed, with the limit', '0304 0000 00000514', 3, 4, 1300],
    ['administratively prohibited', '030d 0000 00000000', 3, 13, 0],
    ['time exceeded', '0b00 0000 00000000', 11, 0, 0],
  ])('%s', (_, header, type, code, mtu) => {
    const ends = { src: '10.0.0.254', dst: '10.0.0.1' };
    const expected = { version: 4, ...ends, type, code, mtu, quoted: quotedIpv4 };
    expect(errorOf(message(4, header, ipv4))).toEqual(expected);
    // RFC 792 asks for eight octets of the quoted packet's data, no more.
    expect(errorOf(message(4, header, ipv4.subarray(0, 28)))).toEqual(expected);
  });

  test('the first fragment of a segment can be quoted', () => {
    const first = Uint8Array.from(ipv4);
    first.set(hex('2000'), 6);
    expect(errorOf(message(4, '0304 0000 00000514', first))?.quoted).toEqual(quotedIpv4);
  });

  test.each([
    ['an echo', '0800 0000 00000000', ipv4, 'not TCP: ICMP type 8'],
    [
      'seven octets',
      '0303 0000 00000000',
      ipv4.subarray(0, 27),
      'cut header: segment quoted by ICMP',
    ],
    [
      'no packet',
      '0303 0000 00000000',
      ipv4.subarray(0, 4),
      'cut header: IPv4 header quoted by ICMP',
    ],
    ['a cut message', '0303', [], 'cut header: ICMP header'],
  ])('%s is skipped', (_, header, quoted, found) => {
    expect(skipOf(message(4, header, join(quoted)))).toBe(found);
  });

  test('a quoted later fragment or another protocol is skipped', () => {
    const later = Uint8Array.from(ipv4);
    later.set(hex('0010'), 6);
    expect(skipOf(message(4, '0303 0000 00000000', later))).toBe(
      'fragment: later fragment quoted by ICMP',
    );
    const udp = Uint8Array.from(ipv4);
    udp[9] = 17;
    expect(skipOf(message(4, '0303 0000 00000000', udp))).toBe('not TCP: ICMP error about UDP');
  });
});

describe('ICMPv6', () => {
  test.each([
    ['port unreachable', '0104 0000 00000000', 1, 4, 0],
    ['packet too big', '0200 0000 00000500', 2, 0, 1280],
    ['time exceeded', '0300 0000 00000000', 3, 0, 0],
  ])('%s', (_, header, type, code, mtu) => {
    const ends = { src: 'fd00::fe', dst: 'fd00::1' };
    const expected = { version: 6, ...ends, type, code, mtu, quoted: quotedIpv6 };
    expect(errorOf(message(6, header, ipv6))).toEqual(expected);
  });

  test('neighbour discovery is skipped', () => {
    const solicitation = message(6, '8700 0000 00000000', ipv6.subarray(8, 24));
    expect(skipOf(solicitation)).toBe('not TCP: ICMPv6 type 135');
  });
});
