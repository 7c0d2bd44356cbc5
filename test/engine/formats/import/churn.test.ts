// Imports of many short connections, captured at the client alone: how many there were, and how
// many sockets were in TIME-WAIT at each moment, against what the machine itself counted.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { stateNumber } from '../../../../engine/tcp/states.ts';
import { applyEvent } from '../../../../engine/timeline/evolve.ts';
import { initialState } from '../../../../engine/timeline/initial.ts';
import { hostOf, openWorld } from '../../../../engine/timeline/world.ts';
import { dataset, decodeFile, hasDataset, importOk } from './kernel.ts';

type Line = { t: number; ev?: string; host?: string; tw?: number; ok?: boolean };

/** Lines of JSON in a file that may be compressed. */
function linesOf(path: string): Line[] {
  const plain = new URL(path, dataset);
  const packed = new URL(`${path}.gz`, dataset);
  if (!existsSync(plain) && !existsSync(packed)) return [];
  const text = existsSync(plain)
    ? readFileSync(plain, 'utf8')
    : gunzipSync(readFileSync(packed)).toString();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

const TIME_WAIT = stateNumber('TIME-WAIT');
/** After that TIME-WAITs end, at a slot of the kernel's coarse timer that no packet shows. */
const FIRST_END = 60;

const place = hasDataset ? 'beside the checkout' : 'absent: ../shared/captures not found';

describe.runIf(hasDataset)(`churn in the data set (${place})`, () => {
  const names = hasDataset
    ? readdirSync(dataset).filter((name) => /^h_|^i_2000_.*_captured$/.test(name))
    : [];

  test.each(names)('%s', (name) => {
    const imported = importOk(decodeFile(new URL(`${name}/capture.pcapng`, dataset)));
    const { header, events } = imported;
    const epoch = header.source.kind === 'import' ? header.source.epoch : 0;
    const world = openWorld(header, initialState(header), false);
    let next = 0;
    for (const { t, ev, host, tw } of linesOf(`${name}/states.jsonl`)) {
      if (ev !== 'counts' || t > FIRST_END) continue;
      for (; (events[next]?.t ?? Number.POSITIVE_INFINITY) + epoch <= t * 1e6; next += 1) {
        applyEvent(world, events[next] as (typeof events)[number]);
      }
      const number = header.hosts.findIndex((spec) => spec.name === host);
      const ours = hostOf(world, number).states[TIME_WAIT] as number;
      // One may enter while the machine counts.
      expect(Math.abs(ours - (tw ?? 0)), `${host} at ${t} s: ${ours}, counted ${tw}`).toBeLessThan(
        2,
      );
    }
    for (; next < events.length; next += 1) {
      applyEvent(world, events[next] as (typeof events)[number]);
    }
    const connected = linesOf(`${name}/attempts.jsonl`).filter(({ ok }) => ok === true).length;
    const expected = connected > 0 ? connected : 2000;
    for (const number of header.hosts.keys()) {
      const { established, divergences } = hostOf(world, number).totals;
      expect({ established, divergences }).toEqual({ established: expected, divergences: 0 });
    }
  });
});
