// Captures that begin while connections are open: what a real stack then does is no divergence.

import { describe, expect, test } from 'vitest';
import type { DecodedCapture } from '../../../../engine/formats/capture/index.ts';
import { FIN, has } from '../../../../engine/tcp/segment.ts';
import { handmade } from './handmade.ts';
import { decodeFile, fixtures, fold, importOk } from './kernel.ts';

/** The divergences of a capture, as they are told. */
function divergences(decoded: DecodedCapture): string[] {
  return fold(importOk(decoded)).divergences.map(
    ({ expected, seen }) => `expected ${expected}, seen ${seen}`,
  );
}

function paths(decoded: DecodedCapture): string[] {
  const folded = fold(importOk(decoded));
  return [...folded.ends.values()].map((steps) => steps.map(({ state }) => state).join(' '));
}

describe('of a Linux kernel, begun at any packet before the first FIN', () => {
  const names = ['a_client_closes_first', 'a_client_closes_first_veth', 'e_half_close'];
  test.each(names)('%s', (name) => {
    const decoded = decodeFile(new URL(`${name}.pcapng`, fixtures));
    const found: string[] = [];
    for (const place of [0, 1]) {
      const frames = decoded.frames.filter((frame) => frame.interface === place);
      const end = frames.findIndex(({ segment }) => has(segment, FIN));
      for (let first = 2; first <= end; first += 1) {
        const rest = { ...decoded, frames: frames.slice(first) };
        found.push(...divergences(rest).map((says) => `${place} from ${first}: ${says}`));
        expect(paths(rest)).toHaveLength(2);
      }
    }
    expect(found).toEqual([]);
  });
});

test('an idle connection that shows nothing but keep-alive probes (RFC 9293 §3.8.4)', () => {
  const decoded = handmade([
    [0, 'client', '.', 4_999, 0, 9_000],
    [20, 'server', '.', 9_000, 0, 5_000],
    [15_000, 'client', '.', 4_999, 0, 9_000],
    [15_020, 'server', '.', 9_000, 0, 5_000],
    [30_000, 'client', '.', 4_999, 0, 9_000],
    [30_020, 'server', '.', 9_000, 0, 5_000],
  ]);
  expect(divergences(decoded)).toEqual([]);
  expect(paths(decoded)).toEqual(['SYN-SENT ESTABLISHED', 'SYN-RECEIVED ESTABLISHED']);
  const { events } = importOk(decoded);
  expect(events.filter((e) => e.ev === 'timer' && e.timer === 'KEEP-ALIVE')).toHaveLength(3);
  expect(importOk(decoded).warnings).toEqual([
    '1 connection was under way when the capture began: ' +
      'who opened it, and how windows are scaled, is a guess',
  ]);
});

test('ACKs of text that was under way, around the end of the circle', () => {
  // 14,600 octets left before the capture began; the first text in it follows them.
  const first = 7_300;
  const acks = [1, 2, 3, 4, 5].map((i) => [i, 'client', '.', 77, 0, first - 14_600 + i * 2_920]);
  const decoded = handmade([
    [0, 'server', '.', first, 1_460, 77],
    ...(acks as unknown as Parameters<typeof handmade>[0]),
    [20, 'client', '.', 77, 0, first + 1_460],
  ]);
  expect(divergences(decoded)).toEqual([]);
});

test('a flight larger than the window would allow without the scale of the lost SYN', () => {
  // 200 octets announced, 40,000 sent: the shift is at least 8 (200 · 2^8 = 51,200).
  const texts = Array.from({ length: 20 }, (_, i) => [
    [1, 'server', '.', 1_000 + i * 2_000, 2_000, 77] as const,
  ]).flat();
  const decoded = handmade([
    [0, 'client', '.', 77, 0, 1_000, { wnd: 200 }],
    ...texts,
    [21, 'client', '.', 77, 0, 41_000, { wnd: 200 }],
  ]);
  expect(divergences(decoded)).toEqual([]);
});

describe('where the capture of one end begins later than that of the other', () => {
  test.each([0, 1])('interface %i after 60 ms', (place) => {
    const decoded = decodeFile(new URL('e_half_close.pcapng', fixtures));
    const frames = decoded.frames.filter((f) => f.interface !== place || f.time > 60_000);
    const late = { ...decoded, frames };
    expect(paths(late)).toEqual(paths(decoded));
    expect(divergences(late)).toEqual([]);
    const { events } = importOk(late);
    expect(events.filter(({ ev }) => ev === 'inject' || ev === 'lose')).toEqual([]);
  });
});
