/**
 * `twomsl check`: whether the snapshots that a log leads to keep the invariants, and whether the
 * last one is the one that its writer had. A log that was cut is no wrong one: it is checked as far
 * as it goes, and called what it is.
 */
import {
  checkInvariants,
  digestOf,
  type Effects,
  formatTime,
  type Look,
  type Snapshot,
} from './engine.ts';
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
  /** Where a log first goes another way than our TCP; of one that was changed, the place. */
  readonly firstDivergence: Violation | undefined;
  readonly corruptions: number;
  readonly digest: string;
  readonly time: number;
};

const SO_FAR = 'sound as far as it goes, but NOT whole';

/** More of them say no more. */
const VIOLATIONS_SHOWN = 20;

/**
 * After each event the connections that it touched are checked. The rest of a snapshot — totals,
 * the index of 4-tuples, connections that nothing touched — takes as long to check as there are
 * connections, so it is checked whenever so many for each event have come together, and at the end.
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
  let firstDivergence: Violation | undefined;
  let corruptions = 0;
  let credit = 0;
  const note = (broken: readonly string[], event: number, time_us: number): void => {
    for (const says of broken) {
      violationCount += 1;
      if (violations.length < VIOLATIONS_SHOWN) violations.push({ event, time_us, says });
    }
  };
  const checkWhole = (snapshot: Snapshot, event: number): void => {
    snapshotsChecked += 1;
    note(checkInvariants(snapshot), event, snapshot.time);
  };
  const hosts = log.header.hosts.length;
  const end = await foldEach(log, io, (look, effects, event, n) => {
    divergences += effects.divergences.length;
    const [first] = effects.divergences;
    if (first !== undefined) firstDivergence ??= divergenceAt(log, first, n, event.t);
    corruptions += effects.corruptions.length;
    note(look.broken(effects), n, event.t);
    credit += CONNECTIONS_PER_EVENT;
    if (credit < connectionsOf(look, hosts)) return;
    credit = 0;
    checkWhole(look.snapshot(), n);
  });
  if (end === undefined) return undefined;
  if (credit > 0) checkWhole(end, log.events.length - 1);
  return {
    violations,
    violationCount,
    snapshotsChecked,
    divergences,
    firstDivergence,
    corruptions,
    digest: digestOf(end),
    time: end.time,
  };
}

type Divergence = Effects['divergences'][number];

function divergenceAt(
  { header }: LoadedLog,
  { host, conn, expected, seen }: Divergence,
  event: number,
  time_us: number,
): Violation {
  const where = `${header.hosts[host]?.name ?? host}${conn > 0 ? `#${conn}` : ''}`;
  const [wanted, found] = different(expected, seen);
  return { event, time_us, says: `${where}: expected ${wanted}, found ${found}` };
}

/** Of two segments written out in full, what is not the same in both. */
function different(expected: string, seen: string): readonly [string, string] {
  if (!expected.startsWith('{') || !seen.startsWith('{')) return [expected, seen];
  type Fields = Readonly<Record<string, unknown>>;
  const [a, b] = [JSON.parse(expected) as Fields, JSON.parse(seen) as Fields];
  const text = (one: Fields, other: Fields): string =>
    Object.entries(one)
      .map(([name, value]) => [name, JSON.stringify(value)] as const)
      .filter(([name, value]) => JSON.stringify(other[name]) !== value)
      .map((field) => field.join(' '))
      .join(', ');
  return [text(a, b), text(b, a)];
}

function connectionsOf(look: Look, hosts: number): number {
  let sum = 0;
  for (let host = 0; host < hosts; host += 1) {
    for (const count of look.states(host)) sum += count;
  }
  return sum;
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
    firstDivergence: checked.firstDivergence ?? null,
    corruptions,
    warnings: log.warnings,
  };
}

function text(log: LoadedLog, checked: Checked, same: boolean, ok: boolean): string {
  const { violations, violationCount, divergences, corruptions, digest, time } = checked;
  const recorded = log.trailer?.digest;
  const events = `${log.events.length} events in ${formatTime(time)}`;
  const where = `touched connections after each event, ${checked.snapshotsChecked} whole snapshots`;
  const holds =
    violationCount === 0 ? `hold: ${where}` : `broken ${violationCount} times: ${where}`;
  const lines = [
    `${log.name}: ${!ok ? 'NOT sound' : recorded === undefined ? SO_FAR : 'sound'}`,
    `  integrity    ${recorded === undefined ? 'cut, it has no end' : 'whole'}, ${events}`,
    `  invariants   ${holds}`,
  ];
  for (const { event, says } of violations) lines.push(`    event ${event}: ${says}`);
  if (violationCount > violations.length) lines.push('    …');
  lines.push(`  digest       ${digest}`);
  if (!same) lines.push(`    expected   ${recorded}, by the end line`);
  lines.push(`  divergences  ${divergences}`);
  if (checked.firstDivergence !== undefined) {
    const { event, time_us, says } = checked.firstDivergence;
    lines.push(`    the first  event ${event}, t=${time_us}: ${says}`);
  }
  if (corruptions > 0) lines.push(`  corruptions  ${corruptions}`);
  return `${lines.join('\n')}\n`;
}
