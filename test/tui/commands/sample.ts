/** A log to try commands on: a client opens connections one after the other and closes them. */
import {
  digestOf,
  encodeLog,
  type LogEvent,
  type LogHeader,
  startSimulation,
} from '../../../engine/index.ts';

export function sampleHeader(connections = 3): LogHeader {
  return {
    format: 'twomsl',
    version: 1,
    semantics: 1,
    id: 'sample',
    title: 'Short connections',
    about: 'A client opens short connections to a server and closes them first.',
    seed: 1,
    source: { kind: 'simulation', scenario: 'sample' },
    hosts: [
      { name: 'client', addresses: ['10.0.0.1'], profile: 'linux', knobs: {} },
      { name: 'server', addresses: ['10.0.0.2'], profile: 'linux', knobs: {} },
    ],
    links: [],
    defaultLink: { delay: 10_000, jitter: 0, loss: 0, duplicate: 0, reorder: 0, reorderDelay: 0 },
    faults: [],
    programs: [
      {
        name: 'server',
        code: [
          { op: 'listen', port: 80, backlog: 128 },
          { op: 'serve', program: 'handler' },
        ],
      },
      {
        name: 'handler',
        code: [
          { op: 'receive', bytes: 100 },
          { op: 'send', bytes: 1000 },
          { op: 'receive_end' },
          { op: 'close' },
        ],
      },
      {
        name: 'client',
        code: [{ op: 'spawn', program: 'one', times: connections, every: 5_000 }],
      },
      {
        name: 'one',
        code: [
          { op: 'connect', to: 'server', port: 80 },
          { op: 'send', bytes: 100 },
          { op: 'receive', bytes: 1000 },
          { op: 'close' },
        ],
      },
    ],
    apps: [
      { host: 'server', program: 'server', at: 0 },
      { host: 'client', program: 'client', at: 1_000 },
    ],
  };
}

export type Sample = {
  readonly header: LogHeader;
  readonly events: readonly LogEvent[];
  readonly digest: string;
  readonly text: string;
};

export function sampleLog(connections = 3): Sample {
  const header = sampleHeader(connections);
  const simulation = startSimulation(header);
  const events: LogEvent[] = [];
  for (let event = simulation.next(); event !== undefined; event = simulation.next()) {
    events.push(event);
  }
  const digest = digestOf(simulation.snapshot());
  const text = [...encodeLog(header, events, { events: events.length, digest })].join('');
  return { header, events, digest, text };
}
