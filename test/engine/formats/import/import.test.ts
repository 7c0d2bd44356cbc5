// Imports of captures that are incomplete, one-sided, forged or not TCP at all.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { seqAdd } from '../../../../engine/base/seq.ts';
import {
  type DecodedCapture,
  decodeCapture,
  type TcpFrame,
} from '../../../../engine/formats/capture/index.ts';
import { importCapture, importInSteps } from '../../../../engine/formats/import/index.ts';
import { decodeLog, encodeLog } from '../../../../engine/log/codec.ts';
import { ACK, FIN, has, RST, SYN } from '../../../../engine/tcp/segment.ts';
import { checkInvariants } from '../../../../engine/timeline/invariants.ts';
import { commit } from '../../../../engine/timeline/world.ts';
import { handmade, type Line, SYN_OPTIONS } from './handmade.ts';
import { compare, decodeFile, fixtures, fold, importOk, pathUpTo, readTimeline } from './kernel.ts';

function recording(name: string): DecodedCapture {
  return decodeFile(new URL(`${name}.pcapng`, fixtures));
}

function withFrames(decoded: DecodedCapture, frames: readonly TcpFrame[]): DecodedCapture {
  const first = Math.min(...frames.map(({ time }) => time));
  return {
    ...decoded,
    epoch_us: decoded.epoch_us + first,
    frames: frames.map((frame) => ({ ...frame, time: frame.time - first })),
  };
}

function onlyAt(decoded: DecodedCapture, side: string): DecodedCapture {
  const place = decoded.interfaces.findIndex(({ name }) => name === side);
  return withFrames(
    decoded,
    decoded.frames.filter((frame) => frame.interface === place),
  );
}

/** The states of both ends, the client's first. */
function paths(decoded: DecodedCapture): string[] {
  const folded = fold(importOk(decoded));
  expect(checkInvariants(commit(folded.world))).toEqual([]);
  return [...folded.ends.values()].map((steps) => steps.map(({ state }) => state).join(' '));
}

describe('what cannot be imported is told clearly', () => {
  test('a capture without TCP', () => {
    const decoded = { ...recording('d_refused'), frames: [] };
    expect(importCapture(decoded, { file: 'x', profile: 'linux' })).toEqual({
      ok: false,
      message: expect.stringMatching(/^no TCP to import: the capture holds 4 packets/),
    });
  });

  test('a profile that is unknown', () => {
    const result = importCapture(recording('d_refused'), { file: 'x', profile: 'plan9' });
    expect(result).toEqual({ ok: false, message: expect.stringMatching(/plan9.*rfc9293, linux/) });
  });

  test('an incomplete tail: what is before it is used, a warning says where it ends', () => {
    const bytes = readFileSync(new URL('a_client_closes_first.pcapng', fixtures));
    const whole = decodeCapture(bytes);
    const cut = decodeCapture(bytes.subarray(0, bytes.length - 50));
    if (!whole.ok || !cut.ok) throw new Error('it does not decode');
    const { events, warnings } = importOk(cut.decoded);
    expect(warnings[0]).toMatch(
      /the file ends within .* at byte \d+: .*; what is before it is used: \d+ packets/,
    );
    expect(events.length).toBeGreaterThan(40);
    expect(importOk(whole.decoded).warnings).toEqual([]);
  });
});

describe('an imported log', () => {
  test('is the same each time, and the same after writing and reading', () => {
    const { header, events } = importOk(recording('e_half_close'));
    expect(importOk(recording('e_half_close'))).toMatchObject({ header, events, warnings: [] });
    const read = decodeLog([...encodeLog(header, events)].join(''));
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    expect(read.header).toEqual(header);
    expect(read.events).toEqual(events);
  });

  test('is the same in one go and in slices', () => {
    // 10,000 keep-alive probes and their answers.
    const probes = Array.from({ length: 10_000 }, (_, i): Line[] => [
      [i * 1_000, 'client', '.', 4_999, 0, 9_000],
      [i * 1_000 + 20, 'server', '.', 9_000, 0, 5_000],
    ]).flat();
    const steps = importInSteps(handmade(probes), { file: 'test', profile: 'linux' });
    let slices = 0;
    let step = steps.next();
    for (; !step.done; step = steps.next()) slices += 1;
    expect(slices).toBeGreaterThan(10);
    expect(step.value).toMatchObject(importOk(handmade(probes)));
  });

  test('marks calls and timers as inferred, and no packet', () => {
    const { events } = importOk(recording('g_last_ack_lost'));
    for (const { ev, inferred } of events) {
      const concluded = ev === 'call' || ev === 'timer' || ev === 'lose';
      expect(inferred ?? false).toBe(concluded);
    }
  });

  test('has every packet that left as a flight that arrived or was lost', () => {
    for (const name of ['a_client_closes_first', 'g_fin_lost', 'd_synack_lost_once']) {
      const { world } = fold(importOk(recording(name)));
      expect(world.flights.size).toBe(0);
    }
  });

  test('names hosts by their interfaces and says what it takes for granted', () => {
    const { header } = importOk(recording('a_client_closes_first'));
    expect(header.hosts.map(({ name, addresses }) => [name, ...addresses])).toEqual([
      ['client', '10.77.0.1'],
      ['server', '10.77.0.2'],
    ]);
    if (header.source.kind !== 'import') throw new Error('not an import');
    expect(header.source.assumptions[0]).toBe(
      'Every host is taken for a stack of the profile linux.',
    );
  });
});

