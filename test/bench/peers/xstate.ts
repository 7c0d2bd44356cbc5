// The fold of XState: a machine of the eleven states with its context, and `transition()` for each
// event. Each end has a snapshot of its own, in a map that is changed in place.

import { assign, type SnapshotFrom, setup, transition } from 'xstate';
import type { Stimulus } from './stimuli.ts';

const context = { sndUna: 0, sndNxt: 0, rcvNxt: 0, bytes: 0, reads: 0 };

const machine = setup({
  types: { context: {} as typeof context, events: {} as Stimulus },
  actions: {
    opened: assign({
      sndUna: ({ event }) => event.iss,
      sndNxt: ({ event }) => (event.iss + 1) >>> 0,
    }),
    synchronized: assign({ rcvNxt: ({ event }) => (event.seq + 1) >>> 0 }),
    synAcknowledged: assign({ sndUna: ({ event }) => event.ack }),
    acknowledged: assign({
      sndUna: ({ event }) => event.ack,
      bytes: ({ context: c, event }) => c.bytes + event.len,
      rcvNxt: ({ context: c, event }) => (c.rcvNxt + event.len) >>> 0,
    }),
    ended: assign({ rcvNxt: ({ context: c }) => (c.rcvNxt + 1) >>> 0 }),
    sent: assign({ sndNxt: ({ context: c, event }) => (c.sndNxt + event.len) >>> 0 }),
    finSent: assign({ sndNxt: ({ context: c }) => (c.sndNxt + 1) >>> 0 }),
    read: assign({ reads: ({ context: c }) => c.reads + 1 }),
  },
  guards: { ofOurFin: ({ context: c, event }) => event.ack === c.sndNxt },
}).createMachine({
  id: 'tcp',
  context,
  initial: 'CLOSED',
  on: {
    RST: '.CLOSED',
    SEND: { actions: 'sent' },
    READ: { actions: 'read' },
    ACK: { actions: 'acknowledged' },
  },
  states: {
    CLOSED: {
      on: {
        OPEN: { target: 'SYN-SENT', actions: 'opened' },
        LISTEN: 'LISTEN',
        // What a listener hears is the beginning of another end.
        SYN: { target: 'SYN-RECEIVED', actions: ['opened', 'synchronized'] },
      },
    },
    LISTEN: { on: { CLOSE: 'CLOSED' } },
    'SYN-SENT': {
      on: {
        SYN_ACK: { target: 'ESTABLISHED', actions: ['synAcknowledged', 'synchronized'] },
        CLOSE: 'CLOSED',
      },
    },
    'SYN-RECEIVED': {
      on: {
        ACK: { target: 'ESTABLISHED', actions: 'acknowledged' },
        FIN: { target: 'CLOSE-WAIT', actions: ['acknowledged', 'ended'] },
        CLOSE: { target: 'FIN-WAIT-1', actions: 'finSent' },
      },
    },
    ESTABLISHED: {
      on: {
        FIN: { target: 'CLOSE-WAIT', actions: ['acknowledged', 'ended'] },
        CLOSE: { target: 'FIN-WAIT-1', actions: 'finSent' },
      },
    },
    'FIN-WAIT-1': {
      on: {
        ACK: [
          { guard: 'ofOurFin', target: 'FIN-WAIT-2', actions: 'acknowledged' },
          { actions: 'acknowledged' },
        ],
        FIN: [
          { guard: 'ofOurFin', target: 'TIME-WAIT', actions: ['acknowledged', 'ended'] },
          { target: 'CLOSING', actions: ['acknowledged', 'ended'] },
        ],
      },
    },
    'FIN-WAIT-2': { on: { FIN: { target: 'TIME-WAIT', actions: ['acknowledged', 'ended'] } } },
    'CLOSE-WAIT': { on: { CLOSE: { target: 'LAST-ACK', actions: 'finSent' } } },
    CLOSING: { on: { ACK: { guard: 'ofOurFin', target: 'TIME-WAIT', actions: 'acknowledged' } } },
    'LAST-ACK': { on: { ACK: { guard: 'ofOurFin', target: 'CLOSED', actions: 'acknowledged' } } },
    'TIME-WAIT': { on: { TIMEOUT: 'CLOSED' } },
  },
});

export type Machine = SnapshotFrom<typeof machine>;

const first = machine.resolveState({ value: 'CLOSED', context });

export function xstateStep(ends: Map<number, Machine>, stimulus: Stimulus): void {
  if (stimulus.end < 0) return;
  const [next] = transition(machine, ends.get(stimulus.end) ?? first, stimulus);
  if (next.value === 'CLOSED') ends.delete(stimulus.end);
  else ends.set(stimulus.end, next);
}
