// Addresses, ports and OPEN: RFC 9293 §3.9.1.1, §3.9.2.3, §3.4.3.
import { describe, expect, it } from 'vitest';
import { ACTIVE, Desk, HOST, PASSIVE, PEER, PORT, SECOND, show } from '../desk.ts';

const SYN = { flags: 'S', seq: 0, mss: 1460 } as const;

describe('OPEN and addresses', () => {
  it.each(['224.0.0.1', '239.255.255.255', '255.255.255.255', '0.0.0.0', 'ff02::1', '::'])(
    'MUST-46: an OPEN to %s is refused, and nothing is sent',
    (to) => {
      const desk = new Desk();
      expect(desk.call({ ...ACTIVE, to })).toEqual([]);
      expect(desk.result?.error).toBe('ENETUNREACH');
      expect(desk.find()).toBeUndefined();
    },
  );

  it.each(['224.0.0.1', '255.255.255.255', '0.0.0.0', 'ff02::1'])(
    'MUST-63: a SYN from %s is ignored',
    (src) => {
      const desk = new Desk();
      desk.call(PASSIVE);
      expect(desk.get({ ...SYN, src })).toEqual([]);
      expect(desk.state()).toBe('LISTEN');
    },
  );

  it.each(['224.0.0.1', '255.255.255.255'])(
    'MUST-57: a segment addressed to %s is silently discarded',
    (dst) => {
      const desk = new Desk();
      desk.call(PASSIVE);
      expect(desk.get({ ...SYN, dst })).toEqual([]);
      expect(desk.get({ flags: '.', seq: 1, ack: 1, dst, dstPort: 9 })).toEqual([]);
      expect(desk.state()).toBe('LISTEN');
    },
  );

  it('MUST-41: a passive OPEN leaves the connections alone that are there', () => {
    const desk = new Desk().established();
    const before = desk.tcb();
    desk.call({ ...PASSIVE, fromPort: PORT });
    expect(desk.tcb()).toEqual(before);
    desk.call({ ...PASSIVE, fromPort: PORT });
    expect(desk.result?.error).toBe('EADDRINUSE');
    expect(desk.tcb()).toEqual(before);
  });

  it('MUST-42: LISTEN on a port where a connection is in SYN-SENT or SYN-RECEIVED', () => {
    const desk = new Desk();
    desk.call(ACTIVE);
    desk.call(PASSIVE);
    expect(desk.state(1)).toBe('SYN-SENT');
    expect(desk.state(2)).toBe('LISTEN');
    desk.get({ ...SYN, srcPort: 5000 });
    expect(desk.state(2)).toBe('SYN-RECEIVED');
    desk.call(PASSIVE);
    expect(desk.state(3)).toBe('LISTEN');
  });

  it('MUST-43: the local address of an OPEN is used', () => {
    const addresses = [HOST, '10.0.9.9'];
    const active = new Desk({ addresses });
    expect(active.call({ ...ACTIVE, from: '10.0.9.9' })[0]?.seg.src).toBe('10.0.9.9');
    const passive = new Desk({ addresses });
    passive.call({ ...PASSIVE, from: '10.0.9.9' });
    expect(show(passive.get(SYN))).toEqual(['R. 0 ack 1'].map(() => expect.stringMatching(/^R\./)));
    expect(passive.get({ ...SYN, dst: '10.0.9.9' })[0]?.flags).toBe('S.');
  });

  it('MUST-44: without a local address the host chooses one of the family of the peer', () => {
    const addresses = ['fd00::1', HOST];
    expect(new Desk({ addresses }).call({ ...ACTIVE, from: '' })[0]?.seg.src).toBe(HOST);
    const v6 = new Desk({ addresses }).call({ ...ACTIVE, from: '', to: 'fd00::2' });
    expect(v6[0]?.seg.src).toBe('fd00::1');
  });

  it('MUST-45: all segments of a connection have the address of the first', () => {
    const addresses = [HOST, '10.0.9.9'];
    const desk = new Desk({ addresses });
    desk.call(PASSIVE);
    desk.get({ ...SYN, dst: '10.0.9.9' });
    desk.get({ flags: '.', dst: '10.0.9.9' });
    desk.send(10);
    desk.close();
    desk.pass(5 * SECOND);
    expect(desk.log.length).toBeGreaterThan(4);
    expect(new Set(desk.log.map(({ seg }) => seg.src))).toEqual(new Set(['10.0.9.9']));
  });

  it('RFC 9293 §3.4.3: in the quiet time after a restart nothing is sent at all', () => {
    const desk = new Desk({ knobs: { quiet_time_ms: 120_000 } });
    desk.apply({ t: desk.now, ev: 'crash', host: 0 });
    desk.apply({ t: desk.now, ev: 'restart', host: 0 });
    desk.call(ACTIVE);
    expect(desk.result?.error).toBe('EAGAIN');
    desk.call(PASSIVE);
    expect(desk.get(SYN)).toEqual([]);
    expect(desk.get({ flags: '.', seq: 7, ack: 7, dstPort: 99 })).toEqual([]);
    desk.pass(120 * SECOND);
    expect(desk.get(SYN)[0]?.flags).toBe('S.');
    expect(desk.call({ ...ACTIVE, fromPort: 0 })[0]).toMatchObject({ flags: 'S' });
    expect(desk.log.every(({ seg }) => seg.dst === PEER)).toBe(true);
  });
});
