/**
 * CLOSE in SYN-RECEIVED leads to FIN-WAIT-1 while our SYN is not acknowledged. There an ACK that
 * does not cover it was ignored as a duplicate and the rest of its segment processed: the FIN of
 * another incarnation was taken, and our answer closed that one without TIME-WAIT anywhere.
 */
import { expect, it } from 'vitest';
import { createWire } from './wire.ts';

it('the FIN of another incarnation is answered by RST', () => {
  const wire = createWire();
  wire.open(0, 'active');
  wire.open(1, 'active');
  wire.deliver(1, 'S');
  wire.deliver(0, 'S.');
  wire.close(0, 1);
  wire.abort(0, 1);
  wire.open(0, 'active');
  // The first SYN of B is late and meets the second incarnation of A.
  wire.deliver(0, 'S');
  expect(wire.state(0, 2)).toBe('SYN-RECEIVED');
  wire.close(0, 2);
  expect(wire.state(0, 2)).toBe('FIN-WAIT-1');
  // B's FIN is for the first incarnation.
  wire.deliver(1, '.');
  wire.deliver(1, 'F.');
  wire.close(1, 1);
  wire.deliver(0, 'F.');
  expect(wire.state(0, 2)).toBe('FIN-WAIT-1');
  expect(wire.toward(1)).toContain('R');
});
