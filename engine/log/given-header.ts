/** A header that a program made rather than a file: held to the same rules as what is read. */
import { knobsFault, knobsOf } from '../tcp/profiles.ts';
import { decodeLog } from './decode.ts';
import type { LogHeader } from './header.ts';
import { encodeHeader } from './header-text.ts';

/** The header as it would be read back, or what is wrong with it. */
export function givenHeader(
  value: object,
): { readonly header: LogHeader } | { readonly fault: string } {
  let line: string;
  try {
    line = encodeHeader(value as LogHeader);
  } catch {
    // What lacks a part cannot be encoded; which one is found out by reading it back.
    try {
      line = JSON.stringify(value);
    } catch (error) {
      return { fault: `a header that cannot be written: ${String(error)}` };
    }
  }
  const decoded = decodeLog(`${line}\n`);
  if (!decoded.ok) {
    const { field, expected, found } = decoded.error;
    return { fault: `a header whose ${field} is wrong: expected ${expected}, found ${found}` };
  }
  for (const { name, profile, knobs } of decoded.header.hosts) {
    const fault = knobsFault(knobsOf(profile, knobs));
    if (fault !== undefined) return { fault: `a header with wrong knobs of ${name}: ${fault}` };
  }
  return { header: decoded.header };
}