describe('a capture of one side', () => {
  const names = readdirSync(fixtures)
    .filter((file) => file.endsWith('.timeline.json'))
    .map((file) => file.replace('.timeline.json', ''));

  test.each(names)('%s: shows the states of both ends from either side', (name) => {
    for (const side of ['client', 'server']) {
      const folded = fold(importOk(onlyAt(recording(name), side)));
      const timeline = readTimeline(new URL(`${name}.timeline.json`, fixtures));
      for (const { who, kernel, ours } of compare(timeline, folded)) {
        const expected = kernel.map(({ state }) => state).join(' ');
        expect(`${side} ${who}: ${pathUpTo(kernel, ours)}`).toBe(`${side} ${who}: ${expected}`);
      }
    }
  });

  test('tells how far away the other end is', () => {
    const { header } = importOk(onlyAt(recording('a_client_closes_first'), 'client'));
    const { assumptions } = header.source as { assumptions: readonly string[] };
    expect(assumptions[1]).toBe('10.77.0.1 is at the place of the capture.');
    expect(assumptions[2]).toMatch(/^10\.77\.0\.2 is 0\.010\d+ s away/);
  });
});

describe('a capture of a loopback interface', () => {
  const decoded = onlyAt(recording('a_client_closes_first_veth'), 'client');
  const renamed = (name: (address: string) => string) => ({
    ...decoded,
    frames: decoded.frames.map((frame) => {
      const { src, dst } = frame.segment;
      return { ...frame, segment: { ...frame.segment, src: name(src), dst: name(dst) } };
    }),
  });
  const both = [
    'SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED',
    'SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED',
  ];

  test('shows both ends where they have different addresses', () => {
    const lo = renamed((address) => address.replace('10.77.0', '127.0.0'));
    expect(paths(lo)).toEqual(both);
  });

  test('shows both ends where they share the address: one host', () => {
    const lo = renamed(() => '127.0.0.1');
    const { header } = importOk(lo);
    expect(header.hosts.map(({ name }) => name)).toEqual(['127.0.0.1']);
    expect(paths(lo)).toEqual(both);
  });

  test('shows both ends where they have IPv6 addresses', () => {
    const lo = renamed((address) => (address.endsWith('.1') ? 'fd00::1' : 'fd00::2'));
    const { header } = importOk(lo);
    expect(header.hosts.map(({ addresses }) => addresses)).toEqual([['fd00::1'], ['fd00::2']]);
    expect(paths(lo)).toEqual(both);
  });
});

describe('segmentation offload', () => {
  const decoded = recording('a_client_closes_first');
  const place = (side: string) => decoded.interfaces.findIndex(({ name }) => name === side);

  /** As the capture would be if the server's card cut 3000 octets into segments. */
  const large = decoded.frames.flatMap((frame) => {
    const { segment } = frame;
    const cutByCard = frame.interface === place('server') && segment.srcPort === 8080;
    if (!cutByCard || segment.len === 0) return [frame];
    if (segment.len !== 104) return [];
    const whole = { ...segment, len: 3000, seq: seqAdd(segment.seq, -2896) };
    return [{ ...frame, segment: whole }];
  });

  test('is undone where both ends were captured', () => {
    const folded = fold(importOk({ ...decoded, frames: large }));
    expect([...folded.ends.values()].map((s) => s.map(({ state }) => state).join(' '))).toEqual([
      'SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED',
      'SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED',
    ]);
    const { events } = importOk({ ...decoded, frames: large });
    expect(events.filter(({ ev }) => ev === 'inject' || ev === 'lose')).toEqual([]);
    expect(folded.world.flights.size).toBe(0);
  });

  test('does no harm where one end was captured', () => {
    const folded = fold(importOk(onlyAt({ ...decoded, frames: large }, 'server')));
    expect(folded.divergences).toEqual([]);
  });

  test('may hand the card more than our congestion window lets go', () => {
    // 30,000 octets at once: a stack whose window starts larger than ten segments (RFC 6928).
    const decoded = handmade([
      [0, 'client', 'S', 99, 0, 0, SYN_OPTIONS],
      [20, 'server', 'S.', 499, 0, 100, SYN_OPTIONS],
      [20, 'client', '.', 100, 0, 500],
      [21, 'client', 'P.', 100, 30_000, 500],
      [42, 'server', '.', 500, 0, 30_100],
    ]);
    expect(fold(importOk(decoded)).divergences).toEqual([]);
  });
});

