/**
 * Where a path of the user begins. `npm run` and `deno task` change to the project's folder before
 * they start the program and leave the user's own in INIT_CWD. A process further down inherits
 * that variable and must not believe it: it counts only in the project's folder, under our scripts.
 */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Scripts of package.json that start the command line. */
const SCRIPTS = ['start', 'twomsl', 'dev'];

/** The project's folder: the nearest above this file, or above the bundle, with a package.json. */
export const PROJECT = findProject(dirname(fileURLToPath(import.meta.url)));

function findProject(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) || folder === dirname(folder)) return folder;
  }
}

type Env = Readonly<Record<string, string | undefined>>;

/** The folder that the user's paths are relative to. */
export function userFolder(cwd: string, env: Env, project = PROJECT): string {
  const { INIT_CWD: initial, npm_lifecycle_event: script } = env;
  if (initial === undefined || initial === '' || !isAbsolute(initial) || cwd !== project)
    return cwd;
  // A task of Deno gives its script no name.
  return script === undefined || SCRIPTS.includes(script) ? initial : cwd;
}

/** A path as the user wrote it, made absolute; `-` stays what it is. */
export function userPath(path: string, cwd: string): string {
  return path === '-' ? path : resolve(cwd, path);
}
