/**
 * What an application does, step by step, as a person writes it: `[connect('server', 80),
 * send(100), close()]`. Steps are plain data. They nest where a program needs a body (repeat,
 * serve, spawn) and are compiled to the flat programs of a log's header; a process runs those.
 */
import { type Micros, parseTime } from '../base/time.ts';
import type { Instruction, Program } from '../host/program.ts';
import { DEFAULT_OPTIONS, type SocketOptions } from '../tcp/tcb.ts';

/** Microseconds, or text with units: `'20ms'`, `'1.5s'`, `'2m'`. */
export type Duration = Micros | string;

/** Steps of their own, or the name of a program that the scenario declares. */
export type Body = string | readonly Step[];

export type Step =
  | Exclude<Instruction, { op: 'repeat' | 'serve' | 'spawn' }>
  | { readonly op: 'repeat'; readonly times: number; readonly body: readonly Step[] }
  | { readonly op: 'serve'; readonly body: Body }
  | { readonly op: 'spawn'; readonly times: number; readonly every: Micros; readonly body: Body };

export function fail(message: string): never {
  throw new Error(message);
}

export function whole(value: number, what: string, min: number, max = Number.MAX_SAFE_INTEGER) {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  const bound = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return fail(`${what}: expected a whole number ${bound}, found ${found(value)}`);
}

/** What a script gave, in words: a text looks other than the number that it may hold. */
export function found(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return `'${value}'`;
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return `${value}`;
  if (value instanceof Promise) return 'a promise; it must not be async';
  if (typeof value === 'function') return 'a function';
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
}

/** Refuses fields that nothing reads: one that is misspelt would be passed over in silence. */
export function checkFields(value: object, known: readonly string[], what: string, one = 'field') {
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    fail(`${what}: there is no ${one} ${name}; there are ${known.join(', ')}`);
  }
}

export function port(value: number, what: string): number {
  return whole(value, `${what}: port`, 1, 65_535);
}

export function micros(value: Duration, what: string): Micros {
  if (typeof value === 'number') return whole(value, `${what}, in µs`, 0);
  const time = typeof value === 'string' ? parseTime(value) : undefined;
  return time ?? fail(`${what}: expected a time such as '20ms' or '1.5s', found ${found(value)}`);
}

const SEQ_MAX = 2 ** 32 - 1;
/** Processes that one event may start: each takes memory at once. */
const AT_ONCE_MAX = 1_000_000;
const OPTION_MAX = 2 ** 31 - 1;

function checkOptions(options: Partial<SocketOptions>): void {
  if (typeof options !== 'object' || options === null) {
    fail(`set: expected options, found ${found(options)}`);
  }
  checkFields(options, Object.keys(DEFAULT_OPTIONS), 'set', 'option');
  for (const [name, value] of Object.entries(options)) {
    const usual = DEFAULT_OPTIONS[name as keyof SocketOptions];
    // A linger of -1 is off.
    if (typeof usual === 'number')
      whole(value as number, `set, ${name}`, Math.min(usual, 0), OPTION_MAX);
    else if (typeof value !== 'boolean') {
      fail(`set, ${name}: expected true or false, found ${found(value)}`);
    }
  }
}

/** The steps of an application. Handed to a script as `twomsl.steps`. */
export const steps = {
  /** Active OPEN; goes on when ESTABLISHED, or at once with `nowait`. `from`: the local port. */
  connect(
    to: string,
    toPort: number,
    options: { readonly from?: number; readonly iss?: number; readonly nowait?: boolean } = {},
  ): Step {
    if (typeof to !== 'string') {
      fail(`connect: expected the name of a host or an address, found ${found(to)}`);
    }
    checkFields(options, ['from', 'iss', 'nowait'], `connect to ${to}`);
    const { from, iss, nowait } = options;
    return {
      op: 'connect',
      to,
      port: port(toPort, `connect to ${to}`),
      ...(from === undefined ? {} : { from: port(from, `connect to ${to}, from`) }),
      ...(iss === undefined ? {} : { iss: whole(iss, 'iss', 0, SEQ_MAX) }),
      ...(nowait === undefined ? {} : { nowait }),
    };
  },
  /** Passive OPEN of a socket that connections are accepted from. */
  listen(at: number, options: { readonly backlog?: number } = {}): Step {
    checkFields(options, ['backlog'], 'listen');
    const backlog = whole(options.backlog ?? 128, 'backlog', 0);
    return { op: 'listen', port: port(at, 'listen'), backlog };
  },
  /** Passive OPEN of one connection, as in RFC 9293 §3.10.1; goes on when ESTABLISHED. */
  openPassive(at: number, options: { readonly iss?: number } = {}): Step {
    checkFields(options, ['iss'], 'openPassive');
    const { iss } = options;
    return {
      op: 'open_passive',
      port: port(at, 'openPassive'),
      ...(iss === undefined ? {} : { iss: whole(iss, 'iss', 0, SEQ_MAX) }),
    };
  },
  /** Accepts for ever; each connection is served by a process of its own. */
  serve: (body: Body): Step => ({ op: 'serve', body }),
  accept: (): Step => ({ op: 'accept' }),
  send(bytes: number, options: { readonly urgent?: boolean } = {}): Step {
    checkFields(options, ['urgent'], 'send');
    const urgent = options.urgent === true ? { urgent: true } : {};
    return { op: 'send', bytes: whole(bytes, 'send', 1), ...urgent };
  },
  /** Reads so many octets; at the end of the stream or after an error it goes on. */
  receive: (bytes: number): Step => ({ op: 'receive', bytes: whole(bytes, 'receive', 1) }),
  /** Reads up to the peer's FIN. */
  receiveEnd: (): Step => ({ op: 'receive_end' }),
  /** Ends the sending side alone: a FIN, and the peer may go on. */
  shutdown: (): Step => ({ op: 'shutdown' }),
  close: (): Step => ({ op: 'close' }),
  abort: (): Step => ({ op: 'abort' }),
  set(options: Partial<SocketOptions>): Step {
    checkOptions(options);
    return { op: 'set', options: options as Record<string, number | boolean> };
  },
  wait: (time: Duration): Step => ({ op: 'wait', us: micros(time, 'wait') }),
  /** Waits until a time of the whole run. */
  until: (time: Duration): Step => ({ op: 'until', at: micros(time, 'until') }),
  /** Starts processes, one each `every` (0: all at once). */
  spawn(times: number, every: Duration, body: Body): Step {
    const apart = micros(every, 'every');
    if (apart === 0) whole(times, 'spawn, all at once', 1, AT_ONCE_MAX);
    return { op: 'spawn', times: whole(times, 'spawn', 1), every: apart, body };
  },
  repeat(times: number, body: readonly Step[]): Step {
    if (Array.isArray(body) && body.length === 0)
      fail('repeat: expected steps to repeat, found none');
    return { op: 'repeat', times: whole(times, 'repeat', 1), body };
  },
} as const;

