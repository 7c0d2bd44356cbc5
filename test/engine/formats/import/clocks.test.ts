// Two captures in one file whose clocks differ: a packet may seem to arrive before it left.

import { expect, test } from 'vitest';
import type { DecodedCapture } from '../../../../engine/formats/capture/index.ts';
import { compare, decodeFile, fixtures, fold, importOk, pathUpTo, readTimeline } from './kernel.ts';

const NAME = 'a_client_closes_first';

/** The recording with the clock at one interface ahead by so much, µs. */
function ahead(place: number, by: number): DecodedCapture {
  const decoded = decodeFile(new URL(`${NAME}.pcapng`, fixtures));
  const frames = decoded.frames.map((frame) =>
    frame.interface === place ? { ...frame, time: frame.time + by } : frame,
  );
  const first = Math.min(...frames.map(({ time }) => time));
  return { ...decoded, frames: frames.map((frame) => ({ ...frame, time: frame.time - first })) };
}

const SHIFTS = [
  [0, 30_000],
  [1, 30_000],
  [0, 7_200_000_000],
  [1, 2_500_000],
] as const;

test.each(SHIFTS)('interface %i ahead by %i µs: the states are the kernel’s', (place, by) => {
  const { header, events, warnings } = importOk(ahead(place, by));
  const folded = fold({ header, events, warnings });
  for (const { who, kernel, ours } of compare(
    readTimeline(new URL(`${NAME}.timeline.json`, fixtures)),
    folded,
  )) {
    const expected = kernel.map(({ state }) => state).join(' ');
    expect(`${who}: ${pathUpTo(kernel, ours)}`).toBe(`${who}: ${expected}`);
  }
  expect(folded.divergences).toEqual([]);
  expect(events.filter(({ ev }) => ev === 'inject' || ev === 'lose')).toEqual([]);
  const says = place === 1 ? 'ahead of' : 'behind';
  expect(warnings).toHaveLength(1);
  const found = /^The clock at server is ([\d:. a-z]+) (ahead of|behind) that at client/;
  expect(warnings[0]).toMatch(found);
  expect(found.exec(warnings[0] ?? '')?.[2]).toBe(says);
});

test('clocks that differ by less than the way of a packet stay as they are', () => {
  // 10 ms one way: 5 ms contradict nothing.
  expect(importOk(ahead(1, 5_000)).warnings).toEqual([]);
});

test('a clock that runs back is told of: packets are taken in order of time', () => {
  const decoded = decodeFile(new URL(`${NAME}.pcapng`, fixtures));
  const here = decoded.frames.filter((frame) => frame.interface === 0);
  const set = here.map((frame, i) => (i < 12 ? { ...frame, time: frame.time + 500_000 } : frame));
  const { warnings } = importOk({ ...decoded, frames: set });
  const frame = here[12]?.frame;
  expect(warnings[0]).toMatch(
    new RegExp(`^at frame ${frame} the clock runs back by 0\\.[34]\\d+ s`),
  );
});
