import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Agenda,
  ARRIVAL,
  CALL,
  createAgenda,
  enter,
  kindOf,
  numberOf,
  PLANNED,
  seek,
  TIMER,
  take,
  WAKE,
} from '../../../engine/simulation/agenda.ts';

type Entry = readonly [time: number, kind: number, number: number];

function next(agenda: Agenda): Entry | undefined {
  if (!seek(agenda)) return undefined;
  const { time, key } = agenda;
  take(agenda);
  return [time, kindOf(key), numberOf(key, kindOf(key))];
}

const inOrder = (a: Entry, b: Entry): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

/** From what is due at once to what is due in a day, with many at one time. */
const delay = fc.oneof(
  fc.constantFrom(0, 1, 131_071, 131_072, 131_073, 262_144),
  fc.nat(300_000),
  fc.nat(86_400_000_000),
);
const kind = fc.constantFrom(PLANNED, ARRIVAL, TIMER, WAKE, CALL);
const entered = fc.tuple(delay, kind, fc.nat(1_000));

describe('the agenda', () => {
  test('gives what is due by time, then kind, then number, whatever was entered when', () => {
    // Of each step the entries come in, then some of all are taken out; a call is for the moment.
    const steps = fc.array(fc.tuple(fc.array(entered, { maxLength: 8 }), fc.nat(6)));
    fc.assert(
      fc.property(steps, (list) => {
        const agenda = createAgenda();
        const pending: Entry[] = [];
        let now = 0;
        const check = (): void => {
          pending.sort(inOrder);
          const expected = pending.shift();
          expect(next(agenda)).toEqual(expected);
          now = expected?.[0] ?? now;
        };
        for (const [entries, taken] of list) {
          for (const [later, of, number] of entries) {
            const time = of === CALL ? now : now + later;
            enter(agenda, time, of, number);
            pending.push([time, of, number]);
          }
          for (let i = 0; i < taken; i += 1) check();
        }
        while (pending.length > 0) check();
        expect(seek(agenda)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
