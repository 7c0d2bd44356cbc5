// What every measurement ends with: its rows as a table, or as one object on stdout. In the object
// `rows` holds everything with its spread, `ratios` the medians of the ratios by name, and beside
// them stands the one figure that the measurement is about, under a name of its own.

import { cpus } from 'node:os';
import { json, quick } from './options.ts';
import { type Aim, median, type Row } from './rounds.ts';

export type Report = {
  readonly bench: string;
  /** The name of a row, and the name that its median has in the object. */
  readonly headline: readonly [row: string, name: string];
  readonly figures: readonly Row[];
  readonly ratios: readonly Row[];
};

const DIGITS = 4;

export function report({ bench, headline: [from, name], figures, ratios }: Report): void {
  const rows = [...figures, ...ratios];
  const twice = rows.find(({ name: one }, i) => rows.findIndex((row) => row.name === one) !== i);
  if (twice !== undefined) throw new Error(`${bench}: two rows are called ${twice.name}`);
  if (!json) {
    for (const row of rows) console.log(line(row));
    return;
  }
  const found = rows.find((row) => row.name === from);
  if (found === undefined) throw new Error(`${bench}: there is no row ${from}`);
  const there = ratios.filter(({ values }) => values.length > 0);
  const object = {
    bench,
    [name]: rounded(median(found.values)),
    ratios: Object.fromEntries(there.map((row) => [row.name, rounded(median(row.values))])),
    rows: rows.map(plain),
    quick,
    machine: { node: process.versions.node, processor: cpus()[0]?.model, cores: cpus().length },
  };
  console.log(JSON.stringify(object));
}

function plain({ values, coreShare, ...row }: Row) {
  if (values.length === 0) return row;
  return {
    ...row,
    ...(coreShare === undefined ? {} : { coreShare: rounded(coreShare) }),
    median: rounded(median(values)),
    least: rounded(Math.min(...values)),
    most: rounded(Math.max(...values)),
    rounds: values.length,
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS + 2));
}

function line({ what, unit, values, aim, missing, coreShare }: Row): string {
  if (missing !== undefined) return `${'missing'.padStart(12)}  ${what}: ${missing}`;
  const middle = `${shown(median(values)).padStart(12)} ${unit.padEnd(6)} ${what}`;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const spread = values.length > 1 ? `  (${shown(least)} – ${shown(most)})` : '';
  // Garbage is collected by threads of their own, so that the whole can be more than one.
  const share =
    coreShare === undefined || coreShare > 0.9 ? '' : `  {${coreShare.toFixed(2)} of a core}`;
  return middle + spread + share + (aim === undefined ? '' : `  ${aimText(aim, median(values))}`);
}

/** The aim, and how much of it is there, so that it can be told on any machine. */
function aimText({ least, most }: Aim, found: number): string {
  const bounds = [
    ...(least === undefined ? [] : [`at least ${shown(least)}`]),
    ...(most === undefined ? [] : [`at most ${shown(most)}`]),
  ].join(', ');
  const limit = least ?? most ?? Number.NaN;
  return `[aim: ${bounds}; ${(found / limit).toFixed(2)} of it]`;
}

function shown(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && size < 0.1) return value.toFixed(4);
  return grouped(Number(value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)));
}

/** A number as people read it, with its thousands apart. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
