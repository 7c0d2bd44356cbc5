// Packets that were sent and are not in the capture: the states are right all the same.

import { describe, expect, test } from 'vitest';
import type { DecodedCapture, TcpFrame } from '../../../../engine/formats/capture/index.ts';
import { ACK, FIN, has, SYN } from '../../../../engine/tcp/segment.ts';
import { handmade, SYN_OPTIONS } from './handmade.ts';
import { decodeFile, fixtures, fold, importOk, readTimeline } from './kernel.ts';

/** What the kernel traced at both ends, the client's first; a recording may stop before CLOSED. */
function traced(name: string): string[] {
  const [of] = readTimeline(new URL(`${name}.timeline.json`, fixtures));
  if (of?.client_states === undefined || of.server_states === undefined) throw new Error(name);
  return [of.client_states, of.server_states].map((steps) => untilClosed(steps.map((s) => s[1])));
}

function untilClosed(states: readonly string[]): string {
  return states.join(' ').replace(/ CLOSE$/, '');
}

const KERNEL: Readonly<Record<string, string>> = {
  'SYN-SENT': 'SYN_SENT',
  'SYN-RECEIVED': 'SYN_RECV',
  'FIN-WAIT-1': 'FIN_WAIT1',
  'FIN-WAIT-2': 'FIN_WAIT2',
  'CLOSE-WAIT': 'CLOSE_WAIT',
  'LAST-ACK': 'LAST_ACK',
  'TIME-WAIT': 'TIME_WAIT',
  CLOSED: 'CLOSE',
};

function imported(decoded: DecodedCapture) {
  const folded = fold(importOk(decoded));
  const paths = [...folded.ends.values()].map((steps) =>
    untilClosed(steps.map(({ state }) => KERNEL[state] ?? state)),
  );
  return { paths, divergences: folded.divergences, warnings: importOk(decoded).warnings };
}

function at(name: string, place: number, keep: (frame: TcpFrame) => boolean): DecodedCapture {
  const decoded = decodeFile(new URL(`${name}.pcapng`, fixtures));
  return { ...decoded, frames: decoded.frames.filter((f) => f.interface === place && keep(f)) };
}

describe('one direction alone, as where the other takes another way', () => {
  const names = ['a_client_closes_first', 'e_half_close'];
  test.each(names)('%s: what the client sent', (name) => {
    const { paths, divergences, warnings } = imported(
      at(name, 0, (f) => f.segment.dstPort === 8080),
    );
    expect(paths).toEqual(traced(name));
    expect(divergences).toEqual([]);
    expect(warnings[0]).toMatch(/^\d+ times a host answers what is not in the capture/);
  });

  test.each(names)('%s: what the server sent', (name) => {
    const { paths, divergences } = imported(at(name, 1, (f) => f.segment.srcPort === 8080));
    expect(paths).toEqual(traced(name));
    expect(divergences).toEqual([]);
  });
});

describe('one packet that the capture program dropped', () => {
  const kinds: readonly [string, (frame: TcpFrame) => boolean][] = [
    ['the SYN,ACK', ({ segment: s }) => s.flags === (SYN | ACK)],
    ['text of the client', ({ segment: s }) => s.dstPort === 8080 && s.len === 1000],
    ['text of the server', ({ segment: s }) => s.srcPort === 8080 && s.len === 1448],
    ['the FIN of the server', ({ segment: s }) => s.srcPort === 8080 && has(s, FIN)],
  ];
  test.each(kinds)('%s', (_, which) => {
    for (const place of [0, 1]) {
      const whole = at('a_client_closes_first', place, () => true);
      const dropped = whole.frames.findIndex(which);
      expect(dropped).toBeGreaterThan(0);
      const { paths, divergences } = imported({
        ...whole,
        frames: whole.frames.toSpliced(dropped, 1),
      });
      expect(paths).toEqual(traced('a_client_closes_first'));
      expect(divergences).toEqual([]);
    }
  });
});

test('a server that speaks first, without the last ACK of the handshake', () => {
  const { paths, divergences } = imported(
    handmade([
      [0, 'client', 'S', 99, 0, 0, SYN_OPTIONS],
      [20, 'server', 'S.', 499, 0, 100, SYN_OPTIONS],
      [41, 'server', 'P.', 500, 40, 100],
      [42, 'client', '.', 100, 0, 540],
    ]),
  );
  expect(paths).toEqual(['SYN_SENT ESTABLISHED', 'SYN_RECV ESTABLISHED']);
  expect(divergences).toEqual([]);
});
