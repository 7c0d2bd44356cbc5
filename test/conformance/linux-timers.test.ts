/**
 * The `linux` profile against times measured on Linux 6.18 (HZ = 250): the ranges are those of the
 * recordings' README, the runs are simulated at the same round trip of 20 ms.
 */
import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../engine/host/program.ts';
import { FORMAT_VERSION, type LogHeader, SEMANTICS_VERSION } from '../../engine/log/header.ts';
import type { FaultSpec } from '../../engine/network/topology.ts';
import { simulate } from '../../engine/simulation/simulate.ts';
import type { Knobs } from '../../engine/tcp/knobs.ts';
import { flagsText } from '../../engine/tcp/segment.ts';
import { evolve } from '../../engine/timeline/evolve.ts';
import { initialState } from '../../engine/timeline/initial.ts';

const SECOND = 1_000_000;

type Run = {
  client: readonly Instruction[];
  handler?: readonly Instruction[];
  faults?: readonly FaultSpec[];
  knobs?: Partial<Knobs>;
  /** Phase of the coarse clock when the client starts. */
  at?: number;
};

function headerOf({ client, handler = [], faults = [], knobs = {}, at = SECOND }: Run): LogHeader {
  const linux = { profile: 'linux', knobs: { timer_wheel: 250, ...knobs } };
  return {
    format: 'twomsl',
    version: FORMAT_VERSION,
    semantics: SEMANTICS_VERSION,
    id: 'linux',
    title: 'linux',
    about: '',
    seed: 1,
    source: { kind: 'simulation', scenario: 'linux' },
    hosts: [
      { name: 'client', addresses: ['10.77.0.1'], ...linux },
      { name: 'server', addresses: ['10.77.0.2'], ...linux },
    ],
    links: [],
    defaultLink: { delay: 10_120, jitter: 0, loss: 0, duplicate: 0, reorder: 0, reorderDelay: 0 },
    faults,
    programs: [
      { name: 'client', code: client },
      { name: 'handler', code: handler },
      {
        name: 'server',
        code: [
          { op: 'listen', port: 8080, backlog: 128 },
          { op: 'serve', program: 'handler' },
        ],
      },
    ],
    apps: [
      { host: 'server', program: 'server', at: 0 },
      { host: 'client', program: 'client', at },
    ],
  };
}

type Sent = { t: number; host: number; flags: string };
type Moved = { t: number; host: number; from: string; to: string };

function run(spec: Run): { sent: Sent[]; moved: Moved[] } {
  const header = headerOf(spec);
  const sent: Sent[] = [];
  const moved: Moved[] = [];
  let snapshot = initialState(header);
  for (const event of simulate(header, { until: 400 * SECOND })) {
    const step = evolve(header, snapshot, event);
    snapshot = step.snapshot;
    for (const e of step.effects.emissions) {
      sent.push({ t: event.t, host: e.host, flags: flagsText(e.seg.flags) });
    }
    for (const m of step.effects.transitions) {
      moved.push({ t: event.t, host: m.host, from: m.before, to: m.after });
    }
  }
  return { sent, moved };
}

const loseAll = (from: string, to: string, flags?: string): FaultSpec => ({
  from,
  to,
  match: flags === undefined ? {} : { flags },
  nth: 1,
  times: 1_000,
  act: { kind: 'lose' },
});

const CONNECT: Instruction = { op: 'connect', to: 'server', port: 8080 };
/** Starts at several phases of the timer wheel. */
const PHASES = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => SECOND + i * 263_417);

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((t, i) => (t - (times[i] as number)) / SECOND);
}

