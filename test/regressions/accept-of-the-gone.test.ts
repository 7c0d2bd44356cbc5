/** A connection that was aborted before it was accepted stayed in the queue, and accept() threw. */
import { expect, it } from 'vitest';
import { wireWithWaiting } from './wire.ts';

it('what is gone is not accepted', () => {
  const wire = wireWithWaiting();
  expect(wire.snapshot().hosts[1]?.conns.get(1)?.acceptQueue).toEqual([2]);
  wire.abort(1, 2);
  wire.accept(1, 1);
  expect(wire.effects().results[0]?.error).toBe('EAGAIN');
});
