// Writes the logs that ship: all of them, or those that are named.

import { mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { fileOf, LOG_NAMES, logText } from './logs.ts';

const folder = new URL('../../logs/', import.meta.url);
const named = process.argv.slice(2);

const unknown = named.filter((name) => !LOG_NAMES.includes(name));
if (unknown.length > 0) {
  console.error(`there is no scenario ${unknown.join(', ')}; there are ${LOG_NAMES.join(', ')}`);
  process.exit(2);
}

mkdirSync(folder, { recursive: true });
for (const name of named.length === 0 ? LOG_NAMES : named) {
  const text = logText(name);
  const file = fileOf(name);
  const bytes = file.endsWith('.gz') ? gzipSync(text, { level: 9 }) : Buffer.from(text);
  writeFileSync(new URL(file, folder), bytes);
  console.log(`${file}  ${bytes.length} octets`);
}
