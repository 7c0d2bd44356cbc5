// A recording tells only in a later event that a segment was lost. The ladder marks the departure
// as lost all the same, as it does in a simulation.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createTimeline, ladderOf } from '../../engine/index.ts';
import { decodeLog } from '../../engine/log/codec.ts';

const ACK = 16;

test('the last ACK that a recorded network lost is lost on the ladder, and no other', () => {
  const log = new URL('../../logs/kernel-last-ack-lost.jsonl', import.meta.url);
  const decoded = decodeLog(readFileSync(log, 'utf8'));
  if (!decoded.ok) throw new Error(decoded.error.expected);
  const timeline = createTimeline(decoded.header, decoded.events);
  const { rows } = ladderOf(timeline, 0, 1, 0, 1_000);
  // The capture at the other end does not show it: RFC 9293 §3.6.1, the FIN comes again.
  const lost = rows.filter((row) => row.lost);
  expect(lost).toMatchObject([{ kind: 'depart', side: 'left', seg: { flags: ACK } }]);
  const again = rows.filter((row) => row.kind === 'timer' && row.side === 'right');
  expect(again.at(-1)?.text).toBe('RETRANSMISSION timeout');
  expect(again.at(-1)?.n).toBeGreaterThan(lost[0]?.n ?? -1);
  // Seen from the middle of its flight it is the same.
  const near = ladderOf(timeline, 0, 1, lost[0]?.n ?? 0, 3).rows.filter((row) => row.lost);
  expect(near.map(({ n }) => n)).toEqual(lost.map(({ n }) => n));
});
