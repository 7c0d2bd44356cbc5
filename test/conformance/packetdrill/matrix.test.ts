// Every state × segment × place in the window, as a script each, on both profiles and both versions
// of IP. What must happen comes from oracle.ts, which states the rules of the texts on its own.

import { describe, expect, test } from 'vitest';
import { drill, verdictText } from '../../../engine/formats/packetdrill/index.ts';
import {
  type Cell,
  type Insecure,
  type Ip,
  POSITIONS,
  type Profile,
  SECURE,
  STATES,
  STIMULI,
  script,
} from './oracle.ts';

const PROFILES: readonly Profile[] = ['freebsd', 'rfc9293'];
const VERSIONS: readonly Ip[] = ['ipv4', 'ipv6'];
const TURNED: readonly (readonly [string, Insecure])[] = [
  ['as it is', SECURE],
  ['with insecure_rst and insecure_syn', { rst: true, syn: true, dropSynFin: false }],
  ['with drop_synfin', { rst: false, syn: false, dropSynFin: true }],
];

function cells(profile: Profile, ip: Ip, insecure: Insecure): Cell[] {
  return STATES.flatMap((state) =>
    STIMULI.flatMap((stimulus) =>
      POSITIONS.map((position) => ({ profile, ip, state, stimulus, position, insecure })),
    ),
  );
}

function failures(all: readonly Cell[]): string[] {
  return all.flatMap((cell) => {
    const name = `${cell.state}, ${cell.stimulus.name}, ${cell.position}`;
    const text = script(cell);
    const { verdict } = drill(text, { name, profile: cell.profile, defines: [] });
    return verdict.kind === 'passed' ? [] : [`${verdictText(name, verdict)}\n${text}`];
  });
}

describe.each(PROFILES)('%s', (profile) => {
  describe.each(VERSIONS)('%s', (ip) => {
    test.each(TURNED)('every state × segment × place, %s', (_, insecure) => {
      const all = cells(profile, ip, insecure);
      expect(all.length).toBe(STATES.length * STIMULI.length * POSITIONS.length);
      expect(failures(all)).toEqual([]);
    });
  });
});