describe('the linux profile keeps the times of a real kernel', () => {
  // Recorded: 133.5–134.6 s. The sum is 131 s; every timer adds up to one slot of its level.
  it.each(PHASES)(
    'SYN: 1, 1, 1, 1, 1, 2, 4 … 64 s, ETIMEDOUT after 131 s and the slots (%i)',
    (at) => {
      const { sent, moved } = run({ client: [CONNECT], faults: [loseAll('client', 'server')], at });
      const syns = sent.filter((s) => s.flags === 'S').map((s) => s.t);
      const nominal = [1, 1, 1, 1, 1, 2, 4, 8, 16, 32];
      gaps(syns).forEach((gap, i) => {
        expect(gap).toBeGreaterThan(nominal[i] as number);
        expect(gap).toBeLessThan((nominal[i] as number) * 1.13);
      });
      expect(syns).toHaveLength(11);
      const end = moved.find((m) => m.to === 'CLOSED')?.t ?? 0;
      expect((end - at) / SECOND).toBeGreaterThan(131);
      expect((end - at) / SECOND).toBeLessThan(131 + 6 * 0.032 + 3 * 0.256 + 2 * 2.048);
    },
  );

  it.each(PHASES)('two SYN retries: gone after 7 s and more (%i)', (at) => {
    const { sent, moved } = run({
      client: [CONNECT],
      faults: [loseAll('client', 'server')],
      knobs: { syn_retries: 2, syn_linear: 0 },
      at,
    });
    expect(sent.filter((s) => s.flags === 'S')).toHaveLength(3);
    const end = moved.find((m) => m.to === 'CLOSED')?.t ?? 0;
    expect((end - at) / SECOND).toBeGreaterThan(7);
    expect((end - at) / SECOND).toBeLessThan(7.5);
  });

  // Recorded: 63.8–64.0 s.
  it.each(PHASES)('SYN,ACK: five retransmissions, given up after 63 s and the slots (%i)', (at) => {
    const { sent, moved } = run({
      client: [CONNECT],
      faults: [
        // The SYN arrives, nothing else of the client does.
        { ...loseAll('client', 'server'), nth: 2 },
        loseAll('server', 'client', 'S.'),
      ],
      at,
    });
    expect(sent.filter((s) => s.host === 1 && s.flags === 'S.')).toHaveLength(6);
    const came = moved.find((m) => m.host === 1 && m.to === 'SYN-RECEIVED')?.t ?? 0;
    const gone = moved.find((m) => m.host === 1 && m.from === 'SYN-RECEIVED')?.t ?? 0;
    expect((gone - came) / SECOND).toBeGreaterThan(63);
    expect((gone - came) / SECOND).toBeLessThan(63 + 2 * 0.032 + 3 * 0.256 + 2.048);
  });

  it.each(PHASES)('TIME-WAIT lasts 60.004–62.048 s (%i)', (at) => {
    const { moved } = run({
      client: [CONNECT, { op: 'close' }],
      handler: [{ op: 'receive_end' }, { op: 'close' }],
      at,
    });
    const from = moved.find((m) => m.to === 'TIME-WAIT')?.t ?? 0;
    const to = moved.find((m) => m.from === 'TIME-WAIT')?.t ?? 0;
    expect((to - from) / SECOND).toBeGreaterThan(60);
    expect((to - from) / SECOND).toBeLessThanOrEqual(62.048);
  });

  it.each(PHASES)(
    'an orphan with an unanswered FIN: 1 probe + 8, gone after 117–119.5 s (%i)',
    (at) => {
      const { sent, moved } = run({
        client: [CONNECT, { op: 'wait', us: 200_000 }, { op: 'close' }],
        handler: [{ op: 'receive_end' }, { op: 'close' }],
        faults: [{ ...loseAll('client', 'server', 'F.'), nth: 1 }],
        at,
      });
      const fins = sent.filter((s) => s.host === 0 && s.flags === 'F.');
      expect(fins).toHaveLength(1 + 1 + 8);
      const from = moved.find((m) => m.to === 'FIN-WAIT-1')?.t ?? 0;
      const to = moved.find((m) => m.from === 'FIN-WAIT-1')?.t ?? 0;
      expect((to - from) / SECOND).toBeGreaterThan(114);
      expect((to - from) / SECOND).toBeLessThan(120);
    },
  );

  it.each(PHASES)('an orphan in FIN-WAIT-2 with tcp_fin_timeout 5: 5.0–5.3 s (%i)', (at) => {
    const { moved } = run({
      client: [CONNECT, { op: 'close' }],
      handler: [{ op: 'receive_end' }, { op: 'wait', us: 20 * SECOND }, { op: 'close' }],
      knobs: { fin_wait_2_ms: 5_000 },
      at,
    });
    const from = moved.find((m) => m.host === 0 && m.to === 'FIN-WAIT-2')?.t ?? 0;
    const end = moved.find((m) => m.host === 0 && m.from === 'FIN-WAIT-2');
    expect(end?.to).toBe('CLOSED');
    expect(((end?.t ?? 0) - from) / SECOND).toBeGreaterThan(5);
    expect(((end?.t ?? 0) - from) / SECOND).toBeLessThan(5.3);
  });

  it('RTO at a round trip of 20 ms: the tail is probed after 220–232 ms, then doubled', () => {
    const { sent } = run({
      client: [CONNECT, { op: 'wait', us: 100_000 }, { op: 'send', bytes: 500 }],
      handler: [{ op: 'receive', bytes: 500 }],
      faults: [{ ...loseAll('client', 'server', '.'), match: { text: true }, times: 4 }],
    });
    const text = sent.filter((s) => s.host === 0 && s.flags === 'P.').map((s) => s.t);
    const [probe, first, second] = gaps(text);
    expect(probe).toBeGreaterThan(0.22);
    expect(probe).toBeLessThan(0.232);
    expect(first).toBeGreaterThan(0.22);
    expect(first).toBeLessThan(0.232);
    expect(second).toBeGreaterThan(0.44);
    expect(second).toBeLessThan(0.49);
  });

  it('the ACK of a FIN comes with the delayed ACK: FIN-WAIT-1 lasts 60–66 ms', () => {
    const { moved } = run({
      client: [CONNECT, { op: 'wait', us: 100_000 }, { op: 'close' }],
      handler: [{ op: 'receive_end' }, { op: 'wait', us: 500_000 }, { op: 'close' }],
    });
    const from = moved.find((m) => m.to === 'FIN-WAIT-1')?.t ?? 0;
    const to = moved.find((m) => m.host === 0 && m.from === 'FIN-WAIT-1')?.t ?? 0;
    expect((to - from) / 1000).toBeGreaterThan(60);
    expect((to - from) / 1000).toBeLessThan(66);
  });
});
