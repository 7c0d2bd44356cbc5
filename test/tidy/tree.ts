// The project's own files, found by walking the folder rather than by asking git, so that a file
// is held to the rules before it is committed.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Made by tools, or by users in the folder that is theirs, and never committed. */
export const untracked = ['.git', 'dist', 'mine', 'node_modules'];

/** The names in the project's top folder. */
export function topLevel(): string[] {
  return readdirSync(root).sort();
}

/** Paths of all files below a folder, relative to the root, with `/`; none if it is absent. */
export function filesBelow(folder: string): string[] {
  const found: string[] = [];
  const walk = (path: string): void => {
    let entries: ReturnType<typeof list>;
    try {
      entries = list(path);
    } catch {
      return;
    }
    for (const entry of entries) {
      if (untracked.includes(entry.name)) continue;
      const child = join(path, entry.name);
      if (entry.isDirectory()) walk(child);
      else if (entry.isFile()) found.push(relative(root, child).split(sep).join('/'));
    }
  };
  walk(join(root, folder));
  return found.sort();
}

export function isSource(path: string): boolean {
  return /\.tsx?$/.test(path);
}

export function read(path: string): Buffer {
  return readFileSync(join(root, path));
}

function list(path: string) {
  return readdirSync(path, { withFileTypes: true });
}
