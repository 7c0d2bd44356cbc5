// Each end of each connection of what ships, written as a script, passes when it is run.

import { describe, expect, test } from 'vitest';
import { drill, exportScript, verdictText } from '../../../../engine/formats/packetdrill/index.ts';
import type { LogEvent } from '../../../../engine/log/event.ts';
import { SCENARIOS } from '../../../../engine/simulation/scenarios/index.ts';
import { startSimulation } from '../../../../engine/simulation/simulate.ts';
import { createTimeline } from '../../../../engine/timeline/create.ts';
import { decodeFile, fixtures, importOk } from '../import/kernel.ts';

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

  describe('of a recording of Linux, on the profile of Linux', () => {
    const script = (name: string, host: number, conn: number): string => {
      const { header, events } = importOk(decodeFile(new URL(`${name}.pcapng`, fixtures)));
      const exported = exportScript(header, events, host, conn);
      return exported.ok ? exported.script : exported.message;
    };

    test.each([
      ['d_refused', 0, 1],
      ['d_syn_lost_once', 0, 1],
      ['d_syn_lost_once', 1, 2],
      ['e_half_close', 1, 2],
    ])('%s, host %i, connection %i passes', (name, host, conn) => {
      const { verdict } = drill(script(name, host, conn), { name, profile: 'linux', defines: [] });
      expect(verdictText(name, verdict)).toBe(`ok ${name}`);
    });

    test('text without PSH is of one write with the text after it', () => {
      // In the recording: PSH on 1000 up, and down 1448 without it, then 1448 and 104 with it.
      const writes = (text: string) => text.match(/write\(.*/g);
      expect(writes(script('a_client_closes_first', 0, 1))).toEqual(['write(4, ..., 1000) = 1000']);
      expect(writes(script('a_client_closes_first', 1, 2))).toEqual([
        'write(4, ..., 2896) = 2896',
        'write(4, ..., 104) = 104',
      ]);
    });
  });

  test('what there is not is told', () => {
    const { header, events } = eventsOf('handshake');
    expect(exportScript(header, events, 0, 99)).toEqual({
      ok: false,
      message: 'the log has no such connection',
    });
  });
});
