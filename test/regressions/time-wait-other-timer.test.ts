/** Any timer ended the small record of a TIME-WAIT, also one that a TCB has and it has not. */
import { expect, it } from 'vitest';
import { Desk } from '../conformance/desk.ts';

it('only the 2·MSL timer ends the record of a TIME-WAIT', () => {
  const desk = new Desk().established();
  desk.close('both');
  desk.get({ flags: 'F.', ack: 2 });
  const expires = (timer: 'DELAYED-ACK' | 'TIME-WAIT') =>
    desk.apply({ t: desk.now, ev: 'timer', host: 0, conn: 1, timer });
  expires('DELAYED-ACK');
  expect([desk.state(), desk.rules]).toEqual(['TIME-WAIT', ['timerIdle']]);
  expires('TIME-WAIT');
  expect([desk.state(), desk.rules]).toEqual(['CLOSED', ['timeWaitOver']]);
});
