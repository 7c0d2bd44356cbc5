/**
 * With SACK a duplicate ACK is a segment that reports octets that were not reported before,
 * whatever else it does (RFC 6675 §2). Reports on segments with text did not count, so two ends
 * that both sent text never recovered but by the RTO; window updates that repeated a report did.
 */
import { expect, it } from 'vitest';
import { Desk, show } from '../conformance/desk.ts';

const MSS = 1460;

/** Eight segments in flight; a block of segments `from` to `to`, counted from 1. */
function sender(): Desk {
  const desk = new Desk({ knobs: { sack: true } }).established({ sackOk: true, mss: MSS });
  desk.send(8 * MSS);
  return desk;
}
const at = (n: number) => 1 + (n - 1) * MSS;
const block = (from: number, to = from) => [at(from), at(to + 1)];

it('reports on segments with text count', () => {
  const desk = sender();
  desk.get({ flags: 'P.', len: 10, ack: 1, sack: block(2) });
  desk.get({ flags: 'P.', len: 10, ack: 1, sack: block(2, 3) });
  expect(desk.tcb()).toMatchObject({ dupAcks: 2, recovery: 'open' });
  const sent = desk.get({ flags: 'P.', len: 10, ack: 1, sack: block(2, 4) });
  expect(show(sent)[0]).toMatch(/^\. 1:1461 /);
  expect(desk.tcb().recovery).toBe('recovery');
});

it('window updates that repeat a report do not', () => {
  const desk = sender();
  for (let i = 0; i < 5; i += 1) {
    desk.get({ flags: '.', ack: 1, sack: block(2), wnd: 60_000 + i * 1_000 });
  }
  expect(desk.tcb()).toMatchObject({ dupAcks: 1, recovery: 'open' });
});

it('nor does an ACK without a report, nor one of what came twice (RFC 2883)', () => {
  const desk = sender();
  for (let i = 0; i < 4; i += 1) desk.get({ flags: '.', ack: 1 });
  desk.get({ flags: '.', ack: at(2) });
  for (let i = 0; i < 4; i += 1) desk.get({ flags: '.', ack: at(2), sack: block(1) });
  expect(desk.tcb()).toMatchObject({ dupAcks: 0, recovery: 'open' });
});

it('an ACK of new text that reports a loss starts the recovery (§5, 2)', () => {
  const desk = sender();
  const sent = desk.get({ flags: '.', ack: at(2), sack: block(3, 5) });
  expect(show(sent)[0]).toMatch(/^\. 1461:2921 /);
  expect(desk.tcb().recovery).toBe('recovery');
});
