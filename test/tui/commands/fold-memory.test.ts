// A log may fit into memory while what its events make does not: folding looks for room too.

import { expect, test, vi } from 'vitest';
import { churn, simulate } from '../../../engine/index.ts';
import { foldEach, foldTo, timelineOf } from '../../../tui/commands/fold.ts';
import type { Io } from '../../../tui/commands/io.ts';
import { Failure } from '../../../tui/files/failure.ts';

vi.mock(import('../../../tui/commands/room.ts'), async (load) => {
  const real = await load();
  const checkRoom: typeof real.checkRoom = (_room, name, events) =>
    events >= 2_000 ? new Failure(`${name}: full after ${events} events`) : undefined;
  return { ...real, checkRoom };
});

const header = churn({ rate: 100, connections: 300 }).build();
const { signal } = new AbortController();
const tty = { stdin: false, stdout: false, stderr: false };
const io = { now: () => 0, tty, interrupted: signal, err: () => undefined } as unknown as Io;
const log = { name: 'a', header, events: [...simulate(header)] };

test.each([
  ['to a moment', () => foldTo(log, log.events.length, io)],
  ['event by event', () => foldEach(log, io, () => undefined)],
  ['into a timeline', () => timelineOf(log, [], io)],
])('a fold %s stops while there is room to say why', async (_, fold) => {
  expect(log.events.length).toBeGreaterThan(3_000);
  await expect(fold()).rejects.toThrow('a: full after 2000 events');
});
