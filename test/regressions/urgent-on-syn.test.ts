/**
 * What comes with a SYN beside it is processed from the sixth step on, where URG is (RFC 9293
 * §3.10.7.2, third; §3.10.7.3, fourth). Text and FIN were, the urgent pointer was not.
 */
import { expect, it } from 'vitest';
import { ACTIVE, Desk, PASSIVE } from '../conformance/desk.ts';

const urgent = { seq: 0, len: 10, up: 11 };

function readsUrgent(desk: Desk): void {
  expect(desk.state()).toBe('ESTABLISHED');
  expect([desk.tcb().rcvText, desk.tcb().urgent]).toEqual([10, true]);
  desk.receive(9);
  expect(desk.tcb().urgent).toBe(true);
  desk.receive(1);
  expect(desk.tcb().urgent).toBe(false);
}

it('of a SYN,ACK', () => {
  const desk = new Desk();
  desk.call(ACTIVE);
  desk.get({ flags: 'SU.', ack: 1, ...urgent });
  readsUrgent(desk);
});

it('of a SYN', () => {
  const desk = new Desk();
  desk.call(PASSIVE);
  desk.get({ flags: 'SU', ...urgent });
  desk.get({ flags: '.', seq: 1, ack: 1 });
  readsUrgent(desk);
});

it('of a SYN that crosses ours', () => {
  const desk = new Desk();
  desk.call(ACTIVE);
  desk.get({ flags: 'SU', ...urgent });
  desk.get({ flags: '.', seq: 1, ack: 1 });
  readsUrgent(desk);
});
