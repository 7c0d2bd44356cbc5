/**
 * Windows that are shut, on one side or on both. The ACK of a segment that found our window shut
 * let nothing out and stopped the persist timer, so that both ends waited for ever. ACKs and RSTs
 * that stand behind the octet of a probe were not read by an end that had not taken the octet, so
 * that two living ends held each other dead. Retransmissions that were answered counted for R2.
 */
import { describe, expect, it } from 'vitest';
import type { Call } from '../../engine/log/event.ts';
import { scenario } from '../../engine/simulation/scenario.ts';
import { startSimulation } from '../../engine/simulation/simulate.ts';
import { ACTIVE, Desk, PASSIVE, SECOND, show } from '../conformance/desk.ts';

const HOUR = 3_600 * SECOND;
const PROFILES = ['rfc9293', 'linux', 'freebsd', 'windows', 'macos', 'berkeley'];

/** Our receive buffer of 2,920 octets is full. */
function full(profile: string, wnd: number): Desk {
  const desk = new Desk({ profile });
  desk.call({ ...ACTIVE, options: { rcvBuf: 2_920 } });
  desk.get({ flags: 'S.', seq: 0, ack: 1, mss: 1_460, wnd });
  desk.get({ flags: '.', seq: 1, len: 1_460, ack: 1, wnd });
  desk.get({ flags: '.', seq: 1_461, len: 1_460, ack: 1, wnd });
  return desk;
}

/** One octet was sent beyond a window of 1,000 that is full and was then shut. */
function probing(profile: string): Desk {
  const desk = new Desk({ profile, knobs: { window_probe: 'octet' } }).established({ wnd: 1_000 });
  desk.send(3_000);
  desk.get({ flags: '.', ack: 1_001, wnd: 0 });
  const probes = desk.pass(10 * SECOND);
  expect(probes.map(({ seq, len }) => [seq, len])).toContainEqual([1_001, 1]);
  return desk;
}

describe.each(PROFILES)('a shut window, %s', (profile) => {
  it('does not keep the ACK of a probe from letting text out (RFC 9293 §3.10.7.4)', () => {
    const desk = full(profile, 2_920);
    const inFlight = desk.send(6_000).reduce((sum, { len }) => sum + len, 0);
    const ack = inFlight + 1;
    const [first] = desk.get({ flags: '.', seq: 2_921, len: 1, ack, wnd: 2_920 });
    expect([first?.seq, first?.len, first?.ack]).toEqual([ack, 1_460, 2_921]);
  });

  it('does not keep a probe from opening the window of the other direction', () => {
    const desk = full(profile, 1_000);
    desk.send(1_000);
    desk.get({ flags: '.', seq: 2_921, ack: 1_001, wnd: 0 });
    desk.send(500);
    const sent = desk.get({ flags: '.', seq: 2_921, len: 1, ack: 1_001, wnd: 3_000 });
    expect(show(sent)).toEqual(['P. 1001:1501 ack 2921']);
  });

  it('lets ACKs and RSTs count that stand behind the octet of a probe (§3.10.7.4)', () => {
    const desk = full(profile, 1_000);
    desk.send(1_000);
    const sent = desk.get({ flags: '.', seq: 2_922, ack: 1_001, wnd: 1_000 });
    expect([desk.tcb().textUna, desk.tcb().lastRcvAt, sent]).toEqual([1_000, desk.now, []]);
    // As one that is inside a window but not at its edge (RFC 5961 §3.2).
    desk.get({ flags: 'R', seq: 2_922 });
    const challenged = desk.rules.includes('rstChallenged');
    expect([challenged, desk.state()]).toEqual(
      profile === 'berkeley' ? [false, 'CLOSED'] : [true, 'ESTABLISHED'],
    );
  });

  it('of both ends keeps them waiting for hours, for both answer (MUST-37)', () => {
    const { simulation, call, pass } = two(profile);
    call(1, 0, { ...PASSIVE, to: '', fromPort: 80 });
    call(0, 0, { ...ACTIVE, to: '10.0.0.2', from: '', fromPort: 0, toPort: 80, iss: -1 });
    pass(SECOND);
    for (const host of [0, 1]) call(host, 1, { call: 'SEND', bytes: 20_000, urgent: false });
    pass(4 * HOUR);
    const ends = () => simulation.snapshot().hosts.map(({ conns }) => conns.get(1));
    expect(ends().map((t) => t?.state)).toEqual(['ESTABLISHED', 'ESTABLISHED']);
    for (const host of [0, 1]) call(host, 1, { call: 'RECEIVE', bytes: 40_000 });
    for (let i = 0; i < 100; i += 1) {
      pass(100 * SECOND);
      for (const host of [0, 1]) call(host, 1, { call: 'RECEIVE', bytes: 40_000 });
    }
    expect(ends().map((t) => t?.rcvRead)).toEqual([20_000, 20_000]);
  });
});

