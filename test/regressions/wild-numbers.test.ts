/**
 * A recorded host whose segments jump through the sequence space (damaged numbers, two connections
 * taken for one) was followed wherever it went: SND.NXT came to stand behind SND.UNA, and one ACK
 * then sent a gigabyte again, segment by segment, within one event.
 */
import { expect, it } from 'vitest';
import type { LogEvent } from '../../engine/log/event.ts';
import { scenario } from '../../engine/simulation/scenario.ts';
import { ACK, blankSegment, type Segment, SYN } from '../../engine/tcp/segment.ts';
import { checkInvariants } from '../../engine/timeline/invariants.ts';
import { lookThrough } from '../../engine/timeline/look.ts';

const FAR = '10.0.0.1';
const NEAR = '10.0.0.2';
const ISN = 3_919_160_709;

const host = { profile: 'macos', observed: true } as const;
const made = scenario({ title: 'Wild numbers', about: '' })
  .host('far', { address: FAR, profile: 'macos' })
  .host('near', { address: NEAR, profile: 'macos', knobs: { mtu: 100 } })
  .build();
const header = { ...made, hosts: made.hosts.map((each) => ({ ...each, ...host })) };

function arrives(t: number, seg: Partial<Segment>): LogEvent {
  const whole = { ...blankSegment(FAR, 4_000, NEAR, 80), wnd: 65_535, ...seg };
  return { t, ev: 'arrive', host: 1, n: -1, seg: whole };
}

function seen(t: number, seq: number, from: number, len = 48): LogEvent {
  const bare = { ...blankSegment(NEAR, 80, FAR, 4_000), flags: ACK, ack: ISN + 1, wnd: 1_023 };
  return { t, ev: 'observe', host: 1, seg: { ...bare, seq, len, from, stream: -1 } };
}

it('a recorded host is not followed farther than any window reaches', () => {
  const look = lookThrough(header);
  const call = {
    call: 'OPEN',
    mode: 'passive',
    to: '',
    toPort: 0,
    from: '',
    fromPort: 80,
  } as const;
  const open = { ...call, backlog: 3, iss: -1, nowait: false };
  const iss = 462_535_478;
  const events: LogEvent[] = [
    { t: 1, ev: 'call', host: 1, conn: 0, process: -1, call: open },
    arrives(2, { flags: SYN, seq: ISN, mss: 1_460 }),
    {
      ...seen(3, iss, 0, 0),
      seg: {
        ...blankSegment(NEAR, 80, FAR, 4_000),
        flags: SYN | ACK,
        seq: iss,
        ack: ISN + 1,
        wnd: 65_535,
        mss: 60,
      },
    } as LogEvent,
    arrives(4, { flags: ACK, seq: ISN + 1, ack: iss + 1 }),
    seen(5, 2_111_191_151, 0),
    { t: 23_000_000, ev: 'timer', host: 1, conn: 2, timer: 'RETRANSMISSION' },
    seen(23_000_001, 4_104_617_413, 32_544),
    seen(23_100_000, 462_568_407, 32_928),
    arrives(23_200_000, { flags: ACK, seq: ISN + 1, ack: 462_568_407 }),
  ];
  for (const event of events) {
    look.apply(event);
    expect(checkInvariants(look.snapshot())).toEqual([]);
  }
  expect(look.snapshot().hosts[1]?.totals.divergences).toBeGreaterThan(2);
});
