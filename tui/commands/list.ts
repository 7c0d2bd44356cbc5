/** `twomsl list`: what ships with the program. */
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { Failure } from '../files/failure.ts';
import { PROJECT } from '../files/paths.ts';
import { openSource } from '../files/read.ts';
import { createLogDecoder, EXPERIMENTS, KNOBS, PROFILES, SCENARIOS } from './engine.ts';
import { type Io, json, OK } from './io.ts';
import { wrap } from './summary.ts';

export type ListArgs = { what?: string | undefined; json?: true };

type Entry = { readonly name: string; readonly about: string };
type Section = { readonly title: string; readonly entries: (io: Io) => Entry[] | Promise<Entry[]> };

const SECTIONS: Readonly<Record<string, Section>> = {
  scenarios: {
    title: 'Scenarios: twomsl run NAME',
    entries: () => entriesOf(SCENARIOS, ({ about }) => about),
  },
  experiments: {
    title: 'Experiments: twomsl experiment NAME',
    entries: () => entriesOf(EXPERIMENTS, ({ about }) => about),
  },
  logs: { title: 'Logs: twomsl FILE', entries: shippedLogs },
  profiles: {
    title: 'Profiles: --profile NAME',
    entries: () => entriesOf(PROFILES, ({ about }) => about),
  },
  knobs: {
    title: 'Knobs: --set NAME=VALUE',
    entries: () => entriesOf(KNOBS, ({ value, says }) => `${says} (${value})`),
  },
};

export async function list(args: ListArgs, io: Io): Promise<number> {
  const names = Object.keys(SECTIONS);
  if (args.what !== undefined && !names.includes(args.what)) {
    throw new Failure(`list ${args.what}: expected one of ${names.join(', ')}`);
  }
  // All knobs at once would bury the rest.
  const wanted = args.what === undefined ? names.filter((name) => name !== 'knobs') : [args.what];
  const found: [string, Entry[]][] = [];
  for (const name of wanted) found.push([name, (await SECTIONS[name]?.entries(io)) ?? []]);
  if (args.json) {
    await io.out(json(Object.fromEntries(found)));
    return OK;
  }
  const parts = found.map(([name, entries]) =>
    sectionText(SECTIONS[name]?.title ?? '', entries, io.columns),
  );
  if (args.what === undefined) parts.push('Knobs: twomsl list knobs\n');
  await io.out(parts.join('\n'));
  return OK;
}

function sectionText(title: string, entries: readonly Entry[], columns: number): string {
  const width = Math.max(...entries.map(({ name }) => name.length), 0);
  const lines = entries.flatMap(({ name, about }) => {
    const [first = '', ...rest] = wrap(about, Math.max(30, columns - width - 5));
    const more = rest.map((line) => `${' '.repeat(width + 4)}${line}`);
    return [`  ${name.padEnd(width)}  ${first}`.trimEnd(), ...more];
  });
  return `${[title, ...(lines.length > 0 ? lines : ['  none'])].join('\n')}\n`;
}

function entriesOf<T>(record: Readonly<Record<string, T>>, about: (value: T) => string): Entry[] {
  return Object.entries(record).map(([name, value]) => ({ name, about: about(value) }));
}

const LOG_NAME = /\.jsonl(\.gz|\.zst)?$/;

/** By their paths from where the user is. */
async function shippedLogs(io: Io): Promise<Entry[]> {
  const folder = join(PROJECT, 'logs');
  const found: string[] = await readdir(folder, { recursive: true }).catch(() => []);
  const logs = found.filter((name) => LOG_NAME.test(name)).sort();
  return Promise.all(
    logs.map(async (name) => {
      const path = join(folder, name);
      return { name: relative(io.cwd, path), about: await titleOf(path) };
    }),
  );
}

/** Only the first line is read. */
async function titleOf(path: string): Promise<string> {
  const decoder = createLogDecoder();
  const text = new TextDecoder();
  const { chunks } = await openSource(path, path, Readable.from([]));
  for await (const chunk of chunks) {
    const problem = decoder.feed(text.decode(chunk, { stream: true }));
    if (decoder.header !== undefined) return decoder.header.title;
    if (problem !== undefined) break;
  }
  return 'cannot be read';
}