describe('a connection whose start is not in the capture', () => {
  const decoded = recording('a_client_closes_first');
  const from = (which: (frame: TcpFrame) => boolean) =>
    withFrames(decoded, decoded.frames.slice(decoded.frames.findIndex(which)));
  const late = () => from(({ time }) => time > 25_000);

  test('is taken as ESTABLISHED from its first segment on', () => {
    const middle = late();
    expect(middle.frames.some(({ segment }) => has(segment, SYN))).toBe(false);
    expect(paths(middle)).toEqual([
      'SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED',
      'SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED',
    ]);
    expect(fold(importOk(middle)).divergences).toEqual([]);
  });

  test('has its made-up handshake marked as inferred', () => {
    const { events } = importOk(late());
    const syns = events.filter((e) => 'seg' in e && has(e.seg, SYN));
    expect(syns.length).toBe(4);
    expect(syns.every(({ inferred }) => inferred === true)).toBe(true);
  });

  test('may begin with the SYN,ACK', () => {
    const middle = from(({ segment }) => segment.flags === (SYN | ACK));
    expect(middle.frames[0]?.segment.flags).toBe(SYN | ACK);
    expect(paths(middle)).toEqual([
      'SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED',
      'SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED',
    ]);
  });
});

describe('what a stack should not have sent', () => {
  const decoded = recording('a_client_closes_first');

  test('is a divergence, and our TCP follows', () => {
    // An ACK that nothing asks for, 20 ms before the client closes.
    const close = decoded.frames.find(({ segment: s }) => has(s, FIN)) as TcpFrame;
    const acks = decoded.frames.filter(({ segment: s }) => s.srcPort === 8080 && s.len === 104);
    const extra = acks.map((frame, i) => {
      const segment = { ...frame.segment, seq: seqAdd(frame.segment.seq, 104), len: 0 };
      return { ...frame, segment, time: close.time - 20_000 + i * 10_000 };
    });
    const folded = fold(importOk({ ...decoded, frames: [...decoded.frames, ...extra] }));
    expect(folded.divergences.map(({ seen }) => seen)).toHaveLength(1);
    expect(folded.world.hosts.reduce((n, h) => n + (h?.totals.divergences ?? 0), 0)).toBe(1);
    const ends = [...folded.ends.values()].map((steps) => steps[steps.length - 1]?.state);
    expect(ends).toEqual(['CLOSED', 'CLOSED']);
  });

  test('a segment that only entered was forged', () => {
    const at = decoded.frames.findIndex(({ segment }) => segment.len === 1000);
    const { segment, ...where } = decoded.frames[at + 1] as TcpFrame;
    const forged = { ...segment, flags: RST, seq: seqAdd(segment.seq, -70_000), ack: 0, len: 0 };
    const frames = decoded.frames.toSpliced(at + 2, 0, { ...where, segment: forged });
    const { events } = importOk({ ...decoded, frames });
    expect(events.filter(({ ev }) => ev === 'inject').length).toBe(1);
  });

  test('a packet that entered twice was copied on the way', () => {
    const entering = decoded.frames.findLastIndex(({ segment: s }) => s.len === 1000);
    const twice = decoded.frames.toSpliced(entering + 1, 0, {
      ...(decoded.frames[entering] as TcpFrame),
    });
    const { events } = importOk({ ...decoded, frames: twice });
    const arrivals = events.filter((e) => e.ev === 'arrive' && e.seg.len === 1000);
    expect(arrivals.map((e) => (e.ev === 'arrive' ? e.n < 0 : false))).toEqual([false, true]);
  });
});