const CODE_MAX = 10_000;

/** Compiles steps to a program and those that it starts, which are appended to `programs`. */
export function compile(name: string, body: readonly Step[], programs: Program[]): void {
  const code: Instruction[] = [];
  const at = programs.length;
  programs.push({ name, code });
  let inner = 0;
  const named = (part: Body): string => {
    if (typeof part === 'string') return part;
    inner += 1;
    const child = inner === 1 ? `${name}.each` : `${name}.each${inner}`;
    compile(child, part, programs);
    return child;
  };
  const emit = (list: readonly Step[], looping: boolean, where: string): void => {
    if (!Array.isArray(list)) fail(`${where}: expected a list of steps, found ${found(list)}`);
    for (const [i, step] of list.entries()) {
      checkStep(step, `${where}, step ${i + 1}`);
      if (code.length > CODE_MAX) {
        fail(`program ${name}: over ${CODE_MAX} instructions. Loops in loops are unrolled; spawn`);
      }
      const inside: Emit = (its, loops) => emit(its, loops, `${where}, step ${i + 1}`);
      emitStep(step, code, looping, inside, named);
    }
  };
  emit(body, false, `program ${name}`);
  programs[at] = { name, code };
}

type Emit = (list: readonly Step[], looping: boolean) => void;

function checkStep(step: unknown, where: string): void {
  if (typeof step === 'object' && step !== null && 'op' in step) return;
  const hint = typeof step === 'function' ? '; () may be missing behind it' : '';
  fail(`${where}: expected a step, found ${found(step)}${hint}`);
}

/** A process counts the rounds of one loop; a loop inside it is written out. */
function emitStep(
  step: Step,
  code: Instruction[],
  looping: boolean,
  emit: Emit,
  named: (body: Body) => string,
): void {
  switch (step.op) {
    case 'repeat': {
      if (looping) {
        for (let i = 0; i < step.times; i += 1) emit(step.body, true);
        return;
      }
      const to = code.length;
      emit(step.body, true);
      code.push({ op: 'repeat', to, times: step.times });
      return;
    }
    case 'serve':
      code.push({ op: 'serve', program: named(step.body) });
      return;
    case 'spawn':
      code.push({ op: 'spawn', program: named(step.body), times: step.times, every: step.every });
      return;
    default:
      code.push(step);
  }
}

/** Refuses programs that start each other without end in a single moment. */
export function checkStarts(programs: readonly Program[]): void {
  const codeOf = new Map(programs.map(({ name, code }) => [name, code]));
  const fine = new Set<string>();
  const follow = (name: string, path: readonly string[]): void => {
    const way = [...path, name];
    if (path.includes(name)) {
      const starts = `it starts itself at once, and so for ever: ${way.join(', ')}`;
      fail(`program ${name}: ${starts}; a wait must come before`);
    }
    if (fine.has(name)) return;
    for (const next of startedAtOnce(codeOf.get(name) ?? [])) follow(next, way);
    fine.add(name);
  };
  for (const { name } of programs) follow(name, []);
}

/** What a program starts before it waits or calls. */
function startedAtOnce(code: readonly Instruction[]): string[] {
  const names: string[] = [];
  for (const step of code) {
    if (step.op !== 'spawn') break;
    names.push(step.program);
    if (step.every > 0 && step.times > 1) break;
  }
  return names;
}
