// The next and the previous moment of conditions of every kind: aim 200 ms at ten million events.

import { parseCondition } from '../../engine/timeline/condition-text.ts';
import { folded, header, positions, type Rounds, report } from './load.ts';

const { timeline } = folded();
const names = header.hosts.map((host) => host.name);
const SOUGHT = [
  'TIME-WAIT > 1000000',
  'client1 TIME-WAIT > 3000',
  'TIME-WAIT = 3000',
  'client1#50 = TIME-WAIT',
  'server#1 != LISTEN',
  'enters CLOSING',
  'flag R',
  'port 40001',
  'port 80',
  'lost',
  'divergence',
];

report(
  SOUGHT.map((text): Rounds => {
    const parsed = parseCondition(text, names);
    if (!parsed.ok) throw new Error(`${text}: ${parsed.error}`);
    const values = [0, 1, 2, 3, 4].flatMap((round) =>
      [0, timeline.length, ...positions(2, timeline.length, round)].flatMap((n) =>
        ([1, -1] as const).map((step) => {
          const from = performance.now();
          timeline.search(n, step, parsed.condition);
          return performance.now() - from;
        }),
      ),
    );
    return { what: text, unit: 'ms', values };
  }),
);
