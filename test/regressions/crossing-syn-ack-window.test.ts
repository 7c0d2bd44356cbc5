/**
 * The window of the SYN,ACK that crosses ours was taken as scaled: the cut-off SYN hid that the
 * field of a segment with SYN is never shifted (RFC 7323 §2.2).
 */
import { expect, it } from 'vitest';
import { ACTIVE, Desk } from '../conformance/desk.ts';

it('the window of a crossing SYN,ACK is not scaled', () => {
  const desk = new Desk({ knobs: { window_scaling: true } });
  desk.call(ACTIVE);
  desk.get({ flags: 'S', seq: 0, mss: 1460, wscale: 7, wnd: 10_000 });
  desk.get({ flags: 'S.', seq: 0, ack: 1, mss: 1460, wscale: 7, wnd: 10_000 });
  expect(desk.state()).toBe('ESTABLISHED');
  expect([desk.tcb().sndWnd, desk.tcb().maxSndWnd]).toEqual([10_000, 10_000]);
  desk.get({ flags: '.', wnd: 100 });
  expect(desk.tcb().sndWnd).toBe(100 << 7);
});
