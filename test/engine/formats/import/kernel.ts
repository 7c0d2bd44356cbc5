// Recordings of a Linux kernel: a capture, and the states that the kernel traced at both ends.

import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type DecodedCapture, decodeCapture } from '../../../../engine/formats/capture/index.ts';
import { type ImportOptions, importCapture } from '../../../../engine/formats/import/index.ts';
import type { LogEvent } from '../../../../engine/log/event.ts';
import type { LogHeader } from '../../../../engine/log/header.ts';
import type { Divergence } from '../../../../engine/timeline/effects.ts';
import { applyEvent } from '../../../../engine/timeline/evolve.ts';
import { initialState } from '../../../../engine/timeline/initial.ts';
import { effectsOf, openWorld, type World } from '../../../../engine/timeline/world.ts';

export const fixtures = new URL('../../../fixtures/captures/', import.meta.url);
export const dataset = new URL('../../../../../shared/captures/', import.meta.url);
export const hasDataset = existsSync(dataset);

/** A state, and when it was entered, µs since the start of the recording. */
export type Step = { readonly state: string; readonly t: number; readonly exact: boolean };

type KernelStep = [seconds: number, state: string, source: string];

export type KernelConnection = {
  readonly client: string;
  readonly server: string;
  readonly client_states?: readonly KernelStep[];
  readonly server_states?: readonly KernelStep[];
};

const STATE_OF: Readonly<Record<string, string>> = {
  SYN_SENT: 'SYN-SENT',
  SYN_RECV: 'SYN-RECEIVED',
  ESTABLISHED: 'ESTABLISHED',
  FIN_WAIT1: 'FIN-WAIT-1',
  FIN_WAIT2: 'FIN-WAIT-2',
  CLOSE_WAIT: 'CLOSE-WAIT',
  CLOSING: 'CLOSING',
  LAST_ACK: 'LAST-ACK',
  TIME_WAIT: 'TIME-WAIT',
  CLOSE: 'CLOSED',
};

export function decodeFile(plain: URL): DecodedCapture {
  const packed = new URL(`${plain.href}.gz`);
  const bytes = existsSync(plain) ? readFileSync(plain) : gunzipSync(readFileSync(packed));
  const result = decodeCapture(bytes);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.decoded;
}

export type Import = {
  readonly header: LogHeader;
  readonly events: readonly LogEvent[];
  readonly warnings: readonly string[];
};

export function importOk(decoded: DecodedCapture, options: Partial<ImportOptions> = {}): Import {
  const result = importCapture(decoded, { file: 'test', profile: 'linux', ...options });
  if (!result.ok) throw new Error(result.message);
  return result;
}

/** What folding a log shows: the states that each end went through, by `local>remote`. */
export type Folded = {
  readonly ends: ReadonlyMap<string, readonly Step[]>;
  readonly divergences: readonly Divergence[];
  readonly world: World;
};

export function fold({ header, events }: Import): Folded {
  const world = openWorld(header, initialState(header), true);
  const epoch = header.source.kind === 'import' ? header.source.epoch : 0;
  const names = new Map<string, string>();
  const ends = new Map<string, Step[]>();
  const divergences: Divergence[] = [];
  const moves: { key: string; step: Step }[] = [];
  for (const event of events) {
    applyEvent(world, event);
    const effects = effectsOf(world);
    divergences.push(...effects.divergences);
    for (const { host, conn, via, after } of effects.transitions) {
      for (const state of [...via, after]) {
        moves.push({ key: `${host}#${conn}`, step: { state, t: event.t + epoch, exact: true } });
      }
    }
    for (const h of world.touched) {
      for (const num of h.touched) {
        const t = h.conns.get(num) ?? h.timeWaits.get(num);
        if (t === undefined || t.remote === '') continue;
        const tuple = `${t.local}:${t.localPort}>${t.remote}:${t.remotePort}`;
        names.set(`${h.index}#${num}`, tuple);
      }
    }
  }
  for (const { key, step } of moves) {
    const tuple = names.get(key);
    if (tuple === undefined) continue;
    const steps = ends.get(tuple) ?? [];
    ends.set(tuple, steps);
    if (steps[steps.length - 1]?.state !== step.state) steps.push(step);
  }
  return { ends, divergences, world };
}

/** The kernel's states of one end, in our names, without repetition. */
function kernelSteps(states: readonly KernelStep[] = []): Step[] {
  return states
    .map(([seconds, name, source]) => ({
      state: STATE_OF[name] ?? name,
      t: Math.round(seconds * 1e6),
      exact: source === 'trace',
    }))
    .filter((step, i, all) => step.state !== all[i - 1]?.state);
}

/** Both ends of a recording: what the kernel traced and what the import found. */
export function compare(
  timeline: readonly KernelConnection[],
  folded: Folded,
): { readonly who: string; readonly kernel: Step[]; readonly ours: Step[] }[] {
  return timeline.flatMap(({ client, server, client_states, server_states }) => [
    {
      who: `client ${client}`,
      kernel: kernelSteps(client_states),
      ours: [...(folded.ends.get(`${client}>${server}`) ?? [])],
    },
    {
      who: `server of ${client}`,
      kernel: kernelSteps(server_states),
      ours: [...(folded.ends.get(`${server}>${client}`) ?? [])],
    },
  ]);
}

/** The path, without a last CLOSED beyond the end of the kernel's recording. */
export function pathUpTo(kernel: readonly Step[], ours: readonly Step[]): string {
  const found = ours.map(({ state }) => state);
  const beyond = found.length === kernel.length + 1 && found[found.length - 1] === 'CLOSED';
  return (beyond ? found.slice(0, -1) : found).join(' ');
}

/** Milliseconds between an exactly traced transition and ours, the greatest of one end. */
export function greatestGap_ms(kernel: readonly Step[], ours: readonly Step[]): number {
  let greatest = 0;
  kernel.forEach(({ exact, t }, i) => {
    if (exact) greatest = Math.max(greatest, Math.abs((ours[i]?.t ?? 0) - t) / 1000);
  });
  return greatest;
}

export function readTimeline(url: URL): KernelConnection[] {
  return JSON.parse(readFileSync(url, 'utf8')) as KernelConnection[];
}
