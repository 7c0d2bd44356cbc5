/**
 * OPEN active on a connection in LISTEN did not look whether its 4-tuple was taken, and turned a
 * socket that listens, with connections of its own, into one of them.
 */
import { expect, it } from 'vitest';
import { checkInvariants } from '../../engine/timeline/invariants.ts';
import { createWire } from './wire.ts';

const outcome = (wire: ReturnType<typeof createWire>) => wire.effects().results[0]?.error;

it('a 4-tuple that is in use is refused', () => {
  const wire = createWire();
  wire.open(0, 'active');
  wire.open(0, 'passive');
  wire.open(0, 'active', 2);
  expect(outcome(wire)).toBe('EADDRNOTAVAIL');
  expect([wire.state(0, 1), wire.state(0, 2)]).toEqual(['SYN-SENT', 'LISTEN']);
  expect(checkInvariants(wire.snapshot())).toEqual([]);
});

it('a socket that listens goes on listening', () => {
  const wire = createWire();
  wire.open(0, 'passive', 0, 5);
  wire.open(0, 'active', 1);
  expect(outcome(wire)).toBe('EISCONN');
  expect(wire.state(0, 1)).toBe('LISTEN');
});
