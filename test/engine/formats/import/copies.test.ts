// Packets that were captured more than once are not packets that were sent more than once.

import { expect, test } from 'vitest';
import { handmade, type Line, SYN_OPTIONS } from './handmade.ts';
import { decodeFile, fixtures, importOk } from './kernel.ts';

function oneEnd() {
  const decoded = decodeFile(new URL('a_client_closes_first.pcapng', fixtures));
  return { ...decoded, frames: decoded.frames.filter((frame) => frame.interface === 0) };
}

test('a mirror port that copies both ways: the log is that of the packets', () => {
  const once = oneEnd();
  const frames = once.frames.flatMap((frame) => [frame, { ...frame, time: frame.time + 3 }]);
  const twice = importOk({ ...once, frames });
  expect(twice.events).toEqual(importOk(once).events);
  expect(twice.warnings).toEqual(['15 packets left out: captured before at the same interface']);
});

test('one that copies what comes in alone', () => {
  const once = oneEnd();
  const frames = once.frames.flatMap((frame) =>
    frame.segment.dstPort === 8080 ? [frame] : [frame, { ...frame, time: frame.time + 3 }],
  );
  expect(importOk({ ...once, frames }).events).toEqual(importOk(once).events);
});

test('a packet that the network copied is kept: both came', () => {
  const once = oneEnd();
  const at = once.frames.findIndex(({ segment }) => segment.len === 1_448);
  const copied = once.frames[at];
  if (copied === undefined) throw new Error('no text');
  const frames = once.frames.toSpliced(at + 1, 0, { ...copied, time: copied.time + 3 });
  const { events, warnings } = importOk({ ...once, frames });
  const { seq, len } = copied.segment;
  const arrivals = events.filter(
    (e) => e.ev === 'arrive' && e.seg.seq === seq && e.seg.len === len,
  );
  expect(arrivals).toHaveLength(2);
  expect(warnings).toEqual([]);
});

test('a SYN that is sent again has no other sign than its time where packets have no ident', () => {
  const syns: Line[] = [0, 1_000, 3_000].map((t) => [t, 'client', 'S', 99, 0, 0, SYN_OPTIONS]);
  const { events } = importOk(handmade(syns));
  expect(events.filter(({ ev }) => ev === 'observe')).toHaveLength(3);
});
