// Each end of each connection of what ships, written as a script, passes when it is run.

import { describe, expect, test } from 'vitest';
import { drill, exportScript, verdictText } from '../../../../engine/formats/packetdrill/index.ts';
import type { LogEvent } from '../../../../engine/log/event.ts';
import { SCENARIOS } from '../../../../engine/simulation/scenarios/index.ts';
import { startSimulation } from '../../../../engine/simulation/simulate.ts';
import { createTimeline } from '../../../../engine/timeline/create.ts';

/** Thousands of connections, all alike. */
const LARGE = new Set(['churn', 'ports-exhausted']);
const names = Object.keys(SCENARIOS).filter((name) => !LARGE.has(name));

function eventsOf(name: string) {
  const header = SCENARIOS[name]?.build();
  if (header === undefined) throw new Error(name);
  const simulation = startSimulation(header);
  const events: LogEvent[] = [];
  for (let e = simulation.next(); e !== undefined; e = simulation.next()) events.push(e);
  return { header, events };
}

describe('a connection as a script', () => {
  test.each(names)('%s', (name) => {
    const { header, events } = eventsOf(name);
    const ends = createTimeline(header, events).biographies();
    for (const { host, conn, remotePort } of ends) {
      if (remotePort === 0) continue;
      const exported = exportScript(header, events, host, conn);
      if (!exported.ok) {
        expect(exported.message).toMatch(/^a passive OPEN of one connection/);
        continue;
      }
      const profile = header.hosts[host]?.profile ?? '';
      const { verdict } = drill(exported.script, { name, profile, defines: [] });
      expect(verdictText(name, verdict)).toBe(`ok ${name}`);
    }
  });

  test('of a recording says that it may fail, and where it comes from', () => {
    const { header, events } = eventsOf('handshake');
    const hosts = header.hosts.map((host) => ({ ...host, observed: true }));
    const script = (from: typeof header): string => {
      const exported = exportScript(from, events, 0, 1);
      return exported.ok ? exported.script : exported.message;
    };
    expect(script({ ...header, hosts })).toContain('// From a recording: what is expected is');
    expect(script(header)).not.toContain('From a recording');
  });

  test('what there is not is told', () => {
    const { header, events } = eventsOf('handshake');
    expect(exportScript(header, events, 0, 99)).toEqual({
      ok: false,
      message: 'the log has no such connection',
    });
  });
});
