// Every link type that leads to an IP packet, and what else is found on a link.

import { expect, test } from 'vitest';
import { encodeSegment } from '../../../../engine/formats/capture/index.ts';
import { hex, join } from './files.ts';
import { decodeOne, frameOf, sample, sampleIpv6, skipOf } from './segments.ts';

const ipv4 = encodeSegment(sample);
const ipv6 = encodeSegment(sampleIpv6);
const macs = hex('020000000002 020000000001');
const sllAddress = hex('0001 0006 0200000000010000');
const sll2Middle = hex('0000 00000003 0001 00 06 0200000000010000');

test.each([
  ['Ethernet', 1, join(macs, hex('0800')), ipv4],
  ['Ethernet', 1, join(macs, hex('86dd')), ipv6],
  ['Ethernet with a VLAN tag', 1, join(macs, hex('8100 0064 0800')), ipv4],
  ['Ethernet with two VLAN tags', 1, join(macs, hex('88a8 0064 8100 0065 86dd')), ipv6],
  ['raw IP', 101, [], ipv4],
  ['raw IP', 101, [], ipv6],
  ['raw IP as BSD numbers it', 12, [], ipv4],
  ['raw IP as OpenBSD numbers it', 14, [], ipv6],
  ['raw IPv4', 228, [], ipv4],
  ['raw IPv6', 229, [], ipv6],
  ['Linux cooked', 113, join(hex('0004'), sllAddress, hex('0800')), ipv4],
  ['Linux cooked', 113, join(hex('0000'), sllAddress, hex('86dd')), ipv6],
  ['Linux cooked with a VLAN tag', 113, join(hex('0000'), sllAddress, hex('8100 0001 0800')), ipv4],
  ['Linux cooked v2', 276, join(hex('0800'), sll2Middle), ipv4],
  ['Linux cooked v2', 276, join(hex('86dd'), sll2Middle), ipv6],
  ['BSD loopback, little-endian', 0, hex('02000000'), ipv4],
  ['BSD loopback, big-endian', 0, hex('00000002'), ipv4],
  ['BSD loopback of macOS', 0, hex('1e000000'), ipv6],
  ['BSD loopback of FreeBSD', 0, hex('1c000000'), ipv6],
  ['BSD loopback of NetBSD, big-endian', 0, hex('00000018'), ipv6],
  ['OpenBSD loopback', 108, hex('00000002'), ipv4],
  ['OpenBSD loopback', 108, hex('00000018'), ipv6],
])('%s (%i) leads to IP', (_, linkType, header, packet) => {
  const expected = packet === ipv4 ? sample : sampleIpv6;
  expect(frameOf(join(header, packet), linkType).segment).toEqual(expected);
});

test.each([
  [1, join(macs, hex('0806 0001')), 'not IP: ARP'],
  [1, join(macs, hex('8864 1100')), 'not IP: PPPoE'],
  [1, join(macs, hex('1234 0000')), 'not IP: Ethernet type 0x1234'],
  [1, join(macs, hex('0026 424203')), 'not IP: IEEE 802.3 frame'],
  [1, macs, 'cut header: link header'],
  [1, join(macs, hex('8100 00')), 'cut header: link header'],
  [1, join(macs, hex('0800')), 'cut header: IP header'],
  [113, hex('0000 0001'), 'cut header: link header'],
  [276, hex('0800 0000'), 'cut header: link header'],
  [0, hex('0200'), 'cut header: link header'],
  [0, hex('07000000 00'), 'not IP: address family 7'],
  [101, hex('75 00'), 'not IP: IP version 7'],
  [101, [], 'cut header: IP header'],
  [105, hex('08 02'), 'unknown link type: IEEE 802.11 (link type 105)'],
])('link type %i, %o: %s', (linkType, data, found) => {
  expect(skipOf(join(data), linkType)).toBe(found);
});

test('a capture of another link type says so once, with the first frame', () => {
  expect(decodeOne(ipv4, 147).skipped).toEqual([
    { reason: 'unknown link type', what: 'link type 147', count: 1, firstFrame: 1 },
  ]);
});
