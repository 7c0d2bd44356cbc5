/** The shapes of what a log holds beside events: instructions, links, faults, options, knobs. */

import type { Instruction } from '../host/program.ts';
import { KNOBS, type Knobs } from '../tcp/knobs.ts';
import { DEFAULT_OPTIONS } from '../tcp/tcb.ts';
import { type Kind, readShape, type Shape } from './shape.ts';

const count = { kind: 'count' } as const;
const name = { kind: 'name' } as const;
const port = { kind: 'port' } as const;

/** The fields of each instruction after its `op`; `set` holds options and is apart. */
export const INSTRUCTIONS: Readonly<Record<Exclude<Instruction['op'], 'set'>, Shape>> = {
  connect: {
    to: name,
    port,
    from: { kind: 'port', optional: true },
    iss: { kind: 'seq', optional: true },
    nowait: { kind: 'flag', optional: true },
  },
  listen: { port, backlog: count },
  open_passive: { port, iss: { kind: 'seq', optional: true } },
  serve: { program: name },
  accept: {},
  send: { bytes: count, urgent: { kind: 'flag', optional: true } },
  receive: { bytes: count },
  receive_end: {},
  shutdown: {},
  close: {},
  abort: {},
  wait: { us: count },
  until: { at: count },
  spawn: { program: name, times: count, every: count },
  repeat: { to: count, times: count },
};

export const LINK_RULES: Shape = {
  delay: count,
  jitter: { kind: 'count', absent: 0 },
  loss: { kind: 'share', absent: 0 },
  duplicate: { kind: 'share', absent: 0 },
  reorder: { kind: 'share', absent: 0 },
  reorderDelay: { kind: 'count', absent: 0 },
};

export const FAULT_MATCH: Shape = {
  flags: { kind: 'text', optional: true },
  text: { kind: 'flag', optional: true },
  srcPort: { kind: 'port', optional: true },
  dstPort: { kind: 'port', optional: true },
  after: { kind: 'count', optional: true },
};

export const FAULT_ACTS: Readonly<Record<'lose' | 'delay' | 'copy', Shape>> = {
  lose: { kind: { kind: ['lose'] } },
  delay: { kind: { kind: ['delay'] }, us: count },
  copy: { kind: { kind: ['copy'] }, us: count },
};

/** Options by what DEFAULT_OPTIONS holds: numbers may be -1 there, for off. */
export const SOCKET_OPTIONS: Shape = Object.fromEntries(
  Object.entries(DEFAULT_OPTIONS).map(([option, value]) => [option, { kind: optionKind(value) }]),
);

function optionKind(value: unknown): Kind {
  if (value === null) return 'flag or null';
  return typeof value === 'boolean' ? 'flag' : 'whole';
}

export const KNOB_VALUES: Shape = Object.fromEntries(
  Object.entries(KNOBS).map(([knob, { value, choices }]) => [
    knob,
    { kind: knobKind(value, choices) },
  ]),
);

function knobKind(value: unknown, choices: readonly unknown[] | null): Kind {
  if (choices !== null) return choices.map(String);
  return typeof value === 'boolean' ? 'flag' : 'count';
}

/** Some knobs with their values, from JSON. */
export function knobsAt(value: unknown, path: string): Partial<Knobs> {
  return readShape(KNOB_VALUES, value, path, true) as Partial<Knobs>;
}
