/** What an import takes for granted, in sentences for the header of its log. */
import { formatTime } from '../../base/time.ts';
import type { HostSpec } from '../../network/topology.ts';
import type { Places } from './places.ts';

const ALWAYS = [
  'Calls and timers are not in a capture: each stands just before the packet that shows it.',
  'An application takes text as soon as it comes, unless its window or an RST shows otherwise.',
  'A descriptor is given up with the FIN, unless text that came later was taken.',
  'A segment that a host ignored is told as lost on the way to it.',
];

export function assumptionsOf(places: Places, hosts: readonly HostSpec[]): string[] {
  const profiles = [...new Set(hosts.map(({ profile }) => profile))].join(', ');
  return [
    `Every host is taken for a stack of the profile ${profiles}.`,
    ...[...places.distance].map(([address, distance]) => {
      if (distance === 0) return `${address} is at the place of the capture.`;
      const way = `${address} is ${formatTime(distance)} away from the place of the capture`;
      return `${way}, one way; what it did is told for the time at which it must have happened.`;
    }),
    ...ALWAYS,
  ];
}
