import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLogDecoder, decodeLog, encodeLog } from '../../../engine/log/codec.ts';
import type { LogEvent } from '../../../engine/log/event.ts';
import type { LogHeader } from '../../../engine/log/header.ts';
import { events, header } from './arbitrary.ts';

const textOf = (h: LogHeader, list: readonly LogEvent[]): string =>
  [...encodeLog(h, list, { events: list.length, digest: 'd' })].join('');

/** Keys in any order: the same value must give the same bytes. */
function shuffled<T>(value: T): T {
  if (Array.isArray(value)) return value.map(shuffled) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, shuffled(member)]);
  return Object.fromEntries(entries.reverse()) as T;
}

describe('a log as text', () => {
  test('decode is the inverse of encode', () => {
    fc.assert(
      fc.property(header, events, (h, list) => {
        const decoded = decodeLog(textOf(h, list));
        expect(decoded).toEqual({
          ok: true,
          header: h,
          events: list,
          trailer: { events: list.length, digest: 'd' },
          warnings: [],
        });
      }),
      { numRuns: 200 },
    );
  });

  test('equal values give equal bytes, and decoding keeps them', () => {
    fc.assert(
      fc.property(header, events, (h, list) => {
        const text = textOf(h, list);
        expect(textOf(shuffled(h), shuffled(list))).toBe(text);
        const decoded = decodeLog(text);
        expect(decoded.ok && textOf(decoded.header, decoded.events)).toBe(text);
      }),
      { numRuns: 100 },
    );
  });

  test('chunks of any size give what the whole text gives', () => {
    fc.assert(
      fc.property(header, events, fc.infiniteStream(fc.nat({ max: 200 })), (h, list, sizes) => {
        const text = textOf(h, list);
        const decoder = createLogDecoder();
        for (let at = 0; at < text.length; ) {
          const size = sizes.next().value as number;
          expect(decoder.feed(text.slice(at, at + size))).toBeUndefined();
          at += size;
        }
        expect(decoder.end()).toEqual(decodeLog(text));
      }),
      { numRuns: 50 },
    );
  });

  test('a log cut anywhere after its header gives a prefix of its events and a warning', () => {
    fc.assert(
      fc.property(header, events, fc.nat(), (h, list, where) => {
        const text = textOf(h, list);
        const first = text.indexOf('\n') + 1;
        const cut = first + (where % (text.length - first));
        const decoded = decodeLog(text.slice(0, cut));
        if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
        expect(decoded.events).toEqual(list.slice(0, decoded.events.length));
        const lines = text.slice(first, cut).split('\n').length - 1;
        expect(decoded.events.length).toBeGreaterThanOrEqual(Math.min(lines, list.length));
        // Only where nothing but the last end of line is missing is the log whole.
        expect(decoded.warnings.length).toBe(cut >= text.length - 1 ? 0 : 1);
      }),
      { numRuns: 200 },
    );
  });
});
