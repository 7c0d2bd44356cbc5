/**
 * An RFC passive OPEN that meets an RST in SYN-RECEIVED goes back to LISTEN. It stayed in the index
 * of 4-tuples (the next SYN broke it), kept its ISS (so that answers to the old half-open
 * connection fitted the new one), and kept text that was queued for the wrong peer.
 */
import { describe, expect, it } from 'vitest';
import { checkInvariants } from '../../engine/timeline/invariants.ts';
import { createWire } from './wire.ts';

/** B is back in LISTEN after A's first attempt. */
function backInListen(prepare: (wire: ReturnType<typeof createWire>) => void = () => undefined) {
  const wire = createWire();
  wire.open(0, 'active');
  wire.open(1, 'passive');
  wire.deliver(1, 'S');
  prepare(wire);
  const first = wire.snapshot().hosts[1]?.conns.get(1);
  wire.abort(0, 1);
  wire.deliver(0, 'S.');
  wire.deliver(1, 'R');
  return { wire, first };
}

describe('a passive OPEN that went back to LISTEN', () => {
  it('takes the next connection', () => {
    const { wire } = backInListen();
    expect(wire.state(1, 1)).toBe('LISTEN');
    wire.open(0, 'active');
    wire.deliver(1, 'S');
    wire.deliver(0, 'S.');
    wire.deliver(1, '.');
    expect([wire.state(0, 2), wire.state(1, 1)]).toEqual(['ESTABLISHED', 'ESTABLISHED']);
    expect(checkInvariants(wire.snapshot())).toEqual([]);
  });

  it('chooses another ISS', () => {
    const { wire, first } = backInListen();
    wire.open(0, 'active');
    wire.deliver(1, 'S');
    expect(wire.snapshot().hosts[1]?.conns.get(1)?.iss).not.toBe(first?.iss);
  });

  it('flushes the text that was for the wrong peer', () => {
    const { wire } = backInListen(({ send }) => send(1, 1, 10));
    expect(wire.snapshot().hosts[1]?.conns.get(1)?.textEnd).toBe(0);
  });

  it('is CLOSED if the user has closed it', () => {
    const { wire } = backInListen(({ send, close }) => {
      send(1, 1, 10);
      close(1, 1);
    });
    expect(wire.state(1, 1)).toBe('CLOSED');
  });
});
