/**
 * `twomsl check`: whether a log is whole, whether every snapshot that it leads to keeps the
 * invariants, and whether the last one is the one that its writer had.
 */
import { checkInvariants, digestOf, formatTime, initialState, type Snapshot } from './engine.ts';
import { foldEach } from './fold.ts';
import { INTERRUPTED, type Io, json, NO, OK, warn } from './io.ts';
import { type LoadedLog, loadLog } from './load.ts';

export type CheckArgs = { log: string; json?: true };

type Violation = { readonly event: number; readonly time_us: number; readonly says: string };

type Checked = {
  readonly violations: readonly Violation[];
  readonly violationCount: number;
  readonly snapshotsChecked: number;
  readonly divergences: number;
  readonly corruptions: number;
  readonly digest: string;
  readonly time: number;
};

/** More of them say no more. */
const VIOLATIONS_SHOWN = 20;

/**
 * Checking a snapshot takes as long as it has connections. With fewer than this each event is
 * followed by a check; with more there is one as soon as so many for each event have come together,
 * which keeps the whole in proportion to the log.
 */
const CONNECTIONS_PER_EVENT = 50;

export async function check(args: CheckArgs, io: Io): Promise<number> {
  const log = await loadLog(args.log, io);
  if (log === undefined) return INTERRUPTED;
  const checked = await checkEvents(log, io);
  if (checked === undefined) return INTERRUPTED;
  const same = log.trailer === undefined || log.trailer.digest === checked.digest;
  const ok = same && checked.violationCount === 0;
  warn(io, log.warnings);
  await io.out(args.json ? json(report(log, checked, ok)) : text(log, checked, same, ok));
  return ok ? OK : NO;
}

async function checkEvents(log: LoadedLog, io: Io): Promise<Checked | undefined> {
  const violations: Violation[] = [];
  let violationCount = 0;
  let snapshotsChecked = 0;
  let divergences = 0;
  let corruptions = 0;
  let credit = 0;
  let last: Snapshot | undefined;
  const note = (snapshot: Snapshot, event: number): void => {
    snapshotsChecked += 1;
    for (const says of checkInvariants(snapshot)) {
      violationCount += 1;
      if (violations.length >= VIOLATIONS_SHOWN) continue;
      violations.push({ event, time_us: snapshot.time, says });
    }
  };
  const whole = await foldEach(log, io, (snapshot, effects, _event, n) => {
    last = snapshot;
    divergences += effects.divergences.length;
    corruptions += effects.corruptions.length;
    credit += CONNECTIONS_PER_EVENT;
    if (credit < connectionsOf(snapshot) && n < log.events.length - 1) return;
    credit = 0;
    note(snapshot, n);
  });
  if (!whole) return undefined;
  const end = last ?? initialState(log.header);
  return {
    violations,
    violationCount,
    snapshotsChecked,
    divergences,
    corruptions,
    digest: digestOf(end),
    time: end.time,
  };
}

function connectionsOf(snapshot: Snapshot): number {
  return snapshot.hosts.reduce((sum, host) => sum + host.conns.size + host.timeWaits.size, 0);
}

function report(log: LoadedLog, checked: Checked, ok: boolean): object {
  const { violations, violationCount, divergences, corruptions, digest, time } = checked;
  const { snapshotsChecked } = checked;
  return {
    log: log.name,
    ok,
    events: log.events.length,
    time_us: time,
    complete: log.trailer !== undefined,
    digest,
    recordedDigest: log.trailer?.digest ?? null,
    snapshotsChecked,
    violations: violationCount,
    firstViolations: violations,
    divergences,
    corruptions,
    warnings: log.warnings,
  };
}

function text(log: LoadedLog, checked: Checked, same: boolean, ok: boolean): string {
  const { violations, violationCount, divergences, corruptions, digest, time } = checked;
  const recorded = log.trailer?.digest;
  const events = `${log.events.length} events in ${formatTime(time)}`;
  const every = checked.snapshotsChecked >= log.events.length;
  const where = every ? 'every event' : `${checked.snapshotsChecked} of the events`;
  const holds = violationCount === 0 ? `hold after ${where}` : `broken ${violationCount} times`;
  const lines = [
    `${log.name}: ${ok ? 'sound' : 'NOT sound'}`,
    `  integrity    ${recorded === undefined ? 'no end line' : 'whole'}, ${events}`,
    `  invariants   ${holds}`,
  ];
  for (const { event, says } of violations) lines.push(`    event ${event}: ${says}`);
  if (violationCount > violations.length) lines.push('    …');
  lines.push(`  digest       ${digest}`);
  if (!same) lines.push(`    expected   ${recorded}, by the end line`);
  lines.push(`  divergences  ${divergences}`);
  if (corruptions > 0) lines.push(`  corruptions  ${corruptions}`);
  return `${lines.join('\n')}\n`;
}
