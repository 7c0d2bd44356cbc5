/**
 * What the rules of a cell say is what happened there: who is told that a segment is answered by an
 * ACK finds one among those that were sent, on every stack and with every knob that changes what an
 * unwelcome segment meets.
 */
import { describe, expect, it } from 'vitest';
import { type Cell, matrix } from '../../../engine/explore/matrix.ts';
import type { Knobs } from '../../../engine/tcp/knobs.ts';
import { PROFILES } from '../../../engine/tcp/profiles.ts';
import { RULES, type RuleId } from '../../../engine/tcp/rules.ts';

const CELLS: readonly Cell[] = [
  ...Object.keys(PROFILES).flatMap((name) => [...matrix(name)]),
  ...(
    [
      { rst_in_window: 'reset', syn_when_synchronized: 'reset' },
      { abort_when_closing: 'reset' },
      { rst_in_time_wait: 'ignore', challenge_acks_max: 1 },
    ] satisfies Partial<Knobs>[]
  ).flatMap((knobs) => [...matrix('rfc9293', knobs)]),
];

const says = (cell: Cell): readonly string[] => cell.rules.map((id) => RULES[id].says);
const title = (c: Cell): string =>
  `${c.state} → ${c.after}: ${c.stimulus} ${c.boundary.split(',')[0]}: ${c.rules.join()}`;

/** The cells where a sentence stands that is not true there. */
function untrue(sentence: RegExp, holds: (cell: Cell) => boolean): readonly string[] {
  const told = CELLS.filter((cell) => says(cell).some((text) => sentence.test(text)));
  expect(told.length).toBeGreaterThan(0);
  return [...new Set(told.filter((cell) => !holds(cell)).map(title))];
}

const sends = (cell: Cell, flags: RegExp): boolean => cell.sent.some((seg) => flags.test(seg));
const isTold = (cell: Cell, rule: RuleId): boolean => cell.rules.includes(rule);

describe('a cell of the matrix says what happens in it', () => {
  it('names each rule once', () => {
    const twice = CELLS.filter(({ rules }) => new Set(rules).size < rules.length);
    expect([...new Set(twice.map(title))]).toEqual([]);
  });

  it('an ACK that answers is sent, or waits, or is held back by the rate limit', () => {
    const held: readonly RuleId[] = ['rateLimited', 'ackDelayed'];
    const answered = (cell: Cell): boolean =>
      sends(cell, /^[^ ]*\./) || held.some((rule) => isTold(cell, rule));
    expect(untrue(/: (challenge )?ACK|by ACK|, ACK( at once)?$/, answered)).toEqual([]);
  });

  it('an ACK that waits is not sent', () => {
    expect(untrue(/the ACK waits/, (cell) => !sends(cell, /^[^ ]*\./))).toEqual([]);
  });

  it('an RST that answers is sent, and a silent end is silent', () => {
    expect(untrue(/: RST( |,|$)|answered by RST/, (cell) => sends(cell, /^R/))).toEqual([]);
    expect(untrue(/without a segment/, ({ sent }) => sent.length === 0)).toEqual([]);
  });

  it('a state that is named is entered', () => {
    expect(untrue(/back to LISTEN/, ({ after }) => after === 'LISTEN')).toEqual([]);
    expect(untrue(/: CLOSED/, ({ after }) => after === 'CLOSED')).toEqual([]);
  });

  it('an RST at RCV.NXT is there', () => {
    expect(untrue(/an RST at RCV.NXT/, ({ boundary }) => boundary.startsWith('left edge'))).toEqual(
      [],
    );
  });

  it('TIME-WAIT answers a FIN again for the one reason, an old segment for the other', () => {
    // RFC 9293 §3.3.2: to be sure that the peer has the acknowledgment of its FIN, and to keep
    // delayed segments from new connections.
    const acks = CELLS.filter((c) => c.state === 'TIME-WAIT' && c.stimulus === 'FIN,ACK');
    const again = acks.filter((c) => c.boundary.startsWith('left out'));
    expect(again.length).toBeGreaterThan(0);
    expect(again.filter((c) => c.rules.join() !== 'timeWaitFin').map(title)).toEqual([]);
    const text = CELLS.filter(
      (c) => c.state === 'TIME-WAIT' && c.stimulus === 'ACK' && /left out.*text/.test(c.boundary),
    );
    expect(text.filter((c) => c.rules[0] !== 'timeWaitAnswers').map(title)).toEqual([]);
  });
});
