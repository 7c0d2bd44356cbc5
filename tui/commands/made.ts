/** What a script of the user made, held to the same rules as what is read from a file. */

import { Failure } from '../files/failure.ts';
import { givenHeader, knobsFault, knobsOf, type LogHeader } from './engine.ts';

/** Refuses hosts whose knobs, as they would be in force, cannot be run. */
export function checkKnobs(hosts: LogHeader['hosts'], name: string): void {
  for (const host of hosts) {
    const fault = knobsFault(knobsOf(host.profile, host.knobs));
    if (fault !== undefined) throw new Failure(`${name}: the knobs of ${host.name}: ${fault}`);
  }
}

/** A header as the codec would read it back; a fault is told by its field. */
export function checkHeader(value: unknown, name: string): LogHeader {
  if (typeof value !== 'object' || value === null) {
    const found = value === null ? 'null' : `a value of type ${typeof value}`;
    throw new Failure(`${name}: expected the header of a log from the script, found ${found}`);
  }
  const given = givenHeader(value);
  if ('header' in given) return given.header;
  throw new Failure(`${name}: the script gives ${given.fault}`);
}
