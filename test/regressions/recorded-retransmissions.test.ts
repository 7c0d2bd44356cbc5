// A segment of a recording is sent again if its numbers were seen before, and only then. The first
// SYN,ACK of a recorded host was taken for a second one wherever the ISS of its stack was below
// that of ours, which is a matter of chance.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createTimeline, type LogEvent } from '../../engine/index.ts';
import { decodeLog } from '../../engine/log/codec.ts';
import { FIN, has, RST, SYN } from '../../engine/tcp/segment.ts';

const folder = new URL('../../logs/', import.meta.url);
const recordings = readdirSync(folder).filter((name) => name.startsWith('kernel-'));

/** By host: segments that take numbers which one before took already. */
function sentAgain(events: readonly LogEvent[], hosts: number): number[] {
  const counts = new Array<number>(hosts).fill(0);
  const seen = new Set<string>();
  for (const event of events) {
    if (event.ev !== 'observe') continue;
    const { seg } = event;
    const takes = seg.len > 0 || has(seg, SYN) || has(seg, FIN);
    if (!takes || has(seg, RST)) continue;
    // The SYN,ACK of a simultaneous open is none of the SYN before it (RFC 9293 §3.5, Figure 7).
    const kind = has(seg, SYN) ? seg.flags : 0;
    const numbers = [kind, seg.src, seg.srcPort, seg.dst, seg.dstPort, seg.seq].join(' ');
    if (seen.has(numbers)) counts[event.host] = (counts[event.host] ?? 0) + 1;
    seen.add(numbers);
  }
  return counts;
}

test.each(recordings)('%s counts what was sent again', (name) => {
  const decoded = decodeLog(readFileSync(new URL(name, folder), 'utf8'));
  if (!decoded.ok) throw new Error(decoded.error.expected);
  const { header, events } = decoded;
  const { hosts } = createTimeline(header, events).at(events.length);
  const counted = hosts.map((host) => host.totals.retransmissions);
  expect(counted).toEqual(sentAgain(events, hosts.length));
});
