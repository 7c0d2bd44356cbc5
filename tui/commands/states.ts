/** States per host, as JSON and as a table. */
import { type Snapshot, STATES } from './engine.ts';

export type HostReport = {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly up: boolean;
  readonly states: Readonly<Record<string, number>>;
  readonly timeWait: number;
  readonly totals: Readonly<Record<string, number>>;
};

export function reportHosts(snapshot: Snapshot): HostReport[] {
  return snapshot.hosts.map((host) => {
    const states = Object.fromEntries(STATES.map((state, i) => [state, host.states[i] ?? 0]));
    return {
      name: host.name,
      addresses: host.addresses,
      up: host.up,
      states,
      timeWait: states['TIME-WAIT'] ?? 0,
      totals: { ...host.totals },
    };
  });
}

const HOSTS_SHOWN = 6;

/** A row for each state that a host has a connection in; `all` rows too if asked for. */
export function statesTable(snapshot: Snapshot, all = false): string[] {
  const hosts = snapshot.hosts.slice(0, HOSTS_SHOWN);
  const rest = snapshot.hosts.slice(HOSTS_SHOWN);
  const heads = hosts.map((host) => host.name);
  if (rest.length > 0) heads.push(`${rest.length} more`);
  const rows = STATES.map((state, i) => {
    const counts = hosts.map((host) => host.states[i] ?? 0);
    if (rest.length > 0) counts.push(rest.reduce((sum, host) => sum + (host.states[i] ?? 0), 0));
    return { state, counts };
  }).filter(({ state, counts }) => all || state === 'TIME-WAIT' || counts.some((n) => n > 0));
  return [
    tableLine('', heads),
    ...rows.map(({ state, counts }) => tableLine(state, counts.map(String), heads)),
  ];
}

function tableLine(label: string, cells: readonly string[], heads = cells): string {
  const columns = cells.map((cell, i) => cell.padStart(Math.max(8, heads[i]?.length ?? 0)));
  return `  ${label.padEnd(14)}${columns.join('  ')}`.trimEnd();
}
