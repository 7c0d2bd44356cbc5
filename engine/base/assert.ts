/**
 * Invariants: what must hold if the program is right. They stay on in every build, since a wrong
 * simulation that goes on quietly is worth less than one that stops. Bad input is a different
 * thing and never ends here: it is a value with a message, given back to whoever supplied it.
 */

/** Thrown when the program contradicts itself. Nobody catches it in order to go on. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** A message that costs something to put together can be a function, called only on failure. */
export function assert(condition: unknown, message: string | (() => string)): asserts condition {
  if (!condition) throw new InvariantError(typeof message === 'string' ? message : message());
}

/** The default arm of an exhaustive switch: the compiler proves that no value gets here. */
export function unreachable(x: never): never {
  throw new InvariantError(`unreachable value: ${describe(x)}`);
}

function describe(x: unknown): string {
  try {
    return JSON.stringify(x) ?? String(x);
  } catch {
    return String(x);
  }
}
