/**
 * After 2^31 octets without a loss `recover` was so far behind that it seemed to be ahead, and
 * three duplicate ACKs did nothing for the next 2^31 octets (RFC 6582 §3.2: fast retransmit, if
 * the ACK covers more than `recover`).
 */
import { expect, it } from 'vitest';
import { seqAdd } from '../../engine/base/seq.ts';
import { onDuplicateAck, onNewAck, startCongestion } from '../../engine/tcp/congestion.ts';
import { DEFAULT_KNOBS } from '../../engine/tcp/knobs.ts';
import { createStep } from '../../engine/tcp/step.ts';
import { createTcb } from '../../engine/tcp/tcb.ts';

const FLIGHT = 100_000;
const MIB = 2 ** 20;

it.each([1, 2_047, 2_049, 3_000, 4_095, 4_097, 6_200])(
  'after %i MiB without a loss three duplicate ACKs still bring a fast retransmit',
  (mib) => {
    const s = { ...createStep(), knobs: DEFAULT_KNOBS };
    const t = createTcb(1, '10.0.0.1', 1, 0);
    t.state = 'ESTABLISHED';
    startCongestion(s, t);
    for (let i = 0; i < mib; i += 1) {
      t.sndUna = seqAdd(t.sndUna, MIB);
      t.sndNxt = seqAdd(t.sndUna, FLIGHT);
      onNewAck(s, t, MIB);
    }
    const fast = [1, 2, 3, 4].map(() => onDuplicateAck(s, t, FLIGHT));
    expect(fast).toEqual([false, false, true, false]);
  },
);
