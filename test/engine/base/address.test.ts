// Addresses: canonical text (RFC 5952), every other text, endpoints.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canonicalAddress,
  formatAddress,
  formatEndpoint,
  formatIpv4,
  formatIpv6,
  hashAddress,
  isIpv6,
  parseAddress,
  parseEndpoint,
} from '../../../engine/base/address.ts';
import { hashText } from '../../../engine/base/random.ts';

describe('canonical text', () => {
  test.each([
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['0:0:0:0:0:0:0:0', '::'],
    // The examples of RFC 5952 §2 and §4.
    ['2001:0db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::AAAA', '2001:db8::aaaa'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['::FFFF:C000:0201', '::ffff:192.0.2.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['0:0:0:0:0:0:10.0.0.1', '::a00:1'],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
    expect(canonicalAddress(canonical)).toBe(canonical);
  });

  test('comes from bytes and goes back to them', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      // Runs of zeros are rare in random bytes.
      fc
        .array(fc.constantFrom(0, 0, 0, 1, 0xff), { minLength: 16, maxLength: 16 })
        .map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(bytes, (address) => {
        const text = formatAddress(address);
        expect(parseAddress(text)).toEqual(address);
        expect(isIpv6(text)).toBe(address.length === 16);
      }),
    );
  });

  test('can be read from the middle of a packet', () => {
    const bytes = Uint8Array.of(9, 10, 0, 0, 1, ...new Uint8Array(14), 1);
    expect(formatIpv4(bytes, 1)).toBe('10.0.0.1');
    expect(formatIpv6(bytes, 4)).toBe('100::1');
  });

  test('of another length is a broken invariant', () => {
    expect(() => formatAddress(new Uint8Array(6))).toThrow('4 or 16 bytes, this one has 6');
  });
});

test.each([
  '',
  '10.0.0',
  '10.0.0.256',
  '10.0.0.01',
  '10.0.0.1.2',
  '10.0.0.+1',
  ' 10.0.0.1',
  'localhost',
  ':',
  ':::',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4::5:6:7:8',
  '1::2::3',
  '12345::',
  'g::',
  ':1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:',
  '1:2:3:4:5:6:7:1.2.3.4',
  '1.2.3.4::',
  '::1.2.3',
  'fe80::1%eth0',
])('%o is no address', (text) => {
  expect(parseAddress(text)).toBeUndefined();
  expect(canonicalAddress(text)).toBeUndefined();
});

describe('an endpoint', () => {
  test.each([
    ['10.0.0.1:80', '10.0.0.1', 80],
    ['10.0.0.1:0', '10.0.0.1', 0],
    ['[fd00::1]:65535', 'fd00::1', 65_535],
    ['[FD00:0::1]:1', 'fd00::1', 1],
    ['[::ffff:10.0.0.1]:80', '::ffff:10.0.0.1', 80],
  ])('%s', (text, address, port) => {
    expect(parseEndpoint(text)).toEqual({ address, port });
    expect(parseEndpoint(formatEndpoint(address, port))).toEqual({ address, port });
  });

  test.each([
    '',
    '10.0.0.1',
    '10.0.0.1:',
    '10.0.0.1:65536',
    '10.0.0.1:-1',
    '10.0.0.1:8o',
    '10.0.0.1:100000',
    '[10.0.0.1]:80',
    'fd00::1:80',
    '[fd00::1]80',
    '[fd00::1]',
    '*:80',
  ])('%o is none', (text) => {
    expect(parseEndpoint(text)).toBeUndefined();
  });
});

test('the hash of an address is that of its text, whoever was asked for in between', () => {
  // Few texts that end alike, so that they take each other's place.
  const texts = fc.oneof(
    fc.constantFrom('', '1', '10.0.0.1', '10.0.1.1', '::1'),
    fc.ipV4(),
    fc.ipV6(),
  );
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 40 }), (asked) => {
      for (const text of asked) expect(hashAddress(text)).toBe(hashText(text));
    }),
  );
});
