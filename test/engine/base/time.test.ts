import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatTime, MINUTE, parseTime, SECOND } from '../../../engine/base/time.ts';

test.each([
  ['0', 0],
  ['1', SECOND],
  ['1.5', 1_500_000],
  ['.5', 500_000],
  ['2.', 2_000_000],
  ['1.5s', 1_500_000],
  ['20ms', 20_000],
  ['300us', 300],
  ['300µs', 300],
  ['300μs', 300],
  ['2m', 2 * MINUTE],
  ['2min', 2 * MINUTE],
  ['2h', 120 * MINUTE],
  ['1m30s', 90 * SECOND],
  ['1 m 02.5 s', 62_500_000],
  ['  20 ms ', 20_000],
  ['0.0000004s', 0],
  ['0.0000005s', 1],
  ['1.1ms', 1_100],
])('%j is read as %i microseconds', (text, us) => {
  expect(parseTime(text)).toBe(us);
});

test.each([
  '',
  ' ',
  's',
  '.',
  '.s',
  '-1s',
  '+1',
  '1e3',
  '1,5s',
  '1.2.3',
  '5 days',
  '3x',
  '1 2',
  '1s2',
  '1sms',
  '1S',
  'Infinity',
  'NaN',
  '0x10',
  '1e3s',
  '99999999999999999999s',
])('%j is not a time', (text) => {
  expect(parseTime(text)).toBeUndefined();
});

test.each([
  [0, '0.000 s'],
  [204_000, '0.204 s'],
  [204_017, '0.204017 s'],
  [1, '0.000001 s'],
  [999, '0.000999 s'],
  [1_000, '0.001 s'],
  [61_200_000, '61.200 s'],
  [240 * SECOND, '240.000 s'],
  [7200 * SECOND, '7200.000 s'],
  [-200_000, '-0.200 s'],
  [-0, '0.000 s'],
])('%i microseconds are written as %j', (us, text) => {
  expect(formatTime(us)).toBe(text);
});

test('what is written is read back exactly', () => {
  const span = fc.oneof(
    fc.integer({ min: 0, max: 10 * SECOND }),
    fc.integer({ min: 0, max: 10 * 365 * 24 * 60 }).map((minutes) => minutes * MINUTE + 1),
  );
  fc.assert(fc.property(span, (us) => parseTime(formatTime(us)) === us));
});
