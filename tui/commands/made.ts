/** What a script of the user made, held to the same rules as what is read from a file. */

import { Failure } from '../files/failure.ts';
import { decodeLog, encodeHeader, knobsFault, knobsOf, type LogHeader } from './engine.ts';

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
  let line: string;
  try {
    line = encodeHeader(value as LogHeader);
  } catch {
    // What lacks a part cannot be encoded; which one is found out by reading it back.
    line = plain(value, name);
  }
  const decoded = decodeLog(`${line}\n`);
  if (decoded.ok) return decoded.header;
  const { field, expected, found } = decoded.error;
  const fault = `expected ${expected}, found ${found}`;
  throw new Failure(`${name}: the script gives a header whose ${field} is wrong: ${fault}`);
}

function plain(value: object, name: string): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Failure(`${name}: expected the header of a log from the script: ${message}`);
  }
}
