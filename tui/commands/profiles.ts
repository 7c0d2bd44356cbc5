/** `twomsl profiles`: how stacks differ, knob by knob, and the matrix of what a stack does. */
import { Failure } from '../files/failure.ts';
import { type Cell, KNOBS, type KnobName, knobsOf, matrix, PROFILES, RULES } from './engine.ts';
import { type Io, json, OK } from './io.ts';
import { profileNamed } from './settings.ts';

export type ProfilesArgs = {
  names?: readonly string[];
  diff?: true;
  matrix?: true;
  json?: true;
};

export async function profiles(args: ProfilesArgs, io: Io): Promise<number> {
  const names = args.names?.length ? args.names : Object.keys(PROFILES);
  for (const name of names) profileNamed(name);
  if (args.matrix && (args.names ?? []).length > 1) {
    throw new Failure('--matrix: expected one profile, for it is the matrix of one');
  }
  if (args.matrix) return printMatrix(args.names?.[0] ?? 'rfc9293', args, io);
  if (args.diff && names.length < 2) throw new Failure('--diff: name the profiles to compare');
  const all = Object.keys(KNOBS) as KnobName[];
  const values = new Map(names.map((name) => [name, knobsOf(name, {})]));
  const differs = (knob: KnobName) =>
    new Set(names.map((name) => values.get(name)?.[knob])).size > 1;
  const knobs = args.diff ? all.filter(differs) : all;
  if (args.json) {
    const rows = knobs.map((knob) => ({
      knob,
      says: KNOBS[knob].says,
      source: KNOBS[knob].source,
      ...Object.fromEntries(names.map((name) => [name, values.get(name)?.[knob]])),
    }));
    await io.out(json(rows));
    return OK;
  }
  const rows = knobs.map((knob) => [
    knob,
    ...names.map((name) => String(values.get(name)?.[knob])),
    KNOBS[knob].says,
    KNOBS[knob].source,
  ]);
  await io.out(tableText([['knob', ...names, 'meaning', 'source'], ...rows]));
  return OK;
}

/** Columns two blanks apart; the first row is the head. */
function tableText(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return `${rows.map(line).join('\n')}\n`;
}

async function printMatrix(profile: string, args: ProfilesArgs, io: Io): Promise<number> {
  const cells = [...matrix(profile)];
  if (args.json) {
    await io.out(json(cells.map(cellValue)));
    return OK;
  }
  const head = ['state', 'stimulus', 'where', 'after', 'sent', 'result', 'why'];
  await io.out(
    `${profile}: ISS 1000, IRS 5000; a segment is written: flags SEG.SEQ SEG.ACK text\n`,
  );
  await io.out(tableText([head, ...cells.map(cellRow)]));
  return OK;
}

function cellValue(cell: Cell): unknown {
  const { event: _, rules, ...rest } = cell;
  return { ...rest, rules: rules.map((id) => ({ id, ...RULES[id] })) };
}

/** What is no rule of a document has no source. */
function says(rule: { readonly says: string; readonly source: string }): string {
  return rule.source === '' ? rule.says : `${rule.says} [${rule.source}]`;
}

function cellRow(cell: Cell): string[] {
  const why = cell.rules.map((id) => says(RULES[id])).join('; ');
  return [
    cell.state === 'SYN-RECEIVED' ? `${cell.state} (${cell.by})` : cell.state,
    cell.stimulus,
    cell.boundary,
    [...cell.via, cell.after].join(' > '),
    cell.sent.join(', ') || '-',
    cell.result || '-',
    why,
  ];
}
