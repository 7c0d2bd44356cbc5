// Small logs to look at, made by the simulation.

import {
  type AppSpec,
  createTimeline,
  type FaultSpec,
  FORMAT_VERSION,
  type Instruction,
  type LogHeader,
  SEMANTICS_VERSION,
  simulate,
  type Timeline,
} from '../../../engine/index.ts';

type Recipe = {
  readonly title: string;
  readonly client: readonly Instruction[];
  readonly server: readonly Instruction[];
  readonly faults?: readonly FaultSpec[];
  readonly extra?: Readonly<Record<string, readonly Instruction[]>>;
  readonly knobs?: LogHeader['hosts'][number]['knobs'];
  readonly planned?: LogHeader['planned'];
};

function headerOf(recipe: Recipe): LogHeader {
  const app = (host: string, program: string): AppSpec => ({ host, program, at: 0 });
  return {
    format: 'twomsl',
    version: FORMAT_VERSION,
    semantics: SEMANTICS_VERSION,
    id: 'test',
    title: recipe.title,
    about: '',
    seed: 1,
    source: { kind: 'simulation', scenario: recipe.title },
    hosts: [
      { name: 'client', addresses: ['10.0.0.1'], profile: 'linux', knobs: recipe.knobs ?? {} },
      { name: 'server', addresses: ['10.0.0.2'], profile: 'linux', knobs: {} },
    ],
    links: [],
    defaultLink: {
      delay: 10_000,
      jitter: 0,
      loss: 0,
      duplicate: 0,
      reorder: 0,
      reorderDelay: 0,
    },
    faults: recipe.faults ?? [],
    programs: [
      { name: 'client', code: recipe.client },
      { name: 'server', code: recipe.server },
      ...Object.entries(recipe.extra ?? {}).map(([name, code]) => ({ name, code })),
    ],
    apps: [app('server', 'server'), app('client', 'client')],
    ...(recipe.planned === undefined ? {} : { planned: recipe.planned }),
  };
}

export function timelineOf(recipe: Recipe, eventsMax = 100_000): Timeline {
  const header = headerOf(recipe);
  return createTimeline(header, simulate(header, { eventsMax }));
}

export const connect: Instruction = { op: 'connect', to: 'server', port: 80 };
export const close: Instruction = { op: 'close' };

/** Both ends close at the same moment, so that their FINs cross. */
export function simultaneousClose(): Timeline {
  return timelineOf({
    title: 'simultaneous close',
    client: [connect, { op: 'send', bytes: 1_000 }, { op: 'until', at: 500_000 }, close],
    server: [
      { op: 'listen', port: 80, backlog: 8 },
      { op: 'accept' },
      { op: 'receive', bytes: 1_000 },
      { op: 'until', at: 500_000 },
      close,
    ],
  });
}

/** The client closes first; the first FIN of the server is lost. */
export function clientFirst(): Timeline {
  return timelineOf({
    title: 'the client closes first',
    client: [connect, { op: 'send', bytes: 5_000 }, close],
    server: [
      { op: 'listen', port: 80, backlog: 8 },
      { op: 'accept' },
      { op: 'receive_end' },
      close,
    ],
    faults: [
      {
        from: 'server',
        to: 'client',
        match: { flags: 'F.' },
        nth: 1,
        times: 1,
        act: { kind: 'lose' },
      },
    ],
  });
}

/** Many short connections: TIME-WAIT grows. */
export function churn(times: number): Timeline {
  return timelineOf(
    {
      title: 'many short connections',
      client: [{ op: 'spawn', program: 'one', times, every: 2_000 }],
      server: [
        { op: 'listen', port: 80, backlog: 512 },
        { op: 'serve', program: 'answer' },
      ],
      extra: {
        one: [connect, { op: 'send', bytes: 200 }, close],
        answer: [{ op: 'receive_end' }, close],
      },
    },
    times * 30,
  );
}

/** The client closes first, and its FIN-WAIT-2 is over before the server closes. */
export function orphan(): Timeline {
  return timelineOf({
    title: 'an orphan in FIN-WAIT-2',
    knobs: { fin_wait_2_ms: 3_000 },
    client: [connect, { op: 'send', bytes: 1_000 }, close],
    server: [
      { op: 'listen', port: 80, backlog: 8 },
      { op: 'accept' },
      { op: 'receive_end' },
      { op: 'until', at: 5_000_000 },
      close,
    ],
  });
}

/** The ACK of the server's FIN is lost. */
export function lastAckLost(): Timeline {
  return timelineOf({
    title: 'the last ACK is lost',
    client: [connect, { op: 'until', at: 100_000 }, close],
    server: [
      { op: 'listen', port: 80, backlog: 8 },
      { op: 'accept' },
      { op: 'receive_end' },
      { op: 'until', at: 200_000 },
      close,
    ],
    faults: [
      {
        from: 'client',
        to: 'server',
        match: { flags: '.', after: 200_000 },
        nth: 1,
        times: 1,
        act: { kind: 'lose' },
      },
    ],
  });
}

/** The client crashes; of two connections, one is in TIME-WAIT. */
export function crashed(): Timeline {
  return timelineOf({
    title: 'the client crashes',
    client: [connect, close, connect, { op: 'until', at: 5_000_000 }, close],
    server: [
      { op: 'listen', port: 80, backlog: 8 },
      { op: 'serve', program: 'answer' },
    ],
    extra: { answer: [{ op: 'receive_end' }, close] },
    planned: [{ ev: 'crash', t: 1_000_000, host: 0 }],
  });
}
