/** A header that a program made rather than a file: held to the same rules as what is read. */
import { formatTime } from '../base/time.ts';
import type { Knobs } from '../tcp/knobs.ts';
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
  const fault = hostsFault(decoded.header);
  return fault === undefined
    ? { header: decoded.header }
    : { fault: `a header with wrong knobs, ${fault}` };
}

/** Knobs that cannot be in force together, from the beginning or from a planned change on. */
export function hostsFault({ hosts, planned }: LogHeader): string | undefined {
  const now = hosts.map(({ profile, knobs }) => knobsOf(profile, knobs));
  for (const [i, { name }] of hosts.entries()) {
    const fault = knobsFault(now[i] as Knobs);
    if (fault !== undefined) return `host ${name}: ${fault}`;
  }
  for (const event of planned ?? []) {
    if (event.ev !== 'knob') continue;
    const { host, knobs, t } = event;
    now[host] = { ...(now[host] as Knobs), ...knobs };
    const fault = knobsFault(now[host] as Knobs);
    if (fault === undefined) continue;
    return `change of ${hosts[host]?.name} at ${formatTime(t)}: ${fault}`;
  }
  return undefined;
}
