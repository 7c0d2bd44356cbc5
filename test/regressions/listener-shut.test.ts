/**
 * CLOSE of a socket that listens, by shutdown(), left the connections that wait for accept() to
 * nobody: a later CLOSE of the socket did not end them either.
 */
import { expect, it } from 'vitest';
import { checkInvariants } from '../../engine/timeline/invariants.ts';
import { createWire, wireWithWaiting } from './wire.ts';

it('half-open connections are reset too, and the listener is CLOSED', () => {
  const wire = createWire();
  wire.open(1, 'passive', 0, 5);
  wire.open(0, 'active');
  wire.deliver(1, 'S');
  expect(wire.state(1, 2)).toBe('SYN-RECEIVED');
  wire.close(1, 1);
  expect([wire.state(1, 1), wire.state(1, 2)]).toEqual(['CLOSED', undefined]);
  expect(checkInvariants(wire.snapshot())).toEqual([]);
});

it('what nobody can accept any more is reset', () => {
  const wire = wireWithWaiting();
  expect(wire.snapshot().hosts[1]?.conns.get(1)?.acceptQueue).toEqual([2]);
  wire.close(1, 1);
  expect(wire.state(1, 1)).toBe('CLOSED');
  expect(wire.state(1, 2)).toBeUndefined();
  wire.deliver(0, 'R.');
  expect(wire.state(0, 1)).toBe('CLOSED');
});
