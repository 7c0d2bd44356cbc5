import { describe, expect, it } from 'vitest';
import { ackNumber, type Cell, matrix, matrixStarts } from '../../../engine/explore/matrix.ts';
import type { ArriveEvent } from '../../../engine/log/event.ts';
import { RULES } from '../../../engine/tcp/rules.ts';
import { controlText } from '../../../engine/tcp/segment.ts';
import { STATES } from '../../../engine/tcp/states.ts';
import { expectCall, expectSegment, expectTimer, type Numbers } from './oracle.ts';

const NUMBERS = new Map<string, Numbers>(
  matrixStarts('rfc9293').map(({ state, by, tcb: t }) => [
    `${state} ${by}`,
    {
      una: t?.sndUna ?? 0,
      nxt: t?.sndNxt ?? 0,
      rcvNxt: t?.rcvNxt ?? 0,
      rcvWnd: t?.rcvWnd ?? 0,
      maxWnd: t?.maxSndWnd ?? 0,
    },
  ]),
);

const CELLS = [...matrix('rfc9293')];
const title = (c: Cell) => `${c.state} (${c.by}): ${c.stimulus} ${c.boundary}`;
const found = (c: Cell) => ({ cell: title(c), after: c.after, sent: c.sent });

function numbersOf(c: Cell): Numbers {
  return NUMBERS.get(`${c.state} ${c.by}`) as Numbers;
}

describe('the matrix of RFC 9293 §3.10', () => {
  it('has every state × stimulus × boundary, and no cell is empty', () => {
    const states = new Set(CELLS.map((c) => c.state));
    expect([...states].sort()).toEqual([...STATES].sort());
    // 12 starts × (4 kinds without ACK × 5 × 2 + … with ACK × 5 × 5 × 2 + 8 calls) + timers.
    const withAck = 5 * 5 * 5 * 2;
    const without = 5 * 5 * 2;
    expect(CELLS.length).toBe(12 * (withAck + without + 8) + 11 * 6);
    const silent = CELLS.filter((c) => c.rules.length === 0 && c.result === '');
    expect(silent.map(title)).toEqual([]);
    for (const cell of CELLS) for (const rule of cell.rules) expect(RULES).toHaveProperty(rule);
  });

  it('starts from the numbers that a reader can check by hand', () => {
    expect(NUMBERS.get('ESTABLISHED text in flight')).toMatchObject({
      una: 1001,
      nxt: 1101,
      rcvNxt: 5001,
    });
    expect(NUMBERS.get('TIME-WAIT FIN-WAIT-2')).toMatchObject({
      una: 1002,
      nxt: 1002,
      rcvNxt: 5002,
    });
    expect(ackNumber(undefined, 'unsent')).toBe(1001);
  });

  for (const state of STATES) {
    it(`SEGMENT ARRIVES in ${state}`, () => {
      const cells = CELLS.filter((c) => c.state === state && c.event.ev === 'inject');
      expect(cells.length).toBeGreaterThan(0);
      const wrong = cells.flatMap((c) => {
        const { seg } = c.event as unknown as ArriveEvent;
        const want = expectSegment(state, c.by, numbersOf(c), {
          flags: controlText(seg.flags),
          seq: seg.seq,
          ack: seg.ack,
          len: seg.len,
        });
        const good =
          c.after === want.after &&
          c.sent.join() === want.sent.join() &&
          c.via.join() === (want.via ?? []).join();
        return good ? [] : [{ ...found(c), via: c.via, want }];
      });
      expect(wrong).toEqual([]);
    });

    it(`user calls in ${state}`, () => {
      const cells = CELLS.filter((c) => c.state === state && c.event.ev === 'call');
      expect(cells.length).toBeGreaterThanOrEqual(8);
      const wrong = cells.flatMap((c) => {
        const want = expectCall(state, c.stimulus, numbersOf(c));
        const good =
          c.after === want.after && c.sent.join() === want.sent.join() && c.result === want.result;
        return good ? [] : [{ ...found(c), result: c.result, want }];
      });
      expect(wrong).toEqual([]);
    });

    it(`timers in ${state}`, () => {
      const cells = CELLS.filter((c) => c.state === state && c.event.ev === 'timer');
      const wrong = cells.flatMap((c) => {
        const want = expectTimer(state, c.stimulus, numbersOf(c));
        const good = c.after === want.after && c.sent.join() === want.sent.join();
        return good ? [] : [{ ...found(c), want }];
      });
      expect(wrong).toEqual([]);
    });
  }
});
