/**
 * A script of the user: a module whose default export is a function that is given the engine.
 *
 * It is given it rather than importing it, because a script beside the bundle would load a second
 * engine, and values of one are strangers to the other. Types can still be imported: `import type`
 * is erased. TypeScript is read by the runtime itself (types erased, nothing transformed).
 */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as twomsl from '../../engine/index.ts';
import { Failure } from '../files/failure.ts';
import { userPath } from '../files/paths.ts';

export type Script = (api: typeof twomsl, options: object) => unknown;

/** Whether an argument means a file rather than the name of something that ships. */
export function isScript(name: string): boolean {
  return /\.[cm]?[jt]s$/.test(name);
}

/** What to do where a name is none that ships. */
export function scriptHint(name: string): string {
  return /[./\\]/.test(name)
    ? 'A script is a file in .ts, .mts, .js or .mjs'
    : 'A script is named by its file, such as mine.ts';
}

/**
 * Imports a script and calls its function. What it throws is told with file and line; so is what is
 * thrown while what it made is finished.
 */
export async function runScript(
  name: string,
  cwd: string,
  options: object,
  finish: (made: unknown) => unknown = (made) => made,
): Promise<unknown> {
  const path = userPath(name, cwd);
  if (!existsSync(path)) throw new Failure(`${name}: cannot be read: there is no such file`);
  let module: { default?: unknown };
  called.set(path, name);
  try {
    module = await settled(name, import(pathToFileURL(path).href));
  } catch (error) {
    throw scriptFailure(error, name, path, 'cannot be loaded');
  }
  const { default: script } = module;
  if (typeof script !== 'function') {
    const found = script === undefined ? 'no default export' : `a ${typeof script}`;
    const expected = 'a function as default export, (twomsl, options) => …';
    throw new Failure(`${name}: expected ${expected}, found ${found}`);
  }
  try {
    return finish(await settled(name, (script as Script)(twomsl, options)));
  } catch (error) {
    throw scriptFailure(error, name, path, 'throws');
  }
}

/**
 * A promise of the script; it fails where nothing is left to do and it is not settled, in which
 * case the process would end without a word and with success.
 */
async function settled<T>(name: string, promise: T | Promise<T>): Promise<T> {
  let end = (): void => undefined;
  const idle = new Promise<never>((_, reject) => {
    end = () => {
      const why = 'it waits for a promise that nothing settles';
      reject(new Failure(`${name}: the script never gives a result: ${why}`));
    };
  });
  process.once('beforeExit', end);
  try {
    return await Promise.race([promise, idle]);
  } finally {
    process.off('beforeExit', end);
  }
}

/** The scripts that were called, by their paths. */
const called = new Map<string, string>();

/** What a script throws after it gave its result, from a timer or a promise; else the error. */
export function lateFailure(error: unknown): unknown {
  const { stack = '' } = errorOf(error);
  for (const [path, name] of called) {
    if (stack.includes(path) || stack.includes(encodeURI(path))) {
      return scriptFailure(error, name, path, 'throws');
    }
  }
  return error;
}

/** Anything can be thrown. */
function errorOf(thrown: unknown): { code?: unknown; message: string; stack?: string } {
  if (thrown instanceof Error) return thrown;
  const plain = typeof thrown === 'object' && thrown !== null;
  return { message: plain ? (JSON.stringify(thrown) ?? '') : String(thrown) };
}

/** An error that a script threw, told with the place in it. */
export function scriptFailure(error: unknown, name: string, path: string, what: string): Failure {
  if (error instanceof Failure) return error;
  const thrown = errorOf(error);
  const message = thrown.message.split('\n')[0] ?? '';
  if (thrown.code === 'ERR_UNKNOWN_FILE_EXTENSION') {
    return new Failure(
      `${name}: Node ${process.version} does not read TypeScript. ` +
        'Use Node 22.18 or newer, or write the script as .mjs',
    );
  }
  const where = placeIn(thrown.stack ?? '', thrown.message, path);
  const who = isScript(name) ? `the script ${what}: ` : '';
  return new Failure(`${name}${where}: ${who}${message}`);
}

/** `:line:column` of the first mention of the script in a stack, or in a message of a parser. */
function placeIn(stack: string, message: string, path: string): string {
  for (const text of [stack, message]) {
    for (const mention of [path, encodeURI(path), basename(path)]) {
      const at = text.indexOf(`${mention}:`);
      const place = at < 0 ? null : /^:\d+(?::\d+)?/.exec(text.slice(at + mention.length));
      if (place !== null) return place[0];
    }
  }
  return '';
}
