// Imports against the kernel's own trace: states, their order and their times, on both ends.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Knobs } from '../../../../engine/tcp/knobs.ts';
import { checkInvariants } from '../../../../engine/timeline/invariants.ts';
import { commit } from '../../../../engine/timeline/world.ts';
import {
  compare,
  dataset,
  decodeFile,
  fixtures,
  fold,
  greatestGap_ms,
  hasDataset,
  importOk,
  pathUpTo,
  readTimeline,
} from './kernel.ts';

const kept = readdirSync(fixtures)
  .filter((file) => file.endsWith('.timeline.json'))
  .map((file) => file.replace('.timeline.json', ''));

describe('the states found from the packets are the kernel’s', () => {
  test.each(kept)('%s', (name) => {
    const decoded = decodeFile(new URL(`${name}.pcapng`, fixtures));
    const folded = fold(importOk(decoded));
    const timeline = readTimeline(new URL(`${name}.timeline.json`, fixtures));
    for (const { who, kernel, ours } of compare(timeline, folded)) {
      const expected = kernel.map(({ state }) => state).join(' ');
      expect(`${who}: ${pathUpTo(kernel, ours)}`).toBe(`${who}: ${expected}`);
      if (!(name in UNSHOWN)) expect(greatestGap_ms(kernel, ours)).toBeLessThan(1);
    }
    expect(folded.divergences).toEqual([]);
    expect(checkInvariants(commit(folded.world))).toEqual([]);
  });
});

// SO_LINGER 0 and close() in the one, close() with 500 octets unread in the other.
test.each([
  ['e_linger0', 'ABORT'],
  ['e_close_unread_data', 'CLOSE'],
])('the RST of %s is the client’s %s', (name, call) => {
  const { events } = importOk(decodeFile(new URL(`${name}.pcapng`, fixtures)));
  const last = events.filter((e) => e.ev === 'call' && e.host === 0).at(-1);
  expect(last?.ev === 'call' && last.call.call).toBe(call);
});

/** Recordings in which a time cannot be seen in the packets, and why. */
const UNSHOWN: Readonly<Record<string, string>> = {
  d_close_in_syn_sent: 'CLOSE in SYN-SENT is silent; the RST to the late SYN,ACK shows it',
  d_syn_timeout_default: 'the end is silent, up to a slot of the timer wheel after 64 s',
  d_syn_timeout_retries2: 'the end is silent',
  e_data_blackhole_retries2_6: 'the end is silent, up to a slot of the timer wheel',
  f_accept_overflow_burst: 'SYN cookies: no socket before the last ACK',
  f_accept_overflow_third_ack_drop: 'which of several copies the full queue took',
  f_syn_backlog_cookies1: 'SYN cookies: no socket before the last ACK',
  g_ack_lost: 'CLOSE while text waits for the window: the FIN leaves later',
  g_data_duplicated: 'CLOSE while text waits for the window: the FIN leaves later',
  g_data_reordered: 'CLOSE while text waits for the window: the FIN leaves later',
  g_fin_blackhole_default: 'the end is silent, up to a slot of the timer wheel after 58 s',
  g_last_ack_blackhole_default: 'the end is silent, up to a slot of the timer wheel after 58 s',
  g_last_ack_blackhole_orphan_retries3: 'the end is silent',
  j_half_open_data: 'the end vanishes; the RST to later text shows it',
};

/** Recordings with segments that our TCP would not have sent, and how many. */
const DIVERGENT: Readonly<Record<string, number>> = {};

type Meta = { sysctls_set: { client?: Readonly<Record<string, unknown>> } };

/** Settings of the recorded machine that no packet can tell, as knobs. */
const KNOB_OF: Readonly<Record<string, (value: number) => Partial<Knobs>>> = {
  tcp_syn_retries: (n) => ({ syn_retries: n }),
  tcp_syn_linear_timeouts: (n) => ({ syn_linear: n }),
  tcp_orphan_retries: (n) => ({ orphan_retries: n === 0 ? 8 : n }),
  tcp_retries2: (n) => ({ r2_retries: n }),
  tcp_rfc1337: (n) => ({ rst_in_time_wait: n === 1 ? 'ignore' : 'end' }),
};

function knobsOf(name: string): Partial<Knobs> {
  const meta = JSON.parse(readFileSync(new URL(`${name}/meta.json`, dataset), 'utf8')) as Meta;
  const knobs: Partial<Knobs> = {};
  for (const [key, value] of Object.entries(meta.sysctls_set.client ?? {})) {
    const setting = KNOB_OF[key];
    if (setting !== undefined) Object.assign(knobs, setting(Number(value)));
  }
  return knobs;
}

const place = hasDataset ? 'beside the checkout' : 'absent: ../shared/captures not found';

describe.runIf(hasDataset)(`the data set (${place})`, () => {
  const names = hasDataset
    ? readdirSync(dataset).filter((name) => existsSync(new URL(`${name}/timeline.json`, dataset)))
    : [];

  test.each(names)('%s', (name) => {
    const decoded = decodeFile(new URL(`${name}/capture.pcapng`, dataset));
    const folded = fold(importOk(decoded, { knobs: knobsOf(name) }));
    const timeline = readTimeline(new URL(`${name}/timeline.json`, dataset));
    for (const { who, kernel, ours } of compare(timeline, folded)) {
      const expected = kernel.map(({ state }) => state).join(' ');
      expect(`${who}: ${pathUpTo(kernel, ours)}`).toBe(`${who}: ${expected}`);
      if (!(name in UNSHOWN)) expect(greatestGap_ms(kernel, ours)).toBeLessThan(1);
    }
    expect(folded.divergences.length).toBe(DIVERGENT[name] ?? 0);
    expect(checkInvariants(commit(folded.world))).toEqual([]);
  });

  test('there are recordings of every family', () => {
    expect(new Set(names.map((name) => name[0]))).toEqual(new Set('abcdefgjk'));
    expect(names.length).toBeGreaterThan(60);
  });

  test('200,000 packets of one side become a log', () => {
    const decoded = decodeFile(new URL('i_20000_client_first_captured/capture.pcapng', dataset));
    const { events, header } = importOk(decoded);
    expect(header.hosts.map(({ name }) => name)).toEqual(['client', 'server']);
    const opens = events.filter((e) => e.ev === 'call' && e.call.call === 'OPEN');
    expect(opens.length).toBe(20_001);
    const ends = events.filter((e) => e.ev === 'timer' && e.timer === 'TIME-WAIT');
    expect(ends.length).toBe(20_000);
  });
});
