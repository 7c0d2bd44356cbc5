// How much memory a log may take, and what is said before there is too little.

import { describe, expect, test } from 'vitest';
import type { TimelineBuilder } from '../../../engine/index.ts';
import { checkRoom, createForecast } from '../../../tui/commands/room.ts';

const MB = 1e6;
const room = { keyframes: 100 * MB, heapMax: 1_000 * MB, processMax: 4_000 * MB };

/** A builder after so many events, and what it says and is told. */
function builderAt(length: number, keyframes: number, events: number, index: number) {
  const warnings: string[] = [];
  const memory = { keyframes, keyframeCount: 1, keyframeEvery: 1, events, index };
  const builder = {
    timeline: { length },
    memory: () => memory,
    warn: (text: string) => warnings.push(text),
  };
  return { builder: builder as unknown as TimelineBuilder, warnings };
}

function forecast(
  memory: readonly [length: number, keyframes: number, events: number, index: number],
  done: number,
  of: number | undefined,
): readonly string[] {
  const { builder, warnings } = builderAt(...memory);
  const { look } = createForecast(room, { name: 'a', progress: () => ({ done, of }) }, builder);
  for (let looks = 0; looks < 3; looks += 1) look();
  return warnings;
}

describe('the forecast for a log that is being read', () => {
  test('says nothing of one that will fit, whose end is not known, or that has just begun', () => {
    expect(forecast([1e6, 50 * MB, 80 * MB, 20 * MB], 10, 100)).toEqual([]);
    expect(forecast([1e6, 50 * MB, 80 * MB, 200 * MB], 10, undefined)).toEqual([]);
    expect(forecast([1e3, 50 * MB, 80 * MB, 200 * MB], 10, 100)).toEqual([]);
  });

  test('warns once where the index will fill the heap, or the events the machine', () => {
    const likely = /^a: the log is likely larger than memory allows: .* will take about/;
    for (const [memory, needed] of [
      [[1e6, 50 * MB, 80 * MB, 100 * MB], '1400 MB, of 1000'],
      [[1e6, 50 * MB, 400 * MB, 20 * MB], '4600 MB, of 4000'],
    ] as const) {
      const warnings = forecast(memory, 10, 100);
      expect(warnings).toEqual([expect.stringMatching(likely)]);
      expect(warnings[0]).toContain(needed);
      expect(warnings[0]).toContain('A smaller --budget');
    }
  });
});

test('garbage is no reason to stop; what is in use is, and so is what the process takes', () => {
  const all = { ...room, processMax: Number.POSITIVE_INFINITY };
  expect(checkRoom({ ...all, heapMax: Number.POSITIVE_INFINITY }, 'a', 7)).toBeUndefined();
  expect(checkRoom({ ...all, heapMax: 1 }, 'a', 7)?.message).toMatch(
    /^a: the log is larger than memory allows: after 7 events \d+ of 0 MB are used\. A part: /,
  );
  const little = { ...all, heapMax: Number.POSITIVE_INFINITY, processMax: MB };
  expect(checkRoom(little, 'a', 7)?.message).toMatch(/after 7 events \d+ of 1 MB are used/);
});
