// Events folded a second: bare, with keyframes and index, and what a fold into plain records that
// are changed in place would reach in the same process. The ratio tells more than the number does
// on a machine that is shared.

import type { LogEvent } from '../../engine/log/event.ts';
import { buildTimeline } from '../../engine/timeline/create.ts';
import { foldAll } from '../../engine/timeline/evolve.ts';
import { initialState } from '../../engine/timeline/initial.ts';
import { batches, header, percentile, type Rounds, report } from './load.ts';

const events: LogEvent[] = [...batches()].flat();

/** The least that a fold can do: one record for each stream of segments, written in place. */
function rawFold(): number {
  const records = new Map<number, { seq: number; segments: number; bytes: number; at: number }>();
  let other = 0;
  for (const event of events) {
    if (event.ev !== 'arrive') {
      other += event.t & 1;
      continue;
    }
    const { seg } = event;
    let record = records.get(seg.stream);
    if (record === undefined) {
      record = { seq: seg.seq, segments: 0, bytes: 0, at: 0 };
      records.set(seg.stream, record);
    }
    record.seq = seg.seq;
    record.segments += 1;
    record.bytes += seg.len;
    record.at = event.t;
  }
  return records.size + other;
}

function speed(work: () => unknown): number {
  const from = performance.now();
  work();
  return events.length / (performance.now() - from) / 1_000;
}

const raw: Rounds = { what: 'plain records changed in place', unit: 'M/s', values: [] };
const bare: Rounds = { what: 'folded in one batch', unit: 'M/s', values: [] };
const whole: Rounds = { what: 'folded with keyframes and index', unit: 'M/s', values: [] };
for (let round = 0; round < 5; round += 1) {
  raw.values.push(speed(rawFold));
  bare.values.push(speed(() => foldAll(header, initialState(header), events)));
  whole.values.push(
    speed(() => {
      const builder = buildTimeline(header);
      for (const event of events) builder.add(event);
    }),
  );
}
const median = ({ values }: Rounds): number => percentile(values, 0.5);
report([raw, bare, whole], {
  'times slower than plain records, bare': median(raw) / median(bare),
  'times slower, with keyframes and index': median(raw) / median(whole),
});
