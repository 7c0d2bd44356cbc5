import { expect, it } from 'vitest';
import { cloneTcb, timeWaitOf } from '../../../engine/tcp/clone.ts';
import { createTcb } from '../../../engine/tcp/tcb.ts';

/** A TCB whose every field has a value of its own. */
function marked(): Record<string, unknown> {
  const tcb = createTcb(7, '10.0.0.1', 80, 5) as unknown as Record<string, unknown>;
  Object.keys(tcb).forEach((key, i) => {
    if (typeof tcb[key] === 'number') tcb[key] = 1_000 + i;
    else if (typeof tcb[key] === 'boolean') tcb[key] = i % 2 === 0;
    else if (typeof tcb[key] === 'string') tcb[key] = `text ${i}`;
    else tcb[key] = { mark: i };
  });
  return tcb;
}

it('copies every variable of a connection', () => {
  const tcb = marked();
  const copy = cloneTcb(tcb as never);
  expect(copy).toEqual(tcb);
  expect(Object.keys(copy)).toEqual(Object.keys(tcb));
  expect(copy).not.toBe(tcb);
});

it('keeps of TIME-WAIT only what can still matter', () => {
  const tcb = marked();
  const small = timeWaitOf(tcb as never) as unknown as Record<string, unknown>;
  for (const [key, value] of Object.entries(small)) expect(value).toBe(tcb[key]);
  expect(timeWaitOf(small as never)).toEqual(small);
});