/** Two hosts with small receive buffers, 10 ms apart. */
function two(profile: string) {
  const knobs = { recv_space: 5_000, send_space: 65_536 };
  const header = scenario({ title: 'Two', about: '', profile, knobs })
    .host('client')
    .host('server')
    .link('client', 'server', { delay: '10ms' })
    .build();
  const simulation = startSimulation(header);
  let t = 0;
  return {
    simulation,
    call(host: number, conn: number, call: Call) {
      simulation.apply({ t, ev: 'call', host, conn, process: -1, call });
    },
    pass(us: number) {
      t += us;
      while (simulation.next(t) !== undefined);
    },
  };
}

describe('a window that was shut over text in flight', () => {
  it.each(PROFILES)(
    '%s: what was answered meanwhile counts for nothing once it opens',
    (profile) => {
      const desk = new Desk({ profile }).established({ wnd: 5_000 });
      desk.send(5_000);
      desk.get({ flags: '.', ack: 1_461, wnd: 0 });
      for (let i = 0; i < 600; i += 1) {
        for (const _ of desk.pass(SECOND)) desk.get({ flags: '.', ack: 1_461, wnd: 0 });
      }
      // What the shut window refused is sent again, at once.
      const [first] = desk.get({ flags: '.', ack: 1_461, wnd: 5_000 });
      expect([first?.seq, first?.len]).toEqual([1_461, 1_460]);
      // And lost once more: the next RTO does not end what is alive.
      desk.pass(2 * SECOND);
      expect(desk.state()).toBe('ESTABLISHED');
    },
  );
});

describe('the octet of a probe', () => {
  it('may be acknowledged late, when the window is open by less than is worth sending', () => {
    const desk = probing('rfc9293');
    expect(desk.get({ flags: '.', ack: 1_001, wnd: 100 })).toEqual([]);
    desk.get({ flags: '.', ack: 1_002, wnd: 100 });
    expect(desk.rules).not.toContain('ackUnsent');
    expect(desk.tcb().textUna).toBe(1_001);
  });

  it('is no sample of a round trip, for it was sent twice (Karn)', () => {
    const desk = probing('rfc9293');
    const { srtt } = desk.tcb();
    expect(show(desk.get({ flags: '.', ack: 1_001, wnd: 2_000 }))[0]).toBe('. 1001:2461 ack 1');
    desk.pass(1_000);
    desk.get({ flags: '.', ack: 1_002, wnd: 2_000 });
    expect(desk.tcb().srtt).toBe(srtt);
    desk.pass(9_000);
    desk.get({ flags: '.', ack: 2_461, wnd: 2_000 });
    // R = 10 ms from sending to the ACK of what was sent once (RFC 6298 §2.3).
    expect(desk.tcb().srtt).toBe(Math.floor((7 * srtt + 10_000) / 8));
  });

  it('is refused again and again without a sign of loss', () => {
    const desk = probing('rfc9293');
    const { cwnd } = desk.tcb();
    for (let i = 0; i < 4; i += 1) expect(desk.get({ flags: '.', ack: 1_001, wnd: 0 })).toEqual([]);
    expect([desk.tcb().cwnd, desk.tcb().recovery]).toEqual([cwnd, 'open']);
  });

  it('leaves the urgent pointer at the end of urgent text, empty probes too (MUST-62)', () => {
    const desk = new Desk({ profile: 'linux' }).established({ wnd: 1_000 });
    desk.send(1_000);
    desk.get({ flags: '.', ack: 1_001, wnd: 0 });
    desk.send(500, true);
    const probes = desk.pass(10 * SECOND).filter(({ len }) => len === 0);
    expect(probes.length).toBeGreaterThan(0);
    for (const { seq, seg } of probes) expect(seq + seg.up).toBe(1_501);
  });
});

it('linux: a FIN alone behind a shut window ends with the USER TIMEOUT', () => {
  const desk = new Desk({ profile: 'linux' }).established({ wnd: 1_000 });
  desk.set({ userTimeout_ms: 10_000 });
  desk.send(1_000);
  desk.get({ flags: '.', ack: 1_001, wnd: 0 });
  desk.close('write');
  desk.pass(60 * SECOND);
  expect(desk.state()).toBe('CLOSED');
});
