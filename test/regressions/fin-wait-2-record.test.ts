/**
 * An orphan in FIN-WAIT-2 is a small record in Linux (tcp_timewait_state_process), which reads
 * little: ours was a connection as others. It challenged a SYN and an RST that end the record, and
 * kept what it could not take. And one that is to last longer than TIME-WAIT lasts twice the
 * difference: first as a connection, then as a record (measured: 70 s give 20.4 s, 90 give 61.5).
 */
import { describe, expect, it } from 'vitest';
import type { Knobs } from '../../engine/tcp/knobs.ts';
import { Desk, type Given, MS, SECOND, show } from '../conformance/desk.ts';

function orphan(knobs: Partial<Knobs> = {}, profile = 'linux'): Desk {
  const desk = new Desk({ profile, knobs: { timer_wheel: 250, ...knobs } }).established();
  desk.close('both');
  desk.get({ flags: '.', ack: 2 });
  expect(desk.state()).toBe('FIN-WAIT-2');
  return desk;
}

describe('the record of an orphan in FIN-WAIT-2', () => {
  it.each<[string, Given, string[], string]>([
    ['an RST in the window', { flags: 'R', seq: 100 }, [], 'CLOSED'],
    ['an RST at RCV.NXT', { flags: 'R', seq: 1 }, [], 'CLOSED'],
    ['an RST outside the window', { flags: 'R', seq: 500_000 }, ['. 2 ack 1'], 'FIN-WAIT-2'],
    ['a SYN at RCV.NXT', { flags: 'S', seq: 1 }, ['R. -I ack 2'], 'CLOSED'],
    ['a SYN beyond RCV.NXT', { flags: 'S', seq: 100 }, ['R. -I ack 101'], 'CLOSED'],
    ['a SYN before RCV.NXT', { flags: 'S', seq: 0 }, ['. 2 ack 1'], 'FIN-WAIT-2'],
    ['a SYN,ACK at RCV.NXT', { flags: 'S.', seq: 1, ack: 2 }, ['R 2'], 'CLOSED'],
    ['text', { flags: 'P.', len: 10, ack: 2 }, ['R 2'], 'CLOSED'],
    ['text before a gap', { flags: 'P.', seq: 50, len: 10, ack: 2 }, ['R 2'], 'CLOSED'],
    ['a FIN beyond a gap', { flags: 'F.', seq: 100, ack: 2 }, ['R 2'], 'CLOSED'],
    ['a FIN with text', { flags: 'FP.', len: 10, ack: 2 }, ['R 2'], 'CLOSED'],
    ['an ACK', { flags: '.', ack: 2 }, [], 'FIN-WAIT-2'],
    ['a FIN without ACK', { flags: 'F' }, [], 'FIN-WAIT-2'],
    ['a FIN', { flags: 'F.', ack: 2 }, ['. 2 ack 2'], 'TIME-WAIT'],
  ])('meets %s', (_, given, sent, state) => {
    const desk = orphan();
    const shown = show(desk.get(given)).map((text) => text.replace(/^(R\.) \d+/, '$1 -I'));
    expect([shown, desk.state()]).toEqual([sent, state]);
  });

  it('meets a timestamp that is too old', () => {
    const desk = new Desk({ profile: 'linux', knobs: { timestamps: true } });
    desk.established({ ts: true, tsVal: 100 });
    desk.close('both');
    desk.get({ flags: '.', ack: 2 });
    expect(show(desk.get({ flags: 'F.', ack: 2, tsVal: 99 }))).toEqual(['. 2 ack 1']);
    expect(show(desk.get({ flags: 'F.', ack: 2, tsVal: 101 }))).toEqual(['. 2 ack 2']);
    expect(desk.host.timeWaits.get(1)?.tsRecent).toBe(101);
  });

  it('stays in TIME-WAIT for 60 s after the FIN', () => {
    const desk = orphan();
    desk.pass(59 * SECOND);
    desk.get({ flags: 'F.', ack: 2 });
    desk.pass(60 * SECOND);
    expect(desk.state()).toBe('TIME-WAIT');
    desk.pass(2_048 * MS);
    expect(desk.state()).toBe('CLOSED');
  });

  it('is none where the profile has a connection', () => {
    const desk = orphan({}, 'rfc9293');
    expect(show(desk.get({ flags: 'R', seq: 100 }))).toEqual(['. 2 ack 1']);
    expect(desk.state()).toBe('FIN-WAIT-2');
  });
});

describe('how long an orphan waits in FIN-WAIT-2', () => {
  // The two timers of a long wait each fire up to a slot of the wheel late.
  it.each([
    [5_000, 5_000, 5_256],
    [60_000, 60_000, 62_048],
    [70_000, 20_000, 20_512],
    [90_000, 60_000, 64_096],
    // Three and a half times the RTO at least, which is 200 ms here (tcp_fin_time).
    [300, 700, 732],
  ])('tcp_fin_timeout %i ms: from %i to %i ms', (fin_wait_2_ms, from, to) => {
    const desk = orphan({ fin_wait_2_ms });
    desk.pass(from * MS);
    expect(desk.state()).toBe('FIN-WAIT-2');
    desk.pass((to - from) * MS);
    expect(desk.state()).toBe('CLOSED');
  });

  it('a long one meets a FIN first as a connection, then as a record', () => {
    for (const waited of [5, 15]) {
      const desk = orphan({ fin_wait_2_ms: 70_000 });
      desk.pass(waited * SECOND);
      desk.get({ flags: 'R', seq: 100 });
      expect(desk.state()).toBe(waited < 10 ? 'FIN-WAIT-2' : 'CLOSED');
      desk.get({ flags: 'F.', ack: 2 });
      expect(desk.state()).toBe(waited < 10 ? 'TIME-WAIT' : 'CLOSED');
    }
  });

  it('keep-alive does not lengthen it', () => {
    const desk = orphan({ keepalive: true, keepalive_idle_ms: 10_000 });
    expect(desk.pass(62_048 * MS)).toEqual([]);
    expect(desk.state()).toBe('CLOSED');
  });
});
