// Imports of recordings with packets missing, out of order or altered: whatever they hold, the log
// is one that can be written, read and folded, and our TCBs stay sound.

import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hash32, unit } from '../../../../engine/base/random.ts';
import { seqAdd } from '../../../../engine/base/seq.ts';
import type { DecodedCapture, TcpFrame } from '../../../../engine/formats/capture/index.ts';
import { importCapture } from '../../../../engine/formats/import/index.ts';
import { decodeLog, encodeLog } from '../../../../engine/log/codec.ts';
import { checkInvariants } from '../../../../engine/timeline/invariants.ts';
import { commit } from '../../../../engine/timeline/world.ts';
import { decodeFile, fixtures, fold } from './kernel.ts';

const names = readdirSync(fixtures).filter((file) => file.endsWith('.pcapng'));
const PROFILES = ['linux', 'rfc9293', 'freebsd', 'berkeley'];

/** Loses packets, shifts them by up to 15 ms and alters numbers, each with a probability. */
function damage(decoded: DecodedCapture, seed: number): DecodedCapture {
  const chance = (frame: TcpFrame, what: number) => unit(hash32(seed, frame.frame, what));
  const loss = [0, 0.05, 0.2, 0.5][seed % 4] as number;
  const shift = seed % 3 === 0 ? 30_000 : 0;
  const alter = seed % 5 === 0 ? 0.1 : 0;
  const frames = decoded.frames
    .filter((frame) => chance(frame, 1) >= loss)
    .map((frame) => {
      const time = Math.max(0, frame.time + Math.floor((chance(frame, 2) - 0.5) * shift));
      if (chance(frame, 3) >= alter) return { ...frame, time };
      const seq = seqAdd(frame.segment.seq, Math.floor((chance(frame, 4) - 0.5) * 5000));
      return { ...frame, time, segment: { ...frame.segment, seq } };
    });
  return { ...decoded, frames };
}

describe('a damaged capture', () => {
  test.each(names)('%s: its import folds without contradiction', (name) => {
    const decoded = decodeFile(new URL(name, fixtures));
    for (let seed = 1; seed <= 20; seed += 1) {
      const damaged = damage(decoded, seed);
      const profile = PROFILES[seed % PROFILES.length] as string;
      const result = importCapture(damaged, { file: name, profile });
      if (!result.ok) {
        expect(damaged.frames.length).toBe(0);
        continue;
      }
      const { world } = fold(result);
      expect({ seed, found: checkInvariants(commit(world)) }).toEqual({ seed, found: [] });
      const read = decodeLog([...encodeLog(result.header, result.events)].join(''));
      expect({ seed, ok: read.ok }).toEqual({ seed, ok: true });
    }
  });
});
