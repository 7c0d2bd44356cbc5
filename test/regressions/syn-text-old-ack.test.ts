/**
 * Text that came with a SYN waits until the connection is ESTABLISHED. Where the ACK that
 * establishes it is read from a segment outside the window (FreeBSD), the text went on waiting.
 */
import { expect, it } from 'vitest';
import { ACK, blankSegment, SYN } from '../../engine/tcp/segment.ts';
import { checkInvariants } from '../../engine/timeline/invariants.ts';
import { createWire } from './wire.ts';

it('the text of a SYN is handed over when an old segment acknowledges ours', () => {
  const wire = createWire('freebsd');
  wire.open(0, 'active');
  const iss = wire.snapshot().hosts[0]?.conns.get(1)?.iss ?? 0;
  const forged = blankSegment('10.0.0.2', 2000, '10.0.0.1', 1000);
  wire.inject(0, { ...forged, flags: SYN, seq: 5_000, len: 100, wnd: 1_000 });
  expect(wire.state(0, 1)).toBe('SYN-RECEIVED');
  wire.inject(0, { ...forged, flags: ACK, seq: 4_000, ack: (iss + 1) >>> 0, wnd: 1_000 });
  expect(wire.state(0, 1)).toBe('ESTABLISHED');
  expect(wire.snapshot().hosts[0]?.conns.get(1)?.rcvText).toBe(100);
  expect(checkInvariants(wire.snapshot())).toEqual([]);
});
