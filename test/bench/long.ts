// A timeline of a long log, for what is asked of one.

import { buildTimeline, type LogHeader, type TimelineBuilder } from '../../engine/index.ts';
import { batches, LONG } from './load.ts';
import { size } from './options.ts';

/** The log that the aims are about has ten million events. */
const COUNT = size(10_000_000, 20_000);

export function longTimeline(): { readonly header: LogHeader; readonly builder: TimelineBuilder } {
  const header = LONG.build();
  const builder = buildTimeline(header);
  for (const batch of batches(header, COUNT)) for (const event of batch) builder.add(event);
  return { header, builder };
}
