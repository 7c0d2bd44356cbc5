/**
 * Three comparisons of sequence numbers, each true, do not say that they lie in that order on a
 * circle: a forged SACK block around it was taken for one in flight, and recovery resent nothing
 * for ever.
 */
import { expect, it } from 'vitest';
import { ACK, blankSegment } from '../../engine/tcp/segment.ts';
import { createWire } from './wire.ts';

it('a SACK block that is not within what is in flight is dropped', () => {
  const wire = createWire();
  wire.open(1, 'passive');
  wire.open(0, 'active');
  wire.deliver(1, 'S');
  wire.deliver(0, 'S.');
  wire.send(0, 1, 2);
  const t = wire.snapshot().hosts[0]?.conns.get(1);
  if (t === undefined) throw new Error('no connection');
  const forged = blankSegment('10.0.0.2', 2000, '10.0.0.1', 1000);
  const left = (t.sndUna + 1_836_734_925) >>> 0;
  const right = (left + 1_457_354_323) >>> 0;
  const ts = { ts: true, tsVal: t.tsRecent, tsEcr: 0 };
  const ack = { ...forged, ...ts, flags: ACK, seq: t.rcvNxt, ack: t.sndUna, wnd: 1_000 };
  wire.inject(0, { ...ack, sack: [left, right] });
  expect(wire.snapshot().hosts[0]?.conns.get(1)?.sacked).toEqual([]);
});
